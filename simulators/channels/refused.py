"""Requests that are plainly refused, whoever makes them: they leave no trace in anybody's books.

Rule: each says beside it the code that it should get (field 39).
"""

from collections.abc import Callable

from simulators.channels.errands import MobileErrand, PayBill, Transfer
from simulators.people.population import Customer
from simulators.people.special import CLOSED_BILLER, FOREIGN_ACCOUNT, UNKNOWN_ACCOUNT, UNKNOWN_BILLER

FAR_TOO_MUCH_MINOR = 99_999_999_999
SOME_MINOR = 5_000

Refusal = Callable[[Customer, Customer], MobileErrand]


def _transfer_to(target: str) -> Refusal:
    return lambda person, _: Transfer(person.accounts[0], target, SOME_MINOR, own=False)


def _bills_at(biller: str) -> Refusal:
    return lambda person, _: PayBill(person.accounts[0], biller, "1", "")


# What is refused without a trace, and the code that says so.
REFUSALS: tuple[Refusal, ...] = (
    _transfer_to(FOREIGN_ACCOUNT),  # 76
    _transfer_to(UNKNOWN_ACCOUNT),  # 14
    _bills_at(UNKNOWN_BILLER),  # 92
    _bills_at(CLOSED_BILLER),  # 40
    lambda person, _: Transfer(person.accounts[0], person.accounts[0].number, SOME_MINOR, own=True),  # 12
    lambda person, other: Transfer(person.accounts[0], other.accounts[0].number, 0, own=False),  # 13
    lambda person, other: Transfer(person.accounts[0], other.accounts[0].number, FAR_TOO_MUCH_MINOR, own=False),  # 51
)
