"""The bank's invented customers: who they are, their accounts, cards and loans.

Rule: nothing here is anybody's. Names are plainly invented, numbers are drawn from a seed and from ranges set
aside for tests (PANs 400000…, subscribers 9639…), and the n-th customer is the same whatever the size of the
population. The stripe is the issuer's, whose key makes each card's track 2. Secrets (PIN, activation code, track 2)
never show in a repr.
"""

from __future__ import annotations

import datetime as dt
import random

import msgspec

from simulators.issuer.stripe import Stripe

BANK_PREFIX = "100"
CURRENT = "20"
SAVINGS = "10"

# fmt: off
_GIVEN = (
    "سامر", "ليلى", "خالد", "هدى", "ماهر", "رنا", "باسل", "نور", "يزن", "سلمى",
    "عمار", "دانا", "فادي", "ريم", "جاد", "لمى", "أنس", "تالا", "وسيم", "هلا",
)
_FATHER = ("نديم", "فؤاد", "كنان", "رائد", "غسان", "مازن", "زياد", "طارق", "حسان", "إياد")
_FAMILY = ("النموذجي", "التجريبي", "الافتراضي", "المثالي", "الخيالي", "المفترض")
# fmt: on


class Account(msgspec.Struct, frozen=True):
    """An account at the bank: `kind` is the account type of field 3 (10 savings, 20 current)."""

    number: str
    kind: str
    opening_minor: int
    restricted: bool = False


class Card(msgspec.Struct, frozen=True):
    """A card and the accounts it may draw on, the default one first."""

    pan: str
    pin: str
    expiry: str  # YYMM
    track2: str
    accounts: tuple[Account, ...]
    blocked: bool = False

    def __repr__(self) -> str:
        return f"Card({self.pan[:6]}…{self.pan[-4:]})"


class Loan(msgspec.Struct, frozen=True):
    """One instalment of a loan. Paying it brings the next one, so a loan never runs dry."""

    account: str
    bill_id: str
    period: str  # YYYYMM
    due: str  # YYYYMMDD
    amount_minor: int
    least_minor: int

    def instalment(self, index: int) -> Loan:
        """The instalment that comes `index` after this one: the same amount under the next id."""
        stem, _, first = self.bill_id.rpartition("-")
        return msgspec.structs.replace(self, bill_id=f"{stem}-{int(first) + index:04d}")


class Customer(msgspec.Struct, frozen=True):
    """A person: `activated` says whether the mobile channel is open to them when the books are opened."""

    index: int
    name: str
    subscriber: str
    activation_code: str
    activated: bool
    accounts: tuple[Account, ...]
    cards: tuple[Card, ...] = ()
    loans: tuple[Loan, ...] = ()

    def __repr__(self) -> str:
        return f"Customer({self.index})"

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every account number of this customer, loans included."""
        return tuple(a.number for a in self.accounts) + tuple(loan.account for loan in self.loans)


def draw_customer(seed: int, index: int, today: dt.date, stripe: Stripe) -> Customer:
    """The customer `index` of `seed`: a current account and a card always, savings and a loan for many."""
    rng = random.Random(f"{seed}:customer:{index}")
    accounts = [Account(account_number(index, 1), CURRENT, rng.randrange(20_000_000, 200_000_000, 100))]
    if rng.random() < 0.7:
        accounts.append(Account(account_number(index, 2), SAVINGS, rng.randrange(20_000_000, 200_000_000, 100)))
    loans = (_draw_loan(rng, index, today),) if rng.random() < 0.3 else ()
    return Customer(
        index=index,
        name=draw_name(rng),
        subscriber=subscriber_number(index),
        activation_code=f"{rng.randrange(10**6):06d}",
        activated=index % 6 != 0,
        accounts=tuple(accounts),
        cards=(draw_card(rng, index, tuple(accounts), expiry_after(today, years=3), stripe),),
        loans=loans,
    )


def draw_name(rng: random.Random) -> str:
    """A name that no one would take for a real person's."""
    return f"{rng.choice(_GIVEN)} {rng.choice(_FATHER)} {rng.choice(_FAMILY)}"


def draw_card(
    rng: random.Random,
    serial: int,
    accounts: tuple[Account, ...],
    expiry: str,
    stripe: Stripe,
    *,
    blocked: bool = False,
) -> Card:
    """A card of the test range. Of its discretionary data only the issuer's value means anything."""
    pan = with_check_digit(f"400000{serial:09d}")
    track2 = stripe.track2(pan, expiry, f"{rng.randrange(10**5):05d}")
    return Card(pan, f"{rng.randrange(10**4):04d}", expiry, track2, accounts, blocked)


def account_number(index: int, sequence: int) -> str:
    """14 digits: the bank's prefix, the customer, the account."""
    return f"{BANK_PREFIX}{index:07d}{sequence:04d}"


def subscriber_number(index: int) -> str:
    """The mobile number in E.164 digits."""
    return f"9639{index:08d}"


def with_check_digit(digits: str) -> str:
    """`digits` and its Luhn check digit (ISO/IEC 7812-1 annex B)."""
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits))]
    return digits + str(-sum(n - 9 if n > 9 else n for n in doubled) % 10)


def expiry_after(today: dt.date, years: int) -> str:
    """YYMM, `years` from today (negative: a card that has expired)."""
    return f"{(today.year + years) % 100:02d}{today.month:02d}"


def month_after(today: dt.date, months: int) -> dt.date:
    """The first day of the month that is `months` away (negative: ago)."""
    whole = today.year * 12 + today.month - 1 + months
    return dt.date(whole // 12, whole % 12 + 1, 1)


def _draw_loan(rng: random.Random, index: int, today: dt.date) -> Loan:
    amount = rng.randrange(50_000, 500_000, 500)
    return Loan(
        account=account_number(index, 9001),
        bill_id=f"L{index:07d}-0001",
        period=f"{today:%Y%m}",
        due=f"{month_after(today, 2):%Y%m%d}",
        amount_minor=amount,
        least_minor=amount // 4,
    )
