"""What people look for in the books: payments by state, one payment's transfers and advices.

Rule: reads only, for a reader's connection beside the serving process; the hot path asks none of this. What is open or
waits for people is found by an index, however many payments are finished.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from ledger import rows
from ledger.model import Advice, Claim, PaymentRow, RegisterRow, Transfer
from ledger.usage import Used

# ruff: noqa: S608 - every interpolated name is a constant of rows.py

DISPUTED = "DISPUTED"


def unfinished_payments(connection: sqlite3.Connection) -> Iterator[PaymentRow]:
    """With a next action, or waiting for people; the oldest first."""
    return map(rows.payment_of, connection.execute(_either("payments", rows.PAYMENT, f"state = '{DISPUTED}'", "id")))


def all_payments(connection: sqlite3.Connection) -> Iterator[PaymentRow]:
    """The newest first."""
    return map(rows.payment_of, connection.execute(f"SELECT {rows.PAYMENT} FROM payments ORDER BY id DESC"))


def payments_between(connection: sqlite3.Connection, first: bytes, last: bytes, limit: int) -> list[PaymentRow]:
    """By id."""
    select = f"SELECT {rows.PAYMENT} FROM payments WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?"
    return [rows.payment_of(row) for row in connection.execute(select, (first, last, limit))]


def payments_within(connection: sqlite3.Connection, first: bytes, last: bytes) -> Iterator[PaymentRow]:
    """The same, however many: in the order of their ids, which is that of their time."""
    select = f"SELECT {rows.PAYMENT} FROM payments WHERE id BETWEEN ? AND ? ORDER BY id"
    return map(rows.payment_of, connection.execute(select, (first, last)))


def transfers_within(connection: sqlite3.Connection, first: bytes, last: bytes) -> Iterator[Transfer]:
    """By id, however many."""
    select = f"SELECT {rows.TRANSFER} FROM transfers WHERE id BETWEEN ? AND ? ORDER BY id"
    return map(rows.transfer_of, connection.execute(select, (first, last)))


def transfers_of_day(connection: sqlite3.Connection, day: str, first: bytes, last: bytes) -> Iterator[Transfer]:
    """A business day's, of those with ids in between: ids begin with the time, and there is no index by day."""
    select = f"SELECT {rows.TRANSFER} FROM transfers WHERE id BETWEEN ? AND ? AND day = ? ORDER BY id"
    return map(rows.transfer_of, connection.execute(select, (first, last, day)))


def claims(connection: sqlite3.Connection) -> Iterator[tuple[Claim, bytes]]:
    """Every claim, with the payment that has it."""
    found = connection.execute(f"SELECT {rows.CLAIM}, payment FROM claims ORDER BY key")
    return ((rows.claim_of(row), row[5]) for row in found)


def transfers(connection: sqlite3.Connection, ids: Iterable[bytes]) -> list[Transfer]:
    """Those of these ids that there are, in the order of the ids."""
    select = f"SELECT {rows.TRANSFER} FROM transfers WHERE id = ?"
    found = (connection.execute(select, (id_,)).fetchone() for id_ in ids)
    return [rows.transfer_of(row) for row in found if row is not None]


def contras(connection: sqlite3.Connection, original: bytes) -> list[Transfer]:
    """What was given back of a posted transfer, in all parts, the oldest first."""
    select = f"SELECT {rows.TRANSFER} FROM transfers WHERE original = ? AND kind = 'contra' ORDER BY id"
    return [rows.transfer_of(row) for row in connection.execute(select, (original,))]


def unfinished_advices(connection: sqlite3.Connection) -> list[Advice]:
    """Due, or quarantined."""
    select = _either("advices", rows.ADVICE, "state = 'quarantined'", "payment, kind")
    return [rows.advice_of(row) for row in connection.execute(select)]


def usages(connection: sqlite3.Connection, scopes: Iterable[str], day: str) -> dict[str, Used]:
    """What was used of each of these scopes in a day; what is not there, nothing was."""
    select = "SELECT amount_minor, count FROM usages WHERE scope = ? AND day = ?"
    found = ((scope, connection.execute(select, (scope, day)).fetchone()) for scope in scopes)
    return {scope: row for scope, row in found if row is not None}


def register(connection: sqlite3.Connection, name: str, prefix: str = "") -> Iterator[RegisterRow]:
    """The rows of a register whose key begins so, by key."""
    select = f"""SELECT {rows.REGISTER} FROM registers
        WHERE register = ?1 AND key >= ?2 AND substr(key, 1, length(?2)) = ?2 ORDER BY key"""
    return map(rows.register_of, connection.execute(select, (name, prefix)))


def advices_of(connection: sqlite3.Connection, payment: bytes) -> list[Advice]:
    select = f"SELECT {rows.ADVICE} FROM advices WHERE payment = ? ORDER BY kind"
    return [rows.advice_of(row) for row in connection.execute(select, (payment,))]


def _either(table: str, columns: str, stuck: str, order: str) -> str:
    """Two searches, each by its own index: an OR over both would read the whole table."""
    select = f"SELECT {columns} FROM {table} WHERE"
    return f"{select} next_at IS NOT NULL UNION ALL {select} next_at IS NULL AND {stuck} ORDER BY {order}"
