"""The card as the tests use it: what can be used up is lent so that no two tests ever meet.

Rule: bills, loans, sleepers and spare cards are taken once; an account is lent to many, each time the one with
most left, and what it may spend is set aside. Whoever is among the special cases is left alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.card import (
    Account,
    Bill,
    Entry,
    Listener,
    Loan,
    Plastic,
    Subscriber,
    bill_of,
    listener_of,
    plastic_of,
    subscriber_of,
)

# Names that a card may give as a bare word, with the code that they provoke.
BARE = {"closed_biller": "40", "unknown_biller": "92", "silent_biller": "91", "down_biller": "91"}
NAMING = ("number", "account", "subscriber", "pan", "bill_id")


class EmptyPoolError(AssertionError):
    """A pool of the card has nothing left that fits."""


@dataclass
class Card:
    """Reads the JSON object and lends what is in it."""

    raw: Entry
    spent: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.bank: Entry = self.raw["bank"]
        self.listeners = [listener_of(entry) for entry in self.raw["listeners"]]
        self.specials = list(_specials(self.raw.get("special", {})))
        self.reserved = set(_named(self.specials))
        self.shut = {entry["biller"] for entry in self.specials if "biller" in entry and "bill_id" not in entry}
        self.subscribers = [subscriber_of(entry) for entry in self.raw["subscribers"]]
        self.plastics = [plastic_of(entry) for entry in self.raw["cards"]]
        self.bills = [bill_of(entry) for entry in self.raw["bills"]]

    def listener(self, name: str) -> Listener:
        """By name, else the first of that channel, else the first of that dialect."""
        for what in ("name", "channel", "dialect"):
            for listener in self.listeners:
                if getattr(listener, what) == name:
                    return listener
        raise EmptyPoolError(f"the card has no listener {name}")

    def rekey(self, listener: Listener) -> None:
        """From here on this is how the listener of that name is spoken to."""
        self.listeners = [listener if one.name == listener.name else one for one in self.listeners]

    def provoking(self, code: str) -> list[Entry]:
        return [entry for entry in self.specials if entry.get("provokes") == code]

    def take_account(self, minor: int = 0, *, kept: int = 1) -> tuple[Subscriber, Account]:
        """The account with most left, of an activated subscriber; `minor` of it is set aside."""
        return self._richest(minor, [who for who in self._active() if len(who.accounts) >= kept])

    def take_pair(self, minor: int) -> tuple[Subscriber, Account, Account]:
        """A subscriber's account with money and another of the same subscriber."""
        who, source = self.take_account(minor, kept=2)
        return who, source, next(account for account in who.accounts if account != source)

    def take_strangers(self, minor: int) -> tuple[Subscriber, Account, Account]:
        """An account with money and one of somebody else."""
        who, source = self.take_account(minor)
        return who, source, self.other_than(who)[1]

    def other_than(self, who: Subscriber) -> tuple[Subscriber, Account]:
        """Somebody else's account, the one with least in it."""
        others = [(other, account) for other in self._active() if other != who for account in other.accounts]
        if not others:
            raise EmptyPoolError("the card has only one subscriber")
        return min(others, key=lambda pair: self.left(pair[1]))

    def take_poor(self) -> tuple[Subscriber, Account]:
        """The account with least left; the caller may count on nothing else to touch it."""
        pairs = [(who, account) for who in self._active() for account in who.accounts]
        fresh = [pair for pair in pairs if self._unused(pair[1].number)]
        who, account = min(fresh or self._empty("account"), key=lambda pair: self.left(pair[1]))
        self.used.add(account.number)
        return who, account

    def take_plastic(self, minor: int) -> tuple[Plastic, Account]:
        """The card whose first account has most left, with its PIN tries untouched."""
        known = {account.number: account for who in self.subscribers for account in who.accounts}
        fresh = [p for p in self.plastics if self._unused(p.pan) and p.accounts[0].number in known]
        plastic = max(fresh or self._empty("card"), key=lambda p: self.left(known[p.accounts[0].number]))
        account = known[plastic.accounts[0].number]
        self._reserve(account, minor)
        return plastic, account

    def take_spare_plastic(self) -> Plastic:
        """A card that nobody else is given: its PIN or its tries may be spoilt."""
        fresh = [plastic for plastic in reversed(self.plastics) if self._unused(plastic.pan)]
        plastic = (fresh or self._empty("card"))[0]
        self.used.add(plastic.pan)
        return plastic

    def take_bill(self, status: str = "U", biller: str = "", *, university: bool = False) -> Bill:
        """The cheapest bill of that status that nobody has been given."""
        fits = [
            bill
            for bill in self.bills
            if bill.status == status
            and self._unused(bill.bill_id)
            and bill.biller not in self.shut
            and (not biller or bill.biller == biller)
            and bill.biller.startswith("UNI") is university
        ]
        bill = min(fits or self._empty(f"{status} bill"), key=lambda fit: fit.amount_minor)
        self.used.add(bill.bill_id)
        return bill

    def take_loan(self) -> tuple[Subscriber, Account, Loan]:
        """A loan nobody has been given and an account of its owner that can pay it."""
        for who in self._active():
            for loan in who.loans:
                able = [a for a in who.accounts if self._unused(a.number) and self.left(a) >= loan.amount_minor]
                if able and self._unused(loan.bill_id):
                    self.used.add(loan.bill_id)
                    self._reserve(able[0], loan.amount_minor)
                    return who, able[0], loan
        raise EmptyPoolError("the card has no loan left that its owner can pay")

    def take_sleeper(self) -> Subscriber:
        """A subscriber whose mobile channel is not active yet, to be activated by the caller."""
        who = self.find_sleeper()
        self.used.add(who.number)
        return who

    def find_sleeper(self) -> Subscriber:
        """The same, only to be looked at: the last one."""
        fresh = [s for s in self.subscribers if not s.activated and s.accounts and self._unused(s.number)]
        return (fresh or self._empty("subscriber who is not activated"))[-1]

    def left(self, account: Account) -> int:
        return account.balance_minor - self.spent.get(account.number, 0)

    def _active(self) -> list[Subscriber]:
        return [who for who in self.subscribers if who.activated and self._unused(who.number) and who.accounts]

    def _richest(self, minor: int, among: list[Subscriber]) -> tuple[Subscriber, Account]:
        pairs = [(who, a) for who in among for a in who.accounts if self._unused(a.number)]
        who, account = max(pairs or self._empty("account"), key=lambda pair: self.left(pair[1]))
        self._reserve(account, minor)
        return who, account

    def _reserve(self, account: Account, minor: int) -> None:
        if self.left(account) < minor:
            raise EmptyPoolError(f"no account of the card has {minor} left; the best has {self.left(account)}")
        self.spent[account.number] = self.spent.get(account.number, 0) + minor

    def _unused(self, name: str) -> bool:
        return name not in self.used and name not in self.reserved

    def _empty(self, what: str) -> Any:
        raise EmptyPoolError(f"the card has no {what} left that fits")


def _specials(special: Any) -> Iterator[Entry]:
    """Every entry with its name, whether the card has one, several or a bare word under it."""
    for name, value in special.items():
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict):
                yield {"name_of_special": name, **entry}
            else:
                yield {"name_of_special": name, "biller": entry, "provokes": BARE.get(name, "")}


def _named(tree: Any) -> Iterator[str]:
    """Every account, subscriber, card and bill named below: what the ordinary pools must leave alone."""
    if isinstance(tree, Mapping):
        yield from (value for key, value in tree.items() if key in NAMING and isinstance(value, str))
        for value in tree.values():
            yield from _named(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from _named(value)
