"""What the simulated bank knows: its customers, their balances, and what changed about cards and subscribers.

Rule: who people are comes from the population; what changes (PINs, tries, activations) is a fact in the journal,
and money is in its accounts. No PIN, activation code or PAN is kept: of a PIN its offset, of a card number a name that
only the core's secret makes of it.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from simulators.bank_core.card_desk import CardDesk
from simulators.hosts.journal import Journal
from simulators.hosts.pages import Tokens
from simulators.hosts.records import Fact
from simulators.people.population import Account, Card, Customer, Population

TRIES_MAX = 3


class CardState(msgspec.Struct, frozen=True, array_like=True):
    """A line of the card file: how often its PIN was wrong in a row, and the offset of the PIN that is right."""

    wrong_tries: int
    pin_offset: str


class SubscriberState(msgspec.Struct, frozen=True, array_like=True):
    """What became of a subscriber: `account` is the one that the code was used with."""

    activated: bool = False
    wrong_tries: int = 0
    account: str = ""


class CoreState:
    """`text_out` writes a name as the core's dialect carries it."""

    def __init__(
        self, population: Population, journal: Journal, cards: CardDesk, text_out: Callable[[str], str]
    ) -> None:
        self.population = population
        self.journal = journal
        self.cards = cards
        self.tokens = Tokens(cards.check_value("tokens"))
        self.text_out = text_out

    def balance(self, account: Account) -> int:
        """In units of the books."""
        return self.journal.balance(customer_account(account.number))

    def open_accounts(self) -> None:
        """The customers' opening balances, at the first start, drawn in the newest pound."""
        units = self.journal.scale.old_per_new
        openings = ((customer_account(a.number), a.opening_minor * units) for a in self.population.accounts.values())
        self.journal.open_accounts(openings)

    def subscriber(self, customer: Customer) -> SubscriberState:
        found = self.journal.fact(subscriber_fact(customer.subscriber))
        if found is None:
            return SubscriberState(activated=customer.activated)
        return msgspec.msgpack.decode(found, type=SubscriberState)

    def issue_cards(self) -> None:
        """The first PIN of each card that is not in the card file yet: from then on only its offset counts."""
        fresh = (card for card in self.population.cards.values() if self.journal.fact(self._card_fact(card)) is None)
        self.journal.note(*(self.card_fact(card, self.with_pin(card, card.pin)) for card in fresh))

    def card(self, card: Card) -> CardState:
        kept = self.journal.fact(self._card_fact(card))
        assert kept is not None, "a card that was never issued"
        return msgspec.msgpack.decode(kept, type=CardState)

    def with_pin(self, card: Card, pin: str) -> CardState:
        """The card as it is with this PIN, and all tries left."""
        return CardState(0, self.cards.offset(card.pan, pin))

    def card_fact(self, card: Card, state: CardState) -> Fact:
        return Fact(self._card_fact(card), msgspec.msgpack.encode(state))

    def _card_fact(self, card: Card) -> str:
        return f"card:{self.cards.check_value('card', card.pan).hex()}"


def subscriber_fact(number: str) -> str:
    return f"subscriber:{number}"


def fact_of_subscriber(number: str, state: SubscriberState) -> Fact:
    return Fact(subscriber_fact(number), msgspec.msgpack.encode(state))


def customer_account(number: str) -> str:
    """The account's name in the books: the same as in the switch's ledger, so the two can be compared."""
    return f"customer:{number}"
