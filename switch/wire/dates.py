"""Dates without a year: DE 7 in UTC, DE 12 and 13 in local time, DE 15 the business day.

Rule: the year is the one that puts the moment nearest to now. A date that does not exist in the years around now
(0229 far from a leap year, 1301, 250000) raises ValueError; a date far from now does not, that is for the caller to
judge. Now and the time zone are arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from typing import TypeVar

_Moment = TypeVar("_Moment", date, datetime)


def resolve_transmission(de7: str, now_utc: datetime) -> datetime:
    """DE 7 (MMDDhhmmss) as an aware UTC moment."""
    month, day, hour, minute, second = _pairs(de7, 5)
    return _nearest(lambda year: datetime(year, month, day, hour, minute, second, tzinfo=UTC), now_utc)


def resolve_day(mmdd: str, near: date) -> date:
    """DE 13 or DE 15 (MMDD) as the date nearest to the one given."""
    month, day = _pairs(mmdd, 2)
    return _nearest(lambda year: date(year, month, day), near)


def transmission(moment: datetime) -> str:
    """DE 7 of an aware moment."""
    at = moment.astimezone(UTC)
    return f"{at.month:02d}{at.day:02d}{at.hour:02d}{at.minute:02d}{at.second:02d}"


def local_time(moment: datetime, zone: tzinfo) -> str:
    """DE 12 of an aware moment."""
    at = moment.astimezone(zone)
    return f"{at.hour:02d}{at.minute:02d}{at.second:02d}"


def local_date(moment: datetime, zone: tzinfo) -> str:
    """DE 13 of an aware moment."""
    return month_day(moment.astimezone(zone))


def month_day(day: date) -> str:
    """MMDD, as in DE 13 and 15."""
    return f"{day.month:02d}{day.day:02d}"


def compact(day: date) -> str:
    """YYYYMMDD, as the books name a business day."""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def from_compact(text: str) -> date:
    """The day that the books name so. ValueError: there is none."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        raise ValueError("not YYYYMMDD")
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def is_day(text: str) -> bool:
    """Whether it is a calendar day as YYYYMMDD."""
    try:
        from_compact(text)
    except ValueError:
        return False
    return True


def _pairs(text: str, count: int) -> list[int]:
    if len(text) != 2 * count or not (text.isascii() and text.isdigit()):
        raise ValueError(f"not n {2 * count}")
    return [int(text[at : at + 2]) for at in range(0, 2 * count, 2)]


def _nearest(in_year: Callable[[int], _Moment], now: _Moment) -> _Moment:
    candidates = [found for year in (now.year, now.year - 1, now.year + 1) if (found := _or_none(in_year, year))]
    if not candidates:
        raise ValueError("no such date in the years around now")
    return min(candidates, key=lambda candidate: abs(candidate - now))


def _or_none(in_year: Callable[[int], _Moment], year: int) -> _Moment | None:
    try:
        return in_year(year)
    except ValueError:
        return None
