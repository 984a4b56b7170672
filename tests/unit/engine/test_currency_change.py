"""The pound dropped two zeros on 1 January 2026: what a payment is worth in the books, and who is told which pound."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest

from ledger.model import DAY_CLOSED, DAY_OPEN, Committed, DayChange, Group
from ledger.scale import Scale
from switch.flow.limits import Limit
from switch.flow.payment import Payment, from_record
from tests.unit.engine.bench import SUBSCRIBER, Bench, HandExchange, bill_payment, request, reversal_of, transfer

SCALE = Scale("20260101", 100, "20260630")
EVE, NEW_YEAR = "20251231", "20260101"
NOON = datetime(2025, 12, 31, 12, 0, tzinfo=timezone(timedelta(hours=3))).timestamp()
DAY_S = 86_400.0
CUSTOMER, ELEC, SAVINGS = "customer:10000000000001", "biller:ELEC", "customer:10000000000002"
OLD = {"de7": "1231090000", "de13": "1231"}
NEW = {"de7": "0101090000", "de13": "0101"}


def turn(bench: Bench, *, calendar: bool = True) -> None:
    """The bank cuts over to the first day of the new pound."""
    bench.clock.now += DAY_S if calendar else 0.0
    outcomes = bench.store.apply_groups([Group(b"cutover".ljust(16), days=(DayChange(NEW_YEAR, DAY_OPEN),))])
    assert isinstance(outcomes[0], Committed)
    bench.restart()


@pytest.fixture
def eve(tmp_path: Path) -> Bench:
    return Bench(tmp_path, day=EVE, now=NOON, scale=SCALE)


def paid(bench: Bench, asked: HandExchange) -> HandExchange:
    bench.core.say("00")
    assert asked.code == "00"
    return asked


def test_the_same_digits_are_worth_a_hundred_times_more_from_the_first_day_on(eve: Bench) -> None:
    paid(eve, eve.send(transfer("000001", 12_345, **OLD)))
    assert eve.net_minor(SAVINGS) == 12_345
    turn(eve)
    paid(eve, eve.send(transfer("000002", 12_345, **NEW)))
    assert eve.net_minor(SAVINGS) == 12_345 + 12_345_00
    assert eve.books_agree()


def test_a_reversal_in_the_new_pound_repeats_the_old_digits_and_gives_back_exactly_what_was_taken(eve: Bench) -> None:
    paid(eve, eve.send(transfer("000001", 12_345, **OLD)))
    turn(eve)
    other = eve.send(reversal_of(transfer("000001", 123, **OLD), "900001", de7=NEW["de7"]))
    assert other.code == "64", "the new pound's digits are another amount"
    asked = eve.send(reversal_of(transfer("000001", 12_345, **OLD), "900002", de7=NEW["de7"]))
    assert asked.code == "00"
    assert asked.answers[0]["4"] == "000000012345"
    assert eve.net_minor(SAVINGS) == 0
    assert (eve.core.question["4"], eve.core.question["15"]) == ("000000012345", "1231")


def test_the_peers_are_told_the_day_that_says_the_pound(eve: Bench) -> None:
    eve.send(bill_payment("000001", 12_345, **OLD))
    assert eve.core.question["15"] == "1231"
    eve.core.say("00")
    assert eve.biller.question["15"] == "1231"
    eve.send(request("0100", "310000", "000002", SUBSCRIBER, de102="10000000000001", **OLD))
    assert eve.core.question["15"] == "1231", "a balance has a pound, too"


def test_where_nothing_ever_changed_nothing_is_multiplied(bench: Bench) -> None:
    bench.send(bill_payment())
    assert bench.held_minor(CUSTOMER) == 125_000


def test_a_channel_does_not_say_which_pound_it_was(eve: Bench) -> None:
    eve.send(transfer("000001", 500, **OLD, de15="0101"))
    assert eve.core.question["15"] == "1231"


@pytest.mark.parametrize(("stamp", "calendar"), [(OLD, True), (OLD, False)])
def test_a_request_that_was_written_before_the_change_and_comes_after_it_is_not_guessed_at(
    eve: Bench, stamp: dict[str, str], calendar: bool
) -> None:
    turn(eve, calendar=calendar)
    asked = eve.send(transfer("000001", 12_345, **stamp))
    assert asked.code == "90"
    assert not eve.core.asked
    assert eve.send(transfer("000001", 12_345, **stamp)).code == "90", "it is stored, and stays so"
    assert not eve.open_rows()


def test_nor_is_one_whose_calendar_is_ahead_of_the_bank(eve: Bench) -> None:
    assert eve.send(transfer("000001", 12_345, **NEW)).code == "90"


def test_at_any_other_cutover_the_calendar_may_be_a_day_off(eve: Bench) -> None:
    yesterday = {"de7": "1230235959", "de13": "1230"}
    paid(eve, eve.send(transfer("000001", 12_345, **yesterday)))


def test_a_payment_that_is_carried_over_the_change_keeps_its_pound(eve: Bench) -> None:
    eve.send(bill_payment("000001", 12_345, **OLD))
    eve.core.say("00")
    eve.biller.fall_silent()
    turn(eve, calendar=False)
    eve.wait(5.0)
    eve.biller.say("00")
    assert eve.net_minor(ELEC) == 12_345
    assert eve.states == {"POSTED": 1}


def test_a_limit_is_worth_the_same_on_both_sides(tmp_path: Path) -> None:
    limit = Limit("transfer-own", amount_max=1_000_00, per_day_amount_max=1_500_00)  # written in old pounds
    bench = Bench(tmp_path, day=EVE, now=NOON, scale=SCALE, limits=(limit,))
    assert bench.send(transfer("000001", 1_000_01, **OLD)).code == "61"
    paid(bench, bench.send(transfer("000002", 1_000_00, **OLD)))
    assert bench.send(transfer("000003", 600_00, **OLD)).code == "61"
    turn(bench)
    assert bench.send(transfer("000004", 10_01, **NEW)).code == "61"
    paid(bench, bench.send(transfer("000005", 10_00, **NEW)))
    assert bench.send(transfer("000006", 6_00, **NEW)).code == "61"
    paid(bench, bench.send(transfer("000007", 5_00, **NEW)))


def test_what_is_given_back_across_the_change_is_given_back_to_its_own_days_limit(tmp_path: Path) -> None:
    limit = Limit("transfer-own", per_day_amount_max=1_000_00)
    bench = Bench(tmp_path, day=EVE, now=NOON, scale=SCALE, limits=(limit,))
    paid(bench, bench.send(transfer("000001", 1_000_00, **OLD)))
    turn(bench)
    paid(bench, bench.send(transfer("000002", 10_00, **NEW)))
    assert bench.send(reversal_of(transfer("000001", 1_000_00, **OLD), "900001", de7=NEW["de7"])).code == "00"
    assert bench.send(transfer("000003", 1, **NEW)).code == "61", "the new day's use is what it was"


def test_once_the_old_day_is_closed_a_reversal_is_of_the_new_one(eve: Bench) -> None:
    paid(eve, eve.send(transfer("000001", 12_345, **OLD)))
    turn(eve)
    eve.store.apply_groups([Group(b"close".ljust(16), days=(DayChange(EVE, DAY_CLOSED),))])
    assert eve.send(reversal_of(transfer("000001", 12_345, **OLD), "900001", de7=NEW["de7"])).code == "00"
    assert eve.net_minor(SAVINGS) == 0


def test_a_record_from_before_there_was_a_scale_is_read_as_one_to_one(eve: Bench) -> None:
    eve.send(transfer("000001", 12_345, **OLD))
    (row,) = eve.open_rows()
    fields = msgspec.msgpack.decode(row.record)
    place = Payment.__struct_fields__.index("units")
    assert fields[place] == 1
    assert from_record(msgspec.msgpack.encode(fields[:place])).units == 1
