"""Says whether the books are what the journal made them, and names every row that is not.

Rule: believes nothing but the journal, and that only as far as its hash chain holds. The journal is replayed by the
same rules into scratch books, and every table is compared with them row by row; apart from the rules, balances are
added up again by SQL. Whoever can rewrite the whole chain can hide: note the head that a run reports somewhere else.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import msgspec
from sqlite_utils import Database

from ledger import journal, reader, replay, report, schema, writer
from ledger.days import Days
from ledger.errors import BooksError
from ledger.model import Committed
from ledger.queries import TrialBalance
from ledger.schema import KEYS
from ledger.shelf import Shelf

# ruff: noqa: S608 - every interpolated name is a constant of ours

WRITE_AT = 2_000  # rows


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong: which row of which table, and how."""

    table: str
    row: str
    what: str


class Verification(msgspec.Struct, frozen=True):
    """`head` is the last hash of the chain, in hex: it stands for all that was verified."""

    entries: int
    transfers: int
    head: str
    findings: list[Finding]

    @property
    def clean(self) -> bool:
        return not self.findings


def verify(path: str | os.PathLike[str]) -> Verification:
    """Of one moment, also beside the process that writes."""
    reader.open_reader(path, tables_alone=True).close()
    with closing(sqlite3.connect("", uri=True, isolation_level=None)) as connection:
        schema.bring_up_to_date(Database(connection))
        try:
            connection.execute("ATTACH ? AS books", (reader.uri(path),))
            connection.execute("BEGIN")
            return _verify(connection)
        except sqlite3.DatabaseError as error:
            raise BooksError(f"{path}: {error}") from error


def _verify(connection: sqlite3.Connection) -> Verification:
    """The tables are compared where they stand; what the journal has beyond that is applied after it."""
    walk, tables_at = Replay(connection), journal.tables_at(connection, "books")
    findings = [*_file(connection), *walk.run(tables_at), *_tables(Database(connection)), *_sums(connection)]
    transfers = connection.execute("SELECT count(*) FROM books.transfers").fetchone()[0]
    if walk.sequence < tables_at:
        findings.append(Finding("marks", "tables", f"{tables_at}: beyond the journal"))
    findings += walk.run()
    return Verification(walk.entries, transfers + walk.transfers_beyond, walk.head.hex(), findings)


class Replay:
    """Walks the chain and makes the tables again, in the scratch schema `main`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._shelf = Shelf(connection)
        self._days = Days(connection)
        self.entries = 0
        self.sequence = 0
        self.head = journal.ORIGIN
        self.transfers_beyond = 0  # of the last run

    def run(self, until: int | None = None) -> Iterator[Finding]:
        before = self._count()
        for entry in journal.walk(self._connection, "books", self.sequence, until):
            yield from self._gap(self.sequence, entry)
            yield from self._link(entry)
            yield from self._entry(entry)
            self.sequence, self.head = entry.sequence, entry.hash
            self.entries += 1
        yield from self._write()
        self.transfers_beyond = self._count() - before

    def _count(self) -> int:
        (count,) = self._connection.execute("SELECT count(*) FROM main.transfers").fetchone()
        return int(count)

    def _write(self) -> Iterator[Finding]:
        try:
            writer.write(self._connection, self._shelf, self.sequence)
        except sqlite3.IntegrityError as error:
            yield Finding("journal", str(self.sequence), f"cannot be replayed: {error}")
        self._shelf.note_written()

    def _gap(self, before: int, entry: journal.Entry) -> Iterator[Finding]:
        for sequence in range(before + 1, min(entry.sequence, before + 100)):
            yield Finding("journal", str(sequence), "missing")

    def _link(self, entry: journal.Entry) -> Iterator[Finding]:
        expected = journal.entry_hash(self.head, entry.sequence, entry.at, entry.kind, entry.body)
        if entry.hash != expected:
            yield Finding("journal", str(entry.sequence), "edited, or what came before it: its hash does not follow")

    def _entry(self, entry: journal.Entry) -> Iterator[Finding]:
        try:
            if entry.kind == journal.DAY:
                change = journal.day_of(entry.body)
                self._days.write(change)
                self._days.note_committed(change)
            else:
                yield from self._groups(entry)
        except (msgspec.DecodeError, sqlite3.IntegrityError) as error:
            yield Finding("journal", str(entry.sequence), f"cannot be replayed: {error}")

    def _groups(self, entry: journal.Entry) -> Iterator[Finding]:
        for outcome in replay.groups(self._shelf, entry, self._days):
            if outcome != Committed(entry.sequence):
                yield Finding("journal", str(entry.sequence), f"a group could not be applied: {outcome}")
        if self._shelf.ahead.size >= WRITE_AT:
            yield from self._write()


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
