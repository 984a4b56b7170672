"""What each side's books say moved, account by account, so that the switch's ledger can be held against them.

Rule: reads only, and only while or after the owner of a file runs: it never takes the owner's lock. Opening
balances and the hosts' own counter-accounts are left out; what is paid of a biller's bills is the biller's. Zero
is as good as absent: an account that was opened and given everything back agrees with one that never was.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from os import PathLike
from pathlib import Path
from urllib.parse import quote

import msgspec

from config.settings import Settings
from ledger import report
from ledger.model import StatementLine
from ledger.queries import GetStatement, ListAccounts, Statement
from simulators.build import core_pins
from simulators.core_state import card_name
from simulators.journal import OPENING_EQUITY
from simulators.population import Population
from switch.security.soft import SoftSecurity

OWN = ("equity:", "bank:")
ATM = "atm:"
ALL = 2**31

Net = dict[str, int]


class Difference(msgspec.Struct, frozen=True):
    """An account about which the ledger and a peer disagree."""

    account: str
    peer: str
    ledger_minor: int
    peer_minor: int


def books_report(database: str | PathLike[str], names: Mapping[str, str] | None = None) -> Net:
    """What every account gained (negative: lost) since the books were opened, in minor units.

    A withdrawal that named no account is under the card, as in the switch's ledger, once `names` (from
    `card_names`) says what a card is called there.
    """
    with closing(_read_only(database)) as connection:
        gained: defaultdict[str, int] = defaultdict(int)
        for account in report.answer(connection, ListAccounts()):
            if not account.name.startswith(OWN):
                gained[account.name.partition("/")[0]] += account.balance_minor
        for line in _lines(connection, OPENING_EQUITY):
            gained[line.transfer.credit] -= line.transfer.amount_minor
        for name in [name for name in gained if name.startswith(ATM)]:
            for line in _lines(connection, name):
                _under_card(gained, line)
    known = names or {}
    return {known.get(name, name): minor for name, minor in gained.items() if minor}


def card_names(settings: Settings, population: Population) -> dict[str, str]:
    """The core's name of each card, and the switch's ledger's."""
    pins, security = core_pins(settings), SoftSecurity(settings.keys)
    return {
        card_name(pins.card_reference(pan)): f"card:{security.fingerprint(pan.encode()).hex()}"
        for pan in population.cards
    }


def differences(ledger: Net, core: Net, billers: Mapping[str, Net]) -> list[Difference]:
    """Where they disagree. `billers` has a report for each biller peer, by its name."""
    found = list(_compared("core", ledger, core, set(ledger) | set(core)))
    for peer, biller in billers.items():
        found += _compared(peer, ledger, biller, set(biller))
    claimed = {name for biller in billers.values() for name in biller}
    unclaimed = {name for name in ledger if name.startswith("biller:")} - claimed
    return [*found, *_compared("no biller", ledger, {}, unclaimed)]


def _compared(peer: str, ledger: Net, other: Net, names: set[str]) -> Iterator[Difference]:
    for name in sorted(names):
        ours, theirs = ledger.get(name, 0), other.get(name, 0)
        if ours != theirs:
            yield Difference(name, peer, ours, theirs)


def _under_card(gained: defaultdict[str, int], line: StatementLine) -> None:
    """Move what a card without a named account drew (or got back) from the account behind it to the card."""
    moved = line.transfer
    if moved.payment:
        drawn = line.direction == "C"
        amount = moved.amount_minor if drawn else -moved.amount_minor
        gained[moved.debit if drawn else moved.credit] += amount
        gained[card_name(moved.payment)] -= amount


def _lines(connection: sqlite3.Connection, account: str) -> tuple[StatementLine, ...]:
    found: Statement | None = report.answer(connection, GetStatement(account, ALL, posted_only=True))
    return () if found is None else found.lines


def _read_only(database: str | PathLike[str]) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(Path(database).absolute()))}?mode=ro", uri=True)
