"""An account's statement for people: of a span of business days, as a table or as comma-separated values.

Rule: reads only. The balance after a line is the account's in the order of the books; a business day that stayed open
beside the next one has lines after those of the next, so a span is picked out of that order, never cut from it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import islice

import msgspec

from ledger import report
from ledger.model import StatementLine
from ledger.queries import GetStatement, Statement
from ledger.spreadsheet import csv_lines

ALL = 2**31
COLUMNS = ("day", "id", "kind", "other", "debit_minor", "credit_minor", "balance_minor", "currency", "memo")


class Span(msgspec.Struct, frozen=True):
    """Business days from `first` to `last`, both included; "": without end on that side."""

    first: str = ""
    last: str = ""

    def has(self, day: str) -> bool:
        return self.first <= day and (not self.last or day <= self.last)


def span_of(connection: sqlite3.Connection, account: str, span: Span, limit: int) -> Statement | None:
    """The newest `limit` lines of those days. None: there is no such account."""
    bounded = span != Span()
    found = report.statement(connection, GetStatement(account, ALL if bounded else limit))
    if found is None or not bounded:
        return found
    lines = (line for line in found.lines if span.has(line.transfer.day))
    return Statement(found.account, tuple(islice(lines, limit)))


def csv_of(statement: Statement) -> Iterator[str]:
    return csv_lines(COLUMNS, map(_row, statement.lines))


def _row(line: StatementLine) -> tuple[str | int, ...]:
    transfer, debited = line.transfer, line.direction == "D"
    minor = transfer.amount_minor
    return (
        *(transfer.day, transfer.id.hex(), transfer.kind.value, transfer.credit if debited else transfer.debit),
        *((minor, 0) if debited else (0, minor)),
        *(line.balance_minor, transfer.currency, transfer.memo),
    )
