"""What can be asked of the books, as values: they cross the socket like groups do."""

from __future__ import annotations

import msgspec

from ledger.model import (
    Account,
    Advice,
    BusinessDay,
    CurrencyTotals,
    DayTotal,
    Found,
    PaymentRow,
    RegisterRow,
    StatementLine,
)


class FindClaim(msgspec.Struct, frozen=True, array_like=True, tag="claim"):
    """By key, else the newest claim of the alias."""

    key: str
    alias: str


class GetPayment(msgspec.Struct, frozen=True, array_like=True, tag="payment"):
    id: bytes


class OpenPayments(msgspec.Struct, frozen=True, array_like=True, tag="open"):
    """Payments with a next action, the earliest first: those after (`next_at`, `id`), at most `limit`; 0: all."""

    after: tuple[float, bytes] | None = None
    limit: int = 0


class OpenAdvices(msgspec.Struct, frozen=True, array_like=True, tag="advices"):
    """Every advice with a next attempt, the earliest first."""


class CountPayments(msgspec.Struct, frozen=True, array_like=True, tag="count"):
    """How many payments there are in each state."""


class CurrentDay(msgspec.Struct, frozen=True, array_like=True, tag="day"):
    """The newest open day, "" if there is none."""


class ListAccounts(msgspec.Struct, frozen=True, array_like=True, tag="accounts"):
    """Every account whose name begins so, by name."""

    prefix: str = ""


class GetStatement(msgspec.Struct, frozen=True, array_like=True, tag="statement"):
    """An account's transfers, newest first; `before` is the last id of the page before this one. With the balance that
    it showed, `before_balance_minor`, the page is found at once; without, by counting back from the newest."""

    account: str
    limit: int = 50
    before: bytes = b""
    posted_only: bool = False
    before_balance_minor: int | None = None


class TrialBalance(msgspec.Struct, frozen=True, array_like=True, tag="trial"):
    """Per currency. It adds up every transfer: a report, not something to ask often."""


class ListDays(msgspec.Struct, frozen=True, array_like=True, tag="days"):
    """Business days, the newest first, at most `limit`; 0: all."""

    limit: int = 0


class CountOpen(msgspec.Struct, frozen=True, array_like=True, tag="still-open"):
    """How many payments of a day have a next action."""

    day: str


class DayTotals(msgspec.Struct, frozen=True, array_like=True, tag="totals"):
    """A day's totals under every heading that begins so."""

    day: str
    prefix: str = ""


class ListRegister(msgspec.Struct, frozen=True, array_like=True, tag="register"):
    """The rows of a register whose key begins so, by key: those after one, at most `limit`; 0: all."""

    register: str
    prefix: str = ""
    after: str = ""
    limit: int = 0


Query = (
    FindClaim
    | GetPayment
    | OpenPayments
    | OpenAdvices
    | CountPayments
    | CurrentDay
    | ListAccounts
    | GetStatement
    | TrialBalance
    | ListDays
    | CountOpen
    | DayTotals
    | ListRegister
)


class Statement(msgspec.Struct, frozen=True, array_like=True):
    account: Account
    lines: tuple[StatementLine, ...]


Answer = (
    Found
    | PaymentRow
    | None
    | list[PaymentRow]
    | list[Advice]
    | dict[str, int]
    | str
    | list[Account]
    | Statement
    | list[CurrencyTotals]
    | list[BusinessDay]
    | int
    | list[DayTotal]
    | list[RegisterRow]
)

ANSWERS: dict[type, object] = {
    FindClaim: Found,
    GetPayment: PaymentRow | None,
    OpenPayments: list[PaymentRow],
    OpenAdvices: list[Advice],
    CountPayments: dict[str, int],
    CurrentDay: str,
    ListAccounts: list[Account],
    GetStatement: Statement | None,
    TrialBalance: list[CurrencyTotals],
    ListDays: list[BusinessDay],
    CountOpen: int,
    DayTotals: list[DayTotal],
    ListRegister: list[RegisterRow],
}
