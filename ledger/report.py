"""What is read from the books: the engine's questions, and the operators'.

Rule: reads only. A statement walks from the account's newest transfer to the one before it, and so on, so it needs no
index and costs the writer nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from itertools import dropwhile, islice
from typing import Any

from ledger import queries, rows
from ledger.model import (
    Account,
    Advice,
    BusinessDay,
    CurrencyTotals,
    DayTotal,
    PaymentRow,
    RegisterRow,
    StatementLine,
    Transfer,
    TransferKind,
)

# ruff: noqa: S608 - every interpolated name is a constant of rows.py


def answer(connection: sqlite3.Connection, query: queries.Query) -> Any:
    return _ANSWERS[type(query)](connection, query)


def open_payments(connection: sqlite3.Connection, query: queries.OpenPayments) -> list[PaymentRow]:
    select = f"""SELECT {rows.PAYMENT} FROM payments WHERE next_at IS NOT NULL AND (next_at, id) > (?, ?)
        ORDER BY next_at, id LIMIT ?"""
    after = query.after or (float("-inf"), b"")
    return [rows.payment_of(row) for row in connection.execute(select, (*after, query.limit or -1))]


def open_advices(connection: sqlite3.Connection, query: queries.OpenAdvices) -> list[Advice]:
    select = f"SELECT {rows.ADVICE} FROM advices WHERE next_at IS NOT NULL ORDER BY next_at, payment, kind"
    return [rows.advice_of(row) for row in connection.execute(select)]


def count_payments(connection: sqlite3.Connection, query: queries.CountPayments) -> dict[str, int]:
    return dict(connection.execute("SELECT state, count(*) FROM payments GROUP BY state ORDER BY state"))


def current_day(connection: sqlite3.Connection, query: queries.CurrentDay) -> str:
    row = connection.execute("SELECT max(day) FROM days WHERE state = 'open'").fetchone()
    return row[0] or ""


def list_days(connection: sqlite3.Connection, query: queries.ListDays) -> list[BusinessDay]:
    select = "SELECT day, state, opened_at, closed_at FROM days ORDER BY day DESC LIMIT ?"
    return [BusinessDay(*row) for row in connection.execute(select, (query.limit or -1,))]


def count_open(connection: sqlite3.Connection, query: queries.CountOpen) -> int:
    select = "SELECT count(*) FROM payments WHERE next_at IS NOT NULL AND day = ?"
    (count,) = connection.execute(select, (query.day,)).fetchone()
    return int(count)


def day_totals(connection: sqlite3.Connection, query: queries.DayTotals) -> list[DayTotal]:
    select = f"""SELECT {rows.TOTAL} FROM totals WHERE day = ?1 AND substr(heading, 1, length(?2)) = ?2
        ORDER BY heading, currency"""
    return [rows.total_of(row) for row in connection.execute(select, (query.day, query.prefix))]


def list_register(connection: sqlite3.Connection, query: queries.ListRegister) -> list[RegisterRow]:
    select = f"""SELECT {rows.REGISTER} FROM registers
        WHERE register = ?1 AND key >= ?2 AND key <= ?2 || char(0x10FFFF) AND substr(key, 1, length(?2)) = ?2
        AND key > ?3 ORDER BY key LIMIT ?4"""
    wanted = query.register, query.prefix, query.after, query.limit or -1
    return [rows.register_of(row) for row in connection.execute(select, wanted)]


def list_accounts(connection: sqlite3.Connection, query: queries.ListAccounts) -> list[Account]:
    select = f"SELECT {rows.ACCOUNT} FROM accounts WHERE name >= ?1 AND substr(name, 1, length(?1)) = ?1 ORDER BY name"
    return [rows.account_of(row) for row in connection.execute(select, (query.prefix,))]


def find_account(connection: sqlite3.Connection, name: str) -> Account | None:
    row = connection.execute(f"SELECT {rows.ACCOUNT} FROM accounts WHERE name = ?", (name,)).fetchone()
    return None if row is None else rows.account_of(row)


def statement(connection: sqlite3.Connection, query: queries.GetStatement) -> queries.Statement | None:
    account = find_account(connection, query.account)
    if account is None:
        return None
    lines: list[StatementLine] = []
    for line in lines_before(connection, account, query):
        if not query.posted_only or moved_posted(line.transfer):
            lines.append(line)
        if len(lines) >= query.limit:
            break
    return queries.Statement(account, tuple(lines))


def lines_before(
    connection: sqlite3.Connection, account: Account, query: queries.GetStatement
) -> Iterator[StatementLine]:
    """Newest first, as far as they are asked for; all of them, held ones too."""
    if query.before and query.before_balance_minor is not None:
        return islice(_lines(connection, account.name, query.before, query.before_balance_minor), 1, None)
    newest = _lines(connection, account.name, account.last, account.balance_minor)
    if not query.before:
        return newest
    return islice(dropwhile(lambda line: line.transfer.id != query.before, newest), 1, None)


def _lines(connection: sqlite3.Connection, name: str, id_: bytes, balance: int) -> Iterator[StatementLine]:
    """From a transfer of the account on, newest first; the balance after each is counted back."""
    select = f"""SELECT {rows.TRANSFER}, debit_previous, credit_previous FROM transfers
        WHERE id = ? AND ? IN (debit, credit)"""
    while id_ and (row := connection.execute(select, (id_, name)).fetchone()) is not None:
        transfer = rows.transfer_of(row)
        debited = transfer.debit == name
        yield StatementLine(transfer, "D" if debited else "C", balance)
        balance -= moved_posted(transfer) * (-1 if debited else 1)
        id_ = row[11] if debited else row[12]


def moved_posted(transfer: Transfer) -> int:
    """What a transfer moves between posted balances."""
    return 0 if transfer.kind in (TransferKind.PENDING, TransferKind.VOID) else transfer.amount_minor


def trial_balance(
    connection: sqlite3.Connection, query: queries.TrialBalance, schema: str = ""
) -> list[CurrencyTotals]:
    return [CurrencyTotals(*row) for row in connection.execute(_TRIAL_BALANCE.format(schema=schema))]


def unequal_accounts(connection: sqlite3.Connection, schema: str = "") -> list[str]:
    """Accounts whose running balances are not the sum of their transfers: none, if all is well."""
    return [name for (name,) in connection.execute(_UNEQUAL.format(schema=schema))]


def unequal_totals(connection: sqlite3.Connection, schema: str = "") -> list[tuple[str, str, str]]:
    """Days, headings and currencies whose totals are not the sum of the transfers: none, if all is well."""
    return list(connection.execute(_UNEQUAL_TOTALS.format(schema=schema)))


_UNEQUAL_TOTALS = """
WITH sums AS (
    SELECT day, heading, currency,
        sum(iif(kind != 'contra', amount_minor, 0)) AS posted_minor, sum(kind != 'contra') AS posted,
        sum(iif(kind = 'contra', amount_minor, 0)) AS back_minor, sum(kind = 'contra') AS back
    FROM {schema}transfers WHERE heading != '' AND kind NOT IN ('pending', 'void') GROUP BY day, heading, currency)
SELECT day, heading, currency FROM (SELECT * FROM sums EXCEPT SELECT * FROM {schema}totals)
UNION SELECT day, heading, currency FROM (SELECT * FROM {schema}totals EXCEPT SELECT * FROM sums)
"""

# What is pending is what was held, less what was posted or voided since, each for the whole hold.
_MOVED = """
moved AS (
    SELECT debit, credit, currency,
        CASE WHEN kind IN ('direct', 'post', 'contra') THEN amount_minor ELSE 0 END AS posted,
        CASE WHEN kind = 'pending' THEN amount_minor ELSE 0 END AS pending
    FROM {schema}transfers
    UNION ALL
    SELECT held.debit, held.credit, held.currency, 0, -held.amount_minor
    FROM {schema}transfers AS settling JOIN {schema}transfers AS held ON held.id = settling.original
    WHERE settling.kind IN ('post', 'void'))
"""

_TRIAL_BALANCE = (
    "WITH"
    + _MOVED
    + """,
totals AS (SELECT currency, sum(posted) AS posted, sum(pending) AS pending FROM moved GROUP BY currency)
SELECT accounts.currency, sum(debits_posted), sum(credits_posted), sum(debits_pending), sum(credits_pending),
    coalesce(max(totals.posted), 0), coalesce(max(totals.pending), 0)
FROM {schema}accounts AS accounts LEFT JOIN totals ON totals.currency = accounts.currency
GROUP BY accounts.currency ORDER BY accounts.currency
"""
)

_UNEQUAL = (
    "WITH"
    + _MOVED
    + """,
sides AS (
    SELECT debit AS name, posted AS debits, 0 AS credits, pending AS held, 0 AS coming FROM moved
    UNION ALL SELECT credit, 0, posted, 0, pending FROM moved),
sums AS (
    SELECT name, sum(debits) AS debits, sum(credits) AS credits, sum(held) AS held, sum(coming) AS coming
    FROM sides GROUP BY name)
SELECT accounts.name FROM {schema}accounts AS accounts LEFT JOIN sums ON sums.name = accounts.name
WHERE (debits_posted, credits_posted, debits_pending, credits_pending) IS NOT
    (coalesce(debits, 0), coalesce(credits, 0), coalesce(held, 0), coalesce(coming, 0))
ORDER BY accounts.name
"""
)

_ANSWERS: dict[type, Callable[[sqlite3.Connection, Any], Any]] = {
    queries.OpenPayments: open_payments,
    queries.OpenAdvices: open_advices,
    queries.CountPayments: count_payments,
    queries.CurrentDay: current_day,
    queries.ListAccounts: list_accounts,
    queries.GetStatement: statement,
    queries.TrialBalance: trial_balance,
    queries.ListDays: list_days,
    queries.CountOpen: count_open,
    queries.DayTotals: day_totals,
    queries.ListRegister: list_register,
}
