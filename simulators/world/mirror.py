"""The switch's books as an independent reader of every commit sees them, checked after each.

Rule: believes only what was committed, adds it up by itself, and compares with nothing that the books computed until
the end. I1 (double entry), I2 (one posted transfer), I5 (what is written once stays).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import trio

from ledger.model import Committed, Group, Outcome, Transfer, TransferKind
from simulators.world.coverage import short
from simulators.world.day_watch import DayWatch
from simulators.world.trace import Trace
from simulators.world.violation import Violations
from switch.flow.payment import Payment, State, from_record


class Seen:
    """One payment, as its commits have it."""

    __slots__ = ("contra_minor", "held_minor", "payment", "pending", "posted_minor")

    def __init__(self) -> None:
        self.payment: Payment | None = None
        self.held_minor = 0
        self.posted_minor = 0
        self.contra_minor = 0
        self.pending = False


class Mirror:
    def __init__(self, trace: Trace, violations: Violations, first_day: str) -> None:
        self.days = DayWatch(first_day, violations)
        self.payments: dict[bytes, Seen] = {}
        self.by_request: dict[tuple[str, str], bytes] = {}  # (terminal, STAN) → payment
        self.by_core_question: dict[tuple[str, str], bytes] = {}  # (STAN, DE 7) → payment
        self.open: dict[bytes, None] = {}
        self.disputed: dict[bytes, None] = {}
        self.posted: defaultdict[str, int] = defaultdict(int)  # account → credits less debits
        self.pending: defaultdict[str, int] = defaultdict(int)
        self.commits = 0
        self._trace = trace
        self._violations = violations
        self._groups: set[bytes] = set()

    def on_commit(self, groups: Sequence[Group], outcomes: Sequence[Outcome]) -> None:
        for group, outcome in zip(groups, outcomes, strict=True):
            if type(outcome) is not Committed:
                payment = group.payment
                self._trace.add(f"books {short(payment.id) if payment else ''} {type(outcome).__name__}")
            elif group.id not in self._groups:
                self._groups.add(group.id)
                self.commits += 1
                self._take(group)

    def _take(self, group: Group) -> None:
        row = group.payment
        if row is None:
            changes = [f"{change.day} {change.state}" for change in group.days]
            self._trace.add(f"books {' '.join([*changes, *(kept.register for kept in group.registers)])}")
            self.days.take(group, None)
            return
        seen = self.payments.get(row.id)
        if seen is None:
            seen = self.payments[row.id] = Seen()
        for transfer in group.transfers:
            self._move(seen, transfer)
        payment = from_record(row.record)
        self._trace.add(f"books {short(row.id)} v{row.version} {row.state} {len(group.transfers)}")
        self._compare(seen, payment)
        self.days.take(group, payment)
        seen.payment = payment
        self._index(payment)

    def _move(self, seen: Seen, transfer: Transfer) -> None:
        minor, kind = transfer.amount_minor, transfer.kind
        if minor <= 0 or transfer.debit == transfer.credit or not transfer.currency:
            self._wrong("I1", "a transfer without two accounts, a positive amount and a currency", transfer.payment)
        table = self.pending if kind in (TransferKind.PENDING, TransferKind.VOID) else self.posted
        sign = -1 if kind is TransferKind.VOID else 1
        table[transfer.debit] -= sign * minor
        table[transfer.credit] += sign * minor
        if kind is TransferKind.POST:
            self.pending[transfer.debit] += minor
            self.pending[transfer.credit] -= minor
        if kind is TransferKind.PENDING:
            seen.held_minor, seen.pending = minor, True
        elif kind is TransferKind.VOID:
            seen.pending = False
        elif kind is TransferKind.POST:
            seen.pending = False
            if seen.posted_minor:
                self._wrong("I2", "posted twice", transfer.payment)
            seen.posted_minor += minor
        elif kind is TransferKind.CONTRA:
            seen.contra_minor += minor
        if kind is TransferKind.POST and minor != seen.held_minor:
            self._wrong("I8", "another amount was posted than was held", transfer.payment)
        if seen.contra_minor > seen.posted_minor:
            self._wrong("I1", "more was given back than was posted", transfer.payment)

    def _compare(self, seen: Seen, payment: Payment) -> None:
        before = seen.payment
        if payment.version != (before.version if before else 0) + 1:
            self._wrong("I5", "a version was left out or written twice", payment.id)
        if before is not None and before.answer and before.answer != payment.answer:
            self._wrong("I5", "a stored answer was changed", payment.id)
        told = before.reversal.answer if before is not None and before.reversal is not None else ""
        if told and (payment.reversal is None or payment.reversal.answer != told):
            self._wrong("I5", "a reversal's stored answer was changed", payment.id)
        if payment.moves_money and (payment.state is State.POSTED) and not seen.posted_minor:
            self._wrong("I2", "POSTED without a posted transfer", payment.id)
        if payment.state in (State.DECLINED, State.RELEASED, State.RELEASING) and (seen.posted_minor or seen.pending):
            self._wrong("I2", f"{payment.state} with money posted or held", payment.id)
        if payment.answer == "00" and payment.moves_money and not seen.posted_minor:
            self._wrong("I2", "approved without a posted transfer", payment.id)
        if payment.next_at is None and seen.pending and payment.state is not State.DISPUTED:
            self._wrong("I3", "money is held and nothing is due", payment.id)

    def _index(self, payment: Payment) -> None:
        if payment.version == 1 and payment.key:
            _, stan, _, _, terminal = payment.key.split("|")
            self.by_request[terminal, stan] = payment.id
            self.by_core_question[payment.core.stan, payment.core.transmitted_at] = payment.id
        for table, holds in (
            (self.open, payment.next_at is not None),
            (self.disputed, payment.state is State.DISPUTED),
        ):
            if holds:
                table[payment.id] = None
            else:
                table.pop(payment.id, None)

    def _wrong(self, invariant: str, text: str, payment: bytes) -> None:
        self._violations.add(invariant, text, payment, trio.current_time())
