"""The books against a plain model: any mix of groups, good and bad, in batches, with restarts, ends the same.

The model knows nothing of caches, rows or batches: it is two dicts and the rules said once more, in other words.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from copy import copy
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from ledger import report
from ledger.model import Committed, DayChange, Group, Opening, Outcome, PaymentRow, Transfer, TransferKind, Usage
from ledger.queries import DayTotals, ListAccounts, Query, TrialBalance
from ledger.reader import open_reader
from ledger.store import Store
from ledger.verify import verify

DAY, CLOSED = "20260302", "20260301"
DAYS = [CLOSED, DAY, "20260303", "20260304", "20260305"]
HEADINGS = ["", "5001|debit", "5002|debit"]
ACCOUNTS = {"a": "760", "b": "760", "c": "760", "poor": "760", "euro": "978"}
COVERED = {"poor"}
DIRECT, PENDING, POST, VOID, CONTRA = TransferKind

names = st.sampled_from(["a", "b", "poor", "a", "b", "poor", "c", "euro", "nobody"])
near = st.sampled_from([0, 0, 1, -1, -2, -9])  # what makes sums end just at, above and below what is allowed
amounts = st.integers(1, 40)


class Model:
    """What should be there."""

    def __init__(self) -> None:
        self.transfers: dict[bytes, Transfer] = {}
        self.payments: dict[bytes, PaymentRow] = {}
        self.used: Counter[str] = Counter()
        self.open_days = [CLOSED]
        self.days = [CLOSED]

    def apply(self, group: Group) -> bool:
        before = {name: copy(kept) for name, kept in self.__dict__.items()}
        moved = all(map(self._use, group.usages)) and all(map(self._move, group.transfers))
        if self._payment(group) and moved and all(map(self._change_day, group.days)):
            return True
        self.__dict__ = before
        return False

    def _payment(self, group: Group) -> bool:
        payment = group.payment
        if payment is None:
            return True
        known = self.payments.get(payment.id)
        self.payments[payment.id] = payment
        return payment.version == (known.version + 1 if known else 1)

    def _change_day(self, change: DayChange) -> bool:
        if change.state == "open":
            if change.day in self.open_days:
                return True
            self.open_days, self.days = [*self.open_days, change.day], [*self.days, change.day]
            return change.day == max(self.days) and self.days.count(change.day) == 1
        newest = change.day == max(self.open_days)
        self.open_days = [day for day in self.open_days if day != change.day]
        return change.day in self.days and not newest

    def totals(self, day: str) -> dict[str, tuple[int, int, int, int]]:
        """Under each heading: what was posted and how often, what was given back and how often."""
        sums: dict[str, tuple[int, int, int, int]] = {}
        for transfer in self.transfers.values():
            if transfer.day == day and transfer.heading and transfer.kind not in (PENDING, VOID):
                amount, back = transfer.amount_minor, transfer.kind is CONTRA
                added = (0, 0, amount, 1) if back else (amount, 1, 0, 0)
                was = sums.get(transfer.heading, (0, 0, 0, 0))
                sums[transfer.heading] = tuple(map(sum, zip(was, added, strict=True)))  # type: ignore[assignment]
        return sums

    def _use(self, usage: Usage) -> bool:
        self.used[usage.scope] += usage.amount_minor
        return usage.amount_max is None or usage.amount_minor <= 0 or self.used[usage.scope] <= usage.amount_max

    def _move(self, transfer: Transfer) -> bool:
        known = self.transfers.get(transfer.id)
        if known is not None:
            return known == transfer
        allowed = self._is_allowed(transfer)
        self.transfers[transfer.id] = transfer
        return allowed and self._funds_hold(transfer)

    def _is_allowed(self, transfer: Transfer) -> bool:
        currencies = {ACCOUNTS.get(transfer.debit), ACCOUNTS.get(transfer.credit)}
        if transfer.day not in self.open_days or transfer.debit == transfer.credit or currencies != {transfer.currency}:
            return False
        if transfer.kind in (DIRECT, PENDING):
            return True
        original = self.transfers.get(transfer.original)
        if original is None:
            return False
        later = [other for other in self.transfers.values() if other.original == original.id]
        if transfer.kind is CONTRA:
            given_back = sum(other.amount_minor for other in later) + transfer.amount_minor
            swapped = (transfer.debit, transfer.credit) == (original.credit, original.debit)
            return original.kind in (DIRECT, POST) and swapped and given_back <= original.amount_minor
        same = (transfer.debit, transfer.credit) == (original.debit, original.credit)
        fits = transfer.amount_minor <= original.amount_minor
        whole = transfer.amount_minor == original.amount_minor
        return original.kind is PENDING and same and not later and (whole if transfer.kind is VOID else fits)

    def _funds_hold(self, transfer: Transfer) -> bool:
        if transfer.debit not in COVERED or transfer.kind in (POST, VOID):
            return True
        posted_debits, held, posted_credits = self.balance(transfer.debit)
        return posted_debits + held <= posted_credits

    def balance(self, name: str) -> tuple[int, int, int]:
        """Posted debits, held debits, posted credits."""
        debits = held = credits_ = 0
        settled = {other.original for other in self.transfers.values() if other.kind in (POST, VOID)}
        for transfer in self.transfers.values():
            moved = 0 if transfer.kind in (PENDING, VOID) else transfer.amount_minor
            debits += moved * (transfer.debit == name)
            credits_ += moved * (transfer.credit == name)
            if transfer.kind is PENDING and transfer.id not in settled and transfer.debit == name:
                held += transfer.amount_minor
        return debits, held, credits_


class BooksMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._place = Path(tempfile.mkdtemp(prefix="barada-books-"))
        self._ids = count(1)
        self._model = Model()
        self._batch: list[Group] = []
        self._known: list[Transfer] = []
        self._applied: list[Group] = []
        self._store = self._opened()

    def _opened(self) -> Store:
        return Store(self._place / "books.db", lambda: 0.0, day=CLOSED, synchronous="OFF")

    def teardown(self) -> None:
        self._commit()
        self._check(self._store.answer)
        self._store.close()
        assert verify(self._place / "books.db").findings == []
        shutil.rmtree(self._place)

    @initialize()
    def accounts(self) -> None:
        for change in (DayChange(DAY, "open"), DayChange(CLOSED, "closed")):
            self._batch.append(Group(self._id(), days=(change,)))
        self._commit()
        openings = tuple(Opening(name, currency, name in COVERED) for name, currency in ACCOUNTS.items())
        assert isinstance(self._store.apply_groups([Group(self._id(), openings=openings)])[0], Committed)
        self._add(Transfer(self._id(), DIRECT, "a", "poor", 50, "760", DAY))

    def _id(self) -> bytes:
        return next(self._ids).to_bytes(16, "big")

    def _add(self, *transfers: Transfer, usages: tuple[Usage, ...] = (), payment: PaymentRow | None = None) -> None:
        self._known += transfers
        self._batch.append(Group(self._id(), payment, transfers=transfers, usages=usages))

    def _draw(self, data: st.DataObject, kinds: tuple[TransferKind, ...]) -> Transfer | None:
        """One that was made before, applied or not; the newest first, when an example is made smaller."""
        candidates = [transfer for transfer in self._known if transfer.kind in kinds][-12:]
        return data.draw(st.sampled_from(candidates[::-1])) if candidates else None

    def _day(self, data: st.DataObject) -> str:
        """Mostly one that is open."""
        return data.draw(st.sampled_from([*self._model.open_days[::-1], *DAYS[1:]]), "day")

    # Groups wait in a batch until a rule commits it.

    @rule(debit=names, credit=names, amount=amounts, kind=st.sampled_from([DIRECT, PENDING]), data=st.data())
    def new(self, debit: str, credit: str, amount: int, kind: TransferKind, data: st.DataObject) -> None:
        if debit != credit:
            currency, heading = ACCOUNTS.get(debit, "760"), data.draw(st.sampled_from(HEADINGS), "heading")
            transfer = Transfer(self._id(), kind, debit, credit, amount, currency, self._day(data))
            self._add(msgspec.structs.replace(transfer, heading=heading))

    @rule(days=st.lists(st.sampled_from(DAYS), min_size=1, max_size=2), state=st.sampled_from(["open", "closed"]))
    def change_days(self, days: list[str], state: str) -> None:
        self._batch.append(Group(self._id(), days=tuple(DayChange(day, state) for day in days)))

    @rule(kinds=st.lists(st.sampled_from([POST, POST, VOID]), min_size=1, max_size=2), data=st.data(), off=near)
    def settle(self, kinds: list[TransferKind], data: st.DataObject, off: int) -> None:
        held = self._draw(data, (PENDING,))
        if held is None:
            return
        for kind in kinds:
            self._add(self._naming(held, kind, held.amount_minor + off, data))
            self._maybe_commit(data)

    @rule(parts=st.integers(1, 3), data=st.data(), off=near)
    def give_back(self, parts: int, data: st.DataObject, off: int) -> None:
        posted = self._draw(data, (DIRECT, POST))
        if posted is None:
            return
        for _ in range(parts):
            self._add(self._naming(posted, CONTRA, posted.amount_minor // parts + off, data, swapped=True))
            self._maybe_commit(data)

    @rule(kind=st.sampled_from([POST, VOID, CONTRA]), data=st.data(), swapped=st.booleans())
    def name_the_wrong_original(self, kind: TransferKind, data: st.DataObject, swapped: bool) -> None:
        known = self._draw(data, tuple(TransferKind))
        if known is not None:
            self._add(self._naming(known, kind, known.amount_minor, data, swapped=swapped))

    def _naming(
        self, original: Transfer, kind: TransferKind, amount: int, data: st.DataObject, *, swapped: bool = False
    ) -> Transfer:
        """In a day of its own; under the original's heading."""
        debit, credit = (original.credit, original.debit) if swapped else (original.debit, original.credit)
        day = self._day(data)
        named = Transfer(self._id(), kind, debit, credit, max(1, amount), original.currency, day, original.id)
        return msgspec.structs.replace(named, heading=original.heading)

    @rule(amount=amounts, kind=st.sampled_from([DIRECT, PENDING]), times=st.integers(1, 3))
    def spend_what_is_covered(self, amount: int, kind: TransferKind, times: int) -> None:
        for _ in range(times):
            self._add(Transfer(self._id(), kind, "poor", "a", amount, "760", DAY))

    @rule(data=st.data())
    def in_a_closed_day(self, data: st.DataObject) -> None:
        known = self._draw(data, (DIRECT, PENDING))
        if known is not None:
            self._add(msgspec.structs.replace(known, id=self._id(), day=CLOSED))

    @rule(data=st.data(), amount=st.none() | amounts)
    def same_transfer_in_another_group(self, data: st.DataObject, amount: int | None) -> None:
        known = self._draw(data, tuple(TransferKind))
        if known is not None:
            changed = known if amount is None else msgspec.structs.replace(known, amount_minor=amount)
            self._batch.append(Group(self._id(), transfers=(changed,)))

    @rule(debit=names, credit=names, amount=amounts, last=amounts)
    def pair_that_stands_or_falls_together(self, debit: str, credit: str, amount: int, last: int) -> None:
        if debit != credit:
            first = Transfer(self._id(), PENDING, debit, credit, amount, "760", DAY)
            self._add(first, Transfer(self._id(), POST, debit, credit, last, "760", DAY, first.id))

    @rule(amount=st.integers(-20, 30))
    def within_a_limit(self, amount: int) -> None:
        transfer = Transfer(self._id(), DIRECT, "a", "poor", 1, "760", DAY)
        self._add(transfer, usages=(Usage("a", DAY, amount, 1, 50),))

    @rule(number=st.integers(1, 3), version=st.integers(1, 4))
    def payment(self, number: int, version: int) -> None:
        row = PaymentRow(bytes([number] * 16), version, "HELD", "pay-bill", DAY, None, bytes([version]))
        self._add(Transfer(self._id(), DIRECT, "a", "b", 1, "760", DAY), payment=row)

    @rule(data=st.data())
    def sent_again(self, data: st.DataObject) -> None:
        """After a broken connection: it changes nothing and is committed as it was."""
        if self._applied:
            group = data.draw(st.sampled_from(self._applied[::-1][:8]))
            assert isinstance(self._store.apply_groups([group])[0], Committed)

    @rule(data=st.data())
    def commit(self, data: st.DataObject) -> None:
        self._commit()
        how = data.draw(st.sampled_from(["go on", "stop", "kill"]), "then")
        if how != "go on":
            self._store.close() if how == "stop" else self._store.abandon()
            self._store = self._opened()

    def _maybe_commit(self, data: st.DataObject) -> None:
        if data.draw(st.booleans(), "commit"):
            self.commit(data)

    def _commit(self) -> None:
        batch, self._batch = self._batch, []
        for group, outcome in zip(batch, self._store.apply_groups(batch), strict=True):
            self._compare(group, outcome)

    def _compare(self, group: Group, outcome: Outcome) -> None:
        assert self._model.apply(group) == isinstance(outcome, Committed), (group, outcome)
        if isinstance(outcome, Committed):
            self._applied.append(group)

    @rule(asked=st.sampled_from(["the store", "a reader beside it"]))
    def look(self, asked: str) -> None:
        """Balances are the model's, whether the tables have been written or not."""
        if asked == "the store":
            self._check(self._store.answer)
        else:
            with closing(open_reader(self._place / "books.db")) as reader:
                self._check(partial(report.answer, reader))

    def _check(self, answer: Callable[[Query], Any]) -> None:
        for account in answer(ListAccounts()):
            stored = (account.debits_posted, account.debits_pending, account.credits_posted)
            assert stored == self._model.balance(account.name), account
        assert all(totals.balanced for totals in answer(TrialBalance()))
        for day in DAYS:
            stored_totals = {total.heading: msgspec.structs.astuple(total)[3:] for total in answer(DayTotals(day))}
            assert stored_totals == self._model.totals(day), day


TestBooks = BooksMachine.TestCase
TestBooks.settings = settings(
    max_examples=settings().max_examples // 2,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
