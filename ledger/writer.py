"""Writes what the journal is ahead of the tables: one statement per table, one row per thing touched.

Rule: called inside a transaction, decides nothing. New rows are inserted and changed ones updated; INSERT OR REPLACE
would delete and insert again, which dirties four times the pages. Rows go in the order of their keys.
"""

from __future__ import annotations

import sqlite3

import msgspec

from ledger import rows
from ledger.shelf import Shelf


def write(connection: sqlite3.Connection, shelf: Shelf, sequence: int) -> None:
    """Everything up to the journal's entry `sequence`."""
    many, ahead, accounts = connection.executemany, shelf.ahead, shelf.accounts
    if ahead.claims:
        many(_NEW_CLAIM, map(rows.claim_row, ahead.claims.values()))
    if ahead.payments:
        there = shelf.versions
        many(_NEW_PAYMENT, (rows.payment_row(kept) for id_, kept in ahead.payments.items() if id_ not in there))
        many(_CHANGED_PAYMENT, (rows.payment_row(kept) for id_, kept in ahead.payments.items() if id_ in there))
    if ahead.opened:
        many(_NEW_ACCOUNT, (rows.new_account_row(accounts[name]) for name in ahead.opened))
    if ahead.transfers:
        changed = sorted(map(rows.account_row, map(accounts.__getitem__, ahead.touched_accounts())), key=_last)
        many(_CHANGED_ACCOUNT, changed)
        many(_NEW_TRANSFER, map(rows.transfer_row, map(ahead.transfers.__getitem__, sorted(ahead.transfers))))
    if ahead.usages:
        many(_USAGE, ((*key, *shelf.usages[key]) for key in ahead.usages))
    if ahead.advices:
        many(_ADVICE, map(rows.advice_row, ahead.advices.values()))
    if ahead.days:
        many(_DAY, map(msgspec.structs.astuple, ahead.days.values()))
    if ahead.totals:
        many(_TOTAL, map(msgspec.structs.astuple, ahead.totals.values()))
    if ahead.registers:
        many(_REGISTER, map(msgspec.structs.astuple, ahead.registers.values()))
    _mark(connection, sequence)


def _mark(connection: sqlite3.Connection, sequence: int) -> None:
    """The tables are written up to this entry of the journal."""
    connection.execute("UPDATE marks SET sequence = ? WHERE name = 'tables'", (sequence,))


def _last(row: rows.Row) -> int:
    number: int = row[-1]
    return number


_NEW_CLAIM = "INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?)"
_NEW_PAYMENT = """INSERT INTO payments (version, state, service, day, next_at, record, group_id, batch, id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_CHANGED_PAYMENT = """UPDATE payments SET version = ?, state = ?, service = ?, day = ?, next_at = ?, record = ?,
    group_id = ?, batch = ? WHERE id = ?"""
_NEW_TRANSFER = "INSERT INTO transfers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_NEW_ACCOUNT = """INSERT INTO accounts (name, currency, covered, debits_pending, debits_posted, credits_pending,
    credits_posted, last, number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_CHANGED_ACCOUNT = """UPDATE accounts SET debits_pending = ?, debits_posted = ?, credits_pending = ?,
    credits_posted = ?, last = ? WHERE number = ?"""
_USAGE = """INSERT INTO usages VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET amount_minor = excluded.amount_minor, count = excluded.count"""
_ADVICE = """INSERT INTO advices VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET destination = excluded.destination, amount_minor = excluded.amount_minor,
    attempts = excluded.attempts, next_at = excluded.next_at, state = excluded.state"""
_DAY = """INSERT INTO days (day, state, opened_at, closed_at) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET state = excluded.state, closed_at = excluded.closed_at"""
_TOTAL = """INSERT INTO totals VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET posted_minor = excluded.posted_minor, posted = excluded.posted,
    back_minor = excluded.back_minor, back = excluded.back"""
_REGISTER = """INSERT INTO registers VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET version = excluded.version, body = excluded.body"""
