"""Business days: a transfer is taken into a day that is open, and into no other.

Rule: pure but for the reading of what is stored. A day is opened once, later than every day before it; it may be opened
while the one before it is still open, so that what was begun there can end there. It is closed once, when a later one
is open, and a closed day never changes again.
"""

from __future__ import annotations

import sqlite3
from datetime import date

import msgspec

from ledger.errors import BooksError
from ledger.model import DAY_CLOSED, DAY_OPEN, BusinessDay, DayChange, Refusal


class Days:
    """All of them, in memory: there are a few hundred a year."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT day, state, opened_at, closed_at FROM days ORDER BY day")
        self.known: dict[str, BusinessDay] = {row[0]: BusinessDay(*row) for row in rows}

    def __bool__(self) -> bool:
        return bool(self.known)

    def is_open(self, day: str) -> bool:
        known = self.known.get(day)
        return known is not None and known.state == DAY_OPEN

    @property
    def current(self) -> str:
        """The newest open one, "" if there is none."""
        return max((day for day, known in self.known.items() if known.state == DAY_OPEN), default="")

    def newest(self, limit: int) -> list[BusinessDay]:
        """The newest first; 0: all of them."""
        days = sorted(self.known, reverse=True)
        return [self.known[day] for day in (days[:limit] if limit else days)]


def change_day(days: Days, change: DayChange) -> BusinessDay | Refusal:
    """The day as it becomes. The same change again is no change, and no refusal."""
    known, current = days.known.get(change.day), days.current
    if known is not None and known.state == change.state:
        return known
    if change.state == DAY_OPEN:
        return Refusal.CLOSED_DAY if known or change.day < current else BusinessDay(change.day, DAY_OPEN, change.at)
    if known is None or change.day == current:
        return Refusal.DAY_NEEDED
    return msgspec.structs.replace(known, state=DAY_CLOSED, closed_at=change.at)


def check_day(day: str) -> str:
    """A calendar day as YYYYMMDD, or BooksError."""
    if not is_day(day):
        raise BooksError(f"day {day!r}: not a day as YYYYMMDD")
    return day


def is_day(day: str) -> bool:
    """Eight ASCII digits: `strptime` takes a blank and other alphabets' digits too, and days are ordered as text."""
    if len(day) != 8 or not (day.isascii() and day.isdigit()):
        return False
    try:
        date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return False
    return True
