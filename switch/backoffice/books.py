"""What a settlement reads of the ledger: a business day's transfers, the payments behind them, what is kept beside.

Rule: reads only, at one moment of the books, and of them only the stretch of time that a day's payments begin in: ids
begin with the time. One that an operator decided later still is found by the day's totals, which count it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Set
from functools import partial
from itertools import chain

import msgspec

from ledger import listing, report
from ledger.errors import BooksError
from ledger.model import BusinessDay, DayTotal, RegisterRow, Transfer
from ledger.queries import DayTotals, ListDays, ListRegister
from switch.flow.payment import Part, Payment, from_record, transfer_id
from switch.settlement.match import At, Side
from switch.settlement.resolution import Known
from switch.settlement.sides import MOVING, is_settling, keys_of, sides_of

LIVES_S = 8 * 86400.0  # after that nothing moves by itself for a payment
BESIDE_S = 86400.0  # a peer's day is not further from ours
_FIRST, _LAST = bytes(16), b"\xff" * 16


class Stretch(msgspec.Struct, frozen=True):
    """Between which ids everything of a day is found."""

    first: bytes
    last: bytes


def days_of(books: sqlite3.Connection) -> dict[str, BusinessDay]:
    found: list[BusinessDay] = report.answer(books, ListDays())
    return {one.day: one for one in found}


def get_day(books: sqlite3.Connection, day: str) -> BusinessDay:
    """BooksError if there was none of this name."""
    known = days_of(books)
    if day not in known:
        newest = max(known, default="")
        raise BooksError(f"{day}: no such business day; allowed: a day of the books, the newest is {newest or 'none'}")
    return known[day]


def stretch_of(day: BusinessDay) -> Stretch:
    """A day whose opening was not recorded begins with the books."""
    first = _id_at(day.opened_at - LIVES_S) if day.opened_at else _FIRST
    return Stretch(first, _id_at(day.closed_at + BESIDE_S) if day.closed_at is not None else _LAST)


def transfers_of(books: sqlite3.Connection, day: BusinessDay) -> list[Transfer]:
    """What the ledger counted when it committed them tells whether they are all; if not, all of the books are read.
    BooksError if they are not all even then."""
    stretch, counted = stretch_of(day), _counted(books, day.day)
    for first in (stretch.first, _FIRST):
        found = list(listing.transfers_of_day(books, day.day, first, _LAST if first == _FIRST else stretch.last))
        if sum(1 for one in found if one.heading and one.kind in MOVING) == counted:
            return found
    raise BooksError(f"{day.day}: its totals count {counted} transfers, and the books have others: run ledger verify")


def _counted(books: sqlite3.Connection, day: str) -> int:
    totals: list[DayTotal] = report.answer(books, DayTotals(day))
    return sum(one.posted + one.back for one in totals)


def payments_of(
    books: sqlite3.Connection,
    day: BusinessDay,
    moved: Set[bytes],
    asked: Set[At],
    disputed: Set[bytes] = frozenset(),
) -> dict[bytes, Known]:
    """Those of these ids, and those that a peer knows by these keys. `disputed` are payments of which disputes gave
    something back."""
    stretch, found = stretch_of(day), {}
    older = (row for id_ in moved if id_ < stretch.first for row in listing.payments_between(books, id_, id_, 1))
    for row in chain(older, listing.payments_within(books, stretch.first, stretch.last)):
        payment = from_record(row.record)
        if payment.id in moved or not asked.isdisjoint(keys_of(payment)):
            found[payment.id] = payment
    of_the_day = _id_at(day.opened_at - BESIDE_S) if day.opened_at else _FIRST
    own = _own_transfers(books, found.keys() - disputed, Stretch(of_the_day, stretch.last))
    return {id_: Known(one, own[id_]) if id_ in own else known_of(books, one) for id_, one in found.items()}


def _own_transfers(
    books: sqlite3.Connection, found: Collection[bytes], stretch: Stretch
) -> dict[bytes, list[Transfer]]:
    """Of the payments that began in this stretch, read in one go: nearly all are the day's own."""
    own: dict[bytes, list[Transfer]] = {id_: [] for id_ in found if stretch.first <= id_ <= stretch.last}
    for one in listing.transfers_within(books, stretch.first, stretch.last):
        if one.payment in own and one.id[:15] == one.payment[:15]:
            own[one.payment].append(one)
    return own


def known_of(books: sqlite3.Connection, payment: Payment) -> Known:
    """With its own transfers, and what disputes gave back of it."""
    found = listing.transfers(books, map(partial(transfer_id, payment.id), Part))
    settled = filter(is_settling, listing.contras(books, transfer_id(payment.id, Part.POST)))
    return Known(payment, [*found, *(one for one in settled if one not in found)])


def all_sides(known: Iterable[Known]) -> dict[At, Side]:
    return {at: side for one in known for at, side in sides_of(one.payment, one.transfers)}


def register(books: sqlite3.Connection, name: str, prefix: str = "") -> list[RegisterRow]:
    found: list[RegisterRow] = report.answer(books, ListRegister(name, prefix))
    return found


def _id_at(at: float) -> bytes:
    """How the ids begin that are made at this moment."""
    return max(0, int(at * 1000)).to_bytes(6).ljust(16, b"\x00")
