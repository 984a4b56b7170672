"""The books count in the finest unit there ever was; people and the wire get the pound of the day."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.model import RegisterRow
from ledger.rules import AMOUNT_MAX
from ledger.scale import UNCHANGED, Scale, disagreement, format_amount
from ledger.scale_register import noting, scale_in
from switch.wire import amounts

SCALE = Scale("20260101", 100, "20260630")
BEFORE, FIRST, LAST_OF_BOTH, AFTER = "20251231", "20260101", "20260630", "20260701"


@pytest.mark.parametrize(("day", "units"), [(BEFORE, 1), (FIRST, 100), (AFTER, 100)])
def test_a_minor_unit_of_the_wire_is_worth_what_its_day_says(day: str, units: int) -> None:
    assert SCALE.units(day) == units
    assert UNCHANGED.units(day) == 1


@pytest.mark.parametrize(("minor", "old", "new"), [(12_345, 12_345, 123), (99, 99, 0), (-12_345, -12_345, -123)])
def test_what_is_no_whole_unit_on_the_wire_is_dropped_never_rounded_up(minor: int, old: int, new: int) -> None:
    assert (SCALE.on_wire(minor, BEFORE), SCALE.on_wire(minor, FIRST)) == (old, new)


@given(st.integers(min_value=-(10**15), max_value=10**15), st.sampled_from([BEFORE, FIRST, AFTER]))
def test_there_and_back_again_loses_less_than_a_unit(minor: int, day: str) -> None:
    back = SCALE.on_wire(minor, day) * SCALE.units(day)
    assert abs(minor - back) < SCALE.units(day)
    assert abs(back) <= abs(minor)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (BEFORE, "250,000.00 old"),
        (FIRST, "2,500.00 (250,000.00 old)"),
        (LAST_OF_BOTH, "2,500.00 (250,000.00 old)"),
        (AFTER, "2,500.00"),
    ],
)
def test_people_are_shown_the_pound_of_the_day_and_both_in_the_months_of_both(day: str, text: str) -> None:
    assert format_amount(25_000_000, day, SCALE) == text


def test_an_old_amount_that_is_no_whole_new_unit_is_shown_exactly() -> None:
    assert format_amount(12_345, AFTER, SCALE) == "1.2345"
    assert format_amount(-12_350, AFTER, SCALE) == "-1.235"
    assert format_amount(1, AFTER, Scale("20260101", 1000)) == "0.00001"


def test_without_a_change_an_amount_has_two_decimals_and_no_other_word() -> None:
    assert [format_amount(minor, FIRST) for minor in (0, 5, -123_456_78)] == ["0.00", "0.05", "-123,456.78"]


def test_the_largest_amount_of_the_wire_fits_the_books_under_the_largest_scale() -> None:
    assert amounts.AMOUNT_MAX * 1000 <= AMOUNT_MAX


@pytest.mark.parametrize(
    ("known", "given", "day", "used", "allowed"),
    [
        (UNCHANGED, SCALE, BEFORE, True, True),  # set in time
        (UNCHANGED, SCALE, FIRST, False, True),  # new books
        (UNCHANGED, SCALE, FIRST, True, False),  # too late: what was posted today was not counted so
        (SCALE, UNCHANGED, BEFORE, True, True),  # taken back in time
        (SCALE, UNCHANGED, FIRST, True, False),  # forgotten afterwards
        (SCALE, Scale("20260201", 100), BEFORE, True, True),
        (SCALE, Scale("20260201", 100), FIRST, True, False),
        (SCALE, Scale("20260101", 10), FIRST, True, False),
        (SCALE, Scale("20260101", 100, "20261231"), AFTER, True, True),  # only how long both are shown
    ],
)
def test_once_the_day_has_come_the_books_go_on_as_they_count(
    known: Scale, given: Scale, day: str, used: bool, allowed: bool
) -> None:
    assert (disagreement(known, given, day, used=used) == "") is allowed


def test_the_books_say_it_by_currency_and_are_told_only_what_is_new() -> None:
    first = noting(SCALE, [], "760")
    assert first is not None
    assert first.registers[0].version == 1
    rows = list(first.registers)
    assert (scale_in(rows, "760"), scale_in(rows, "840")) == (SCALE, UNCHANGED)
    assert noting(SCALE, rows, "760") is None
    assert noting(UNCHANGED, [], "760") is None
    longer = noting(Scale("20260101", 100, "20261231"), rows, "760")
    assert longer is not None
    assert longer.registers[0].version == 2
    assert longer.id != first.id


def test_two_workers_that_say_the_same_say_one_group() -> None:
    assert noting(SCALE, [], "760") == noting(SCALE, [RegisterRow("scale", "840", 1, b"")], "760")
