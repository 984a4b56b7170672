"""What the security module in software costs a message: a MAC checked, a PIN block translated, a MAC made.

Rule: through the ring of keys, as the switch does it, of keys as the store has them. The best of many short rounds
counts, for what else the machine does falls on some of them; every round does the same work in the same order.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from config.choices import KeyAlgorithm, KeyUse
from config.sections import LedgerSettings, Settings, SwitchSettings
from config.security_sections import KeySettings
from simulators.keys import KeyCase, invented_keys
from switch.security.keys.rolling import RollingMac
from switch.security.port import PinRequest, SecurityError

ROUNDS = 300
MESSAGES_PER_ROUND = 50
SIZE = 250  # bytes of a message under its MAC
PAN, PIN = "4000001234562007", "1234"
FIRST, SECOND = "channel", "core"
MACS = {"aes": KeyAlgorithm.AES_CMAC, "retail": KeyAlgorithm.RETAIL}
PINS = {"format_0_tdes": KeyAlgorithm.TDES, "format_4_aes": KeyAlgorithm.AES}


def measure(rounds: int = ROUNDS, messages: int = MESSAGES_PER_ROUND) -> dict[str, float]:
    """CPU microseconds a message, by the algorithms of its MAC and of its PIN block: `aes_format_4_aes_us` and so on;
    and of each step by itself."""
    figures: dict[str, float] = {}
    for mac_name, mac in MACS.items():
        for pin_name, pin in PINS.items():
            steps = _steps(_keys(mac, pin))
            figures[f"{mac_name}_{pin_name}_us"] = _best_us(partial(_each, list(steps.values())), rounds, messages)
            figures |= {
                f"{mac_name}_{name}_us" if "mac" in name else f"{name}_{pin_name}_us": _best_us(step, rounds, messages)
                for name, step in steps.items()
            }
    return figures


def _keys(mac: KeyAlgorithm, pin: KeyAlgorithm) -> KeyCase:
    keys = {
        "mac": KeySettings(name="mac", use=KeyUse.MAC, algorithm=mac),
        FIRST: KeySettings(name=FIRST, use=KeyUse.PIN, algorithm=pin),
        SECOND: KeySettings(name=SECOND, use=KeyUse.PIN, algorithm=pin),
        "storage": KeySettings(name="storage", use=KeyUse.STORAGE, algorithm=KeyAlgorithm.AES),
    }
    books = LedgerSettings(database="", socket="")
    return invented_keys(Settings(switch=SwitchSettings(bank_prefixes=("100",)), ledger=books, keys=keys))


def _steps(keys: KeyCase) -> dict[str, Callable[[], object]]:
    """One message's three, in order."""
    ring, mac = keys.security.ring, keys.security.ring.mac("mac")
    assert isinstance(mac, RollingMac)
    data = bytes(range(SIZE))
    right, block = mac.compute(data), keys.pins(FIRST).seal(PIN, PAN)

    def verify() -> None:
        assert mac.verify(data, right)

    def translate() -> None:
        ring.translate_pin(PinRequest(block, PAN), FIRST, SECOND, _must_be_a_block)

    return {"verify_mac": verify, "translate_pin": translate, "make_mac": lambda: mac.compute(data)}


def _each(steps: list[Callable[[], object]]) -> None:
    for step in steps:
        step()


def _must_be_a_block(found: str | SecurityError) -> None:
    assert isinstance(found, str)


def _best_us(step: Callable[[], object], rounds: int, messages: int) -> float:
    """CPU of this thread, so that waiting for the processor costs nothing."""
    best_ns = min(_round_ns(step, messages) for _ in range(rounds))
    return best_ns / messages / 1000


def _round_ns(step: Callable[[], object], messages: int) -> int:
    started = time.thread_time_ns()
    for _ in range(messages):
        step()
    return time.thread_time_ns() - started
