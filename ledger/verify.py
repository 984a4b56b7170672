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

from ledger import journal, reader, report, schema, writer
from ledger.batch import Batch
from ledger.days import Days
from ledger.errors import BooksError
from ledger.model import Committed, Group
from ledger.queries import TrialBalance
from ledger.recent import RecentGroups
from ledger.shelf import Shelf

# ruff: noqa: S608 - every interpolated name is a constant of ours

KEYS = {
    "accounts": ("name",),
    "transfers": ("id",),
    "payments": ("id",),
    "claims": ("key",),
    "usages": ("scope", "day"),
    "advices": ("payment", "kind"),
    "days": ("day",),
}


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
    reader.open_reader(path).close()
    with closing(sqlite3.connect("", uri=True, isolation_level=None)) as connection:
        schema.bring_up_to_date(Database(connection))
        try:
            connection.execute("ATTACH ? AS books", (reader.uri(path),))
            connection.execute("BEGIN")
            return _verify(connection)
        except sqlite3.DatabaseError as error:
            raise BooksError(f"{path}: {error}") from error


def _verify(connection: sqlite3.Connection) -> Verification:
    replay = Replay(connection)
    findings = [*_file(connection), *replay.run(), *_tables(Database(connection)), *_sums(connection)]
    transfers = connection.execute("SELECT count(*) FROM books.transfers").fetchone()[0]
    return Verification(replay.entries, transfers, replay.head.hex(), findings)


class Replay:
    """Walks the chain and makes the tables again, in the scratch schema `main`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._shelf = Shelf(connection)
        self._recent = RecentGroups(connection)
        self._days = Days(connection)
        self.entries = 0
        self.head = journal.ORIGIN

    def run(self) -> Iterator[Finding]:
        sequence = 0
        for entry in journal.walk(self._connection, "books"):
            yield from self._gap(sequence, entry)
            yield from self._link(entry)
            yield from self._entry(entry)
            sequence, self.head = entry.sequence, entry.hash
            self.entries += 1

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
                yield from self._groups(entry.sequence, journal.groups_of(entry.body))
        except (msgspec.DecodeError, sqlite3.IntegrityError) as error:
            yield Finding("journal", str(entry.sequence), f"cannot be replayed: {error}")

    def _groups(self, sequence: int, groups: list[Group]) -> Iterator[Finding]:
        batch = Batch(self._shelf, sequence, self._days, self._recent)
        self._shelf.fetch(groups)
        for group in groups:
            outcome = batch.decide(group, b"")
            if outcome != Committed(sequence):
                yield Finding("journal", str(sequence), f"group {group.id.hex()} could not be applied: {outcome}")
        writer.write(self._connection, batch)
        self._recent.add(batch.groups)
        self._shelf.note_committed(batch)


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
    for totals in report.trial_balance(connection, TrialBalance(), schema="books"):
        if not totals.balanced:
            yield Finding("trial balance", totals.currency, "not zero")
    for name in report.unequal_accounts(connection, schema="books"):
        yield Finding("accounts", name, "balances are not the sum of its transfers")
