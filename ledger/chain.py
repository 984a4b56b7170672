"""Walks the hash chain, through the files of an archive and then through the books.

Rule: gives every entry that can be read, and a Finding for each that is missing, out of its place or edited, with the
file it stands in. Nothing is taken from an entry's word: hashes decide. What both the archive and the books have is
walked in the books, and must be the same in the archive.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ledger import archive, journal
from ledger.journal import Entry

NAMED_MAX = 100  # of entries that are missing in a row


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong: which row of which table, and how."""

    table: str
    row: str
    what: str


class Chain:
    """`sequence` and `head` are where it stands: what comes next must follow them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.entries = 0
        self.sequence = 0
        self.head = journal.ORIGIN

    def archived(self, directory: Path) -> Iterator[Finding | Entry]:
        """The archive's entries, up to what the books begin after; and whether those begin there."""
        cut, head = journal.archived(self._connection, "books")
        for path in archive.files(directory):
            yield from self._file(path, cut)
        if self.sequence < cut:
            yield Finding("archive", "", f"entries {self.sequence + 1} to {cut} are missing")
            self.sequence = cut
        if self.head != head:
            yield Finding("archive", "", f"does not end with what the books follow: entry {cut} has another hash")
        self.head = head

    def _file(self, path: Path, cut: int) -> Iterator[Finding | Entry]:
        first, last = archive.span(path)
        before = min(first - 1, cut)
        if self.sequence < before:
            yield Finding("archive", path.name, f"entries {self.sequence + 1} to {before} before it are missing")
            self.sequence = before
        try:
            head, entries = archive.read(path)
            if head.first == self.sequence + 1 and head.previous != self.head:
                yield Finding("archive", path.name, "does not follow the entry before it")
            for entry in entries:
                if entry.sequence > cut:
                    if not self._is_in_books(entry):
                        yield Finding("archive", path.name, f"entry {entry.sequence} is not what the books have")
                        return
                elif entry.sequence > self.sequence:
                    yield from self._next("archive", f"{path.name}: {entry.sequence}", entry)
        except archive.WrongFile as error:
            yield Finding("archive", path.name, str(error))
            self.sequence = max(self.sequence, min(last, cut))

    def _is_in_books(self, entry: Entry) -> bool:
        """A run that was killed leaves entries in both, and so does a copy of the books that was given back."""
        return entry in journal.walk(self._connection, "books", entry.sequence - 1, entry.sequence)

    def books(self, until: int | None = None) -> Iterator[Finding | Entry]:
        """The books' entries from where it stands."""
        for entry in journal.walk(self._connection, "books", self.sequence, until):
            for missing in range(self.sequence + 1, min(entry.sequence, self.sequence + NAMED_MAX)):
                yield Finding("journal", str(missing), "missing")
            yield from self._next("journal", str(entry.sequence), entry)

    def _next(self, table: str, row: str, entry: Entry) -> Iterator[Finding | Entry]:
        if not journal.follows(entry, entry.sequence - 1, self.head):
            yield Finding(table, row, "edited, or what came before it: its hash does not follow")
        yield entry
        self.sequence, self.head = entry.sequence, entry.hash
        self.entries += 1
