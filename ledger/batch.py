"""Decides the groups of one transaction, one after another, and puts what they change on the shelf.

Rule: reads nothing, but for the payment behind a claim that is taken or a version that is stale, and writes nothing;
the shelf holds all else that is needed. The order of the checks is fixed: applied before, claims, version, advices,
usages, openings, transfers (of each: well formed, its day, then `rules`), registers, days. A change is made at once
and noted in `_undo`: a refused group leaves no trace, whatever its neighbours do, and neither does the whole batch if
it cannot be committed.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from ledger.days import change_day, is_day
from ledger.model import (
    DAY_CLOSED,
    DAY_OPEN,
    Account,
    Committed,
    DayTotal,
    Group,
    Outcome,
    PaymentRow,
    Refusal,
    Refused,
    Stale,
    Taken,
    Transfer,
    TransferKind,
)
from ledger.recent import RecentGroups
from ledger.rules import Original, apply_transfer, is_well_formed
from ledger.shelf import Shelf
from ledger.usage import add_usage

PENDING, VOID, CONTRA = TransferKind.PENDING, TransferKind.VOID, TransferKind.CONTRA
INTEGER_MAX = 2**63 - 1  # what a row holds


class Batch:
    def __init__(self, shelf: Shelf, sequence: int, recent: RecentGroups) -> None:
        self._shelf = shelf
        self._ahead = shelf.ahead
        self._sequence = sequence
        self._days = shelf.days
        self._recent = recent
        self._committed = Committed(sequence)
        self._undo: list[Any] = []  # by threes: a dict, a key, and what was under it; None: nothing
        self.raws: list[bytes] = []
        self.groups: dict[bytes, int] = {}

    def decide(self, group: Group, raw: bytes) -> Outcome:
        id_ = group.id
        sequence = self._recent.find(id_) or self.groups.get(id_)
        if sequence is not None:
            return Committed(sequence)
        mark = len(self._undo)
        outcome = self._admitted(group) or self._changes(group)
        if outcome is not None:
            self._undo_to(mark)
            return outcome
        self.raws.append(raw)
        self.groups[id_] = self._sequence
        return self._committed

    def undo(self) -> None:
        """As if nothing of it had been decided."""
        self._undo_to(0)

    def _undo_to(self, mark: int) -> None:
        undo = self._undo
        while len(undo) > mark:
            before, key, kept = undo.pop(), undo.pop(), undo.pop()
            if before is None:
                del kept[key]
            else:
                kept[key] = before

    def _put(self, kept: dict[Any, Any], key: Any, value: Any) -> None:
        self._undo += (kept, key, kept.get(key))
        kept[key] = value

    def _admitted(self, group: Group) -> Outcome | None:
        """Whether the group may speak for its payment at all; if so, it has spoken."""
        payment = group.payment
        if len(group.id) != 16:
            return Refused(Refusal.MALFORMED, "id")
        if payment is None:
            return Refused(Refusal.MALFORMED, "claims") if group.claims else self._repeated(group)
        if len(payment.id) != 16 or payment.version < 1:
            return Refused(Refusal.MALFORMED, "payment")
        if len(group.claims) > 1 and len({claim.key for claim in group.claims}) < len(group.claims):
            return Refused(Refusal.MALFORMED, "claims")
        refused = (self._taken(group) if group.claims else None) or self._stale(group, payment)
        if refused is None:
            self._put(self._ahead.payments, payment.id, (payment, group.id, self._sequence))
            if group.claims:
                self._claim(group, payment)
        return refused

    def _changes(self, group: Group) -> Outcome | None:
        return (
            (self._advices(group) if group.advices else None)
            or (self._usages(group) if group.usages else None)
            or (self._openings(group) if group.openings else None)
            or (self._transfers(group) if group.transfers else None)
            or (self._registers(group) if group.registers else None)
            or (self._change_days(group) if group.days else None)
        )

    def _taken(self, group: Group) -> Outcome | None:
        for claim in group.claims:
            held = self._shelf.claim(claim.key)
            if held is None and claim.alias:
                others = self._shelf.alias(claim.alias)
                held = next((other for other in others if claim.repeat or other[0].repeat), None) if others else None
            if held is not None:
                known = self._shelf.find_version(held[1])
                if known is not None and known[1] == group.id:
                    return Committed(known[2])
                return Taken(held[0], self._get_payment(held[1]))
        return None

    def _stale(self, group: Group, payment: PaymentRow) -> Outcome | None:
        known = self._shelf.version(payment.id)
        if known is None:
            return None if payment.version == 1 else Stale(None)
        if payment.version == known[0] + 1:
            return None
        return Committed(known[2]) if known[1] == group.id else Stale(self._get_payment(payment.id))

    def _get_payment(self, id_: bytes) -> PaymentRow:
        payment = self._shelf.find_payment(id_)
        assert payment is not None, "a claim or a version without its payment"
        return payment

    def _repeated(self, group: Group) -> Outcome | None:
        """A group without a payment is known by its transfers: if all are there, it was applied before."""
        if not group.transfers:
            return None
        first = self._shelf.transfer(group.transfers[0].id)
        if first is None:
            return None
        stored = [self._shelf.transfer(transfer.id) for transfer in group.transfers]
        same = [known and known[0] for known in stored] == list(group.transfers)
        return Committed(first[1]) if same else None

    def _claim(self, group: Group, payment: PaymentRow) -> None:
        ahead = self._ahead
        for claim in group.claims:
            held = (claim, payment.id, self._sequence)
            self._put(ahead.claims, claim.key, held)
            if claim.alias:
                self._put(ahead.aliases, claim.alias, (*ahead.aliases.get(claim.alias, ()), held))

    def _advices(self, group: Group) -> Outcome | None:
        for advice in group.advices:
            if max(abs(advice.amount_minor), abs(advice.attempts)) > INTEGER_MAX:
                return Refused(Refusal.MALFORMED, "advices")
            self._put(self._ahead.advices, (advice.payment, advice.kind), advice)
        return None

    def _usages(self, group: Group) -> Outcome | None:
        shelf = self._shelf
        for place, usage in enumerate(group.usages):
            key = (usage.scope, usage.day)
            used = add_usage(usage, shelf.usages[key])
            if type(used) is Refusal:
                return Refused(used, f"usages[{place}]")
            self._put(shelf.usages, key, used)
            self._put(self._ahead.usages, key, True)
        return None

    def _openings(self, group: Group) -> Outcome | None:
        shelf = self._shelf
        for place, opening in enumerate(group.openings):
            account = shelf.accounts.get(opening.name)
            if account is None:
                number = shelf.accounts_opened + 1
                account = Account(opening.name, opening.currency, covered=opening.covered, number=number)
                self._put(self._ahead.opened, opening.name, number)
                self._put(shelf.accounts, opening.name, account)
            elif account.currency != opening.currency:
                return Refused(Refusal.CURRENCY, f"openings[{place}]")
            elif account.covered != opening.covered:
                return Refused(Refusal.CONFLICT, f"openings[{place}]")
        return None

    def _transfers(self, group: Group) -> Outcome | None:
        for place, transfer in enumerate(group.transfers):
            refusal = self._transfer(transfer)
            if refusal is not None:
                return Refused(refusal, f"transfers[{place}]")
        return None

    def _transfer(self, transfer: Transfer) -> Refusal | None:
        if not is_well_formed(transfer):
            return Refusal.MALFORMED
        shelf, undo = self._shelf, self._undo
        accounts, transfers, originals = shelf.accounts, self._ahead.transfers, shelf.originals
        id_, original_id = transfer.id, transfer.original
        known = shelf.transfer(id_)
        if known is not None:
            return None if known[0] == transfer else Refusal.CONFLICT
        if not self._days.is_open(transfer.day):
            return Refusal.CLOSED_DAY
        debit, credit = accounts.get(transfer.debit), accounts.get(transfer.credit)
        applied = apply_transfer(transfer, debit, credit, shelf.original(original_id) if original_id else None)
        if type(applied) is Refusal:
            return applied
        assert debit is not None and credit is not None  # noqa: PT018 - the rules refused it otherwise
        # As `_put` does it, without its calls: this is done for every transfer.
        undo += (accounts, transfer.debit, debit, accounts, transfer.credit, credit, transfers, id_, None)
        accounts[transfer.debit], accounts[transfer.credit], changed = applied  # type: ignore[misc]
        transfers[id_] = (transfer, self._sequence, debit.last, credit.last)
        if transfer.heading and not self._total(transfer):
            return Refusal.EXCEEDS
        if changed is not None:
            self._put(originals, original_id, changed)
        elif transfer.kind is PENDING:
            undo += (originals, id_, None)
            originals[id_] = Original(transfer)
        return None

    def _total(self, transfer: Transfer) -> bool:
        """What it posts or gives back, under its heading, in its own day. False: more than a row holds."""
        kind, amount = transfer.kind, transfer.amount_minor
        if kind is PENDING or kind is VOID:
            return True
        totals = self._shelf.totals
        key = (transfer.day, transfer.heading, transfer.currency)
        before = totals[key]
        if kind is CONTRA:
            after = DayTotal(*key, before.posted_minor, before.posted, before.back_minor + amount, before.back + 1)
        else:
            after = DayTotal(*key, before.posted_minor + amount, before.posted + 1, before.back_minor, before.back)
        if after.posted_minor > INTEGER_MAX or after.back_minor > INTEGER_MAX:
            return False
        self._put(totals, key, after)
        self._put(self._ahead.totals, key, after)
        return True

    def _registers(self, group: Group) -> Outcome | None:
        registers = self._shelf.registers
        for place, row in enumerate(group.registers):
            key = (row.register, row.key)
            known = registers.get(key)
            if row == known:
                continue  # sent again
            if row.version != (known.version if known is not None else 0) + 1:
                return Refused(Refusal.CONFLICT, f"registers[{place}]")
            self._put(registers, key, row)
            self._put(self._ahead.registers, key, row)
        return None

    def _change_days(self, group: Group) -> Outcome | None:
        for place, change in enumerate(group.days):
            if not is_day(change.day) or change.state not in (DAY_OPEN, DAY_CLOSED) or not isfinite(change.at):
                return Refused(Refusal.MALFORMED, f"days[{place}]")
            changed = change_day(self._days, change)
            if type(changed) is Refusal:
                return Refused(changed, f"days[{place}]")
            self._put(self._days.known, change.day, changed)
            self._put(self._ahead.days, change.day, changed)
        return None
