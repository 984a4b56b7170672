"""One machine as it is: which sign decides, and what is left in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from switch.fleet.cash import cash_minor, left_in
from switch.fleet.machine import Found, Known, State, found_of, look_at
from switch.fleet.pace import FLAT, Pace, pace_of, shape_of
from switch.fleet.report import DeviceState
from switch.fleet.traffic import HOURS_OF_WEEK, Refusals, Traffic, Window
from tests.unit.fleet.kit import DESTROYED, HOUR, MOMENT, NOW, REPAIRABLE, cassette, known, registered, standing

LONG_AGO = NOW - 30 * HOUR
OUT = standing(DeviceState.OUT_OF_SERVICE, NOW - 2 * HOUR)


@pytest.mark.parametrize(
    ("one", "cash", "state"),
    [
        (known(), None, State.UNHEARD),
        (known(registered=registered(condition=REPAIRABLE)), None, State.OUT_OF_SERVICE),
        (known(registered=registered(condition=DESTROYED)), None, State.DESTROYED),
        (known(standing(heard_at=LONG_AGO), registered=registered(condition=DESTROYED)), None, State.DESTROYED),
        (known(standing(), registered=registered(condition=DESTROYED)), None, State.IN_SERVICE),
        (known(standing()), None, State.IN_SERVICE),
        (known(standing(DeviceState.SUPERVISOR)), None, State.SUPERVISOR),
        (known(OUT), None, State.OUT_OF_SERVICE),
        (known(OUT, Traffic(1, 1, NOW - HOUR, NOW - HOUR)), None, State.IN_SERVICE),
        (known(OUT, Traffic(1, 1, NOW - 3 * HOUR, NOW - 3 * HOUR)), None, State.OUT_OF_SERVICE),
        (known(standing(DeviceState.OUT_OF_SERVICE, LONG_AGO)), None, State.OUT_OF_SERVICE),
        (known(standing(heard_at=LONG_AGO)), None, State.SILENT),
        (known(None, Traffic(1, 1, LONG_AGO, LONG_AGO)), None, State.SILENT),
        (known(None, Traffic(refusals=Refusals({"51": 1}, NOW - HOUR, "51"))), None, State.IN_SERVICE),
        (known(standing()), 0, State.NO_CASH),
        (known(standing(heard_at=LONG_AGO)), 0, State.SILENT),
    ],
)
def test_the_newest_sign_decides(one: Known, cash: int | None, state: State) -> None:
    assert found_of(one, cash, MOMENT).state is state


def test_a_machine_that_nobody_had_cash_from_for_too_long_is_quiet() -> None:
    paid = Traffic(100, 1000, NOW - 200 * HOUR, NOW - 3 * HOUR)
    assert found_of(known(standing(), paid, pace=Pace(1.0, 10.0)), 1, MOMENT).state is State.IN_SERVICE
    assert found_of(known(standing(), paid, pace=Pace(2.0, 10.0)), 1, MOMENT) == Found(
        State.QUIET, NOW - 3 * HOUR, "it says that it is in service, but nobody has had cash since"
    )


def test_notes_are_taken_off_the_largest_first_until_their_cassette_is_empty() -> None:
    full = (cassette(100, 5), cassette(500, 2))
    assert left_in(full, {600: 1}, "760") == (cassette(100, 4), cassette(500, 1))
    assert left_in(full, {500: 3}, "760") == (cassette(100, 0), cassette(500, 0))
    assert left_in(full, {700: 2}, "760") == (cassette(100, 1), cassette(500, 0))


def test_a_cassette_that_gives_no_notes_is_neither_counted_down_nor_counted() -> None:
    jammed = (cassette(500, 10, "JAMMED"), cassette(100, 10))
    assert left_in(jammed, {500: 1}, "760") == (cassette(500, 10, "JAMMED"), cassette(100, 5))
    assert cash_minor(jammed, "760") == 1000
    assert cash_minor((replace(cassette(500, 1), currency="840"),), "760") == 0


@given(
    st.lists(st.tuples(st.sampled_from([50, 100, 200, 500]), st.integers(0, 50)), max_size=4),
    st.dictionaries(st.integers(1, 40).map(lambda times: times * 50), st.integers(0, 20), max_size=5),
)
def test_no_cassette_ever_holds_less_than_nothing_and_no_more_is_taken_than_was_paid(
    filled: list[tuple[int, int]], paid: dict[int, int]
) -> None:
    cassettes = tuple(cassette(*one) for one in filled)
    left = left_in(cassettes, paid, "760")
    assert all(0 <= after.notes <= before.notes for before, after in zip(cassettes, left, strict=True))
    taken = cash_minor(cassettes, "760") - cash_minor(left, "760")
    assert taken <= sum(amount * times for amount, times in paid.items())


def test_cash_lasts_as_long_as_the_hours_to_come_let_it() -> None:
    assert Pace(1.0, 100.0).lasts_h(1000, 0.0) == 10.0
    assert Pace(1.0, 100.0).lasts_h(0, 0.5) == 0.0
    assert Pace(0.0, 0.0).lasts_h(1000, 0.0) is None
    nights = tuple(0.0 if hour % 24 < 8 else 1.5 for hour in range(HOURS_OF_WEEK))
    assert Pace(1.0, 100.0, nights).lasts_h(150, 0.0) == 9.0


def test_the_fleets_hours_shape_a_pace_once_there_are_enough_of_them() -> None:
    assert shape_of([1] * HOURS_OF_WEEK) == FLAT
    shape = shape_of([100] * 84 + [0] * 84)
    assert (shape[0], shape[100]) == (2.0, 0.0)
    assert sum(shape) == pytest.approx(HOURS_OF_WEEK)


def test_a_machines_pace_is_counted_from_its_first_withdrawal_and_never_over_less_than_a_day() -> None:
    window = Window(NOW - 28 * 24 * HOUR, NOW, {})
    assert pace_of(Traffic(48, 480, NOW - 48 * HOUR, NOW), window, FLAT).withdrawals_per_hour == 1.0
    assert pace_of(Traffic(24, 240, NOW - HOUR, NOW), window, FLAT).minor_per_hour == 10.0
    assert pace_of(Traffic(), window, FLAT).withdrawals_per_hour == 0.0


def test_what_was_never_counted_has_no_cash_rather_than_none() -> None:
    assert look_at(known(standing()), MOMENT).cash_minor is None
    counted = standing(cassettes=(cassette(100, 0),), counted_at=NOW)
    assert look_at(known(counted), MOMENT).cash_minor == 0
    assert look_at(known(counted), MOMENT).found.state is State.NO_CASH
