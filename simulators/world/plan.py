"""Draws who comes in a run, when, and what for.

Rule: pure; one errand is drawn after the other, so that a shorter plan is the beginning of the longer one.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec.structs import replace

from simulators.build import stripe_of
from simulators.keys import invented_keys
from simulators.people.bills import Bill
from simulators.people.customers import Customer, draw_customer, month_after
from simulators.people.population import Population
from simulators.world.errands import Errand, Manner, Want
from simulators.world.kinds import BillerKind
from simulators.world.scene import demo_settings

TODAY = dt.date(2026, 11, 22)
CUSTOMERS = 24
EVERY_S = 0.3  # between two errands, on average
NOTE_MINOR = 50_00
WANTS = (
    *(Want.BILL,) * 52,
    *(Want.OTHER,) * 13,
    *(Want.OWN,) * 3,
    *(Want.LOAN,) * 3,
    *(Want.CASH,) * 26,
    *(Want.ACTIVATE,) * 3,
)


@lru_cache(maxsize=1)
def people() -> tuple[Customer, ...]:
    """The same in every run, and so are the keys that their cards are made by."""
    settings = demo_settings()
    stripe = stripe_of(settings, invented_keys(settings))
    return tuple(draw_customer(0, index, TODAY, stripe) for index in range(1, CUSTOMERS + 1))


def draw_errands(seed: int, payments: int, kinds: Sequence[BillerKind]) -> list[Errand]:
    """Until `payments` of them move money."""
    rng = random.Random(f"{seed}:plan")
    found: list[Errand] = []
    at_s, left = 0.5, payments
    while left:
        at_s += rng.expovariate(1 / EVERY_S)
        errand = _draw(rng, len(found) + 1, at_s, kinds)
        left -= errand.want is not Want.ACTIVATE
        found.append(errand)
    return found


def population(errands: Sequence[Errand]) -> Population:
    return Population(people(), tuple(_bills(errands)), {})


def _bills(errands: Sequence[Errand]) -> Iterator[Bill]:
    seen = set()
    for errand in errands:
        if errand.bill is not None and errand.bill.bill_id not in seen:
            seen.add(errand.bill.bill_id)
            yield errand.bill


def _draw(rng: random.Random, number: int, at_s: float, kinds: Sequence[BillerKind]) -> Errand:
    want = rng.choice(WANTS)
    customers = people()
    customer = rng.choice([c for c in customers if c.activated is not (want is Want.ACTIVATE)])
    if want is Want.LOAN:
        customer = rng.choice([c for c in customers if c.loans and c.activated])
    elif want is Want.OWN:
        customer = rng.choice([c for c in customers if len(c.accounts) > 1 and c.activated])
    account = customer.accounts[0]
    amount = rng.randrange(1, 40) * NOTE_MINOR if want is Want.CASH else rng.randrange(100, 50_000)
    manner = _manner(rng, want, amount)
    errand = Errand(number, at_s, want, manner, customer, account, amount)
    return _with_object(rng, errand, kinds)


def _with_object(rng: random.Random, errand: Errand, kinds: Sequence[BillerKind]) -> Errand:
    customer = errand.customer
    match errand.want:
        case Want.BILL:
            bill = _bill(errand.number, rng.choice(kinds).name, customer, errand.amount_minor)
            return replace(errand, bill=bill)
        case Want.OTHER:
            other = rng.choice([c for c in people() if c is not customer])
            target = other.accounts[0].number if rng.random() < 0.95 else "10099999999999"
            return replace(errand, target=target)
        case Want.OWN:
            return replace(errand, target=customer.accounts[1].number)
        case Want.LOAN:
            return replace(errand, loan=customer.loans[0], amount_minor=customer.loans[0].least_minor)
        case Want.CASH:
            return replace(errand, card=customer.cards[0])
    return errand


def _bill(number: int, biller: str, customer: Customer, amount_minor: int) -> Bill:
    due = month_after(TODAY, 2)
    return Bill(
        biller=biller,
        customer_number=f"5{number:05d}{customer.index:07d}",
        bill_id=f"X{number:06d}",
        period=f"{TODAY:%Y%m}",
        due=f"{due:%Y%m%d}",
        amount_minor=amount_minor,
        least_minor=amount_minor,
    )


def _manner(rng: random.Random, want: Want, amount_minor: int) -> Manner:
    cash = want is Want.CASH
    if want is Want.ACTIVATE:  # what moves no money is repeated, never reversed
        return Manner(impatient=rng.random() < 0.1, restamps=rng.random() < 0.15, asks_again=rng.random() < 0.12)
    drawn = rng.random()
    cancels = None
    if drawn < 0.14:
        cancels = rng.expovariate(1 / 2.5) if rng.random() < 0.6 else rng.uniform(3, 14)
    regrets = 0.14 <= drawn < 0.24
    dispensed = None
    if cash and rng.random() < 0.2:
        dispensed = rng.choice((0, amount_minor // NOTE_MINOR // 2 * NOTE_MINOR, amount_minor))
    return Manner(
        impatient=not cash and rng.random() < 0.1,
        restamps=not cash and rng.random() < 0.15,
        cancels_after_s=cancels,
        reverses_first=rng.random() < 0.015,
        regrets=regrets,
        dispensed_minor=dispensed,
        asks_again=rng.random() < 0.12,
        reverses_again=rng.choice(("same", "other")) if rng.random() < 0.25 else "",
        hurries=rng.random() < 0.5,
        part_in_flight=cash and rng.random() < 0.15,
    )
