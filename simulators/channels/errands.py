"""What people come for: one small value per kind of errand, and the visit that strings them together.

Rule: values only. A plan is made of them before anything is sent (`traffic`), and a channel carries them out.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from simulators.people.population import Account, Card, Customer, Loan


class Service(StrEnum):
    """A service's name as reports give it."""

    ACTIVATE = "activate"
    BALANCE = "balance"
    MINI_STATEMENT = "mini-statement"
    STATEMENT = "statement"
    OWNER = "owner"
    TRANSFER_OWN = "transfer-own"
    TRANSFER_OTHER = "transfer-other"
    BILL_INQUIRY = "bill-inquiry"
    PAY_BILL = "pay-bill"
    LOAN_INQUIRY = "loan-inquiry"
    PAY_LOAN = "pay-loan"
    WITHDRAWAL = "withdrawal"
    PIN_CHANGE = "pin-change"
    REVERSAL = "reversal"
    ATM_STATUS = "atm-status"


PAYMENTS = (
    Service.TRANSFER_OWN,
    Service.TRANSFER_OTHER,
    Service.PAY_BILL,
    Service.PAY_LOAN,
    Service.WITHDRAWAL,
)


@dataclass(frozen=True, slots=True)
class Activate:
    account: Account
    code: str

    def __repr__(self) -> str:
        return "Activate(•)"


@dataclass(frozen=True, slots=True)
class Balance:
    account: Account


@dataclass(frozen=True, slots=True)
class MiniStatement:
    account: Account


@dataclass(frozen=True, slots=True)
class Statement:
    """All lines between two days (YYYYMMDD, both included), however many answers that takes."""

    account: Account
    first_day: str
    last_day: str


@dataclass(frozen=True, slots=True)
class Owner:
    number: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """`cancelled`: the customer thinks better of it, and the gateway reverses what was approved."""

    source: Account
    target: str
    amount_minor: int
    own: bool
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class PayBill:
    """Ask for the bills, then pay one. `part`: a quarter of it where the biller takes part payments; `twice`: the
    customer, impatient, pays the same bill again."""

    account: Account
    biller: str
    customer_number: str
    bill_id: str  # its next bill, where the biller renews this one
    part: bool = False
    twice: bool = False


@dataclass(frozen=True, slots=True)
class PayLoan:
    """Ask for the instalment that is due, then pay it."""

    account: Account
    loan: Loan


@dataclass(frozen=True, slots=True)
class CardBalance:
    card: Card


@dataclass(frozen=True, slots=True)
class CardMiniStatement:
    card: Card


@dataclass(frozen=True, slots=True)
class Withdraw:
    """`dispensed_minor` is what the machine manages to pay out: less than the amount, perhaps nothing."""

    card: Card
    kind: str
    amount_minor: int
    dispensed_minor: int
    mistyped: bool = False  # the PIN is wrong the first time


@dataclass(frozen=True, slots=True)
class ChangePin:
    card: Card
    new_pin: str

    def __repr__(self) -> str:
        return f"ChangePin({self.card!r})"


MobileErrand = Activate | Balance | MiniStatement | Statement | Owner | Transfer | PayBill | PayLoan
CardErrand = CardBalance | CardMiniStatement | Withdraw | ChangePin
ErrandT = TypeVar("ErrandT")


@dataclass(frozen=True)
class Visit(Generic[ErrandT]):
    """One customer's errands through one channel, one after the other."""

    customer: Customer
    errands: tuple[ErrandT, ...]
