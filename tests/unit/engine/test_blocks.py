"""Who is blocked hears 62 on every service, at once, and nothing of theirs that was begun is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from switch.flow.limits import Limit
from switch.flow.orders import Verdict
from switch.flow.payment import from_record
from switch.flow.subscribers import card_holder, card_of
from tests.unit.engine.bench import (
    SUBSCRIBER,
    Bench,
    bill_payment,
    repeat_of,
    request,
    reversal_of,
    transfer,
    withdrawal,
)
from tests.unit.engine.customers import OTHER, PAN, balance, block, unblock
from tests.unit.engine.test_secrets import DeviceBench, card_balance

EVERYTHING = [
    balance(),
    request("0100", "320000", "000051", SUBSCRIBER, ("03", "0001001"), de98="ELEC".ljust(25)),
    request("0100", "330000", "000052", SUBSCRIBER, de103="10000000000002"),
    transfer(),
    bill_payment(),
    transfer(de3="420000"),
]


@pytest.mark.parametrize("asked", EVERYTHING, ids=lambda fields: f"{fields['t']}/{fields['3'][:2]}")
def test_a_blocked_subscriber_hears_62_on_every_service(bench: Bench, asked: dict[str, str]) -> None:
    assert block(bench) == Verdict(True, "blocked now")
    assert bench.send(asked).code == "62"
    assert not bench.core.asked
    assert not bench.biller.asked
    assert unblock(bench) == Verdict(True, "not blocked now")
    assert bench.send(asked | {"11": "000099"}).code is None, "it is asked for again"


def test_who_is_not_blocked_is_served_beside_one_who_is(bench: Bench) -> None:
    block(bench)
    assert bench.send(balance(subscriber=OTHER)).code is None
    assert bench.send(withdrawal()).code is None


def test_62_is_stored_and_a_repeat_after_the_block_was_taken_back_hears_it_again(bench: Bench) -> None:
    block(bench)
    assert bench.send(transfer()).code == "62"
    unblock(bench)
    assert bench.send(repeat_of(transfer())).code == "62"


def test_a_repeat_of_what_was_answered_before_the_block_gets_the_stored_answer(bench: Bench) -> None:
    asked = bench.send(transfer())
    bench.core.say("00")
    assert asked.code == "00"
    block(bench)
    assert bench.send(repeat_of(transfer())).code == "00"


def test_what_was_begun_before_the_block_is_carried_out_and_its_repeat_waits_for_it(bench: Bench) -> None:
    asked = bench.send(transfer())
    block(bench)
    again = bench.send(repeat_of(transfer()), connection="another")
    bench.core.say("00")
    assert (asked.code, again.code) == ("00", "00")


def test_a_reversal_is_never_refused_because_of_a_block(bench: Bench) -> None:
    bench.send(transfer())
    bench.core.say("00")
    block(bench)
    assert bench.send(reversal_of(transfer())).code == "00"
    assert bench.net_minor("customer:10000000000001") == 0


def test_the_reversal_of_a_payment_that_the_block_refused_moves_nothing(bench: Bench) -> None:
    block(bench)
    bench.send(transfer())
    assert bench.send(reversal_of(transfer())).code == "00"
    assert bench.net_minor("customer:10000000000001") == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"de102": "no account"}, "30"),  # the shape comes first
        ({"de7": "1331090000"}, "30"),
        ({"de3": "990000"}, "12"),  # and what is no service
        ({"de4": "000000000000"}, "62"),  # then the block, before the service's own rules
        ({"de103": "99900000000002"}, "62"),
        ({"de4": "000000999999"}, "62"),  # before a limit
    ],
)
def test_a_block_comes_after_the_shape_and_before_everything_else(
    tmp_path: Path, changes: dict[str, str], code: str
) -> None:
    bench = Bench(tmp_path, limits=(Limit("transfer-own", amount_max=100_000),))
    block(bench)
    fields = transfer() | {name.removeprefix("de"): value for name, value in changes.items()}
    assert bench.send(fields).code == code


def test_a_block_comes_before_a_peer_that_is_down(bench: Bench) -> None:
    block(bench)
    bench.core.ready = False
    assert bench.send(transfer()).code == "62"
    assert bench.send(balance()).code == "62"


def test_a_blocked_card_hears_62_and_another_is_served(bench: Bench) -> None:
    bench.send(withdrawal())
    bench.core.say("00")
    found: list[Any] = []
    bench.books.find("", "20261122|REF000003ABC|2|00000000123|ATM00001", found.append)
    holder = card_of(from_record(found[0].payment.record))
    assert holder == card_holder(bench.keys.vault.fingerprint(PAN.encode()).hex())
    assert block(bench, holder, card="400000••••••0002").done
    assert bench.send(withdrawal("000004")).code == "62"
    assert bench.send(withdrawal("000005", pan="4000000000000010")).code is None


@pytest.mark.parametrize("asked", [withdrawal(), card_balance()], ids=["a payment", "an inquiry"])
def test_who_is_blocked_while_the_security_module_works_is_not_let_in(tmp_path: Path, asked: dict[str, str]) -> None:
    bench = DeviceBench(tmp_path)
    waiting = bench.send(asked)
    block(bench, card_holder(bench.keys.vault.fingerprint(PAN.encode()).hex()))
    bench.device.answer()
    assert waiting.code == "62"
    assert not bench.core.asked
