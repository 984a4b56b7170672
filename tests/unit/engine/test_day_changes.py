"""Who may open a business day, and when one is closed."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import msgspec
import pytest

from ledger.queries import ListRegister
from switch.engine.day_changes import COUNT_EVERY_S, LOOK_EVERY_S, TOLD_EVERY_S
from switch.flow.days import REGISTER, Calendar, DayNote
from switch.flow.totals import DEBIT, heading
from switch.wire.codes import ResponseCode
from switch.wire.message import Message
from tests.unit.engine.bench import DAY, Bench, bill_payment, transfer
from tests.unit.engine.test_workers import Workers

NEXT, LATER, FAR = "20261123", "20261124", "20990101"
BILLS = heading("000123", DEBIT, "core", "power")


# Who opens a day.


def test_an_order_opens_the_next_day_and_the_books_keep_who_and_why(bench: Bench) -> None:
    told: list[str] = []
    bench.engine.heed_day(told.append)
    assert bench.cut_over().words == f"{NEXT} is open; what was begun before ends in its own day"
    assert (bench.open_days(), told) == ([NEXT, DAY], [NEXT])
    (row,) = bench.store.answer(ListRegister(REGISTER))
    assert row.key == f"{NEXT} open"
    assert msgspec.json.decode(row.body, type=DayNote) == DayNote("hala", "end of day")
    assert ("operator_orders", "day-cutover", "done") in bench.counters.snapshot()


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("20261121", "20261122 is open already, and days are opened one after the other"),
        (DAY, "20261122 is open already"),
        ("20261130", "it is more than 7 days ahead: allowed: up to 20261129"),
        (FAR, "it is more than 7 days ahead: allowed: up to 20261129"),
        ("20261131", "there is no such day"),
    ],
)
def test_an_order_for_a_day_that_may_not_be_opened_is_refused(bench: Bench, day: str, words: str) -> None:
    verdict = bench.cut_over(day)
    assert (verdict.done, verdict.words) == (False, words)
    assert bench.open_days() == [DAY]


def test_days_can_not_be_jumped_ahead_step_by_step(bench: Bench) -> None:
    for _ in range(30):
        bench.cut_over()
    assert bench.engine.day == "20261129"


def test_a_weekend_is_passed_over(tmp_path: Path) -> None:
    bench = Bench(
        tmp_path, calendar=Calendar(closed_weekdays=frozenset({0, 1}), holidays=frozenset({date(2026, 11, 25)}))
    )
    bench.cut_over()
    assert bench.engine.day == "20261126", "after a Monday, a Tuesday and a holiday"


def test_the_schedule_opens_the_next_day_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, calendar=Calendar(cutover_at=time(23, 30)))
    bench.wait(14.4 * 3600)
    assert bench.engine.day == DAY
    bench.wait(0.2 * 3600)
    assert bench.engine.day == NEXT
    bench.wait(3600)
    assert bench.engine.day == NEXT


def test_the_schedule_catches_up_after_a_switch_was_down(tmp_path: Path) -> None:
    bench = Bench(tmp_path, calendar=Calendar(cutover_at=time(23, 30)))
    bench.clock.now += 2 * 86400
    bench.wait(LOOK_EVERY_S)
    assert bench.engine.day == LATER


def test_a_clock_that_leaps_opens_no_day_and_is_told_of_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, calendar=Calendar(cutover_at=time(23, 30)))
    bench.clock.now += 70 * 365 * 86_400
    for _ in range(3):
        bench.wait(LOOK_EVERY_S)
    assert bench.open_days() == [DAY]
    assert bench.reports == ["cutover refused"]


def test_one_worker_follows_the_schedule(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    workers.bench.calendar = Calendar(cutover_at=time(23, 30))
    workers.restart(0)
    workers.restart(1).wait(86400)
    assert workers.bench.open_days() == [DAY]
    workers.of(0).wait(LOOK_EVERY_S)
    assert workers.bench.open_days() == [NEXT, DAY]


def heard(bench: Bench, endpoint: str, **fields: str) -> tuple[str, str]:
    """The answer to an 0800/201 from this endpoint, and the place of a fault."""
    answers: list[tuple[ResponseCode, str]] = []
    named = {name.removeprefix("de"): value for name, value in fields.items()}
    request = Message({"t": "0800", "7": "1122090000", "11": "000001", "70": "201", **named})
    bench.engine.day_changes.on_message(endpoint, request, lambda code, at: answers.append((code, at)))
    ((code, at),) = answers
    return code.value, at


@pytest.fixture
def owned(tmp_path: Path) -> Bench:
    """The core owns the day."""
    return Bench(tmp_path, calendar=Calendar(owner="peers.core", cutover_at=None))


def test_the_owners_message_opens_the_day_that_it_names_however_often_it_comes(owned: Bench) -> None:
    assert [heard(owned, "peers.core", de15="1123") for _ in range(2)] == [("00", ""), ("00", "")]
    assert owned.open_days() == [NEXT, DAY]


@pytest.mark.parametrize("endpoint", ["peers.power", "listeners.core", "listeners.mobile"])
def test_nobody_but_the_owner_is_heard_about_the_day(owned: Bench, endpoint: str) -> None:
    assert heard(owned, endpoint, de15="1123") == ("12", "")
    assert owned.open_days() == [DAY]
    assert owned.reports == ["cutover refused"]


def test_who_asks_for_the_day_again_and_again_is_logged_once_a_minute(owned: Bench) -> None:
    for _ in range(3):
        heard(owned, "listeners.mobile", de15="1123")
    assert owned.reports == ["cutover refused"]
    owned.wait(TOLD_EVERY_S)
    heard(owned, "listeners.mobile", de15="1123")
    assert owned.reports == ["cutover refused"] * 2


def test_nobody_is_heard_about_the_day_where_the_switch_owns_it(bench: Bench) -> None:
    assert heard(bench, "peers.core", de15="1123") == ("12", "")
    assert bench.open_days() == [DAY]


@pytest.mark.parametrize(
    ("mmdd", "answer"),
    [("1121", ("12", "")), ("1201", ("12", "")), ("0229", ("30", "15")), ("1331", ("30", "15")), ("", ("30", "15"))],
)
def test_a_message_can_not_open_an_impossible_a_past_or_a_far_day(
    owned: Bench, mmdd: str, answer: tuple[str, str]
) -> None:
    assert heard(owned, "peers.core", de15=mmdd) == answer
    assert owned.open_days() == [DAY]


def test_what_the_books_could_not_take_is_to_be_sent_again(owned: Bench) -> None:
    owned.books.away = True
    assert heard(owned, "peers.core", de15="1123") == ("96", "")
    owned.books.away = False
    assert heard(owned, "peers.core", de15="1123") == ("00", "")


# When a day is closed.


def test_a_day_is_closed_once_nothing_of_it_is_open(bench: Bench) -> None:
    bench.send(transfer())
    bench.cut_over()
    bench.wait(COUNT_EVERY_S)
    assert bench.open_days() == [NEXT, DAY], "a payment of it is open"
    bench.core.say("00")
    bench.wait(COUNT_EVERY_S)
    assert bench.open_days() == [NEXT]
    assert bench.told[-1] == {"day": DAY, "who": "switch", "why": "", "count": 0}


def test_a_day_is_closed_when_its_time_is_up_and_what_is_open_is_carried_over(bench: Bench) -> None:
    bench.send(bill_payment())
    bench.core.say("00")
    bench.biller.fall_silent()
    bench.cut_over()
    bench.wait(bench.calendar.close_within_s + 1)
    assert bench.open_days() == [NEXT]
    rows = bench.store.answer(ListRegister(REGISTER, DAY))
    assert [msgspec.json.decode(row.body, type=DayNote).carried_over for row in rows] == [1]
    bench.biller.say("00")  # found paid
    assert bench.totals(NEXT) == {BILLS: (125_000, 1, 0, 0)}


def test_the_open_day_is_never_closed(bench: Bench) -> None:
    verdict = bench.close_day()
    assert verdict.words == "only 20261122 is open: a day is closed once the next one is open"
    bench.cut_over()
    assert bench.close_day(NEXT).words == "allowed: 20261122, which the next day follows already"
    assert bench.open_days() == [NEXT, DAY]


def test_a_switch_that_starts_again_knows_all_open_days(bench: Bench) -> None:
    bench.send(bill_payment())
    bench.core.say("00")
    bench.biller.fall_silent()
    bench.cut_over()
    bench.restart()
    bench.wait(30)
    bench.biller.say("00")
    assert bench.totals(DAY) == {BILLS: (125_000, 1, 0, 0)}


def test_a_schedule_that_waits_for_the_books_opens_the_day_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, calendar=Calendar(cutover_at=time(23, 30)))
    with bench.books.held_up():
        bench.wait(15 * 3600)
        bench.wait(LOOK_EVERY_S)
        assert bench.cut_over().words == "it is being done"
    assert bench.reports == ["operator", "business day opened"]
