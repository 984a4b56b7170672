"""Business days: a transfer is taken into a day that is open, and into no other.

Rule: days are changed through the journal like everything else. A day may be opened while the one before it is still
open: what was begun there ends there. A closed day can be opened again, and the journal says so.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

import msgspec

from ledger.errors import BooksError

OPEN, CLOSED = "open", "closed"


class DayChange(msgspec.Struct, frozen=True, array_like=True):
    day: str
    state: str


class Days:
    """All of them, in memory: there are a few hundred a year."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._states: dict[str, str] = dict(connection.execute("SELECT day, state FROM days"))

    def __bool__(self) -> bool:
        return bool(self._states)

    def is_open(self, day: str) -> bool:
        return self._states.get(day) == OPEN

    @property
    def current(self) -> str:
        """The newest open one, "" if there is none."""
        return max((day for day, state in self._states.items() if state == OPEN), default="")

    def write(self, change: DayChange) -> None:
        """Within a transaction; `note_committed` follows its commit."""
        self._connection.execute(
            "INSERT INTO days (day, state) VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state",
            (change.day, change.state),
        )

    def note_committed(self, change: DayChange) -> None:
        self._states[change.day] = change.state


def check_day(day: str) -> str:
    """A calendar day as YYYYMMDD, or BooksError."""
    try:
        if len(day) != 8:
            raise ValueError
        datetime.strptime(day, "%Y%m%d")  # noqa: DTZ007 - a date, not a moment
    except ValueError as error:
        raise BooksError(f"day {day!r}: not a day as YYYYMMDD") from error
    return day
