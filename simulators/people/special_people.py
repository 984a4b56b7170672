"""The special people and their bills: one of each kind that a switch must know how to refuse.

Rule: their numbers lie far above the ordinary ones, so a larger population doesn't move them.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

import msgspec

from simulators.issuer.stripe import Stripe
from simulators.people.bills import Bill, BillStatus, Manner, bill_of
from simulators.people.customers import (
    CURRENT,
    SAVINGS,
    Account,
    Card,
    Customer,
    Loan,
    account_number,
    draw_card,
    draw_name,
    expiry_after,
    month_after,
    subscriber_number,
)

FIRST_SPECIAL = 900_001
RICH, POOR, RESTRICTED, INACTIVE, GUESSED, CARDHOLDER = range(FIRST_SPECIAL, FIRST_SPECIAL + 6)
MANY_BILLS = 30
BILLER = "TEL"
_OPENING = 100_000_000


def special_customers(seed: int, today: dt.date, stripe: Stripe) -> tuple[Customer, ...]:
    """The rich one who tries everything, and the ones who are refused."""
    rich, poor = _person(seed, RICH), _person(seed, POOR, opening_minor=100)
    restricted = _person(seed, RESTRICTED, restricted=True)
    loan = Loan(
        account=account_number(RICH, 9001),
        bill_id=f"L{RICH:07d}-0001",
        period=f"{today:%Y%m}",
        due=f"{month_after(today, 2):%Y%m%d}",
        amount_minor=100_000,
        least_minor=25_000,
    )
    return (
        msgspec.structs.replace(rich, loans=(loan,), cards=(_card(seed, rich, today, stripe),)),
        msgspec.structs.replace(poor, cards=(_card(seed, poor, today, stripe),)),
        msgspec.structs.replace(restricted, cards=(_card(seed, restricted, today, stripe),)),
        msgspec.structs.replace(_person(seed, INACTIVE), activated=False),
        msgspec.structs.replace(_person(seed, GUESSED), activated=False),
        _cardholder(seed, today, stripe),
    )


def special_bills(today: dt.date) -> Iterator[Bill]:
    """One bill of each awkward kind, and more bills of one customer than fit one answer.

    All of them at one biller: who keeps clear of what is special still has all the others.
    """
    replace = msgspec.structs.replace
    bills = [bill_of(BILLER, RICH, sequence, 10_000 + 1_000 * sequence, today) for sequence in range(8)]
    yield bills[0]
    yield replace(bills[1], status=BillStatus.PAID)
    yield replace(bills[2], due=f"{month_after(today, -1):%Y%m%d}")
    yield replace(bills[3], manner=Manner.REFUSED)
    yield replace(bills[4], manner=Manner.SILENT)
    yield replace(bills[5], manner=Manner.LOST)
    yield replace(bills[6], manner=Manner.FINAL)
    yield replace(bills[7], status=BillStatus.PART, least_minor=5_000)
    for sequence in range(MANY_BILLS):
        yield bill_of(BILLER, POOR, sequence, 2_000 + sequence, today)


def _person(seed: int, index: int, *, opening_minor: int = _OPENING, restricted: bool = False) -> Customer:
    rng = random.Random(f"{seed}:special:{index}")
    accounts = (
        Account(account_number(index, 1), CURRENT, opening_minor, restricted),
        Account(account_number(index, 2), SAVINGS, opening_minor, restricted),
    )
    code = f"{rng.randrange(10**6):06d}"
    return Customer(index, draw_name(rng), subscriber_number(index), code, True, accounts)


def _cardholder(seed: int, today: dt.date, stripe: Stripe) -> Customer:
    """Three cards on good accounts: one expired, one blocked, one whose PIN may be guessed at."""
    person = _person(seed, CARDHOLDER)
    rng = random.Random(f"{seed}:special:cards")
    serial, accounts = CARDHOLDER * 10, person.accounts
    cards = (
        draw_card(rng, serial + 1, accounts, expiry_after(today, years=-1), stripe),
        draw_card(rng, serial + 2, accounts, expiry_after(today, years=3), stripe, blocked=True),
        draw_card(rng, serial + 3, accounts, expiry_after(today, years=3), stripe),
    )
    return msgspec.structs.replace(person, cards=cards)


def _card(seed: int, of: Customer, today: dt.date, stripe: Stripe) -> Card:
    return draw_card(random.Random(f"{seed}:card:{of.index}"), of.index, of.accounts, expiry_after(today, 3), stripe)
