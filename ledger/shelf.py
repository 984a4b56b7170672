"""What the books hold, as far as the batch at hand needs it: read before deciding, kept for the next batch.

Rule: `fetch` reads everything that a batch names, in a few statements; after it, what is not here does not exist. So
the decision itself reads nothing, but for the payment behind a claim that is taken or a version that is stale. What
the tables do not have yet is in `ahead` and stays; the rest may be read again at any time, and is bounded: the oldest
are dropped.
"""

# ruff: noqa: S608 - every interpolated name is a constant of ours
from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from ledger import report, rows
from ledger.ahead import Ahead, Held, RegisterKey, TotalKey, UsageKey
from ledger.days import Days
from ledger.lately import Lately
from ledger.model import Account, DayTotal, Found, Group, PaymentRow, RegisterRow, Transfer, TransferKind
from ledger.queries import ListRegister, OpenPayments
from ledger.rules import Original
from ledger.usage import Used

ACCOUNTS_MAX = 100_000
ORIGINALS_MAX = 50_000
VERSIONS_MAX = 50_000
USAGES_MAX = 50_000
TOTALS_MAX = 10_000
REGISTERS_MAX = 10_000

Version = tuple[int, bytes, int]  # of a payment: version, the group that made it, that group's batch
Stored = tuple[Transfer, int]  # a transfer and its batch


class Shelf:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.ahead = Ahead()
        self.accounts: dict[str, Account] = {}
        self.originals: dict[bytes, Original] = {}  # pending ones, and what became of them
        self.versions: dict[bytes, Version] = {}  # of payments as the tables have them
        self.usages: dict[UsageKey, Used] = {}
        self.totals: dict[TotalKey, DayTotal] = {}
        self.registers: dict[RegisterKey, RegisterRow | None] = {}
        self.days = Days(connection)
        # Of the batch at hand alone.
        self._claims: dict[str, Held] = {}
        self._aliases: dict[str, list[Held]] = {}
        self._transfers: dict[bytes, Stored] = {}
        self._new_transfers = Lately[bytes](self._largest("transfers", "id") or b"")
        self._new_claims = Lately[str](self._largest("claims", "key") or "")
        self._newest_payment: bytes = self._largest("payments", "id") or b""
        self._accounts_written: int = self._largest("accounts", "number") or 0

    def _largest(self, table: str, column: str) -> Any:
        return self._connection.execute(f"SELECT max({column}) FROM {table}").fetchone()[0]

    @property
    def accounts_opened(self) -> int:
        return self._accounts_written + len(self.ahead.opened)

    def note_written(self) -> None:
        """The tables have all of it now: what may still be asked for is kept, within bounds."""
        ahead = self.ahead
        self._accounts_written += len(ahead.opened)
        self._new_transfers.add(ahead.transfers.keys())
        self._new_claims.add(ahead.claims.keys())
        self._newest_payment = max(self._newest_payment, max(ahead.payments, default=b""))
        for id_, (payment, group, batch) in ahead.payments.items():
            if payment.next_at is None:
                self.versions.pop(id_, None)  # little comes after the end
            else:
                self.versions[id_] = (payment.version, group, batch)
        for moved in ahead.transfers.values():
            if moved[0].original:
                self.originals.pop(moved[0].original, None)
        ahead.clear()
        _trim(self.accounts, ACCOUNTS_MAX)
        _trim(self.originals, ORIGINALS_MAX)
        _trim(self.versions, VERSIONS_MAX)
        _trim(self.usages, USAGES_MAX)
        _trim(self.totals, TOTALS_MAX)
        _trim(self.registers, REGISTERS_MAX)

    def fetch(self, groups: Sequence[Group]) -> None:
        ahead, accounts = self.ahead, self.accounts
        is_new_transfer, is_new_claim = self._new_transfers.is_new, self._new_claims.is_new
        keys: list[str] = []
        aliases: list[str] = []
        repeats: list[str] = []
        names: set[str] = set()
        payments: list[bytes] = []
        ids: list[bytes] = []
        originals: list[bytes] = []
        for group in groups:
            payment = group.payment
            if payment is not None:
                id_ = payment.id
                if id_ <= self._newest_payment and id_ not in ahead.payments and id_ not in self.versions:
                    payments.append(id_)
            for claim in group.claims:
                if not is_new_claim(claim.key):
                    keys.append(claim.key)
                if claim.alias:
                    (aliases if claim.repeat else repeats).append(claim.alias)
            for opening in group.openings:
                if opening.name not in accounts:
                    names.add(opening.name)
            for transfer in group.transfers:
                if not is_new_transfer(transfer.id):
                    ids.append(transfer.id)
                if transfer.debit not in accounts:
                    names.add(transfer.debit)
                if transfer.credit not in accounts:
                    names.add(transfer.credit)
                if transfer.heading:
                    self._fetch_total(transfer.day, transfer.heading, transfer.currency)
                original = transfer.original
                if original and original not in self.originals and original not in ahead.transfers:
                    originals.append(original)
            for usage in group.usages:
                self._fetch_usage(usage.scope, usage.day)
            for kept in group.registers:
                self._fetch_register(kept.register, kept.key)
        self._claims.clear()
        self._aliases.clear()
        self._transfers.clear()
        if keys:
            self._fetch_claims(keys)
        if aliases:
            self._fetch_aliases("WHERE alias IN", aliases)
        if repeats := [alias for alias in repeats if alias not in self._aliases]:
            self._fetch_aliases("INDEXED BY claims_of_repeats WHERE repeat AND alias IN", repeats)
        if payments:
            self._fetch_versions(payments)
        if names:
            self._fetch_accounts(names)
        if ids:
            for row in self._select(f"SELECT {rows.TRANSFER}, batch FROM transfers WHERE id IN", ids):
                self._transfers[row[0]] = (rows.transfer_of(row), row[11])
        if originals:
            self._fetch_originals(originals)

    def _fetch_claims(self, keys: list[str]) -> None:
        for row in self._select(f"SELECT {rows.CLAIM}, payment, batch FROM claims WHERE key IN", keys):
            self._claims[row[0]] = (rows.claim_of(row), row[5], row[6])

    def _fetch_aliases(self, where: str, aliases: list[str]) -> None:
        """Those of a claim that is no repeat matter only where a repeat has them: they have an index of their own."""
        select = f"SELECT {rows.CLAIM}, payment, batch FROM claims {where}"
        for row in self._select(select, aliases, "ORDER BY batch"):
            self._aliases.setdefault(row[1], []).append((rows.claim_of(row), row[5], row[6]))

    def _fetch_versions(self, payments: list[bytes]) -> None:
        for row in self._select("SELECT id, version, group_id, batch FROM payments WHERE id IN", payments):
            self.versions[row[0]] = row[1:]

    def _fetch_accounts(self, names: set[str]) -> None:
        for row in self._select(f"SELECT {rows.ACCOUNT} FROM accounts WHERE name IN", list(names)):
            self.accounts[row[0]] = rows.account_of(row)

    def _fetch_originals(self, ids: list[bytes]) -> None:
        """Kept once all is read: after a read that failed halfway, a hold without its end could be posted twice."""
        found: dict[bytes, Original] = {}
        for row in self._select(f"SELECT {rows.TRANSFER} FROM transfers WHERE id IN", ids):
            found[row[0]] = Original(rows.transfer_of(row))
        for row in self._select("SELECT original, kind, amount_minor FROM transfers WHERE original IN", ids):
            found[row[0]] = _after(found[row[0]], TransferKind(row[1]), row[2])
        self.originals.update(found)

    def _fetch_usage(self, scope: str, day: str) -> None:
        if (scope, day) not in self.usages:
            select = "SELECT amount_minor, count FROM usages WHERE scope = ? AND day = ?"
            self.usages[scope, day] = self._connection.execute(select, (scope, day)).fetchone() or (0, 0)

    def _fetch_total(self, day: str, heading: str, currency: str) -> None:
        key = (day, heading, currency)
        if key not in self.totals:
            select = f"SELECT {rows.TOTAL} FROM totals WHERE (day, heading, currency) = (?, ?, ?)"
            row = self._connection.execute(select, key).fetchone()
            self.totals[key] = DayTotal(day, heading, currency) if row is None else rows.total_of(row)

    def _fetch_register(self, register: str, key: str) -> None:
        if (register, key) not in self.registers:
            select = f"SELECT {rows.REGISTER} FROM registers WHERE (register, key) = (?, ?)"
            row = self._connection.execute(select, (register, key)).fetchone()
            self.registers[register, key] = None if row is None else rows.register_of(row)

    # What the batch asks for, wherever it stands.

    def claim(self, key: str) -> Held | None:
        return self.ahead.claims.get(key) or self._claims.get(key)

    def alias(self, alias: str) -> Sequence[Held]:
        """In order of their batches."""
        return (*self._aliases.get(alias, ()), *self.ahead.aliases.get(alias, ()))

    def transfer(self, id_: bytes) -> Stored | None:
        moved = self.ahead.transfers.get(id_)
        return self._transfers.get(id_) if moved is None else moved[:2]

    def version(self, payment: bytes) -> Version | None:
        kept = self.ahead.payments.get(payment)
        return self.versions.get(payment) if kept is None else (kept[0].version, kept[1], kept[2])

    def original(self, id_: bytes) -> Original | None:
        original = self.originals.get(id_)
        if original is None:
            stored = self.transfer(id_)
            original = None if stored is None else Original(stored[0])
        return original

    # What may need a look into the file.

    def find_version(self, payment: bytes) -> Version | None:
        known = self.version(payment)
        if known is None:
            self._fetch_versions([payment])
            known = self.versions.get(payment)
        return known

    def find_payment(self, id_: bytes) -> PaymentRow | None:
        kept = self.ahead.payments.get(id_)
        if kept is not None:
            return kept[0]
        row = self._connection.execute(f"SELECT {rows.PAYMENT} FROM payments WHERE id = ?", (id_,)).fetchone()
        return None if row is None else rows.payment_of(row)

    def find_open(self, query: OpenPayments) -> list[PaymentRow]:
        """Those of the tables, with what is ahead of them laid over."""
        ahead = self.ahead.payments
        most = query.limit + len(ahead) if query.limit else 0
        stored = report.open_payments(self._connection, OpenPayments(query.after, most))
        found = {(row.next_at, row.id): row for row in stored if row.id not in ahead}
        for row, _, _ in ahead.values():
            if row.next_at is not None and (query.after is None or (row.next_at, row.id) > query.after):
                found[row.next_at, row.id] = row
        return [found[place] for place in sorted(found)][: query.limit or None]

    def find_register(self, query: ListRegister) -> list[RegisterRow]:
        """The rows of the tables, with what is ahead of them laid over."""
        ahead = {
            row.key: row
            for row in self.ahead.registers.values()
            if row.register == query.register and row.key.startswith(query.prefix) and row.key > query.after
        }
        most = query.limit + len(ahead) if query.limit else 0
        stored = report.list_register(self._connection, replace(query, limit=most))
        found = {row.key: row for row in stored} | ahead
        return [found[key] for key in sorted(found)][: query.limit or None]

    def find_claim(self, key: str, alias: str) -> Found:
        """The claim of this key, else the newest of this alias, and its payment."""
        held = self._find_held(key, alias)
        return Found(None, None) if held is None else Found(held[0], self.find_payment(held[1]))

    def _find_held(self, key: str, alias: str) -> tuple[Any, ...] | None:
        held = self.ahead.claims.get(key) or self._one_claim("key = ?", key)
        if held is None and alias:
            held = self.ahead.aliases.get(alias, (None,))[-1] or self._one_claim("alias = ? ORDER BY batch DESC", alias)
        return held

    def _one_claim(self, where: str, value: str) -> tuple[Any, ...] | None:
        row = self._connection.execute(f"SELECT {rows.CLAIM}, payment FROM claims WHERE {where}", (value,)).fetchone()
        return None if row is None else (rows.claim_of(row), row[5])

    def _select(self, select: str, wanted: Sequence[Any], order: str = "") -> Iterator[rows.Row]:
        """Each row once, however often its key is wanted."""
        for some in _padded(list(dict.fromkeys(wanted))):
            marks = ",".join("?" * len(some))
            yield from self._connection.execute(f"{select} ({marks}) {order}", some).fetchall()


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
