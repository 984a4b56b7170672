"""MACs that a payShield makes and checks: commands M6 and M8.

Rule: what depends on the key alone is written once. Only the module's "verification failed" makes a MAC wrong; every
other trouble leaves it unjudged, and is counted where the module is asked.
"""

from collections.abc import Callable
from typing import TypeVar

from config.choices import KeyAlgorithm
from config.security_sections import KeySettings
from switch.security.payshield.answer import Answer, Ask, ask_for
from switch.security.payshield.commands import MESSAGE_MAX, SIXTEEN_DIGITS, mac_fields
from switch.security.payshield.keys import LmkKey
from switch.security.payshield.refusals import FINE, WRONG
from switch.security.port import SecurityError
from switch.wire.remote_envelope import RemoteMac

T = TypeVar("T")

RETAIL, CMAC, CMAC_PADDING = "3", "6", "0"


class PayShieldMac(RemoteMac):
    """A MAC key at work in a payShield."""

    __slots__ = ("_ask", "_generate", "_verify")

    def __init__(self, ask: Ask, key: LmkKey, settings: KeySettings) -> None:
        is_retail = settings.algorithm is KeyAlgorithm.RETAIL
        fields = mac_fields(key, RETAIL if is_retail else CMAC, str(settings.padding) if is_retail else CMAC_PADDING)
        self._ask = ask
        self._generate, self._verify = b"M6" + fields, b"M8" + fields

    def compute(self, data: bytes, done: Callable[[bytes | None], None]) -> None:
        if len(data) > MESSAGE_MAX:
            done(None)
        else:
            ask_for(self._ask, self._generate + measured(data), mac_in, lambda mac: done(said(mac)))

    def verify(self, data: bytes, mac: bytes, done: Callable[[bool | None], None]) -> None:
        if len(data) > MESSAGE_MAX:
            done(None)
        else:
            command = self._verify + measured(data) + mac.hex().upper().encode("ascii")
            ask_for(self._ask, command, was_right, lambda right: done(said(right)), (FINE, WRONG))


def measured(data: bytes) -> bytes:
    """A message after its length, four hexadecimal digits."""
    return b"%04X" % len(data) + data


def mac_in(answer: Answer) -> bytes:
    return bytes.fromhex(answer.hexadecimal(SIXTEEN_DIGITS))


def was_right(answer: Answer) -> bool:
    return answer.code != WRONG


def said(value: T | SecurityError) -> T | None:
    """What the device said, if it did."""
    return None if isinstance(value, SecurityError) else value
