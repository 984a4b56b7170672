"""The one whose secrets must not get out: a customer of the simulated bank with numbers that occur nowhere else.

Rule: the card is of the test range (400000…), PINs and codes are as long as they may be, so that nothing is found by
chance. Everything here is invented.
"""

from __future__ import annotations

from dataclasses import replace

from config.settings import Settings
from simulators.build import stripe_of
from simulators.issuer.stripe import SERVICE_CODE
from simulators.keys import KeyCase
from simulators.people.customers import (
    CURRENT,
    SAVINGS,
    Account,
    Card,
    Customer,
    Loan,
    account_number,
    subscriber_number,
    with_check_digit,
)
from simulators.people.population import Population
from tests.e2e.canary.forms import Secret

PAN = with_check_digit("400000738291645")
PIN, NEXT_PIN, WRONG_PIN = "847261950374", "530918264715", "618403957206"
CODE, WRONG_CODE = "903271846528", "271946083514"
EXPIRY, BEHIND_THE_CVV = "4912", "7302946185"
CHIP_DATA = "9F2608A53BD1907E42C68F9F10120110A0400F240000D97C31"
ELSEWHERE = "field 120 of 7f3a9c51d2"  # what a message carries where nobody looks

INDEX = 950_001
SUBSCRIBER = subscriber_number(INDEX)
ACCOUNTS = tuple(Account(account_number(INDEX, n), kind, 50_000_000) for n, kind in ((1, CURRENT), (2, SAVINGS)))
LOAN = Loan(account_number(INDEX, 9001), f"L{INDEX:07d}-0001", "204912", "20491201", 100_000, 25_000)
MASKED_PAN = f"{PAN[:6]}••••••{PAN[-4:]}"


def person(settings: Settings, keys: KeyCase) -> Customer:
    """With a card of this installation's bank, and the mobile channel not activated yet."""
    return Customer(INDEX, "Canary", SUBSCRIBER, CODE, False, ACCOUNTS, (card_of(settings, keys),), (LOAN,))


def card_of(settings: Settings, keys: KeyCase) -> Card:
    return Card(PAN, PIN, EXPIRY, stripe_of(settings, keys).track2(PAN, EXPIRY, BEHIND_THE_CVV), ACCOUNTS)


def joined(population: Population, customer: Customer) -> Population:
    return replace(population, customers=(*population.customers, customer))


def track1(card: Card) -> str:
    """As on the card's stripe (ISO/IEC 7813), without its sentinels."""
    return f"B{card.pan}^CANARY/TEST^{card.track2.partition('=')[2]}"


def secrets_of(card: Card) -> list[Secret]:
    """All that is the customer's alone to know."""
    stripe = card.track2.partition("=")[2]
    return [
        Secret("PAN", PAN),
        Secret("PIN", PIN),
        Secret("the PIN after it", NEXT_PIN),
        Secret("a wrong PIN", WRONG_PIN),
        Secret("activation code", CODE),
        Secret("a wrong activation code", WRONG_CODE),
        Secret("track 2", card.track2),
        Secret("track 2 without the PAN", stripe),
        Secret("CVV and discretionary data", stripe[len(EXPIRY + SERVICE_CODE) :]),
        Secret("track 1", track1(card)),
        Secret("track 1 without the PAN", f"CANARY/TEST^{EXPIRY}"),
        Secret("chip data", bytes.fromhex(CHIP_DATA)),
        Secret("field 120", ELSEWHERE),
    ]


def personal() -> list[Secret]:
    """What is kept, and shown to nobody in full."""
    numbers = [*(account.number for account in ACCOUNTS), LOAN.account, SUBSCRIBER]
    return [Secret(f"number …{number[-6:]}", number) for number in numbers]
