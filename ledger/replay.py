"""Applies an entry of the journal again: at a start, what the tables do not have yet; in `verify`, everything.

Rule: by the same rules as the first time. An entry holds only groups that were committed, so each must be again; and
it follows the one before it, else it is not what was committed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from ledger import journal
from ledger.batch import Batch
from ledger.errors import UNREADABLE
from ledger.model import Committed, Outcome
from ledger.recent import RecentGroups
from ledger.shelf import Shelf


class CannotReplay(Exception):  # noqa: N818 - what is wrong is not this program
    """An entry of the journal is not what this program wrote; one line says which."""


def lacking(connection: sqlite3.Connection) -> Iterator[journal.Entry]:
    """The entries that the tables do not have yet, each once it is known to follow. Raises CannotReplay."""
    sequence = journal.tables_at(connection)
    previous = journal.hash_at(connection, sequence)
    if previous is None:
        raise CannotReplay(f"entry {sequence} of the journal is missing, and the tables have it: verify the books")
    for entry in journal.walk(connection, after=sequence):
        if entry.sequence != sequence + 1:
            raise CannotReplay(f"entry {sequence + 1} of the journal is missing: verify the books")
        if not journal.follows(entry, sequence, previous):
            raise CannotReplay(f"entry {entry.sequence} of the journal does not follow: verify the books")
        yield entry
        sequence, previous = entry.sequence, entry.hash


def apply(shelf: Shelf, entry: journal.Entry) -> None:
    """An entry that the tables do not have yet. Raises CannotReplay."""
    try:
        for outcome in groups(shelf, entry):
            if outcome != Committed(entry.sequence):
                raise CannotReplay(f"entry {entry.sequence} of the journal cannot be applied: {outcome}")
    except UNREADABLE as error:
        raise CannotReplay(f"entry {entry.sequence} of the journal cannot be read: {error}") from error


def groups(shelf: Shelf, entry: journal.Entry) -> Iterator[Outcome]:
    """What becomes of each of its groups, on the shelf. Raises msgspec.DecodeError if they are none."""
    found = journal.groups_of(entry)
    batch = Batch(shelf, entry.sequence, RecentGroups({}))
    shelf.fetch(found)
    for group in found:
        yield batch.decide(group, b"")
