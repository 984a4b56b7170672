"""Everybody in the demo: the bank's customers, the billers' bills, and the awkward cases by name.

Rule: pure. The same seed, day and issuer give the same people, in this process and in every other one, so that the
core, the billers and the channels agree on the world without telling each other. `special` names who or what
provokes each answer code; these people are kept out of `ordinary`, so random traffic doesn't use them up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from simulators.issuer.stripe import Stripe
from simulators.people.bills import (
    BILLERS,
    RENEWING,
    UNIVERSITY,
    Bill,
    BillStatus,
    Manner,
    bill_of,
    customer_number,
    draw_bills,
)
from simulators.people.customers import BANK_PREFIX, CURRENT, SAVINGS, Account, Card, Customer, Loan, draw_customer
from simulators.people.special import Special, special_cases
from simulators.people.special_people import FIRST_SPECIAL, special_bills, special_customers

__all__ = [
    "BANK_PREFIX",
    "BILLERS",
    "CURRENT",
    "DEMO_TODAY",
    "RENEWING",
    "SAVINGS",
    "UNIVERSITY",
    "Account",
    "Bill",
    "BillStatus",
    "Card",
    "Customer",
    "Loan",
    "Manner",
    "Population",
    "Special",
    "bill_of",
    "customer_number",
    "populate",
]

DEMO_TODAY = dt.date(2026, 11, 22)


@dataclass(frozen=True)
class Population:
    """The people and bills of one seed, with look-ups by every number that a message can carry."""

    customers: tuple[Customer, ...]
    bills: tuple[Bill, ...]
    special: Mapping[str, Special]

    @cached_property
    def ordinary(self) -> tuple[Customer, ...]:
        """The customers for random traffic: solvent, with nothing odd about them."""
        return tuple(c for c in self.customers if c.index < FIRST_SPECIAL)

    @cached_property
    def by_subscriber(self) -> Mapping[str, Customer]:
        return {c.subscriber: c for c in self.customers}

    @cached_property
    def owners(self) -> Mapping[str, Customer]:
        """The customer of every account number, loans included."""
        return {n: c for c in self.customers for n in c.numbers}

    @cached_property
    def accounts(self) -> Mapping[str, Account]:
        return {a.number: a for c in self.customers for a in c.accounts}

    @cached_property
    def cards(self) -> Mapping[str, Card]:
        return {card.pan: card for c in self.customers for card in c.cards}

    @cached_property
    def loans(self) -> Mapping[str, Loan]:
        return {loan.account: loan for c in self.customers for loan in c.loans}

    @cached_property
    def bills_by_number(self) -> Mapping[tuple[str, str], tuple[Bill, ...]]:
        """The bills issued to a customer: (biller, customer's number there) → bills, as drawn."""
        found: dict[tuple[str, str], list[Bill]] = {}
        for bill in self.bills:
            found.setdefault((bill.biller, bill.customer_number), []).append(bill)
        return {key: tuple(bills) for key, bills in found.items()}


def populate(seed: int, stripe: Stripe, customers: int = 60, today: dt.date = DEMO_TODAY) -> Population:
    """`customers` ordinary people, then the special ones, with cards of the stripe's issuer. `today` sets periods, due
    dates and expiries."""
    ordinary = [draw_customer(seed, index, today, stripe) for index in range(1, customers + 1)]
    special = special_customers(seed, today, stripe)
    bills = [bill for customer in ordinary for bill in draw_bills(seed, customer, today)]
    return Population(
        customers=(*ordinary, *special),
        bills=(*bills, *special_bills(today)),
        special=special_cases(special, today),
    )
