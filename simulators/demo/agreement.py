"""Whether everybody's books agree: the switch's ledger, the bank core's and each biller's, account by account.

Rule: each side is read from its own database, by its own names, when no payment is open any more. Nothing is taken
from what the traffic believes, and a difference is listed, never explained away.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import trio

from config.settings import Settings
from ledger import report
from ledger.model import CurrencyTotals
from ledger.queries import CountPayments, CurrentDay, OpenAdvices, OpenPayments, TrialBalance
from ledger.reader import open_reader
from simulators.build import biller_peers
from simulators.demo.books_report import Difference, Net, books_report, card_accounts, differences
from simulators.keys import KeyCase
from simulators.people.population import Population

QUIET_WITHIN_S = 60.0
LOOK_EVERY_S = 0.1
CORE = "core"
CORE_BOOKS = "core.db"
BILLER = "biller:"


@dataclass(frozen=True)
class Agreement:
    """What was found: by whose books (the core's, a biller's) how many accounts were compared, and which differ."""

    open_payments: int
    payments: Mapping[str, int]  # state → how many
    totals: tuple[CurrencyTotals, ...]
    compared: Mapping[str, int]
    differences: tuple[tuple[str, Difference], ...]

    @property
    def holds(self) -> bool:
        return not self.problems()

    def problems(self) -> list[str]:
        """What is wrong with the books, in words."""
        found = [f"the ledger is out of balance in {total.currency}" for total in self.totals if not total.balanced]
        if self.open_payments:
            found.append(f"payments that are not final: {self.open_payments}")
        if self.differences:
            found.append(f"accounts that differ: {len(self.differences)}")
        return found

    def trial_balance(self) -> dict[str, int]:
        """By currency what debits exceed credits by, posted and pending: zero."""
        return {
            total.currency: (total.debits_posted - total.credits_posted)
            + (total.debits_pending - total.credits_pending)
            for total in self.totals
        }

    def reconciliation(self) -> dict[str, Any]:
        """By whose books: the accounts compared, and every difference."""
        return {
            name: {
                "accounts": accounts,
                "differences": [msgspec.to_builtins(found) for whose, found in self.differences if whose == name],
            }
            for name, accounts in self.compared.items()
        }


async def look_when_quiet(settings: Settings, directory: Path, population: Population, keys: KeyCase) -> Agreement:
    """Compare once all is quiet."""
    await quiet(settings)
    return look(settings, directory, population, keys)


async def quiet(settings: Settings) -> None:
    """Wait until every payment is final and every advice acknowledged, but not for ever."""
    database = Path(settings.ledger.database)
    with trio.move_on_after(QUIET_WITHIN_S):
        while _open(database):  # noqa: ASYNC110 - nothing tells us of another process's commits
            await trio.sleep(LOOK_EVERY_S)


def look(settings: Settings, directory: Path, population: Population, keys: KeyCase) -> Agreement:
    """Compare the books as they are now; the peers' are in `directory`."""
    database = Path(settings.ledger.database)
    ledger = books_report(database, card_accounts(keys.vault, population))
    core = books_report(directory / CORE_BOOKS)
    billers = {peer: books_report(directory / f"{peer}.db") for peer in biller_peers(settings)}
    with closing(open_reader(database)) as books:
        totals = tuple(report.answer(books, TrialBalance()))
        payments = report.answer(books, CountPayments())
    return Agreement(
        open_payments=_open(database),
        payments=payments,
        totals=totals,
        compared=_compared(settings, ledger, core, billers),
        differences=tuple((_whose(found), found) for found in differences(ledger, core, billers)),
    )


def business_day(settings: Settings) -> str:
    """The day that is open, YYYYMMDD."""
    with closing(open_reader(Path(settings.ledger.database))) as books:
        day: str = report.answer(books, CurrentDay())
    return day


def _compared(settings: Settings, ledger: Net, core: Net, billers: Mapping[str, Net]) -> dict[str, int]:
    """By whose books: how many accounts are in them, or in the ledger as theirs."""
    names = {name for net in (ledger, *billers.values()) for name in net if name.startswith(BILLER)}
    codes = [code for code, biller in settings.billers.items() if biller.open or f"{BILLER}{code}" in names]
    unknown = sorted(name.removeprefix(BILLER) for name in names if name.removeprefix(BILLER) not in codes)
    counts = {code: int(f"{BILLER}{code}" in names) for code in (*codes, *unknown)}
    return {CORE: len(set(ledger) | set(core)), **counts}


def _whose(found: Difference) -> str:
    return CORE if found.peer == CORE else found.account.removeprefix(BILLER)


def _open(database: Path) -> int:
    with closing(open_reader(database)) as books:
        return len(report.answer(books, OpenPayments())) + len(report.answer(books, OpenAdvices()))
