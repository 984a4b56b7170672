"""A core on books of its own, and what its tests ask it for: the special people's accounts, cards and loans."""

from __future__ import annotations

from pathlib import Path

from ledger.store import Store
from simulators.bank_core.core import BankCore
from tests.unit.simulators.asking import PEOPLE, Asker, Clock, Fields, n12, open_core, pin_block, rich, special

RICH = rich()
CURRENT, SAVINGS = (account.number for account in RICH.accounts)
START = RICH.accounts[0].opening_minor
CARD = RICH.cards[0]
LOAN = RICH.loans[0]
ME = ("01", RICH.subscriber)
POOR = PEOPLE.by_subscriber[special("poor_account", "subscriber")]
OTHER = POOR.accounts[0].number


class Bench:
    """A core on books of its own, with its asker; `restart` opens it again on the same books."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = Clock()
        self.core: BankCore
        self.store: Store
        self.open()

    def open(self) -> None:
        self.core, self.store = open_core(self.path, self.clock)
        self.asker = Asker(lambda message: self.core.answer(message))

    def restart(self) -> None:
        self.store.close()
        self.reopen()

    def reopen(self) -> None:
        """On the books that are there now; the asker goes on counting."""
        self.core, self.store = open_core(self.path, self.clock)

    def balance(self, name: str) -> int:
        return self.core.journal.balance(name)

    def pay(self, minor: int = 1000) -> Fields:
        return self.transfer("42", {"de4": n12(minor)})

    def transfer(self, code: str, elements: dict[str, str]) -> Fields:
        given = {"de4": n12(1000), "de102": CURRENT, "de103": OTHER} | elements
        return self.asker.ask("0200", code, ME, **given)

    def withdraw(self, minor: int = 5000, **elements: str) -> Fields:
        given = {"de2": CARD.pan, "de52": pin_block(CARD), "de35": CARD.track2, "de4": n12(minor)}
        return self.asker.ask("0200", "01", **(given | elements))
