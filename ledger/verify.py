"""Says whether the books are what the journal made them, and names every row that is not.

Rule: believes nothing but the journal, and that only as far as its hash chain holds. The journal is replayed by the
same rules into scratch books, and every table is compared with them row by row; apart from the rules, balances are
added up again by SQL. Whoever can rewrite the whole chain can hide: note the head that a run reports somewhere else.

Where the journal's beginning was moved to an archive, the replay needs that archive. Without it the chain is walked
from the cut, each row that the entries since then speak of is compared with them, and balances are added up. What was
found says that it is a part: nobody may take it for the whole.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from ledger import journal, reader, replay, report, rows, schema, writer
from ledger.chain import Chain, Finding
from ledger.errors import UNREADABLE, BooksError
from ledger.journal import Entry
from ledger.model import Committed, Group, Transfer
from ledger.queries import TrialBalance
from ledger.schema import KEYS
from ledger.shelf import Shelf
from ledger.sqlite_tools import Database

# ruff: noqa: S608 - every interpolated name is a constant of ours

WRITE_AT = 2_000  # rows


class Verification(msgspec.Struct, frozen=True):
    """`head` is the last hash of the chain, in hex: it stands for all that was verified. `after` is the entry that the
    look began after, 0 if at the origin; `compared` says how many of the transfers were, with what the journal says."""

    entries: int
    transfers: int
    head: str
    findings: list[Finding]
    after: int
    compared: int

    @property
    def clean(self) -> bool:
        return not self.findings

    @property
    def whole(self) -> bool:
        return not self.after


def verify(path: str | os.PathLike[str], archive: Path | None = None) -> Verification:
    """Of one moment, also beside the process that writes."""
    reader.open_reader(path, tables_alone=True).close()
    with closing(sqlite3.connect("", uri=True, isolation_level=None)) as connection:
        schema.bring_up_to_date(Database(connection))
        try:
            connection.execute("ATTACH ? AS books", (reader.uri(path),))
            connection.execute("BEGIN")
            cut, _ = journal.archived(connection, "books")
            return _verify(connection, archive) if archive is not None or not cut else _verify_since(connection)
        except sqlite3.DatabaseError as error:
            raise BooksError(f"{path}: {error}") from error


def _verify(connection: sqlite3.Connection, archive: Path | None) -> Verification:
    """The tables are compared where they stand; what the journal has beyond that is applied after it."""
    chain, tables_at = Chain(connection), journal.tables_at(connection, "books")
    replayed = Replayed(connection)
    findings = [*_file(connection)]
    if archive is not None:
        findings += replayed.take(chain.archived(archive))
    findings += replayed.take(chain.books(tables_at))
    findings += [*_tables(Database(connection)), *_sums(connection), *_marks(chain, tables_at)]
    transfers = _count(connection, "books")
    replayed_at = _count(connection, "main")
    findings += replayed.take(chain.books())
    beyond = _count(connection, "main") - replayed_at
    everything = transfers + beyond
    return Verification(chain.entries, everything, chain.head.hex(), findings, after=0, compared=everything)


def _verify_since(connection: sqlite3.Connection) -> Verification:
    """From the cut on, without what came before it."""
    chain, tables_at = Chain(connection), journal.tables_at(connection, "books")
    after, chain.head = journal.archived(connection, "books")
    chain.sequence = after
    since = Since(connection, after)
    findings = [*_file(connection), *since.take(chain.books(tables_at)), *_sums(connection), *_marks(chain, tables_at)]
    findings += [found for found in chain.books() if isinstance(found, Finding)]
    transfers = _count(connection, "books")
    return Verification(chain.entries, transfers, chain.head.hex(), findings, after, since.compared)


def _count(connection: sqlite3.Connection, schema_name: str) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM {schema_name}.transfers").fetchone()
    return int(count)


class Replayed:
    """The tables as the entries make them, in the scratch schema `main`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._shelf = Shelf(connection)

    def take(self, chain: Iterator[Finding | Entry]) -> Iterator[Finding]:
        sequence = 0
        for found in chain:
            if isinstance(found, Finding):
                yield found
            else:
                sequence = found.sequence
                yield from self._entry(found)
        yield from self._write(sequence)

    def _entry(self, entry: Entry) -> Iterator[Finding]:
        try:
            for outcome in replay.groups(self._shelf, entry):
                if outcome != Committed(entry.sequence):
                    yield Finding("journal", str(entry.sequence), f"a group could not be applied: {outcome}")
        except (*UNREADABLE, sqlite3.IntegrityError) as error:
            yield Finding("journal", str(entry.sequence), f"cannot be replayed: {error}")
        if self._shelf.ahead.size >= WRITE_AT:
            yield from self._write(entry.sequence)

    def _write(self, sequence: int) -> Iterator[Finding]:
        try:
            writer.write(self._connection, self._shelf, sequence)
        except sqlite3.IntegrityError as error:
            yield Finding("journal", str(sequence), f"cannot be replayed: {error}")
        self._shelf.note_written()


class Since:
    """The rows that the entries since a cut speak of, against the tables: those rows, and no others of that time."""

    def __init__(self, connection: sqlite3.Connection, cut: int) -> None:
        self._connection = connection
        self._cut = cut
        self._found = dict.fromkeys(_SINCE, 0)
        self._newest: dict[str, bytes] = {}  # transfer of each account

    @property
    def compared(self) -> int:
        """How many transfers."""
        return self._found["transfers"]

    def take(self, chain: Iterator[Finding | Entry]) -> Iterator[Finding]:
        for found in chain:
            if isinstance(found, Finding):
                yield found
            elif found.kind == journal.GROUPS:
                yield from self._entry(found)
        for table, (_, _, count) in _SINCE.items():
            (stored,) = self._connection.execute(count, (self._cut,)).fetchone()
            if stored > self._found[table]:
                yield Finding(table, "", f"{stored - self._found[table]} that are not in the journal")
        for name, newest in self._newest.items():
            if self._one("SELECT last FROM books.accounts WHERE name = ?", name) != (newest,):
                yield Finding("accounts", name, "edited: last")

    def _entry(self, entry: Entry) -> Iterator[Finding]:
        try:
            groups = journal.groups_of(entry)
        except UNREADABLE as error:
            yield Finding("journal", str(entry.sequence), f"cannot be read: {error}")
            return
        transfers = {one.id: one for group in groups for one in group.transfers}
        yield from self._openings(groups)
        yield from self._rows("transfers", entry, transfers)
        yield from self._previous(entry, transfers)
        yield from self._rows("claims", entry, {one.key: one for group in groups for one in group.claims})
        payments = ((group.payment, group.id) for group in groups if group.payment is not None)
        yield from self._rows("payments", entry, {one[0].id: one for one in payments})

    def _openings(self, groups: list[Group]) -> Iterator[Finding]:
        for opening in (opening for group in groups for opening in group.openings):
            row = self._one("SELECT currency, covered FROM books.accounts WHERE name = ?", opening.name)
            if row != (opening.currency, opening.covered):
                yield Finding("accounts", opening.name, "missing" if row is None else "edited: currency or covered")

    def _previous(self, entry: Entry, transfers: Mapping[bytes, Transfer]) -> Iterator[Finding]:
        """Each names the one before it, of either account. What the first ones since the cut name is not known."""
        select = "SELECT debit_previous, credit_previous, batch FROM books.transfers WHERE id = ?"
        for id_, transfer in transfers.items():
            row = self._one(select, id_)
            if row is not None and row[2] != entry.sequence:
                continue  # it was moved before, and is only named again
            for name, side in ((transfer.debit, 0), (transfer.credit, 1)):
                if row is not None and row[side] != self._newest.get(name, row[side]):
                    yield Finding("transfers", id_.hex(), f"edited: the one before it of {name}")
                self._newest[name] = id_

    def _one(self, select: str, key: str | bytes) -> rows.Row | None:
        row: rows.Row | None = self._connection.execute(select, (key,)).fetchone()
        return row

    def _rows(self, table: str, entry: Entry, wanted: Mapping[Any, object]) -> Iterator[Finding]:
        """`wanted` as the entry left them: the last word on a payment that moved twice in it."""
        select, value_of, _ = _SINCE[table]
        for key, value in wanted.items():
            row = self._one(select, key)
            name = key.hex() if isinstance(key, bytes) else key
            if row is None:
                yield Finding(table, name, "missing")
            elif row[-1] > entry.sequence and table != "payments":
                yield Finding(table, name, "edited: batch")
            elif row[-1] > entry.sequence:
                continue  # a payment that moved on: a later entry speaks of it
            elif row[-1] < entry.sequence and table == "payments":
                yield Finding(table, name, "older than the journal")
            elif value_of(row[:-1]) != value:
                yield Finding(table, name, "edited")
            self._found[table] += row is not None and row[-1] == entry.sequence


_SINCE: dict[str, tuple[str, Callable[[rows.Row], object], str]] = {
    table: (
        f"SELECT {columns}, batch FROM books.{table} WHERE {KEYS[table][0]} = ?",
        value_of,
        f"SELECT count(*) FROM books.{table} WHERE batch > ?",
    )
    for table, columns, value_of in (
        ("transfers", rows.TRANSFER, rows.transfer_of),
        ("claims", rows.CLAIM, rows.claim_of),
        ("payments", f"{rows.PAYMENT}, group_id", lambda row: (rows.payment_of(row), row[7])),
    )
}


def _marks(chain: Chain, tables_at: int) -> Iterator[Finding]:
    if chain.sequence < tables_at:
        yield Finding("marks", "tables", f"{tables_at}: beyond the journal")


def _file(connection: sqlite3.Connection) -> Iterator[Finding]:
    """SQLite's own check: pages, order of keys, indexes."""
    for (line,) in connection.execute("PRAGMA books.integrity_check").fetchall():
        if line != "ok":
            yield Finding("file", "", line)


def _tables(db: Database) -> Iterator[Finding]:
    for table, keys in KEYS.items():
        yield from _rows(db, table, keys, "main", "books", "missing")
        yield from _rows(db, table, keys, "books", "main", "not in the journal")
        yield from _edited(db, table, keys)


def _rows(db: Database, table: str, keys: tuple[str, ...], here: str, there: str, what: str) -> Iterator[Finding]:
    same = " AND ".join(f"there.{key} = here.{key}" for key in keys)
    select = (
        f"SELECT * FROM {here}.{table} AS here WHERE NOT EXISTS (SELECT 1 FROM {there}.{table} AS there WHERE {same})"
    )
    for row in db.query(select):
        yield Finding(table, _name(row, keys), what)


def _edited(db: Database, table: str, keys: tuple[str, ...]) -> Iterator[Finding]:
    columns = [column.name for column in db.table(table).columns if column.name not in keys]
    differ = ", ".join(f"stored.{column} IS NOT made.{column} AS {column}" for column in columns)
    named = ", ".join(f"stored.{key} AS key_{key}" for key in keys)
    join = f"books.{table} AS stored JOIN main.{table} AS made USING ({', '.join(keys)})"
    where = " OR ".join(f"stored.{column} IS NOT made.{column}" for column in columns)
    for row in db.query(f"SELECT {named}, {differ} FROM {join} WHERE {where}"):
        edited = ", ".join(column for column in columns if row[column])
        yield Finding(table, _name(row, tuple(f"key_{key}" for key in keys)), f"edited: {edited}")


def _name(row: dict[str, object], keys: tuple[str, ...]) -> str:
    values = (row[key] for key in keys)
    return " ".join(value.hex() if isinstance(value, bytes) else str(value) for value in values)


def _sums(connection: sqlite3.Connection) -> Iterator[Finding]:
    """I1 without the rules: the trial balance, and each account against the sum of its transfers."""
    for totals in report.trial_balance(connection, TrialBalance(), "books."):
        if not totals.balanced:
            yield Finding("trial balance", totals.currency, "not zero")
    for name in report.unequal_accounts(connection, "books."):
        yield Finding("accounts", name, "balances are not the sum of its transfers")
    for row in report.unequal_totals(connection, "books."):
        yield Finding("day totals", " ".join(row), "not the sum of its day's transfers")
