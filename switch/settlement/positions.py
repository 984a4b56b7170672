"""Who owes whom at the end of a day: the net of all that moved, by whom it moved to or from.

Rule: pure, and of the ledger alone. Every transfer adds to one position what it takes from another, so all positions of
a currency add up to zero, the customers' included: a report that does not is a bug, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ledger.model import Transfer, TransferKind
from switch.settlement.sides import MOVING, is_settling

CUSTOMERS, LOANS, BANK = "customers", "loans", "bank"
_GATHERED = {"customer": CUSTOMERS, "card": CUSTOMERS, "loan": LOANS, "bank": BANK}


class Position(msgspec.Struct, frozen=True):
    """What one party received by payments, what of that was given back, and what disputes settled (negative: against
    it). Of the customers, what is received are transfers between them; what they paid to all others is `paid`."""

    party: str  # "biller:ELEC", "atm:ATM00001", LOANS, CUSTOMERS, BANK
    currency: str
    received: int = 0
    received_minor: int = 0
    back: int = 0
    back_minor: int = 0
    settled_minor: int = 0
    paid_minor: int = 0
    returned_minor: int = 0

    @property
    def net_minor(self) -> int:
        """Positive: the bank owes the party so much for the day."""
        return self.received_minor - self.back_minor + self.settled_minor - self.paid_minor + self.returned_minor


class Balance(msgspec.Struct, frozen=True):
    """A currency's positions, and what they add up to: nothing."""

    currency: str
    positions: tuple[Position, ...]

    @property
    def total_minor(self) -> int:
        return sum(one.net_minor for one in self.positions)

    def of(self, prefix: str) -> tuple[Position, ...]:
        return tuple(one for one in self.positions if one.party.startswith(prefix))


def party_of(account: str) -> str:
    kind = account.partition(":")[0]
    return _GATHERED.get(kind, account)


def balances(transfers: Iterable[Transfer]) -> tuple[Balance, ...]:
    """By currency. `transfers` are those of one business day; what only holds or frees money moves none."""
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for one in transfers:
        if one.kind in MOVING:
            _add(sums, one)
    found: dict[str, list[Position]] = {}
    for (currency, party), fields in sorted(sums.items()):
        found.setdefault(currency, []).append(Position(party, currency, **fields))
    return tuple(Balance(currency, tuple(positions)) for currency, positions in found.items())


def _add(sums: dict[tuple[str, str], dict[str, int]], one: Transfer) -> None:
    debit = sums.setdefault((one.currency, party_of(one.debit)), {})
    credit = sums.setdefault((one.currency, party_of(one.credit)), {})
    minor = one.amount_minor
    if is_settling(one):
        _count(debit, settled_minor=-minor)
        _count(credit, settled_minor=minor)
    elif one.kind is TransferKind.CONTRA:
        _count(debit, back=1, back_minor=minor)
        _count(credit, returned_minor=minor)
    else:
        _count(credit, received=1, received_minor=minor)
        _count(debit, paid_minor=minor)


def _count(sums: dict[str, int], **added: int) -> None:
    for name, number in added.items():
        sums[name] = sums.get(name, 0) + number
