"""The business days as an independent reader of every commit counts them.

Rule (I11): every transfer is in one day, and that was open then; a payment's post and contra are in the days that its
record names, which are those that its channel is told (DE 15); what a closed day counts never changes; what a day
counts is the sum of its transfers, and of what its channels were told. Counted here from the transfers alone, under
headings made anew, and compared with what the books counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import trio

from ledger.model import DAY_OPEN, DayTotal, Group, Transfer, TransferKind
from ledger.queries import DayTotals, ListDays
from simulators.world.ledger_node import MemoryBooks
from simulators.world.violation import Violations
from switch.flow.payment import Payment

DEBITS = frozenset({"01", "50", "54"})
TRANSFERS = frozenset({"40", "42"})

Key = tuple[str, str, str]  # day, heading, currency
Sums = dict[Key, list[int]]  # posted, how many; given back, how many


def acquirer_and_kind(fields: Mapping[str, str]) -> str:
    """What a channel counts a payment under, from its own words."""
    code = fields["3"][:2]
    kind = "debit" if code in DEBITS else "transfer" if code in TRANSFERS else ""
    return f"{fields['32']}|{kind}" if kind else ""


def heading(payment: Payment) -> str:
    """What the books are to count it under: the same, and who was asked."""
    biller = payment.biller.peer if payment.biller is not None else ""
    return f"{acquirer_and_kind(payment.fields)}|{payment.core.peer}|{biller}"


class DayWatch:
    def __init__(self, first: str, violations: Violations) -> None:
        self.open = {first}
        self.posted_in: dict[bytes, str] = {}  # payment → the day of its post
        self.back_in: dict[bytes, str] = {}  # and of its contra
        self.carried = 0  # posts in another day than their hold
        self._known = {first}
        self._held_in: dict[bytes, str] = {}
        self._sums: Sums = {}
        self._closed: dict[str, Sums] = {}
        self._violations = violations

    def take(self, group: Group, payment: Payment | None) -> None:
        """One group as it was committed, and the payment that it stored."""
        for transfer in group.transfers:
            self._place(transfer)
            if payment is not None:
                self._move(transfer, payment)
        for change in group.days:
            if change.state == DAY_OPEN and change.day not in self.open:
                self._open(change.day)
            elif change.state != DAY_OPEN and change.day not in self._closed:
                self._close(change.day)

    def _close(self, day: str) -> None:
        if day not in self.open or day == max(self.open):
            self._wrong("a day was closed that had not ended")
        self.open.discard(day)
        self._closed[day] = self._of(day)

    def _open(self, day: str) -> None:
        if day in self._closed or day < max(self._known):
            self._wrong("a day was opened again, or before one that was open")
        self._known.add(day)
        self.open.add(day)

    def _place(self, transfer: Transfer) -> None:
        if transfer.day not in self.open:
            self._wrong(f"a transfer in {transfer.day}, which is not open", transfer.payment)

    def _move(self, transfer: Transfer, payment: Payment) -> None:
        if transfer.kind is TransferKind.PENDING:
            self._held_in[payment.id] = transfer.day
        elif transfer.kind is TransferKind.POST:
            self.posted_in[payment.id] = transfer.day
            self.carried += transfer.day != self._held_in[payment.id]
            self._count(transfer, payment, 0)
            if transfer.day != payment.day:
                self._wrong("posted in another day than the payment names", payment.id)
        elif transfer.kind is TransferKind.CONTRA:
            self.back_in[payment.id] = transfer.day
            self._count(transfer, payment, 2)
            if payment.reversal is None or transfer.day != payment.reversal.day:
                self._wrong("given back in another day than the reversal names", payment.id)

    def _count(self, transfer: Transfer, payment: Payment, place: int) -> None:
        add(self._sums, (transfer.day, heading(payment), transfer.currency), place, transfer.amount_minor)

    def _of(self, day: str) -> Sums:
        return {key: list(counts) for key, counts in self._sums.items() if key[0] == day}

    # When all is quiet.

    def check(self, ledger: MemoryBooks, told: Sums) -> None:
        """`told` is what the channels were told, with days as MMDD."""
        totals = {day: _sums(ledger.answer(DayTotals(day))) for day in sorted(self._known)}
        for day, counted in totals.items():
            if counted != self._of(day):
                self._wrong(f"the totals of {day} are not its transfers: {counted}, {self._of(day)}")
            if day in self._closed and counted != self._closed[day]:
                self._wrong(f"the totals of {day} changed after it was closed")
        by_channel = _by_channel(totals.values())
        for key in by_channel.keys() | told.keys():
            if by_channel.get(key) != told.get(key):
                self._wrong(f"{key}: the books count {by_channel.get(key)}, the channels were told {told.get(key)}")
        still_open = [one.day for one in ledger.answer(ListDays()) if one.state == DAY_OPEN]
        if still_open != [max(self._known)]:
            self._wrong(f"open for ever: {still_open}")

    def _wrong(self, text: str, payment: bytes = b"") -> None:
        self._violations.add("I11", text, payment, trio.current_time())


def add(sums: Sums, key: Key, place: int, minor: int) -> None:
    """One more posted (`place` 0) or given back (2)."""
    counts = sums.setdefault(key, [0, 0, 0, 0])
    counts[place] += minor
    counts[place + 1] += 1


def _by_channel(days: Iterable[Sums]) -> Sums:
    """Whoever was asked, and with days as MMDD."""
    found: Sums = {}
    for day in days:
        for (name, heading, currency), counts in day.items():
            key = name[4:], "|".join(heading.split("|")[:2]), currency
            found[key] = [one + more for one, more in zip(found.get(key, (0, 0, 0, 0)), counts, strict=True)]
    return found


def _sums(totals: Iterable[DayTotal]) -> Sums:
    return {
        (one.day, one.heading, one.currency): [one.posted_minor, one.posted, one.back_minor, one.back] for one in totals
    }
