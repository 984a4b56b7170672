"""What falls in which business day, whatever day a worker has heard of."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.model import DAY_CLOSED, DAY_OPEN, DayChange, Group, Transfer
from ledger.queries import GetPayment, GetStatement
from switch.engine.day_changes import LOOK_EVERY_S
from switch.flow.limits import Limit
from switch.flow.payment import from_record
from switch.flow.totals import DEBIT, TRANSFER, heading
from tests.unit.engine.bench import (
    DAY,
    SUBSCRIBER,
    Bench,
    HandExchange,
    bill_payment,
    repeat_of,
    request,
    reversal_of,
    transfer,
    withdrawal,
)
from tests.unit.engine.test_workers import Workers

NEXT = "20261123"
BILLS, CASH = heading("000123", DEBIT, "core", "power"), heading("000123", DEBIT, "core")
TRANSFERS = heading("000123", TRANSFER, "core")
PAYEE = "customer:10000000000002"


def transfers_of(bench: Bench, account: str) -> list[Transfer]:
    """The newest first."""
    return [line.transfer for line in bench.store.answer(GetStatement(account)).lines]


def day_of(asked: HandExchange) -> str:
    """DE 15 of the answer."""
    return asked.answers[0]["15"]


def opened_behind_its_back(bench: Bench, *, close: str = "") -> None:
    """Another worker opens the next day, and perhaps closes one: the engine has not heard of it."""
    changes = [DayChange(NEXT, DAY_OPEN, bench.clock.now)]
    if close:
        changes.append(DayChange(close, DAY_CLOSED, bench.clock.now))
    bench.store.apply_groups([Group(b"behind its back!", days=tuple(changes))])


# What falls in which day.


def test_what_was_begun_before_a_cutover_ends_in_its_own_day(bench: Bench) -> None:
    asked = bench.send(transfer())
    assert bench.cut_over().done
    bench.core.say("00")
    assert (asked.code, day_of(asked)) == ("00", "1122")
    assert bench.totals(DAY) == {TRANSFERS: (50_000, 1, 0, 0)}
    assert bench.totals(NEXT) == {}


def test_what_begins_after_a_cutover_is_of_the_new_day(bench: Bench) -> None:
    bench.cut_over()
    asked = bench.send(transfer())
    assert bench.core.question["15"] == "1123"
    bench.core.say("00")
    assert day_of(asked) == "1123"
    assert bench.totals(NEXT) == {TRANSFERS: (50_000, 1, 0, 0)}


def test_an_outcome_after_its_day_was_closed_falls_in_the_open_one_with_its_answer(bench: Bench) -> None:
    asked = bench.send(bill_payment())
    bench.core.say("00")
    bench.cut_over()
    assert bench.close_day().done
    bench.biller.say("00")
    assert (asked.code, day_of(asked)) == ("00", "1123")
    assert day_of(bench.send(repeat_of(bill_payment()))) == "1123"
    assert bench.totals(DAY) == {}
    assert bench.totals(NEXT) == {BILLS: (125_000, 1, 0, 0)}
    assert [one.day for one in transfers_of(bench, "biller:ELEC")] == [NEXT, DAY], "the hold stays where it was"


def test_a_decline_after_its_day_was_closed_falls_in_the_open_one_too(bench: Bench) -> None:
    asked = bench.send(transfer())
    bench.cut_over()
    bench.close_day()
    bench.core.say("51")
    assert (asked.code, day_of(asked)) == ("51", "1123")
    assert bench.held_minor("customer:10000000000001") == 0


def test_a_late_reversal_is_of_the_day_in_which_it_comes(bench: Bench) -> None:
    bench.send(transfer())
    bench.core.say("00")
    bench.cut_over()
    asked = bench.send(reversal_of(transfer()))
    assert (asked.code, day_of(asked)) == ("00", "1123")
    assert bench.core.question["15"] == "1123"
    assert bench.totals(DAY) == {TRANSFERS: (50_000, 1, 0, 0)}
    assert bench.totals(NEXT) == {TRANSFERS: (0, 0, 50_000, 1)}
    assert day_of(bench.send(repeat_of(transfer()))) == "1122", "the payment stays in its own"


def test_a_repeat_of_a_reversal_names_the_day_that_the_first_answer_named(bench: Bench) -> None:
    bench.send(transfer())
    bench.core.say("00")
    bench.cut_over()
    bench.send(reversal_of(transfer()))
    bench.cut_over()
    assert day_of(bench.send(repeat_of(reversal_of(transfer())))) == "1123"


def test_a_reversal_that_waits_for_the_biller_ends_in_the_day_in_which_it_was_taken_up(bench: Bench) -> None:
    bench.send(bill_payment())
    bench.core.say("00")
    bench.biller.say("00")
    bench.cut_over()
    bench.send(reversal_of(bill_payment()))
    assert bench.biller.question["15"] == "1123"
    bench.cut_over()
    bench.biller.say("00")
    assert day_of(bench.send(repeat_of(reversal_of(bill_payment())))) == "1123"
    assert bench.totals(NEXT) == {BILLS: (0, 0, 125_000, 1)}


def test_a_reversal_whose_day_was_closed_meanwhile_ends_in_the_open_one(bench: Bench) -> None:
    bench.send(bill_payment())
    bench.core.say("00")
    bench.biller.say("00")
    bench.send(reversal_of(bill_payment()))
    bench.cut_over()
    bench.close_day()
    bench.biller.say("00")
    assert day_of(bench.send(repeat_of(reversal_of(bill_payment())))) == "1123"
    assert bench.core.question["15"] == "1123"
    assert bench.totals(DAY) == {BILLS: (125_000, 1, 0, 0)}
    assert bench.totals(NEXT) == {BILLS: (0, 0, 125_000, 1)}


def test_a_days_limit_is_given_back_to_the_day_in_which_it_was_taken(tmp_path: Path) -> None:
    limits = (Limit("transfer-own", None, None, 60_000, None),)
    bench = Bench(tmp_path, limits=limits)
    bench.send(transfer())
    bench.cut_over()
    taken = bench.send(transfer("000003"))
    assert taken.code is None, "another day, another use"
    bench.close_day()
    bench.core.say("51")  # of the first, whose day is closed
    assert bench.send(transfer("000004")).code == "61", "it gave nothing back to the new day"


def test_part_of_a_withdrawal_is_counted_as_given_back(bench: Bench) -> None:
    bench.send(withdrawal())
    bench.core.say("00")
    bench.send(reversal_of(withdrawal(), de95=f"{60_000:012d}".ljust(42, "0")))
    assert bench.totals() == {CASH: (100_000, 1, 40_000, 1)}


def test_every_question_names_the_day(bench: Bench) -> None:
    bench.send(bill_payment())
    assert bench.core.question["15"] == "1122"
    bench.core.say("00")
    assert bench.biller.question["15"] == "1122"
    bench.biller.fall_silent()
    assert (bench.biller.question["t"], bench.biller.question["15"]) == ("0100", "1122")
    bench.cut_over()
    bench.send(request("0100", "310000", "000009", SUBSCRIBER, de102="10000000000001"))
    assert bench.core.question["15"] == "1123"


# A worker that has not heard of it.


def test_a_commit_that_hits_a_closed_day_is_made_again_in_the_open_one(bench: Bench) -> None:
    opened_behind_its_back(bench, close=DAY)
    asked = bench.send(transfer())
    assert bench.core.question["15"] == "1123"
    bench.core.say("00")
    assert (asked.code, day_of(asked)) == ("00", "1123")
    assert bench.engine.day == NEXT
    assert bench.counters.total("commits_redone") == 1
    assert bench.store.answer(GetStatement(PAYEE)).lines[-1].transfer.day == NEXT


def test_an_outcome_that_hits_a_closed_day_is_made_again_too(bench: Bench) -> None:
    asked = bench.send(transfer())
    opened_behind_its_back(bench, close=DAY)
    bench.core.say("00")
    assert (asked.code, day_of(asked)) == ("00", "1123")
    row = bench.store.answer(GetPayment(transfers_of(bench, PAYEE)[0].payment))
    assert from_record(row.record).accepted_day == DAY


def test_90_only_if_it_can_not_be_made_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    opened_behind_its_back(bench, close=DAY)
    monkeypatch.setattr(bench.books, "days", lambda done, limit=0: done([]))  # books that name no day
    asked = bench.send(transfer())
    assert asked.code == "90"
    assert not bench.core.asked
    assert bench.send(repeat_of(transfer())).code == "90"


def test_another_worker_hears_of_a_cutover_within_a_second_or_so(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    assert workers.of(0).cut_over().done
    bench = workers.of(1)
    told: list[str] = []
    bench.engine.heed_day(told.append)
    bench.wait(LOOK_EVERY_S)
    assert (bench.engine.day, told) == (NEXT, [NEXT])
