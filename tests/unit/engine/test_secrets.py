"""PIN blocks that a device translates: later, in order, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from config.sections import ListenerSettings
from simulators.keys import INVENTED_MASTER
from switch.engine.secrets import PinKeys, secrets_of
from switch.security.keys.ring import KeyRing
from switch.security.keys.store import MemoryKeyStore, StoredKey
from switch.security.port import PinRequest, SecurityError
from switch.security.soft import SoftModule
from switch.wire.message import Message
from tests.unit.engine.bench import KEYS, PINS, SUBSCRIBER, Bench, repeat_of, request, tags, transfer, withdrawal
from tests.unit.security.keys import SlowModule

PAN = "4000000000000002"


class DeviceBench(Bench):
    """A bench whose PIN blocks wait for `device`."""

    def ring(self) -> KeyRing:
        self.device = SlowModule(SoftModule(INVENTED_MASTER, os.urandom))
        token = super().ring().token("pin")
        store = MemoryKeyStore({"pin": StoredKey(token.text, token.kcv)})
        return KeyRing({"pin": KEYS["pin"]}, self.device, store, self.clock.wall)


@pytest.fixture
def bench(tmp_path: Path) -> DeviceBench:
    return DeviceBench(tmp_path)


def card_balance(stan: str = "000007", **changes: str) -> dict[str, str]:
    card = {"de2": PAN, "de52": PINS.seal("1234", PAN), "de41": "ATM00001"}
    return request("0200", "310000", stan, **(card | changes))


def pin_change(new: str) -> dict[str, str]:
    return request("0600", "920000", "000008", ("12", new), de2=PAN, de52=PINS.seal("1234", PAN), de41="ATM00001")


def test_nobody_is_asked_and_nothing_is_stored_before_the_device_has_answered(bench: DeviceBench) -> None:
    asked = bench.send(withdrawal())
    assert (bench.core.asked, bench.states, asked.answers) == ([], {}, [])
    bench.device.answer()
    assert PINS.open(bench.core.question["52"], PAN) == "1234"
    assert bench.states == {"HELD": 1}
    bench.core.say("00", de54="2001760C000000500000")
    assert asked.code == "00"


def test_what_needs_no_device_does_not_wait_for_one(bench: DeviceBench) -> None:
    waiting = bench.send(withdrawal())
    asked = bench.send(transfer())
    bench.core.say("00")
    assert (asked.code, waiting.answers) == ("00", [])


def test_the_two_blocks_of_a_pin_change_keep_their_places(bench: DeviceBench) -> None:
    asked = bench.send(pin_change(PINS.seal("9876", PAN)))
    bench.device.answer()
    question = bench.core.question
    assert PINS.open(question["52"], PAN) == "1234"
    assert question["48"].startswith("12016")
    assert PINS.open(question["48"][5:21], PAN) == "9876"
    bench.core.say("00")
    assert asked.code == "00"


def test_a_device_that_is_away_makes_money_wait_and_claims_nothing(bench: DeviceBench) -> None:
    bench.device.away = True
    asked = bench.send(withdrawal())
    bench.device.answer()
    assert (asked.code, bench.states, bench.core.asked) == ("09", {}, [])
    bench.device.away = False
    repeat = bench.send(repeat_of(withdrawal()))
    bench.device.answer()
    bench.core.say("00")
    assert repeat.code == "00"
    assert bench.states == {"POSTED": 1}
    assert bench.books_agree()


def test_a_device_that_is_away_fails_an_inquiry(bench: DeviceBench) -> None:
    bench.device.away = True
    asked = bench.send(card_balance())
    bench.device.answer()
    assert (asked.code, bench.core.asked) == ("96", [])


@pytest.mark.parametrize("wrong", [withdrawal(de52="00" * 8), card_balance(de52="00" * 8), pin_change("00" * 8)])
def test_a_block_that_is_none_is_63_and_no_try(bench: DeviceBench, wrong: dict[str, str]) -> None:
    asked = bench.send(wrong)
    bench.device.answer()
    assert (asked.code, bench.states, bench.core.asked) == ("63", {}, [])


def test_a_repeat_that_overtakes_the_device_runs_once(bench: DeviceBench) -> None:
    first = bench.send(withdrawal(), connection="one")
    repeat = bench.send(repeat_of(withdrawal()), connection="another")
    bench.device.answer()
    assert len(bench.core.asked) == 1
    bench.core.say("00")
    assert (first.code, repeat.code) == ("00", "00")
    assert bench.states == {"POSTED": 1}


def test_a_core_that_went_down_meanwhile_is_not_waited_for(bench: DeviceBench) -> None:
    asked = bench.send(card_balance())
    bench.core.ready = False
    bench.device.answer()
    assert asked.code == "91"


def test_what_the_switch_alone_is_told_does_not_go_on_with_the_secrets(bench: DeviceBench) -> None:
    """A terminal's serial number, and a payment's id, which would be a lie."""
    own = (("32", "FFFF9876543210E00001"), ("14", "0" * 32), SUBSCRIBER)
    bench.send(request("0600", "920000", "000009", ("12", PINS.seal("9876", PAN)), *own, de2=PAN,
                       de52=PINS.seal("1234", PAN), de41="ATM00001"))  # fmt: skip
    bench.device.answer()
    sent = bench.core.question["48"]
    assert "FFFF9876543210E00001" not in sent
    assert "0" * 32 not in sent
    assert tags(SUBSCRIBER) in sent


class Recorder(KeyRing):
    """Keeps what it is asked to translate, and translates nothing."""

    def __init__(self) -> None:
        self.asked: list[PinRequest] = []

    def translate_pin(
        self, request: PinRequest, source: str, target: str, done: Callable[[str | SecurityError], None]
    ) -> None:
        self.asked.append(request)


def test_a_serial_number_is_one_requests_alone() -> None:
    """The request's own repeat, but nothing else that is asked for in its name: no amount, no service, no new STAN."""
    ring, listener = Recorder(), ListenerSettings(name="pos", port=0, acquirers=("000123",), pin="pin")
    first = withdrawal()
    others = [
        first | changed for changed in ({"3": "310000"}, {"4": "000000200000"}, {"11": "000099"}, {"7": "0101000000"})
    ]
    for fields in (first, repeat_of(first), *others):
        secrets_of(Message(fields), PinKeys(ring, listener, "core"), lambda _: None)
    own, repeated, *strange = [asked.whose for asked in ring.asked]
    assert own == repeated
    assert own not in strange
