"""What the simulated bank knows: its customers, their balances, and what changed about cards and subscribers.

Rule: who people are comes from the population; what changes (PINs, tries, activations) is a fact in the journal,
and money is in its accounts. No PIN, activation code or PAN is kept: only check values under a key.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

import msgspec

from simulators.hosts.journal import Journal
from simulators.hosts.pages import Tokens
from simulators.hosts.records import Fact
from simulators.keys import PinDesk
from simulators.people.population import Account, Card, Customer, Population

TRIES_MAX = 3


class CardState(msgspec.Struct, frozen=True, array_like=True):
    """What became of a card since the population was drawn. No check value: the first PIN still holds."""

    wrong_tries: int = 0
    pin_check: bytes = b""


class SubscriberState(msgspec.Struct, frozen=True, array_like=True):
    """What became of a subscriber: `account` is the one that the code was used with."""

    activated: bool = False
    wrong_tries: int = 0
    account: str = ""


class PinReader:
    """The core's PIN key at work. PinBlockError where a block is not what it should be."""

    def __init__(self, desk: PinDesk, secret: bytes) -> None:
        self._desk = desk
        self._secret = secret

    def pin(self, block_hex: str, pan: str) -> str:
        return self._desk.open(block_hex, pan)

    def code(self, told: str) -> str:
        """An activation code, in a format 1 block."""
        return self._desk.open(told, None)

    def check_value(self, *parts: str) -> bytes:
        """Tells whether two secrets are the same, and nothing else."""
        return hmac.digest(self._secret, "\n".join(parts).encode(), "sha256")[:16]


class CoreState:
    """`text_out` writes a name as the core's dialect carries it."""

    def __init__(
        self, population: Population, journal: Journal, pins: PinReader, text_out: Callable[[str], str]
    ) -> None:
        self.population = population
        self.journal = journal
        self.pins = pins
        self.tokens = Tokens(pins.check_value("tokens"))
        self.text_out = text_out

    def balance(self, account: Account) -> int:
        return self.journal.balance(customer_account(account.number))

    def open_accounts(self) -> None:
        """The customers' opening balances, at the first start."""
        openings = ((customer_account(a.number), a.opening_minor) for a in self.population.accounts.values())
        self.journal.open_accounts(openings)

    def subscriber(self, customer: Customer) -> SubscriberState:
        found = self.journal.fact(subscriber_fact(customer.subscriber))
        if found is None:
            return SubscriberState(activated=customer.activated)
        return msgspec.msgpack.decode(found, type=SubscriberState)

    def card(self, card: Card) -> CardState:
        found = self.journal.fact(self._card_fact(card))
        return CardState() if found is None else msgspec.msgpack.decode(found, type=CardState)

    def is_right_pin(self, card: Card, state: CardState, pin: str) -> bool:
        expected = state.pin_check or self.pin_check(card, card.pin)
        return hmac.compare_digest(expected, self.pin_check(card, pin))

    def pin_check(self, card: Card, pin: str) -> bytes:
        return self.pins.check_value("pin", card.pan, pin)

    def card_fact(self, card: Card, state: CardState) -> Fact:
        return Fact(self._card_fact(card), msgspec.msgpack.encode(state))

    def _card_fact(self, card: Card) -> str:
        return f"card:{self.pins.check_value('card', card.pan).hex()}"


def subscriber_fact(number: str) -> str:
    return f"subscriber:{number}"


def fact_of_subscriber(number: str, state: SubscriberState) -> Fact:
    return Fact(subscriber_fact(number), msgspec.msgpack.encode(state))


def customer_account(number: str) -> str:
    """The account's name in the books: the same as in the switch's ledger, so the two can be compared."""
    return f"customer:{number}"
