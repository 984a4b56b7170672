"""Writes a decided batch: one statement per table, one row per thing touched.

Rule: called inside a transaction, decides nothing. New rows are inserted and changed ones updated; INSERT OR REPLACE
would delete and insert again, which dirties four times the pages.
"""

from __future__ import annotations

import sqlite3

from ledger import rows
from ledger.batch import Batch


def write(connection: sqlite3.Connection, batch: Batch) -> None:
    many = connection.executemany
    if batch.claims:
        many(_NEW_CLAIM, batch.claims)
    if batch.new_payments:
        many(_NEW_PAYMENT, batch.new_payments.values())
    if batch.changed_payments:
        many(_CHANGED_PAYMENT, batch.changed_payments.values())
    if batch.transfers:
        many(_NEW_TRANSFER, batch.transfers)
    if batch.opened:
        many(_NEW_ACCOUNT, [rows.new_account_row(batch.accounts.pop(name)) for name in batch.opened])
    if batch.accounts:
        many(_CHANGED_ACCOUNT, map(rows.account_row, batch.accounts.values()))
    if batch.usages:
        many(_USAGE, [(*key, *used) for key, used in batch.usages.items()])
    if batch.advices:
        many(_ADVICE, map(rows.advice_row, batch.advices))


_NEW_CLAIM = "INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?)"
_NEW_PAYMENT = """INSERT INTO payments (version, state, service, day, next_at, record, group_id, batch, id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_CHANGED_PAYMENT = """UPDATE payments SET version = ?, state = ?, service = ?, day = ?, next_at = ?, record = ?,
    group_id = ?, batch = ? WHERE id = ?"""
_NEW_TRANSFER = "INSERT INTO transfers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_NEW_ACCOUNT = """INSERT INTO accounts (name, currency, covered, debits_pending, debits_posted, credits_pending,
    credits_posted, last, number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_CHANGED_ACCOUNT = """UPDATE accounts SET debits_pending = ?, debits_posted = ?, credits_pending = ?,
    credits_posted = ?, last = ? WHERE number = ?"""
_USAGE = """INSERT INTO usages VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET amount_minor = excluded.amount_minor, count = excluded.count"""
_ADVICE = """INSERT INTO advices VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET destination = excluded.destination, amount_minor = excluded.amount_minor,
    attempts = excluded.attempts, next_at = excluded.next_at, state = excluded.state"""
