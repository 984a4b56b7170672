"""A simulated host's end-of-day file, from its own books: every movement of a day that the switch asked for.

Rule: reads only, beside the host that runs or after it. Whose question moved the money is what the host remembered of
it (its claim's key has fields 7 and 11); what the host moved for itself, such as opening balances, is not the switch's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from os import PathLike

from ledger import listing
from ledger.model import Transfer, TransferKind
from ledger.reader import open_reader
from ledger.scale import UNCHANGED, Scale, whole
from simulators.hosts.postings import OPENING_EQUITY, ORIGINAL
from switch.settlement.file import EndOfDay
from switch.settlement.line import Kind, Line

_FIRST, _LAST = bytes(16), b"\xff" * 16
Asked = tuple[str, str]  # DE 7 and 11


def end_of_day(
    database: str | PathLike[str], peer: str, day: str, *, is_core: bool, scale: Scale = UNCHANGED
) -> EndOfDay:
    """`day` is the host's, and amounts are in its pound. BooksError if its books can't be read."""
    with closing(open_reader(database)) as books:
        return EndOfDay(peer, day, tuple(_lines(books, day, scale.units(day), is_core=is_core)))


def _lines(books: sqlite3.Connection, day: str, units: int, *, is_core: bool) -> Iterator[Line]:
    asked = _asked(books)
    for one in listing.transfers_of_day(books, day, _FIRST, _LAST):
        if OPENING_EQUITY not in (one.debit, one.credit):
            original = one if one.kind is TransferKind.DIRECT else _transfer(books, one.original)
            yield _line(one, original, asked[_question(original.id)], units, is_core=is_core)


def _line(one: Transfer, original: Transfer, asked: Asked, units: int, *, is_core: bool) -> Line:
    """Of what was given back: as its original, but for the amount and the moment."""
    back = one.kind is TransferKind.CONTRA
    payer, payee = original.debit, original.credit
    account = payer.partition(":")[2] if is_core else payee.partition("/")[2]
    took, gave = (Kind.DEBIT, Kind.REVERSAL) if is_core else (Kind.PAYMENT, Kind.UNDO)
    return Line(
        day=one.day,
        reference=original.memo.partition("|")[2].strip(),
        stan=asked[1],
        transmitted_at=asked[0],
        kind=gave if back else took,
        account=account,
        payee=payee.partition("/")[0],
        amount_minor=whole(one.amount_minor, units),
        currency=one.currency,
        at=_moment(one.id),
    )


def _asked(books: sqlite3.Connection) -> dict[bytes, Asked]:
    """By question: its fields 7 and 11. The switch's own id of a payment is a key, too, and has neither."""
    found = {}
    for claim, question in listing.claims(books):
        transmitted_at, _, rest = claim.key.partition("/")
        if claim.role == ORIGINAL and len(transmitted_at) == 10:
            found[question] = transmitted_at, rest.partition("/")[0]
    return found


def _question(transfer: bytes) -> bytes:
    """The question that a transfer belongs to: the last byte numbers its parts."""
    return transfer[:-1] + b"\x00"


def _transfer(books: sqlite3.Connection, id_: bytes) -> Transfer:
    (found,) = listing.transfers(books, [id_])
    return found


def _moment(id_: bytes) -> str:
    """Ids begin with milliseconds."""
    at = datetime.fromtimestamp(int.from_bytes(id_[:6]) / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
