"""Business days as rules: into which one a thing falls, which one is due, which one may be opened."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import days as books
from ledger.model import BusinessDay
from switch.flow.days import Calendar, Days, day_named, known_days
from switch.wire.dates import compact, is_day

ZONE = ZoneInfo("Asia/Damascus")
WEEKEND = frozenset({4, 5})  # Friday and Saturday


def at(text: str) -> float:
    """A moment where the bank is."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


LISTED = [
    BusinessDay("20261125", "open", 30.0),
    BusinessDay("20261124", "open", 20.0),
    BusinessDay("20261123", "closed", 10.0, 25.0),
]


def test_the_newest_open_day_is_the_current_one_and_the_others_have_ended() -> None:
    days = known_days(LISTED)
    assert days.current == "20261125"
    assert days.ended == (("20261124", 30.0),)
    assert known_days([]) == Days()


@pytest.mark.parametrize(
    ("day", "falls_in"),
    [
        ("20261125", "20261125"),
        ("20261124", "20261124"),
        ("20261123", "20261125"),
        ("20261001", "20261125"),
        ("20261126", "20261126"),
        ("", "20261125"),
    ],
)
def test_what_belongs_to_a_day_falls_in_it_as_long_as_it_is_open(day: str, falls_in: str) -> None:
    """A later one than any that is known was opened by another worker."""
    assert known_days(LISTED).of(day) == falls_in


@pytest.mark.parametrize(
    ("cutover_at", "now", "day"),
    [
        ("23:30", "2026-11-22 23:29:59", "20261122"),
        ("23:30", "2026-11-22 23:30:00", "20261123"),
        ("23:30", "2026-11-23 00:10:00", "20261123"),
        ("23:30", "2026-11-26 23:30:00", "20261129"),  # Thursday evening opens Sunday
        ("23:30", "2026-11-28 12:00:00", "20261129"),
        ("23:30", "2026-12-31 23:45:00", "20270103"),
        ("00:30", "2026-11-23 00:29:59", "20261122"),
        ("00:30", "2026-11-23 00:30:00", "20261123"),
        ("00:30", "2026-11-27 00:30:00", "20261129"),
    ],
)
def test_the_day_that_should_be_open(cutover_at: str, now: str, day: str) -> None:
    calendar = Calendar(zone=ZONE, cutover_at=time.fromisoformat(cutover_at), closed_weekdays=WEEKEND)
    assert calendar.scheduled(at(now)) == day


def test_without_a_time_nothing_is_due() -> None:
    assert Calendar(zone=ZONE).scheduled(at("2026-11-22 23:59:00")) is None


def test_a_holiday_is_passed_over_like_a_weekend() -> None:
    calendar = Calendar(zone=ZONE, closed_weekdays=WEEKEND, holidays=frozenset({date(2026, 11, 29)}))
    assert calendar.following("20261126") == "20261130"


CUTOVERS = st.times().map(lambda found: found.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(lambda found: found.replace(tzinfo=UTC))  # noqa: DTZ001


@given(CUTOVERS, MOMENTS, MOMENTS)
def test_the_scheduled_day_never_goes_back_and_may_always_be_opened(
    cutover_at: time, one: datetime, other: datetime
) -> None:
    calendar = Calendar(zone=ZONE, cutover_at=cutover_at, closed_weekdays=WEEKEND)
    first, second = sorted((one.timestamp(), other.timestamp()))
    before, after = calendar.scheduled(first), calendar.scheduled(second)
    assert before is not None
    assert after is not None
    assert before <= after
    assert calendar.fault(after, Days(before), second) is None


@given(st.lists(st.dates(date(2026, 1, 1), date(2099, 1, 1)), max_size=30))
def test_however_often_it_is_tried_no_day_far_ahead_is_opened(tried: list[date]) -> None:
    calendar, days, now = Calendar(zone=ZONE), Days("20261122"), at("2026-11-22 12:00:00")
    for day in tried:
        wanted = f"{day:%Y%m%d}"
        if calendar.fault(wanted, days, now) is None:
            days = Days(wanted)
    assert days.current <= "20261129"


@pytest.mark.parametrize(("mmdd", "near", "day"), [("1123", "20261122", "20261123"), ("0101", "20261231", "20270101")])
def test_field_15_is_the_day_nearest_to_the_one_that_is_open(mmdd: str, near: str, day: str) -> None:
    assert day_named(mmdd, near) == day


@pytest.mark.parametrize("mmdd", ["", "1", "1331", "0231", "112", "١١٢٣"])
def test_field_15_that_is_no_day_is_a_fault(mmdd: str) -> None:
    with pytest.raises(ValueError, match=r"n 4|no such date"):
        day_named(mmdd, "20261122")


@given(st.text("0123 ٣２", min_size=7, max_size=9) | st.dates().map(compact) | st.from_regex(r"\A2026[01]\d[0-3]\d\Z"))
def test_the_books_open_just_what_the_wire_calls_a_day(text: str) -> None:
    """The ledger knows nothing of the switch, so each has its own rule; days are ordered as text in both."""
    assert books.is_day(text) is is_day(text)
