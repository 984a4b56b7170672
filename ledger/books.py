"""The port: all that the rest of the system may ask of the books, whatever engine stands behind it.

Rule: no SQL and no engine's word gets past this page. Every call answers through `done`, exactly once, perhaps before
the call returns; none waits and none raises.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ledger.model import (
    Account,
    Advice,
    BusinessDay,
    CurrencyTotals,
    DayTotal,
    Found,
    Group,
    Outcome,
    PaymentRow,
    RegisterRow,
    Unavailable,
)
from ledger.queries import (
    CountOpen,
    CountPayments,
    CurrentDay,
    DayTotals,
    FindClaim,
    GetPayment,
    GetStatement,
    ListAccounts,
    ListDays,
    ListRegister,
    OpenAdvices,
    OpenPayments,
    Query,
    Statement,
    TrialBalance,
)

if TYPE_CHECKING:
    from ledger.store import Store

Done = Callable[[Outcome], None]


class Books(ABC):
    """Each engine says how a group is committed and a question answered; the named questions are the same for all."""

    @abstractmethod
    def submit(self, group: Group, done: Done) -> None:
        """Commit a group. What `done` gets is durable, or certainly never happens.

        Groups are decided in the order of their submission; their outcomes come in no particular order.
        """

    @abstractmethod
    def ask(self, query: Query, done: Callable[[Any], None]) -> None:
        """`done` gets what the query is answered with, or Unavailable."""

    def find(self, key: str, alias: str, done: Callable[[Found | Unavailable], None]) -> None:
        """The claim of this key, else the newest of this alias, and its payment as it is now."""
        self.ask(FindClaim(key, alias), done)

    def payment(self, id_: bytes, done: Callable[[PaymentRow | Unavailable | None], None]) -> None:
        self.ask(GetPayment(id_), done)

    def open_payments(
        self, done: Callable[[list[PaymentRow] | Unavailable], None], after: PaymentRow | None = None, limit: int = 0
    ) -> None:
        """Payments with a next action, the earliest first; page by page, each after the last row of the one before."""
        place = (after.next_at, after.id) if after is not None and after.next_at is not None else None
        self.ask(OpenPayments(place, limit), done)

    def open_advices(self, done: Callable[[list[Advice] | Unavailable], None]) -> None:
        """Every advice with a next attempt, the earliest first."""
        self.ask(OpenAdvices(), done)

    def count_payments(self, done: Callable[[dict[str, int] | Unavailable], None]) -> None:
        """How many payments there are in each state."""
        self.ask(CountPayments(), done)

    def current_day(self, done: Callable[[str | Unavailable], None]) -> None:
        """The newest open business day, "" before the first."""
        self.ask(CurrentDay(), done)

    def days(self, done: Callable[[list[BusinessDay] | Unavailable], None], limit: int = 0) -> None:
        """The newest first, at most `limit`; 0: all of them."""
        self.ask(ListDays(limit), done)

    def count_open(self, day: str, done: Callable[[int | Unavailable], None]) -> None:
        """How many payments of a day have a next action."""
        self.ask(CountOpen(day), done)

    def day_totals(self, day: str, done: Callable[[list[DayTotal] | Unavailable], None], prefix: str = "") -> None:
        """What a day's transfers come to under each heading that begins so."""
        self.ask(DayTotals(day, prefix), done)

    def register(
        self,
        register: str,
        done: Callable[[list[RegisterRow] | Unavailable], None],
        *,
        prefix: str = "",
        after: str = "",
        limit: int = 0,
    ) -> None:
        """The rows of a register whose key begins so, by key; page by page, each after the last key before it."""
        self.ask(ListRegister(register, prefix, after, limit), done)

    def accounts(self, done: Callable[[list[Account] | Unavailable], None], prefix: str = "") -> None:
        self.ask(ListAccounts(prefix), done)

    def statement(
        self,
        account: str,
        done: Callable[[Statement | Unavailable | None], None],
        *,
        limit: int = 50,
        before: bytes = b"",
        posted_only: bool = False,
        before_balance_minor: int | None = None,
    ) -> None:
        """Newest first; `before` is the last transfer of the page before, and its balance finds it quickly. None: no
        such account."""
        self.ask(GetStatement(account, limit, before, posted_only, before_balance_minor), done)

    def trial_balance(self, done: Callable[[list[CurrencyTotals] | Unavailable], None]) -> None:
        self.ask(TrialBalance(), done)


class InlineBooks(Books):
    """The store in the caller's own thread, one commit per group: for tests, the simulation and small books.

    A disk that leaves the outcome of a commit unknown is no answer at all: `OutcomeUnknownError` passes through and
    ends the process, and the journal tells at the next start.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def submit(self, group: Group, done: Done) -> None:
        done(self._store.apply_groups([group])[0])

    def ask(self, query: Query, done: Callable[[Any], None]) -> None:
        done(self._store.answer(query))
