"""Applies an entry of the journal again: at a start, what the tables do not have yet; in `verify`, everything.

Rule: by the same rules as the first time. An entry holds only groups that were committed, so each must be again.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger import journal
from ledger.batch import Batch
from ledger.days import Days
from ledger.errors import UNREADABLE
from ledger.model import Committed, Outcome
from ledger.recent import RecentGroups
from ledger.shelf import Shelf


class CannotReplay(Exception):  # noqa: N818 - what is wrong is not this program
    """An entry of the journal is not what this program wrote; one line says which."""


def apply(shelf: Shelf, entry: journal.Entry, days: Days) -> None:
    """An entry that the tables do not have yet. Raises CannotReplay."""
    try:
        for outcome in groups(shelf, entry, days):
            if outcome != Committed(entry.sequence):
                raise CannotReplay(f"entry {entry.sequence} of the journal cannot be applied: {outcome}")
    except UNREADABLE as error:
        raise CannotReplay(f"entry {entry.sequence} of the journal cannot be read: {error}") from error


def groups(shelf: Shelf, entry: journal.Entry, days: Days) -> Iterator[Outcome]:
    """What becomes of each of its groups, on the shelf. Raises msgspec.DecodeError if they are none."""
    found = journal.groups_of(entry.body)
    batch = Batch(shelf, entry.sequence, days, RecentGroups({}))
    shelf.fetch(found)
    for group in found:
        yield batch.decide(group, b"")
