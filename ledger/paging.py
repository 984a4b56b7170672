"""A statement for the settlement desk: an account's lines between two business days, newest first, page by page.

Rule: reads only. Lines are in the order in which they were committed, which is that of their days but at a cutover, so
none is left out for coming after one of another day.
"""

from __future__ import annotations

import sqlite3
from itertools import islice

import msgspec

from ledger import listing, report
from ledger.errors import BooksError
from ledger.model import Account, StatementLine
from ledger.queries import GetStatement

FIRST, LAST = "00000000", "99999999"


class Page(msgspec.Struct, frozen=True):
    """`after` is the id of the last line if there are more: the next page is `before` it."""

    account: Account
    lines: tuple[StatementLine, ...]
    after: bytes = b""


def page(
    connection: sqlite3.Connection, account: str, limit: int, first: str = FIRST, last: str = LAST, before: bytes = b""
) -> Page:
    """`first` and `last` are business days, both of them within. Raises BooksError."""
    found = report.find_account(connection, account)
    if found is None:
        raise BooksError(f"{account}: no such account")
    if before and not any(account in (one.debit, one.credit) for one in listing.transfers(connection, [before])):
        raise BooksError(f"{before.hex()}: no line of {account}")
    lines = report.lines_before(connection, found, GetStatement(account, before=before))
    wanted = list(islice((line for line in lines if first <= line.transfer.day <= last), limit + 1))
    more = len(wanted) > limit
    return Page(found, tuple(wanted[:limit]), wanted[limit - 1].transfer.id if more else b"")
