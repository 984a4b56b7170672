"""A simulated host's memory: what it was asked, how it answered, what moved, all in a ledger of its own.

Rule: whatever an answer promises is committed here before the answer leaves, in one group: the claim on the key,
the move of money, and the record with the answer. Facts that change with it travel in the same commit. There is
one writer, this process, so what was read just before a commit still holds in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import msgspec

from ledger.model import BusinessDay, Claim, Committed, DayTotal, Found, Group, PaymentRow, StatementLine
from ledger.queries import DayTotals, FindClaim, GetPayment, GetStatement, ListDays, Query, Statement
from ledger.scale import UNCHANGED, Scale
from ledger.store import Store
from simulators.hosts.counting import day_of
from simulators.hosts.identity import Identity, payment_key
from simulators.hosts.postings import (
    fact_group,
    fact_id,
    new_id,
    openings_group,
    question_group,
    tombstone_group,
    undo_group,
)
from simulators.hosts.records import Decision, Fact, Record, Undone, from_bytes
from switch.wire import dates
from switch.wire.message import Message

OPENINGS_PER_GROUP = 500
DAYS_AHEAD_MAX = 31  # of the calendar; what the switch itself allows is less
PAGE = 40  # lines read at a time: two pages of a statement

Clock = Callable[[], dt.datetime]
T = TypeVar("T")


class JournalError(Exception):
    """The books refused what this process had checked before: its own bug, or someone else writes to its file."""


class Remembered(msgspec.Struct, frozen=True):
    """A question found again: the claim that was found, and the record behind it as it is now."""

    claim: Claim
    row: PaymentRow
    record: Record


class Journal:
    """`clock` gives aware UTC moments; `zone` is where the host keeps its calendar; `scale` says in which units it
    counts."""

    def __init__(self, store: Store, clock: Clock, zone: dt.tzinfo = dt.UTC, scale: Scale = UNCHANGED) -> None:
        self.scale = scale
        self._store = store
        self._clock = clock
        self._zone = zone
        self._told = ""  # the business day that the message at hand falls into, as its sender says

    def now(self) -> dt.datetime:
        """The local moment."""
        return self._clock().astimezone(self._zone)

    @property
    def day(self) -> str:
        """The business day, YYYYMMDD: what the message at hand says, else it follows the calendar, and never goes
        back."""
        if self._told:
            return self._told
        today, current = f"{self.now():%Y%m%d}", self._store.current_day()
        if today > current:
            self._store.open_day(today)
        return max(today, current)

    def day_of(self, message: Message) -> str:
        """The business day in whose pound a question is: the asker's (DE 15) where it names one, else our own."""
        return day_of(message, self.day)

    def units(self, message: Message) -> int:
        """Of these books, in a minor unit of the question."""
        return self.scale.units(self.day_of(message))

    def fall_into(self, mmdd: str | None) -> bool:
        """What is noted from here on falls into this day (DE 15), which is opened if it is a new one and not far ahead;
        None: the calendar's. False: no such day may be opened, and the calendar is followed."""
        self._told = ""
        if mmdd is None:
            return True
        try:
            day = dates.compact(dates.resolve_day(mmdd, self.now().date()))
        except ValueError:
            return False
        latest = f"{self.now() + dt.timedelta(DAYS_AHEAD_MAX):%Y%m%d}"
        if day > latest or not self._may_open(day):
            return False
        self._told = day
        return True

    def _may_open(self, day: str) -> bool:
        """Several days are open at a time: a question that is asked late falls into its own."""
        current = self._store.current_day()
        if day > current:
            self._store.open_day(day)
        return day >= current or any(one.day == day for one in self._ask(ListDays(), list) or ())

    def find(self, identity: Identity) -> Remembered | None:
        """The question itself if it was asked before; by its alias only where repeats are concerned."""
        for key in identity.keys:
            found = self._find(key, "")
            if found is not None:
                return found
        found = self._find(identity.key, identity.alias)
        return found if found is not None and (identity.repeat or found.claim.repeat) else None

    def find_payment(self, payment: str) -> Remembered | None:
        """By the asker's own id of it."""
        return self._find(payment_key(payment), "")

    def balance(self, account: str) -> int:
        """What the account's holder has; zero if there is no such account yet."""
        found = self._statement(account, b"", 1)
        return 0 if found is None or found.account is None else found.account.balance_minor

    def is_open(self, account: str) -> bool:
        """Whether money ever moved to or from the account."""
        return self._statement(account, b"", 1) is not None

    def lines(self, account: str, before: bytes = b"") -> Iterator[StatementLine]:
        """The account's movements, newest first, after the one with the id `before`."""
        while (page := self._statement(account, before, PAGE)) is not None and page.lines:
            yield from page.lines
            before = page.lines[-1].transfer.id

    def fact(self, name: str) -> bytes | None:
        """What was last noted under this name."""
        row = self._fact_row(name)
        return None if row is None else row.record

    def note(self, *facts: Fact) -> None:
        """Commit facts by themselves: a wrong try counts whatever becomes of the question."""
        self._commit([self._fact_group(fact) for fact in facts])

    def open_accounts(self, balances: Iterable[tuple[str, int]]) -> None:
        """Give each account that is not there yet its opening balance."""
        day, fresh = self.day, [(name, minor) for name, minor in balances if not self.is_open(name)]
        starts = range(0, len(fresh), OPENINGS_PER_GROUP)
        self._commit([openings_group(fresh[start : start + OPENINGS_PER_GROUP], day) for start in starts])

    def totals(self, prefix: str) -> list[DayTotal]:
        """What was counted under every heading that begins so, on whatever of the host's own days."""
        days: list[BusinessDay] = self._ask(ListDays(), list) or []
        counted: list[DayTotal] = []
        for one in days:
            counted += self._ask(DayTotals(one.day, prefix), list) or []
        return counted

    def remember(
        self,
        identity: Identity,
        content: bytes,
        decision: Decision,
        service: str,
        reference: str,
        heading: str = "",
        *,
        units: int,
    ) -> None:
        """Make a decision durable under the question's keys; what it moves is counted under `heading`."""
        id_ = self._new_id(identity.key)
        group = question_group(id_, self.day, identity, content, decision, service, reference, heading, units=units)
        self._commit([group, *map(self._fact_group, decision.facts)])

    def bury(self, original: Identity, reversal: Identity, content: bytes, code: str) -> None:
        """Remember a reversal whose original is not known: the original that comes later is too late."""
        id_ = self._new_id(original.key)
        self._commit([tombstone_group(id_, self.day, original, reversal, content, code)])

    def undo(
        self,
        found: Remembered,
        reversal: Identity,
        content: bytes,
        undone: Undone,
        *,
        back_minor: int,
        facts: tuple[Fact, ...],
        reference: str,
        heading: str = "",
    ) -> None:
        """Give back `back_minor` of what a question moved, in its own pound (0: nothing moved), and remember that it
        was undone."""
        record = msgspec.structs.replace(found.record, undone=undone)
        id_ = self._new_id(reversal.key)
        group = undo_group(id_, self.day, found.row, record, reversal, content, back_minor, reference, heading)
        self._commit([group, *map(self._fact_group, facts)])

    def _commit(self, groups: list[Group]) -> None:
        for outcome in self._store.apply_groups(groups):
            if not isinstance(outcome, Committed):
                raise JournalError(f"the books said {type(outcome).__name__.lower()}")

    def _find(self, key: str, alias: str) -> Remembered | None:
        found = self._ask(FindClaim(key, alias), Found)
        if found is None or found.claim is None or found.payment is None:
            return None
        return Remembered(found.claim, found.payment, from_bytes(found.payment.record))

    def _statement(self, account: str, before: bytes, limit: int) -> Statement | None:
        return self._ask(GetStatement(account, limit, before, posted_only=True), Statement)

    def _fact_row(self, name: str) -> PaymentRow | None:
        return self._ask(GetPayment(fact_id(name)), PaymentRow)

    def _ask(self, query: Query, kind: type[T]) -> T | None:
        found = self._store.answer(query)
        if found is not None and not isinstance(found, kind):
            raise JournalError(f"the books said {type(found).__name__.lower()}")
        return found

    def _fact_group(self, fact: Fact) -> Group:
        return fact_group(fact, self._fact_row(fact.name), self.day)

    def _new_id(self, about: str) -> bytes:
        return new_id(int(self._clock().timestamp() * 1000), about)
