"""The awkward cases: who or what provokes each answer code, by name.

Rule: each case says its service, the values to use and the code it provokes, as the demo's card prints them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec

from simulators.people.bills import Bill
from simulators.people.customers import BANK_PREFIX, Card, Customer
from simulators.people.special_people import special_bills

CLOSED_BILLER = "GAS"
UNKNOWN_BILLER = "NOBODY"
UNKNOWN_ACCOUNT = BANK_PREFIX + "99999999999"
FOREIGN_ACCOUNT = "20000000000001"
FOREIGN_TERMINAL = "NOTOURS1"
BEYOND_LIMIT_MINOR = 300_000_000  # of one withdrawal, by the demo's configuration


Values = Mapping[str, object]


class Special(msgspec.Struct, frozen=True):
    """One awkward case: use the values of `how` in a `service` message, and the answer is `provokes`.

    A bill is told as `Bill` names its fields, a card as `Card` does; amounts are minor units.
    """

    provokes: str
    service: str
    how: Values

    def __repr__(self) -> str:
        return f"Special({self.provokes}, {self.service})"

    def card(self) -> dict[str, object]:
        """As the demo prints it."""
        return {"provokes": self.provokes, "service": self.service, **self.how}


def special_cases(people: tuple[Customer, ...], today: dt.date) -> dict[str, Special]:
    """Every case by name. `people` are the special customers, in their order."""
    rich, poor, restricted, inactive, guessed, cardholder = people
    own = {"subscriber": rich.subscriber, "account": rich.accounts[0].number}
    return {
        **_account_cases(own, rich, poor, restricted, inactive, guessed),
        **_card_cases(rich, poor, restricted, cardholder),
        **_bill_cases(own, today),
    }


def _account_cases(
    own: Values,
    rich: Customer,
    poor: Customer,
    restricted: Customer,
    inactive: Customer,
    guessed: Customer,
) -> dict[str, Special]:
    to_poor = {**own, "account_to": poor.accounts[0].number}
    from_poor = {
        "subscriber": poor.subscriber,
        "account": poor.accounts[0].number,
        "account_to": rich.accounts[0].number,
    }
    return {
        "same_account": Special("12", "transfer-own", {**own, "account_to": rich.accounts[0].number}),
        "zero_amount": Special("13", "transfer-other", {**to_poor, "amount_minor": 0}),
        "unknown_account": Special("14", "transfer-other", {**own, "account_to": UNKNOWN_ACCOUNT}),
        "foreign_account": Special("76", "transfer-other", {**own, "account_to": FOREIGN_ACCOUNT}),
        "foreign_terminal": Special("58", "balance", {**own, "terminal": FOREIGN_TERMINAL}),
        "account_of_another": Special("57", "balance", {**own, "account": poor.accounts[0].number}),
        "own_transfer_to_another": Special("57", "transfer-own", to_poor),
        "poor_account": Special("51", "transfer-other", {**from_poor, "amount_minor": 10_100}),
        "restricted_account": Special("62", "balance", _whose(restricted)),
        "inactive_subscriber": Special("80", "balance", _whose(inactive)),
        "wrong_activation_code": Special(
            "55", "activation", {**_whose(guessed), "activation_code": _other(guessed.activation_code)}
        ),
        "no_original": Special("25", "reversal", {**own, "original_stan": "999999"}),
        "loan": Special("00", "pay-loan", {**own, "account_to": rich.loans[0].account}),
    }


def _card_cases(rich: Customer, poor: Customer, restricted: Customer, cardholder: Customer) -> dict[str, Special]:
    expired, blocked, guessed = cardholder.cards
    return {
        "expired_card": Special("54", "withdrawal", _with(expired)),
        "blocked_card": Special("62", "withdrawal", _with(blocked)),
        "wrong_pin": Special("55", "withdrawal", {**_with(guessed), "pin": _other(guessed.pin)}),
        "beyond_limit": Special("61", "withdrawal", {**_with(rich.cards[0]), "amount_minor": BEYOND_LIMIT_MINOR}),
        "poor_card": Special("51", "withdrawal", _with(poor.cards[0])),
        "restricted_card": Special("62", "withdrawal", _with(restricted.cards[0])),
        "card_account_of_another": Special(
            "57", "withdrawal", {**_with(rich.cards[0]), "account": poor.accounts[0].number}
        ),
    }


def _bill_cases(own: Values, today: dt.date) -> dict[str, Special]:
    plain, paid, expired, refused, silent, lost, final, part, *many = special_bills(today)
    unknown = msgspec.structs.replace(plain, bill_id="T0000000-00000")
    return {
        "open_bill": Special("00", "pay-bill", _pay(own, plain)),
        "too_little": Special("82", "pay-bill", _pay(own, plain, less=1)),
        "too_much": Special("13", "pay-bill", _pay(own, plain, less=-1)),
        "part_payment": Special("00", "pay-bill", _pay(own, part, less=1)),
        "paid_bill": Special("81", "pay-bill", _pay(own, paid)),
        "expired_bill": Special("84", "pay-bill", _pay(own, expired)),
        "unknown_bill": Special("84", "pay-bill", _pay(own, unknown)),
        "refused_bill": Special("83", "pay-bill", _pay(own, refused)),
        "silent_bill": Special("09", "pay-bill", _pay(own, silent)),
        "lost_bill": Special("09", "pay-bill", _pay(own, lost)),
        "final_bill": Special("12", "reversal", _pay(own, final)),
        "closed_biller": Special("40", "pay-bill", {**_pay(own, plain), "biller": CLOSED_BILLER}),
        "unknown_biller": Special("92", "pay-bill", {**_pay(own, plain), "biller": UNKNOWN_BILLER}),
        "many_bills": Special("00", "bill-inquiry", _pay(own, many[0])),
    }


def _whose(customer: Customer) -> dict[str, str]:
    return {"subscriber": customer.subscriber, "account": customer.accounts[0].number}


def _with(card: Card) -> dict[str, object]:
    accounts = [{"number": account.number, "type": account.kind} for account in card.accounts]
    told = {"pan": card.pan, "pin": card.pin, "expiry": card.expiry, "track2": card.track2}
    return {**told, "accounts": accounts, "amount_minor": 50_000}


def _pay(own: Values, bill: Bill, less: int = 0) -> dict[str, object]:
    """A payment of the bill, or of that much less."""
    told = {name: getattr(bill, name) for name in ("biller", "customer_number", "bill_id", "period", "due")}
    amounts = {"amount_minor": bill.amount_minor - less, "least_minor": bill.least_minor}
    return {**own, **told, **amounts, "status": bill.status.value}


def _other(digits: str) -> str:
    """Digits of the same length that differ in the last place."""
    return digits[:-1] + str((int(digits[-1]) + 1) % 10)
