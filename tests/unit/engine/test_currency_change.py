"""The pound dropped two zeros on 1 January 2026: what a payment is worth in the books, and who is told which pound."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from ledger.model import DAY_CLOSED, DAY_OPEN, DayChange
from ledger.scale import Scale
from switch.engine.peer_totals import LOOK_EVERY_S
from switch.flow.limits import Limit
from switch.flow.payment import Payment, from_record
from switch.wire.figures import Figures, parse_figures
from tests.unit.engine.bench import (
    SUBSCRIBER,
    Bench,
    HandExchange,
    bill_payment,
    request,
    reversal_of,
    transfer,
    withdrawal,
)
from tests.unit.engine.customers import ceiling
from tests.unit.engine.days import change, totals_of

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
    assert bench.cut_over(NEW_YEAR).done


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
    assert eve.close_day().done
    assert eve.send(reversal_of(transfer("000001", 12_345, **OLD), "900001", de7=NEW["de7"])).code == "00"
    assert eve.net_minor(SAVINGS) == 0
    assert eve.core.question["15"] == "1231", "its day says the pound of the amount beside it"


def test_what_is_released_after_its_day_was_closed_is_advised_in_the_day_of_its_pound(eve: Bench) -> None:
    asked = eve.send(transfer("000001", 12_345, **OLD))
    turn(eve)
    assert eve.close_day().done
    eve.core.fall_silent()
    assert (asked.code, asked.answers[0]["15"]) == ("91", "0101"), "the channel is told where it is counted"
    assert (eve.core.question["t"], eve.core.question["4"]) == ("0420", "000000012345")
    assert eve.core.question["15"] == "1231"


def test_at_any_other_cutover_an_advice_names_the_day_of_its_reversal(eve: Bench) -> None:
    turn(eve)
    paid(eve, eve.send(transfer("000001", 12_345, **NEW)))
    assert eve.cut_over("20260102").done
    assert eve.send(reversal_of(transfer("000001", 12_345, **NEW), "900001", de7=NEW["de7"])).code == "00"
    assert eve.core.question["15"] == "0102"


def test_a_request_whose_day_was_closed_before_it_was_stored_is_not_taken_for_the_new_pound(eve: Bench) -> None:
    """Another worker has cut over and closed the day, and this one has not heard of it."""
    change(eve, DayChange(NEW_YEAR, DAY_OPEN), DayChange(EVE, DAY_CLOSED))
    asked = eve.send(transfer("000001", 12_345, **OLD))
    assert asked.code == "90"
    assert not eve.core.asked
    assert eve.net_minor(SAVINGS) == 0
    assert eve.send(transfer("000001", 12_345, **OLD)).code == "90", "it is stored"


def test_at_any_other_cutover_such_a_request_is_of_the_new_day(eve: Bench) -> None:
    turn(eve)
    change(eve, DayChange("20260102", DAY_OPEN), DayChange(EVE, DAY_CLOSED), DayChange(NEW_YEAR, DAY_CLOSED))
    eve.send(transfer("000001", 12_345, **NEW))
    assert eve.core.question["15"] == "0102"


def test_an_ordered_ceiling_is_in_the_pound_of_its_first_day_and_worth_the_same_after_it(eve: Bench) -> None:
    ceiling(eve, amount_max=1_000_00, per_day_amount_max=1_500_00)
    assert eve.send(transfer("000001", 1_000_01, **OLD)).code == "61"
    paid(eve, eve.send(transfer("000002", 1_000_00, **OLD)))
    turn(eve)
    assert eve.send(transfer("000003", 10_01, **NEW)).code == "61"
    paid(eve, eve.send(transfer("000004", 10_00, **NEW)))
    assert eve.send(transfer("000005", 5_01, **NEW)).code == "61"


def test_one_that_is_ordered_ahead_for_the_new_pound_is_in_it(eve: Bench) -> None:
    ceiling(eve, amount_max=10_00, from_day=NEW_YEAR)
    paid(eve, eve.send(transfer("000001", 5_000_00, **OLD)))
    turn(eve)
    paid(eve, eve.send(transfer("000002", 10_00, **NEW)))
    assert eve.send(transfer("000003", 10_01, **NEW)).code == "61"


# Totals


def judged(bench: Bench, figures: Figures, day: str) -> dict[str, str]:
    return bench.send(totals_of(figures, stan=f"7{bench.rng.randrange(10**5):05d}", de7=NEW["de7"], de15=day)).answers[
        0
    ]


def test_an_acquirers_totals_are_in_the_pound_of_their_day_on_both_sides(eve: Bench) -> None:
    """On the eve a withdrawal of 500,000 old minor units and one of 150; in the new year one of 5,000 new ones, and the
    first one is taken back, with one more that the old year has left."""
    first, small = withdrawal("000001", 500_000, **OLD), withdrawal("000002", 150, **OLD)
    for asked in (first, small, withdrawal("000003", 170, **OLD)):
        paid(eve, eve.send(asked))
    turn(eve)
    paid(eve, eve.send(withdrawal("000004", 5_000, **NEW)))
    for stan, asked in (("900001", first), ("900002", small), ("900003", withdrawal("000003", 170, **OLD))):
        assert eve.send(reversal_of(asked, stan, de7=NEW["de7"])).code == "00"
    assert eve.close_day().done
    assert judged(eve, Figures(debits=3, debits_minor=500_320).netted(), "1231")["66"] == "1"
    eve.clock.now += DAY_S
    assert eve.cut_over("20260102").done
    assert eve.close_day().done
    back = Figures(debits=1, debits_minor=5_000, debit_reversals=3, debit_reversals_minor=5_003)  # 5,003.20
    assert judged(eve, back.netted(), "0101")["66"] == "1"
    told = judged(eve, replace(back, debit_reversals_minor=5_002).netted(), "0101")
    assert parse_figures(told) == back.netted()


def test_what_is_posted_after_the_change_is_counted_there_at_its_worth(eve: Bench) -> None:
    asked = eve.send(withdrawal("000001", 500_000, **OLD))
    turn(eve)
    assert eve.close_day().done
    eve.core.say("00")
    assert (asked.code, asked.answers[0]["15"], asked.answers[0]["4"]) == ("00", "0101", "000000500000")
    eve.clock.now += DAY_S
    assert eve.cut_over("20260102").done
    assert eve.close_day().done
    assert judged(eve, Figures(debits=1, debits_minor=5_000).netted(), "0101")["66"] == "1"
    assert judged(eve, Figures().netted(), "1231")["66"] == "1"


def test_the_peers_are_told_the_totals_of_each_day_in_its_pound(eve: Bench) -> None:
    paid(eve, eve.send(withdrawal("000001", 500_000, **OLD)))
    turn(eve)
    paid(eve, eve.send(withdrawal("000002", 5_000, **NEW)))
    assert eve.close_day().done
    eve.wait(LOOK_EVERY_S)
    assert (eve.core.question["t"], eve.core.question["15"]) == ("0500", "1231")
    assert parse_figures(eve.core.question) == Figures(debits=1, debits_minor=500_000).netted()
    eve.core.say("00", de66="1")
    eve.clock.now += DAY_S
    assert eve.cut_over("20260102").done
    assert eve.close_day().done
    eve.wait(LOOK_EVERY_S)
    assert eve.core.question["15"] == "0101"
    assert parse_figures(eve.core.question) == Figures(debits=1, debits_minor=5_000).netted()


def test_a_record_from_before_there_was_a_scale_is_read_as_one_to_one(eve: Bench) -> None:
    eve.send(transfer("000001", 12_345, **OLD))
    (row,) = eve.open_rows()
    fields = msgspec.msgpack.decode(row.record)
    place = Payment.__struct_fields__.index("units")
    assert fields[place] == 1
    assert from_record(msgspec.msgpack.encode(fields[:place])).units == 1
