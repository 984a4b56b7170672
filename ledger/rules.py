"""What a transfer does to two accounts, and when it may not.

Rule: pure. Values in, values or a Refusal out; nothing here knows of storage or time. The order of the checks is fixed
(`check_transfer`, then accounts, currency, original, funds) and tests/unit/ledger/test_precedence.py shows it.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ledger.model import Account, Refusal, Transfer, TransferKind

AMOUNT_MAX = 10**15 - 1  # far above DE 4 (n12), far below what a 64-bit balance holds
BALANCE_MAX = 2**62

DIRECT, PENDING, POST, VOID, CONTRA = TransferKind


class Original(msgspec.Struct, frozen=True, gc=False):
    """A stored transfer that later ones may name: what became of it so far."""

    transfer: Transfer
    settled: TransferKind | None = None  # of a pending one: POST or VOID
    reversed_minor: int = 0  # of a posted one: the sum of its contras


Applied = tuple[Account, Account, Original | None]


def is_well_formed(transfer: Transfer) -> bool:
    """What no honest caller sends otherwise."""
    return (
        len(transfer.id) == 16
        and 0 < transfer.amount_minor <= AMOUNT_MAX
        and transfer.debit != transfer.credit
        and len(transfer.original) == _ORIGINAL_LENGTHS[transfer.kind._value_]
    )


def apply_transfer(
    transfer: Transfer, debit: Account | None, credit: Account | None, original: Original | None
) -> Applied | Refusal:
    """The two accounts after the transfer, and its original if that changed."""
    if debit is None or credit is None:
        return Refusal.UNKNOWN_ACCOUNT
    if transfer.currency != debit.currency or transfer.currency != credit.currency:
        return Refusal.CURRENCY
    return _RULES[transfer.kind._value_](transfer, debit, credit, original)


def _direct(transfer: Transfer, debit: Account, credit: Account, original: Original | None) -> Applied | Refusal:
    amount = transfer.amount_minor
    if not _has_funds(debit, amount):
        return Refusal.FUNDS
    return _moved(transfer, debit, credit, 0, amount, original)


def _pending(transfer: Transfer, debit: Account, credit: Account, original: Original | None) -> Applied | Refusal:
    amount = transfer.amount_minor
    if not _has_funds(debit, amount):
        return Refusal.FUNDS
    return _moved(transfer, debit, credit, amount, 0, original)


def _post(transfer: Transfer, debit: Account, credit: Account, original: Original | None) -> Applied | Refusal:
    refusal = _not_held(transfer, original)
    if refusal is not None or original is None:
        return refusal or Refusal.UNKNOWN_ORIGINAL
    held = original.transfer.amount_minor
    if transfer.amount_minor > held:
        return Refusal.EXCEEDS
    return _moved(transfer, debit, credit, -held, transfer.amount_minor, Original(original.transfer, POST))


def _void(transfer: Transfer, debit: Account, credit: Account, original: Original | None) -> Applied | Refusal:
    refusal = _not_held(transfer, original)
    if refusal is not None or original is None:
        return refusal or Refusal.UNKNOWN_ORIGINAL
    held = original.transfer.amount_minor
    if transfer.amount_minor != held:
        return Refusal.MISMATCH
    return _moved(transfer, debit, credit, -held, 0, Original(original.transfer, VOID))


def _contra(transfer: Transfer, debit: Account, credit: Account, original: Original | None) -> Applied | Refusal:
    if original is None:
        return Refusal.UNKNOWN_ORIGINAL
    posted = original.transfer
    if posted.kind is not DIRECT and posted.kind is not POST:
        return Refusal.NOT_POSTED
    if transfer.debit != posted.credit or transfer.credit != posted.debit:
        return Refusal.MISMATCH
    amount = transfer.amount_minor
    reversed_minor = original.reversed_minor + amount
    if reversed_minor > posted.amount_minor:
        return Refusal.EXCEEDS
    if not _has_funds(debit, amount):
        return Refusal.FUNDS
    return _moved(transfer, debit, credit, 0, amount, Original(posted, None, reversed_minor))


def _not_held(transfer: Transfer, original: Original | None) -> Refusal | None:
    if original is None:
        return Refusal.UNKNOWN_ORIGINAL
    held = original.transfer
    if held.kind is not PENDING:
        return Refusal.NOT_PENDING
    if transfer.debit != held.debit or transfer.credit != held.credit:
        return Refusal.MISMATCH
    if original.settled is not None:
        return Refusal.ALREADY_POSTED if original.settled is POST else Refusal.ALREADY_VOIDED
    return None


def _has_funds(account: Account, amount: int) -> bool:
    if not account.covered:
        return True
    return account.debits_posted + account.debits_pending + amount <= account.credits_posted


def _moved(
    transfer: Transfer, debit: Account, credit: Account, pending: int, posted: int, original: Original | None
) -> Applied | Refusal:
    debits_pending, debits_posted = debit.debits_pending + pending, debit.debits_posted + posted
    credits_pending, credits_posted = credit.credits_pending + pending, credit.credits_posted + posted
    if (
        debits_pending > BALANCE_MAX
        or debits_posted > BALANCE_MAX
        or credits_pending > BALANCE_MAX
        or credits_posted > BALANCE_MAX
    ):
        return Refusal.EXCEEDS
    return (
        Account(
            debit.name,
            debit.currency,
            debits_pending,
            debits_posted,
            debit.credits_pending,
            debit.credits_posted,
            debit.covered,
            transfer.id,
            debit.number,
        ),
        Account(
            credit.name,
            credit.currency,
            credit.debits_pending,
            credit.debits_posted,
            credits_pending,
            credits_posted,
            credit.covered,
            transfer.id,
            credit.number,
        ),
        original,
    )


# By the kind's value: an Enum member's hash is computed in Python.
_RULES: dict[str, Callable[[Transfer, Account, Account, Original | None], Applied | Refusal]] = {
    DIRECT.value: _direct,
    PENDING.value: _pending,
    POST.value: _post,
    VOID.value: _void,
    CONTRA.value: _contra,
}

_ORIGINAL_LENGTHS = {kind.value: 16 if kind in (POST, VOID, CONTRA) else 0 for kind in TransferKind}
