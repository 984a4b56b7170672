"""Decides the groups of one transaction, one after another, and keeps what is to be written.

Rule: reads nothing and writes nothing; the shelf holds all that is needed. The order of the checks is fixed: applied
before, claims, version, usages, openings, transfers (of each: well formed, its day, then `rules`). A refused group
leaves no trace, whatever its neighbours do.
"""

from __future__ import annotations

from ledger import rows
from ledger.days import Days
from ledger.model import (
    Account,
    Advice,
    Claim,
    Committed,
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
from ledger.shelf import Held, Shelf, Stored, UsageKey
from ledger.usage import Used, add_usage

PENDING = TransferKind.PENDING


class Draft:
    """What one group would change, until it is known that all of it may."""

    __slots__ = ("accounts", "opened", "originals", "rows", "transfers", "usages")

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.accounts: dict[str, Account] = {}
        self.originals: dict[bytes, Original] = {}
        self.transfers: dict[bytes, Stored] = {}
        self.rows: list[rows.Row] = []
        self.usages: dict[UsageKey, Used] = {}


class Batch:
    def __init__(self, shelf: Shelf, sequence: int, days: Days, recent: RecentGroups) -> None:
        self._shelf = shelf
        self._sequence = sequence
        self._days = days
        self._recent = recent
        self._committed = Committed(sequence)
        self.raws: list[bytes] = []
        self.groups: dict[bytes, int] = {}
        self.claims: list[rows.Row] = []
        self.payments: dict[bytes, PaymentRow] = {}
        self.new_payments: dict[bytes, rows.Row] = {}
        self.changed_payments: dict[bytes, rows.Row] = {}
        self.transfers: list[rows.Row] = []
        self.originals: dict[bytes, Original] = {}
        self.opened: list[str] = []
        self.accounts: dict[str, Account] = {}
        self.usages: dict[UsageKey, Used] = {}
        self.advices: list[Advice] = []

    def decide(self, group: Group, raw: bytes) -> Outcome:
        sequence = self._recent.find(group.id) or self.groups.get(group.id)
        if sequence is not None:
            return Committed(sequence)
        draft = Draft()
        outcome = self._admitted(group) or self._changes(group, draft)
        if outcome is not None:
            return outcome
        self._keep(group, raw, draft)
        return self._committed

    def _admitted(self, group: Group) -> Outcome | None:
        """Whether the group may speak for its payment at all."""
        payment = group.payment
        if len(group.id) != 16:
            return Refused(Refusal.MALFORMED, "id")
        if payment is None:
            return Refused(Refusal.MALFORMED, "claims") if group.claims else self._repeated(group)
        if len(payment.id) != 16 or payment.version < 1:
            return Refused(Refusal.MALFORMED, "payment")
        if len(group.claims) > 1 and len({claim.key for claim in group.claims}) < len(group.claims):
            return Refused(Refusal.MALFORMED, "claims")
        return (self._taken(group) if group.claims else None) or self._stale(group, payment)

    def _changes(self, group: Group, draft: Draft) -> Outcome | None:
        return (
            (self._usages(group, draft) if group.usages else None)
            or (self._openings(group, draft) if group.openings else None)
            or (self._transfers(group, draft) if group.transfers else None)
        )

    def _taken(self, group: Group) -> Outcome | None:
        for claim in group.claims:
            held = self._holder(claim)
            if held is not None:
                known = self._shelf.find_version(held[1])
                if known is not None and known[1] == group.id:
                    return Committed(known[2])
                return Taken(held[0], self._get_payment(held[1]))
        return None

    def _holder(self, claim: Claim) -> Held | None:
        held = self._shelf.claims.get(claim.key)
        if held is not None or not claim.alias:
            return held
        for held in self._shelf.aliases.get(claim.alias, ()):
            if claim.repeat or held[0].repeat:
                return held
        return None

    def _stale(self, group: Group, payment: PaymentRow) -> Outcome | None:
        known = self._shelf.versions.get(payment.id)
        if known is None:
            return None if payment.version == 1 else Stale(None)
        if payment.version == known[0] + 1:
            return None
        return Committed(known[2]) if known[1] == group.id else Stale(self._get_payment(payment.id))

    def _get_payment(self, id_: bytes) -> PaymentRow:
        payment = self.payments.get(id_) or self._shelf.find_payment(id_)
        assert payment is not None, "a claim or a version without its payment"
        return payment

    def _repeated(self, group: Group) -> Outcome | None:
        """A group without a payment is known by its transfers: if all are there, it was applied before."""
        if not group.transfers:
            return None
        stored = [self._shelf.transfers.get(transfer.id) for transfer in group.transfers]
        first = stored[0]
        if first is None or [known and known[0] for known in stored] != list(group.transfers):
            return None
        return Committed(first[1])

    def _usages(self, group: Group, draft: Draft) -> Outcome | None:
        for place, usage in enumerate(group.usages):
            key = (usage.scope, usage.day)
            used = add_usage(usage, draft.usages.get(key) or self._shelf.usages[key])
            if type(used) is Refusal:
                return Refused(used, f"usages[{place}]")
            draft.usages[key] = used  # type: ignore[assignment]
        return None

    def _openings(self, group: Group, draft: Draft) -> Outcome | None:
        for place, opening in enumerate(group.openings):
            account = draft.accounts.get(opening.name) or self._shelf.accounts.get(opening.name)
            if account is None:
                number = self._shelf.accounts_opened + len(self.opened) + len(draft.opened) + 1
                draft.opened.append(opening.name)
                draft.accounts[opening.name] = Account(
                    opening.name, opening.currency, covered=opening.covered, number=number
                )
            elif account.currency != opening.currency:
                return Refused(Refusal.CURRENCY, f"openings[{place}]")
            elif account.covered != opening.covered:
                return Refused(Refusal.CONFLICT, f"openings[{place}]")
        return None

    def _transfers(self, group: Group, draft: Draft) -> Outcome | None:
        for place, transfer in enumerate(group.transfers):
            refusal = self._transfer(transfer, draft)
            if refusal is not None:
                return Refused(refusal, f"transfers[{place}]")
        return None

    def _transfer(self, transfer: Transfer, draft: Draft) -> Refusal | None:
        if not is_well_formed(transfer):
            return Refusal.MALFORMED
        shelf = self._shelf
        known = draft.transfers.get(transfer.id) or shelf.transfers.get(transfer.id)
        if known is not None:
            return None if known[0] == transfer else Refusal.CONFLICT
        if not self._days.is_open(transfer.day):
            return Refusal.CLOSED_DAY
        debit = draft.accounts.get(transfer.debit) or shelf.accounts.get(transfer.debit)
        credit = draft.accounts.get(transfer.credit) or shelf.accounts.get(transfer.credit)
        original = self._original(transfer.original, draft) if transfer.original else None
        applied = apply_transfer(transfer, debit, credit, original)
        if type(applied) is Refusal:
            return applied
        assert debit is not None and credit is not None  # noqa: PT018 - the rules refused it otherwise
        draft.accounts[transfer.debit], draft.accounts[transfer.credit], changed = applied  # type: ignore[misc]
        if changed is not None:
            draft.originals[transfer.original] = changed
        elif transfer.kind is PENDING:
            draft.originals[transfer.id] = Original(transfer)
        draft.transfers[transfer.id] = (transfer, self._sequence)
        draft.rows.append(rows.transfer_row(transfer, self._sequence, debit.last, credit.last))
        return None

    def _original(self, id_: bytes, draft: Draft) -> Original | None:
        original = draft.originals.get(id_) or self._shelf.originals.get(id_)
        if original is None:
            stored = draft.transfers.get(id_) or self._shelf.transfers.get(id_)
            original = None if stored is None else Original(stored[0])
        return original

    def _keep(self, group: Group, raw: bytes, draft: Draft) -> None:
        shelf = self._shelf
        self.raws.append(raw)
        self.groups[group.id] = self._sequence
        if draft.opened:
            self.opened += draft.opened
        if draft.accounts:
            shelf.accounts.update(draft.accounts)
            self.accounts.update(draft.accounts)
        if draft.rows:
            shelf.transfers.update(draft.transfers)
            shelf.originals.update(draft.originals)
            self.originals.update(draft.originals)
            self.transfers += draft.rows
        if draft.usages:
            shelf.usages.update(draft.usages)
            self.usages.update(draft.usages)
        if group.payment is not None:
            self._keep_payment(group, group.payment)
        if group.advices:
            self.advices += group.advices

    def _keep_payment(self, group: Group, payment: PaymentRow) -> None:
        shelf, sequence = self._shelf, self._sequence
        shelf.versions[payment.id] = (payment.version, group.id, sequence)
        self.payments[payment.id] = payment
        is_new = payment.version == 1 or payment.id in self.new_payments
        kept = self.new_payments if is_new else self.changed_payments
        kept[payment.id] = rows.payment_row(payment, group.id, sequence)
        for claim in group.claims:
            held = (claim, payment.id)
            shelf.claims[claim.key] = held
            if claim.alias:
                shelf.aliases.setdefault(claim.alias, []).append(held)
            self.claims.append(rows.claim_row(claim, payment.id, sequence))
