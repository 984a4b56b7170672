"""Values to rows and back.

Rule: the only place that knows the order of columns. Bytes are bound as bytearray and booleans as integers: the sqlite3
module looks every other type up in its adapters first, value by value, which costs more than binding it.
"""

from __future__ import annotations

from typing import Any

from ledger.ahead import Held, Kept, Moved
from ledger.model import Account, Advice, Claim, DayTotal, PaymentRow, RegisterRow, Transfer, TransferKind

Row = tuple[Any, ...]

ACCOUNT = "name, currency, debits_pending, debits_posted, credits_pending, credits_posted, covered, last, number"
TRANSFER = "id, kind, debit, credit, amount_minor, currency, day, original, payment, memo, heading"
PAYMENT = "id, version, state, service, day, next_at, record"
CLAIM = "key, alias, content, role, repeat"
TOTAL = "day, heading, currency, posted_minor, posted, back_minor, back"
REGISTER = "register, key, version, body"
ADVICE = "payment, kind, destination, amount_minor, attempts, next_at, state"

_KINDS = {kind.value: kind for kind in TransferKind}


def account_of(row: Row) -> Account:
    name, currency, debits_pending, debits_posted, credits_pending, credits_posted, covered, last, number = row[:9]
    balances = debits_pending, debits_posted, credits_pending, credits_posted
    return Account(name, currency, *balances, bool(covered), last or b"", number)


def account_row(account: Account) -> Row:
    """The key comes last, as in the UPDATE; before it what never changes."""
    return (
        account.debits_pending,
        account.debits_posted,
        account.credits_pending,
        account.credits_posted,
        bytearray(account.last) if account.last else None,
        account.number,
    )


def new_account_row(account: Account) -> Row:
    return (account.name, account.currency, int(account.covered), *account_row(account))


def transfer_of(row: Row) -> Transfer:
    id_, kind, debit, credit, amount_minor, currency, day, original, payment, memo, heading = row[:11]
    original, payment = original or b"", payment or b""
    return Transfer(id_, _KINDS[kind], debit, credit, amount_minor, currency, day, original, payment, memo, heading)


def transfer_row(moved: Moved) -> Row:
    transfer, batch, debit_previous, credit_previous = moved
    return (
        bytearray(transfer.id),
        transfer.kind._value_,
        transfer.debit,
        transfer.credit,
        transfer.amount_minor,
        transfer.currency,
        transfer.day,
        bytearray(transfer.original) if transfer.original else None,
        bytearray(transfer.payment) if transfer.payment else None,
        transfer.memo,
        batch,
        bytearray(debit_previous) if debit_previous else None,
        bytearray(credit_previous) if credit_previous else None,
        transfer.heading,
    )


def payment_of(row: Row) -> PaymentRow:
    return PaymentRow(*row[:7])


def payment_row(kept: Kept) -> Row:
    """The key comes last, as in the UPDATE."""
    payment, group_id, batch = kept
    return (
        payment.version,
        payment.state,
        payment.service,
        payment.day,
        payment.next_at,
        bytearray(payment.record),
        bytearray(group_id),
        batch,
        bytearray(payment.id),
    )


def claim_of(row: Row) -> Claim:
    return Claim(row[0], row[1] or "", row[2], row[3], bool(row[4]))


def claim_row(held: Held) -> Row:
    claim, payment, batch = held
    content, repeat = bytearray(claim.content), int(claim.repeat)
    return (claim.key, claim.alias or None, content, claim.role, repeat, bytearray(payment), batch)


def advice_of(row: Row) -> Advice:
    return Advice(*row[:7])


def advice_row(advice: Advice) -> Row:
    return (
        advice.payment,
        advice.kind,
        advice.destination,
        advice.amount_minor,
        advice.attempts,
        advice.next_at,
        advice.state,
    )


def total_of(row: Row) -> DayTotal:
    return DayTotal(*row[:7])


def register_of(row: Row) -> RegisterRow:
    return RegisterRow(*row[:4])
