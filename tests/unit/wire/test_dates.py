"""Dates on the wire have no year: it is the one nearest to now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from switch.wire import dates

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 1, 0, 0, 5, tzinfo=UTC)
DAMASCUS = timezone(timedelta(hours=3))


def test_a_moment_of_today_is_today() -> None:
    assert dates.resolve_transmission("1122101530", NOON) == datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)


def test_the_last_second_of_the_year_is_last_year_just_after_midnight() -> None:
    assert dates.resolve_transmission("1231235959", NEW_YEAR).year == 2026


def test_the_first_second_of_the_year_is_next_year_just_before_midnight() -> None:
    assert dates.resolve_transmission("0101000001", NEW_YEAR - timedelta(seconds=10)).year == 2027


def test_a_distant_date_is_told_and_not_refused() -> None:
    assert dates.resolve_transmission("0601000000", NOON) == datetime(2026, 6, 1, tzinfo=UTC)
    assert dates.resolve_transmission("0401000000", NOON) == datetime(2027, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "de7",
    [
        "",
        "112210153",
        "11221015300",
        "1322101530",
        "0022101530",
        "1131101530",
        "1122241530",
        "1122106030",
        "1122101560",
    ],
)
def test_an_impossible_moment_is_refused(de7: str) -> None:
    with pytest.raises(ValueError, match=r"not n 10|no such date"):
        dates.resolve_transmission(de7, NOON)


@pytest.mark.parametrize("de7", ["٠١٠١٠٠٠٠٠٠", " 122101530", "-122101530", "1122 10153"])
def test_only_ascii_digits_are_a_date(de7: str) -> None:
    with pytest.raises(ValueError, match="not n 10"):
        dates.resolve_transmission(de7, NOON)


def test_a_leap_day_is_possible_in_and_around_leap_years_only() -> None:
    leap = datetime(2028, 3, 1, tzinfo=UTC)
    assert dates.resolve_transmission("0229120000", leap).date() == date(2028, 2, 29)
    assert dates.resolve_transmission("0229120000", leap.replace(year=2029)).date() == date(2028, 2, 29)
    with pytest.raises(ValueError, match="no such date"):
        dates.resolve_transmission("0229120000", NOON)


def test_a_business_day_takes_the_year_nearest_to_the_day_given() -> None:
    assert dates.resolve_day("1231", date(2027, 1, 2)) == date(2026, 12, 31)
    assert dates.resolve_day("0101", date(2026, 12, 31)) == date(2027, 1, 1)
    with pytest.raises(ValueError, match="no such date"):
        dates.resolve_day("0431", date(2026, 12, 31))


def test_moments_are_written_in_utc_and_in_local_time() -> None:
    moment = datetime(2026, 12, 31, 22, 31, 7, tzinfo=UTC)
    assert dates.transmission(moment.astimezone(DAMASCUS)) == "1231223107"
    assert dates.local_time(moment, DAMASCUS) == "013107"
    assert dates.local_date(moment, DAMASCUS) == "0101"


def test_days_are_written_for_the_wire_and_for_the_books() -> None:
    assert dates.month_day(date(2026, 2, 3)) == "0203"
    assert dates.compact(date(2026, 2, 3)) == "20260203"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("20260228", True),
        ("20260229", False),
        ("2026022", False),
        ("", False),
        ("202611 1", False),
        ("２０２６1101", False),
    ],
)
def test_a_day_is_one_of_the_calendar_in_eight_digits(text: str, is_one: bool) -> None:
    assert dates.is_day(text) is is_one
