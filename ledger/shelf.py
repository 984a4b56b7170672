"""What the books hold, as far as the batch at hand needs it: read before deciding, kept for the next batch.

Rule: `fetch` reads everything that a batch names, in a few statements; after it, what is not here does not exist. So
the decision itself reads nothing. Bounded: the oldest are dropped. After a rollback `forget` drops all of it.
"""

# ruff: noqa: S608 - every interpolated name is a constant of ours
from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ledger import rows
from ledger.model import Account, Claim, Group, PaymentRow, Transfer, TransferKind
from ledger.rules import Original
from ledger.usage import Used

if TYPE_CHECKING:
    from ledger.batch import Batch

ACCOUNTS_MAX = 100_000
ORIGINALS_MAX = 100_000
VERSIONS_MAX = 100_000
USAGES_MAX = 100_000

Held = tuple[Claim, bytes]  # a claim and the payment behind it
Version = tuple[int, bytes, int]  # of a payment: version, the group that made it, that group's batch
UsageKey = tuple[str, str]
Stored = tuple[Transfer, int]  # a transfer and its batch


class Shelf:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.accounts: dict[str, Account] = {}
        self.originals: dict[bytes, Original] = {}
        self.versions: dict[bytes, Version] = {}
        self.usages: dict[UsageKey, Used] = {}
        self.claims: dict[str, Held] = {}
        self.aliases: dict[str, list[Held]] = {}
        self.transfers: dict[bytes, Stored] = {}
        # Ids begin with the time: one beyond the newest is new, without asking.
        self._newest_transfer: bytes = self._largest("transfers", "id") or b""
        self._newest_payment: bytes = self._largest("payments", "id") or b""
        self.accounts_opened: int = self._largest("accounts", "number") or 0

    def _largest(self, table: str, column: str) -> Any:
        return self._connection.execute(f"SELECT max({column}) FROM {table}").fetchone()[0]

    def forget(self) -> None:
        for kept in (self.accounts, self.originals, self.versions, self.usages):
            kept.clear()
        self._clear_batch()

    def note_committed(self, batch: Batch) -> None:
        """The newest ids, for `fetch`; and what the batch alone needed goes."""
        self.accounts_opened += len(batch.opened)
        if batch.payments:
            self._newest_payment = max(self._newest_payment, max(batch.payments))
        if batch.transfers:
            self._newest_transfer = max(self._newest_transfer, bytes(max(row[0] for row in batch.transfers)))
        for id_, original in batch.originals.items():
            if original.settled is not None or original.reversed_minor:
                self.originals.pop(id_, None)
        self._tidy()

    def _tidy(self) -> None:
        """After a commit: drop what only that batch needed, and the oldest of what grew too large."""
        self._clear_batch()
        _trim(self.accounts, ACCOUNTS_MAX)
        _trim(self.originals, ORIGINALS_MAX)
        _trim(self.versions, VERSIONS_MAX)
        _trim(self.usages, USAGES_MAX)

    def _clear_batch(self) -> None:
        self.claims.clear()
        self.aliases.clear()
        self.transfers.clear()

    def fetch(self, groups: Sequence[Group]) -> None:
        accounts, versions, originals = self.accounts, self.versions, self.originals
        newest_transfer, newest_payment = self._newest_transfer, self._newest_payment
        keys: list[str] = []
        aliases: list[str] = []
        names: set[str] = set()
        payments: list[bytes] = []
        ids: list[bytes] = []
        named: list[bytes] = []
        for group in groups:
            for claim in group.claims:
                keys.append(claim.key)
                if claim.alias:
                    aliases.append(claim.alias)
            payment = group.payment
            if payment is not None and payment.id <= newest_payment and payment.id not in versions:
                payments.append(payment.id)
            for opening in group.openings:
                if opening.name not in accounts:
                    names.add(opening.name)
            for transfer in group.transfers:
                if transfer.id <= newest_transfer:
                    ids.append(transfer.id)
                if transfer.debit not in accounts:
                    names.add(transfer.debit)
                if transfer.credit not in accounts:
                    names.add(transfer.credit)
                if transfer.original and transfer.original not in originals:
                    named.append(transfer.original)
            for usage in group.usages:
                self._fetch_usage(usage.scope, usage.day)
        if keys:
            self._fetch_claims(keys, aliases)
        if payments:
            self._fetch_versions(payments)
        if names:
            self._fetch_accounts(names)
        if ids:
            for row in self._select(f"SELECT {rows.TRANSFER}, batch FROM transfers WHERE id IN", ids):
                self.transfers[row[0]] = (rows.transfer_of(row), row[10])
        if named:
            self._fetch_originals(named)

    def _fetch_claims(self, keys: list[str], aliases: list[str]) -> None:
        for row in self._select(f"SELECT {rows.CLAIM}, payment FROM claims WHERE key IN", keys):
            self.claims[row[0]] = (rows.claim_of(row), row[5])
        for row in self._select(f"SELECT {rows.CLAIM}, payment FROM claims WHERE alias IN", aliases):
            self.aliases.setdefault(row[1], []).append((rows.claim_of(row), row[5]))

    def _fetch_versions(self, payments: list[bytes]) -> None:
        for row in self._select("SELECT id, version, group_id, batch FROM payments WHERE id IN", payments):
            self.versions[row[0]] = row[1:]

    def _fetch_accounts(self, names: set[str]) -> None:
        for row in self._select(f"SELECT {rows.ACCOUNT} FROM accounts WHERE name IN", list(names)):
            self.accounts[row[0]] = rows.account_of(row)

    def _fetch_originals(self, ids: list[bytes]) -> None:
        for row in self._select(f"SELECT {rows.TRANSFER} FROM transfers WHERE id IN", ids):
            self.originals[row[0]] = Original(rows.transfer_of(row))
        for row in self._select("SELECT original, kind, amount_minor FROM transfers WHERE original IN", ids):
            self.originals[row[0]] = _after(self.originals[row[0]], TransferKind(row[1]), row[2])

    def _fetch_usage(self, scope: str, day: str) -> None:
        if (scope, day) not in self.usages:
            select = "SELECT amount_minor, count FROM usages WHERE scope = ? AND day = ?"
            self.usages[scope, day] = self._connection.execute(select, (scope, day)).fetchone() or (0, 0)

    def find_version(self, payment: bytes) -> Version | None:
        if payment not in self.versions:
            self._fetch_versions([payment])
        return self.versions.get(payment)

    def find_payment(self, id_: bytes) -> PaymentRow | None:
        row = self._connection.execute(f"SELECT {rows.PAYMENT} FROM payments WHERE id = ?", (id_,)).fetchone()
        return None if row is None else rows.payment_of(row)

    def _select(self, select: str, wanted: Sequence[Any]) -> Iterator[rows.Row]:
        for some in _padded(wanted):
            marks = ",".join("?" * len(some))
            yield from self._connection.execute(f"{select} ({marks})", some).fetchall()


def _after(original: Original, kind: TransferKind, amount_minor: int) -> Original:
    if kind is TransferKind.CONTRA:
        return Original(original.transfer, None, original.reversed_minor + amount_minor)
    return Original(original.transfer, kind)


def _padded(wanted: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """In pieces whose lengths are powers of two, so that SQLite prepares few statements."""
    for start in range(0, len(wanted), 256):
        some = list(wanted[start : start + 256])
        length = 1 << (len(some) - 1).bit_length()
        yield some + [some[-1]] * (length - len(some))


def _trim(kept: dict[Any, Any], most: int) -> None:
    if len(kept) > most:
        for key in list(kept)[: most // 4]:
            del kept[key]
