"""A killed switch starts again on its books: what was open goes on, nothing is held for ever."""

from __future__ import annotations

from pathlib import Path

from switch.flow.terms import Promises
from tests.unit.engine.bench import REFUSALS, Bench, bill_payment, transfer


def test_a_one_leg_payment_that_was_asked_is_given_back(bench: Bench) -> None:
    bench.send(transfer())
    bench.restart()
    assert bench.core.question["t"] == "0420"
    bench.core.say("00")
    assert bench.states == {"RELEASED": 1}
    assert bench.send(transfer()).code == "91"


def test_a_two_leg_payment_may_have_been_paid_so_the_biller_is_asked(bench: Bench) -> None:
    bench.send(bill_payment())
    bench.core.say("00")
    bench.restart()
    assert bench.biller.question["3"][:2] == "39"
    assert not bench.core.asked
    bench.biller.say("00")
    assert bench.send(bill_payment()).code == "00"


def test_a_repeats_only_biller_is_asked_only_once_the_debit_is_on_record(tmp_path: Path) -> None:
    bench = Bench(tmp_path, biller_promises=Promises(repeats=True, refusals=REFUSALS))
    bench.send(bill_payment())
    bench.restart()
    assert bench.core.question["t"] == "0420", "no debit on record: it was not asked"
    bench.core.say("00")
    bench.send(bill_payment("000009"))
    bench.core.say("00")
    bench.restart()
    assert bench.biller.question["t"] == "0201"
    bench.biller.say("00")
    assert bench.states == {"RELEASED": 1, "POSTED": 1}


def test_owed_advices_go_on_after_a_restart(bench: Bench) -> None:
    bench.send(transfer())
    bench.core.fall_silent()
    bench.restart()
    assert not bench.core.asked
    bench.wait(2)
    assert bench.core.question["t"] == "0421"
    bench.core.say("25")
    assert bench.states == {"RELEASED": 1}


def test_what_is_final_is_not_touched_by_a_restart(bench: Bench) -> None:
    bench.send(transfer())
    bench.core.say("00")
    bench.restart()
    bench.wait(60)
    assert not bench.core.asked
    assert bench.engine.open_payments == 0
