"""What each side's books say moved, account by account, so that the switch's ledger can be held against them.

Rule: reads only, and only while or after the owner of a file runs: it never takes the owner's lock. Opening
balances and the hosts' own counter-accounts are left out; what is paid of a biller's bills is the biller's. Zero
is as good as absent: an account that was opened and given everything back agrees with one that never was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from os import PathLike
from typing import Any

import msgspec

from ledger import report
from ledger.model import StatementLine
from ledger.queries import GetStatement, ListAccounts, Query, Statement
from ledger.reader import open_reader
from simulators.hosts.postings import OPENING_EQUITY
from simulators.people.population import Population
from switch.security.vault import Vault

OWN = ("equity:", "bank:")
ANY_TYPE = "00"  # field 3: the card's default account
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

    `names` (from `card_accounts`) gives the account behind each name that the switch's ledger has for a card.
    """
    with closing(open_reader(database)) as connection:
        return net(partial(report.answer, connection), names)


def net(ask: Callable[[Query], Any], names: Mapping[str, str] | None = None) -> Net:
    """The same, of books that `ask` answers for."""
    gained: defaultdict[str, int] = defaultdict(int)
    for account in ask(ListAccounts()):
        if not account.name.startswith(OWN):
            gained[account.name.partition("/")[0]] += account.balance_minor
    for line in _lines(ask, OPENING_EQUITY):
        gained[line.transfer.credit] -= line.transfer.amount_minor
    known = names or {}
    found: defaultdict[str, int] = defaultdict(int)
    for name, minor in gained.items():
        found[known.get(name, name)] += minor
    return {name: minor for name, minor in found.items() if minor}


def card_accounts(vault: Vault, population: Population) -> dict[str, str]:
    """What the switch's ledger calls the account behind a card, by account type, and the account.

    A withdrawal that names no account is booked under the card: only the core knows which account that is.
    """
    return {
        f"card:{vault.fingerprint(card.pan.encode()).hex()}:{kind}": f"customer:{account.number}"
        for card in population.cards.values()
        for kind, account in [(ANY_TYPE, card.accounts[0]), *((a.kind, a) for a in reversed(card.accounts))]
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


def _lines(ask: Callable[[Query], Any], account: str) -> tuple[StatementLine, ...]:
    found: Statement | None = ask(GetStatement(account, ALL, posted_only=True))
    return () if found is None else found.lines
