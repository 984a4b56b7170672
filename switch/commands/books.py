"""The books of a configuration, opened for a look, for the operators' commands.

Rule: straight from the database file, beside the serving ledger: a look works while the switch is down.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from config.settings import Settings
from ledger import listing
from ledger.reader import open_reader
from ledger.scale import format_amount
from switch.commands.times import Times
from switch.flow.payment import Payment, from_record
from switch.terms import scale_of

ID_SHOWN = 16  # hexadecimal digits: the part of an id that is time and count, hence different for every payment
_ID = re.compile(r"[0-9a-f]{6,32}")


class Desk:
    """What a command works with: the settings, the moment, the books."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.times = Times(settings.switch.timezone, time.time())
        self.scale = scale_of(settings)

    @property
    def units(self) -> int:
        """Of the books, in a minor unit of today."""
        return self.scale.units(self.times.day)

    def units_at(self, moment: float) -> int:
        """The same, of another day of the calendar."""
        return self.scale.units(self.times.day_of(moment))

    def money(self, minor: int, day: str, currency: str = "") -> str:
        """Units of the books, as people read them in the pound of a day."""
        return f"{format_amount(minor, day, self.scale)} {currency}".rstrip()

    @contextmanager
    def look(self) -> Iterator[sqlite3.Connection]:
        with closing(open_reader(self.settings.ledger.database)) as books:
            yield books

    def payment(self, books: sqlite3.Connection, given: str) -> Payment:
        """The one whose id is, or begins so."""
        digits = given.lower()
        if _ID.fullmatch(digits) is None:
            raise click.UsageError(f"{given}: allowed: a payment's id, or how it begins: 6 to 32 hexadecimal digits")
        first, last = bytes.fromhex(digits.ljust(32, "0")), bytes.fromhex(digits.ljust(32, "f"))
        found = listing.payments_between(books, first, last, 2)
        if len(found) != 1:
            raise click.ClickException(f"{given}: {'more than one' if found else 'no'} payment begins so")
        return from_record(found[0].record)
