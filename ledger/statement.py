"""An account's statement for people: its lines between two business days, newest first, page by page.

Rule: reads only. Lines are in the order in which they were committed, each with the balance after it. A business day
that stayed open beside the next one has lines after those of the next, so a span is picked out of that order.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import islice

import msgspec

from ledger import listing, report
from ledger.errors import BooksError
from ledger.model import Account, StatementLine
from ledger.queries import GetStatement
from ledger.spreadsheet import csv_lines

FIRST, LAST = "00000000", "99999999"
ALL = 2**31
COLUMNS = ("day", "id", "kind", "other", "debit_minor", "credit_minor", "balance_minor", "currency", "memo")


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
        raise BooksError(
            f"{account}: no such account: allowed: customer:NUMBER, loan:NUMBER, biller:CODE, atm:TERMINAL or "
            "bank:disputes that something was moved on"
        )
    if before and not any(account in (one.debit, one.credit) for one in listing.transfers(connection, [before])):
        raise BooksError(f"{before.hex()}: no line of {account}")
    lines = report.lines_before(connection, found, GetStatement(account, before=before))
    wanted = list(islice((line for line in lines if first <= line.transfer.day <= last), limit + 1))
    more = len(wanted) > limit
    return Page(found, tuple(wanted[:limit]), wanted[limit - 1].transfer.id if more else b"")


def csv_of(page: Page) -> Iterator[str]:
    """Amounts in units of the books."""
    return csv_lines(COLUMNS, map(_row, page.lines))


def _row(line: StatementLine) -> tuple[str | int, ...]:
    transfer, debited = line.transfer, line.direction == "D"
    minor = transfer.amount_minor
    return (
        *(transfer.day, transfer.id.hex(), transfer.kind.value, transfer.credit if debited else transfer.debit),
        *((minor, 0) if debited else (0, minor)),
        *(line.balance_minor, transfer.currency, transfer.memo),
    )
