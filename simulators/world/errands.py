"""What people and machines come for in a run, and how they behave about it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from simulators.people.bills import Bill
from simulators.people.customers import Account, Card, Customer, Loan


class Want(StrEnum):
    BILL = "bill"
    OTHER = "transfer"
    OWN = "own transfer"
    LOAN = "loan"
    CASH = "cash"
    ACTIVATE = "activate"


class Manner(msgspec.Struct, frozen=True):
    """How the channel carries it out; everything the field has seen."""

    impatient: bool = False  # the first repeat comes almost at once
    restamps: bool = False  # repeats carry a new DE 7
    cancels_after_s: float | None = None  # reverses while the outcome is not known
    reverses_first: bool = False  # the reversal leaves before the payment
    regrets: bool = False  # reverses after the approval
    dispensed_minor: int | None = None  # after an approval: what came out of the machine
    asks_again: bool = False  # repeats the request once more after all is over
    reverses_again: str = ""  # a second reversal under another STAN: the "same", or for an "other" amount
    hurries: bool = False  # the second reversal does not wait for the first one's end
    part_in_flight: bool = False  # reverses a part before it knows of an approval, which nobody should


class Errand(msgspec.Struct, frozen=True):
    number: int
    at_s: float
    want: Want
    manner: Manner
    customer: Customer
    account: Account
    amount_minor: int
    target: str = ""  # an account
    bill: Bill | None = None
    loan: Loan | None = None
    card: Card | None = None
