"""The values that go into the books and come out of them.

Rule: values only. Every Struct is frozen; money is an int of minor units beside its currency; a day is "YYYYMMDD".
What crosses the socket or enters the journal is array-like, so fields are appended at the end, never moved: the hash
chain was computed over these bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

import msgspec


class TransferKind(Enum):
    DIRECT = "direct"  # posted at once
    PENDING = "pending"  # held, until posted or voided
    POST = "post"  # posts the pending transfer it names, whole or in part; the rest is released
    VOID = "void"  # releases the pending transfer it names
    CONTRA = "contra"  # gives back, whole or in part, the posted transfer it names, accounts swapped


class Refusal(Enum):
    """Why a group was refused. Business as usual, all of them, but for MALFORMED: that is a caller's bug."""

    MALFORMED = "malformed"
    AMOUNT_LIMIT = "amount limit"
    COUNT_LIMIT = "count limit"
    CLOSED_DAY = "closed day"
    DAY_NEEDED = "day needed"
    CONFLICT = "conflict"
    UNKNOWN_ACCOUNT = "unknown account"
    CURRENCY = "currency"
    UNKNOWN_ORIGINAL = "unknown original"
    NOT_PENDING = "not pending"
    NOT_POSTED = "not posted"
    MISMATCH = "mismatch"
    ALREADY_POSTED = "already posted"
    ALREADY_VOIDED = "already voided"
    EXCEEDS = "exceeds"
    FUNDS = "funds"


class Account(msgspec.Struct, frozen=True, array_like=True, gc=False):
    name: str
    currency: str
    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0
    covered: bool = False  # posted and pending debits may not exceed posted credits
    last: bytes = b""  # the newest transfer that names it: where a statement begins
    number: int = 0  # its row in the books, in order of opening

    @property
    def balance_minor(self) -> int:
        """What the account's holder has: posted credits less posted debits."""
        return self.credits_posted - self.debits_posted

    @property
    def available_minor(self) -> int:
        """The same, less what is held."""
        return self.credits_posted - self.debits_posted - self.debits_pending


class Opening(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Opens an account if there is none of this name. Another currency or `covered` is refused."""

    name: str
    currency: str
    covered: bool = False


class Transfer(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One movement of money. `id` is 16 bytes, made by the caller, the time first: neighbours in time lie together.

    POST, VOID and CONTRA name their `original`. A POST repeats its accounts and moves at most its amount; a VOID
    repeats accounts and amount; a CONTRA swaps the accounts.
    """

    id: bytes
    kind: TransferKind
    debit: str
    credit: str
    amount_minor: int
    currency: str
    day: str
    original: bytes = b""
    payment: bytes = b""
    memo: str = ""
    heading: str = ""  # under which its day's totals count what it posts or gives back; "": under none


class Claim(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The right to run a request once.

    Taken if the key exists; or `repeat` and the alias exists; or the alias was claimed before by a repeat. An empty
    alias is none; empty content is a wildcard (a tombstone). Let keys and aliases begin with the request's time:
    neighbours in time then share a page, and a commit writes few of them.
    """

    key: str
    alias: str
    content: bytes
    role: str
    repeat: bool = False


class PaymentRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A payment as its owner stored it. `version` is what this row becomes, 1 for a new one; `record` is opaque."""

    id: bytes
    version: int
    state: str
    service: str
    day: str
    next_at: float | None
    record: bytes


class Usage(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a group adds to a day's usage (negative: gives back), and how far it may go (None: any)."""

    scope: str
    day: str
    amount_minor: int
    count: int
    amount_max: int | None = None
    count_max: int | None = None


class Advice(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An advice owed to a peer, one per payment and kind; the newest one stands."""

    payment: bytes
    kind: str
    destination: str
    amount_minor: int
    attempts: int
    next_at: float | None
    state: str


DAY_OPEN, DAY_CLOSED = "open", "closed"


class DayChange(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Opens or closes a business day; `at` is seconds since 1970, UTC."""

    day: str
    state: str
    at: float = 0.0


class BusinessDay(msgspec.Struct, frozen=True, array_like=True, gc=False):
    day: str
    state: str
    opened_at: float
    closed_at: float | None = None


class DayTotal(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the transfers of a day posted under one heading, and what contras gave back: each belongs to the day that it
    names, whatever day its original was of."""

    day: str
    heading: str
    currency: str
    posted_minor: int = 0
    posted: int = 0
    back_minor: int = 0
    back: int = 0


class RegisterRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A fact that its owner keeps in the books beside the money, such as a dispute's state: `body` is opaque. `version`
    is what the row becomes, 1 for a new one; another than the next is refused. The journal keeps all of its past."""

    register: str
    key: str
    version: int
    body: bytes


def find_row(rows: Iterable[RegisterRow], key: str) -> RegisterRow | None:
    """The row of this very key: who asks by a prefix gets longer keys, too."""
    return next((row for row in rows if row.key == key), None)


def next_version(known: RegisterRow | None) -> int:
    return 1 if known is None else known.version + 1


class Group(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Changes that happen together or not at all. `id`: 16 bytes, new for every group; a repeat is known by it."""

    id: bytes
    payment: PaymentRow | None = None
    claims: tuple[Claim, ...] = ()
    openings: tuple[Opening, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    usages: tuple[Usage, ...] = ()
    advices: tuple[Advice, ...] = ()
    days: tuple[DayChange, ...] = ()
    registers: tuple[RegisterRow, ...] = ()


class Committed(msgspec.Struct, frozen=True, array_like=True, tag="c", gc=False):
    """Durable. `sequence` is the journal's batch that holds it, the same when asked again."""

    sequence: int


class Taken(msgspec.Struct, frozen=True, array_like=True, tag="t", gc=False):
    """Another group has the claim: this one and the payment behind it, as it is now."""

    claim: Claim
    payment: PaymentRow


class Stale(msgspec.Struct, frozen=True, array_like=True, tag="s", gc=False):
    """The payment moved on (or is not there): reread, advance again."""

    payment: PaymentRow | None


class Refused(msgspec.Struct, frozen=True, array_like=True, tag="r", gc=False):
    reason: Refusal
    about: str = ""


class Unavailable(msgspec.Struct, frozen=True, array_like=True, tag="u", gc=False):
    """Certainly not applied, and will not be."""

    reason: str = ""


Outcome = Committed | Taken | Stale | Refused | Unavailable


class Found(msgspec.Struct, frozen=True, array_like=True, tag="f", gc=False):
    claim: Claim | None
    payment: PaymentRow | None


class StatementLine(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One transfer as one account sees it; `balance_minor` is the posted balance after it."""

    transfer: Transfer
    direction: str  # "D": from this account, "C": to it
    balance_minor: int


class CurrencyTotals(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One currency's trial balance, from the running balances and, apart from them, from the transfers."""

    currency: str
    debits_posted: int
    credits_posted: int
    debits_pending: int
    credits_pending: int
    moved_posted: int
    moved_pending: int

    @property
    def balanced(self) -> bool:
        posted = self.debits_posted == self.credits_posted == self.moved_posted
        return posted and self.debits_pending == self.credits_pending == self.moved_pending
