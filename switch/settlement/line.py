"""One movement of money in a peer's end-of-day file: its columns, what each may hold, and how it is written.

Rule: pure, and nothing is guessed. A cell is what its column allows or the line is refused, and what is refused is
never repeated in the words: it may be anything. No cell may begin with what a spreadsheet takes for a formula.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

import msgspec

from switch.wire.dates import is_day

COLUMNS = ("day", "reference", "stan", "transmitted_at", "kind", "account", "payee", "amount_minor", "currency", "at")
Key = tuple[str, str, str]  # DE 7 and 11 of the switch's question, and DE 37: one payment at one peer


class Kind(StrEnum):
    DEBIT = "debit"  # the core took the amount from the account
    REVERSAL = "reversal"  # and gave it back
    PAYMENT = "payment"  # the biller took the payment
    UNDO = "undo"  # and took it back


OF_CORE = (Kind.DEBIT, Kind.REVERSAL)
OF_BILLER = (Kind.PAYMENT, Kind.UNDO)


class Line(msgspec.Struct, frozen=True):
    """`reference`, `stan`, `transmitted_at` are those of the question that moved the money: a reversal repeats its
    original's. `account` is the debited account at the core, the customer's number at a biller; `payee` is named as in
    the ledger, such as biller:ELEC. `at` is UTC."""

    day: str
    reference: str
    stan: str
    transmitted_at: str
    kind: Kind
    account: str
    payee: str
    amount_minor: int
    currency: str
    at: str

    @property
    def key(self) -> Key:
        return self.transmitted_at, self.stan, self.reference

    @property
    def back(self) -> bool:
        """Whether it gives back what another line took."""
        return self.kind in (Kind.REVERSAL, Kind.UNDO)


class LineError(ValueError):
    """What is wrong with a line, and what is allowed there."""


def written(line: Line) -> str:
    """The line as a file has it. LineError if it could not be read back."""
    cells = (*msgspec.structs.astuple(line)[:7], str(line.amount_minor), line.currency, line.at)
    text = ",".join(cells)
    read(text)
    return text


def read(text: str) -> Line:
    cells = text.split(",")
    if len(cells) != len(COLUMNS):
        raise LineError(f"{len(cells)} columns: allowed: {len(COLUMNS)}, without quotation marks")
    for column, cell in zip(COLUMNS, cells, strict=True):
        pattern, allowed = _ALLOWED[column]
        if pattern.fullmatch(cell) is None or not _EXISTS.get(column, _any)(cell):
            raise LineError(f"{column} ({len(cell)} characters): allowed: {allowed}")
    day, reference, stan, transmitted_at, kind, account, payee, amount, currency, at = cells
    return Line(day, reference, stan, transmitted_at, Kind(kind), account, payee, int(amount), currency, at)


def _is_transmission(cell: str) -> bool:
    try:
        datetime.strptime(f"2000{cell}", "%Y%m%d%H%M%S")  # noqa: DTZ007 - only whether it exists, in a leap year
    except ValueError:
        return False
    return True


def _is_moment(cell: str) -> bool:
    try:
        datetime.fromisoformat(cell.replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


def _any(cell: str) -> bool:
    return True


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{0,39}", re.ASCII)
_ALLOWED: dict[str, tuple[re.Pattern[str], str]] = {
    "day": (re.compile(r"[0-9]{8}"), "YYYYMMDD"),
    "reference": (re.compile(r"[A-Za-z0-9]{1,12}"), "field 37, 1 to 12 letters or digits"),
    "stan": (re.compile(r"[0-9]{6}"), "field 11, 6 digits"),
    "transmitted_at": (re.compile(r"[0-9]{10}"), "field 7, MMDDhhmmss"),
    "kind": (re.compile("|".join(Kind)), ", ".join(Kind)),
    "account": (_NAME, "1 to 40 letters, digits, spaces, . / _ -, the first a letter or a digit"),
    "payee": (
        re.compile(r"(?:biller|atm|loan|customer):[A-Za-z0-9][A-Za-z0-9 ./_-]{0,39}"),
        "biller:, atm:, loan: or customer:, and a name",
    ),
    "amount_minor": (re.compile(r"[1-9][0-9]{0,14}"), "1 to 15 digits, the first not 0"),
    "currency": (re.compile(r"[0-9]{3}"), "3 digits (ISO 4217)"),
    "at": (re.compile(r"[0-9-]{10}T[0-9:]{8}(?:\.[0-9]{3})?Z"), "YYYY-MM-DDThh:mm:ssZ"),
}
_EXISTS: dict[str, Callable[[str], bool]] = {"day": is_day, "transmitted_at": _is_transmission, "at": _is_moment}
