"""Moves the oldest entries of the journal to an archive, beside the process that serves the books or without it.

Rule: an entry is deleted only after a file that holds it is durable, and read back; a run that was killed anywhere is
gone on with by the next one. The books keep the hash at the cut, so the chain goes on. It is a second writer, but of
nothing that the serving process has in mind: entries far behind its newest ones. Each of its transactions takes a few
entries and waits for no disk, so that a commit waits for it for some milliseconds.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from config.hardening.durable import sync_directory
from ledger import archive, journal, recent, schema
from ledger.errors import BooksError
from ledger.journal import Entry
from ledger.sqlite_tools import Database

FILE_ENTRIES_MAX = 4_096
FILE_SIZE_MAX = 64 * 1024 * 1024
PIECE_SIZE_MAX = 1024 * 1024  # of one transaction
KEPT_ENTRIES = recent.GENERATION  # at least: a start reads the newest groups from them
BUSY_S = 10.0


class Archived(msgspec.Struct, frozen=True):
    """What a run did: entries moved, files written, and the entry that the books begin after now."""

    entries: int
    files: int
    until: int


def archive_journal(database: str | os.PathLike[str], directory: Path, before: float) -> Archived:
    """Entries older than `before`, POSIX seconds. Raises BooksError, and nothing is lost; run it again."""
    with _only_one(directory), closing(_open(database)) as books:
        try:
            return _Run(books, directory, before).run()
        except (sqlite3.Error, archive.WrongFile) as error:
            raise BooksError(f"{database}: {error}") from error


class _Run:
    def __init__(self, books: sqlite3.Connection, directory: Path, before: float) -> None:
        self._books = books
        self._directory = directory
        self._before = before
        self._files = 0

    def run(self) -> Archived:
        archive.remove_parts(self._directory)
        start, _ = journal.archived(self._books)
        self._finish_what_was_begun()
        while entries := list(self._next_file(*journal.archived(self._books))):
            _, previous = journal.archived(self._books)
            self._forget(archive.write(self._directory, entries, previous))
            self._files += 1
        until, _ = journal.archived(self._books)
        return Archived(until - start, self._files, until)

    def _finish_what_was_begun(self) -> None:
        """A file that holds entries which the books still have: whoever wrote it was killed before it deleted them."""
        for path in archive.files(self._directory):
            cut, _ = journal.archived(self._books)
            first, last = archive.span(path)
            if first <= cut + 1 <= last:
                self._forget(path)

    def _next_file(self, cut: int, previous: bytes) -> Iterator[Entry]:
        until = min(self._spare(), cut + FILE_ENTRIES_MAX)
        size = 0
        for entry in journal.walk(self._books, after=cut, until=until):
            if entry.at >= self._before or size >= FILE_SIZE_MAX:
                return
            size += len(entry.body)
            if not journal.follows(entry, cut, previous):
                raise BooksError(f"entry {entry.sequence} of the journal does not follow: verify the books")
            yield entry
            cut, previous = entry.sequence, entry.hash

    def _spare(self) -> int:
        """Up to where nobody needs the entries: a start applies again what the tables lack, and reads the newest."""
        newest, _ = journal.last(self._books)
        return min(journal.tables_at(self._books), newest - KEPT_ENTRIES)

    def _forget(self, path: Path) -> None:
        """What the file holds, as it is read back from there, and no entry that differs from it."""
        _, entries = archive.read(path)
        piece: list[Entry] = []
        size, (cut, _) = 0, journal.archived(self._books)
        for entry in entries:
            if entry.sequence > cut:
                piece.append(entry)
                size += len(entry.body)
            if size >= PIECE_SIZE_MAX:
                self._forget_piece(path, piece)
                piece, size = [], 0
        if piece:
            self._forget_piece(path, piece)

    def _forget_piece(self, path: Path, piece: list[Entry]) -> None:
        self._books.execute("BEGIN IMMEDIATE")
        try:
            stored = list(journal.walk(self._books, until=piece[-1].sequence))
            if stored != piece:
                raise BooksError(f"{path}: does not hold what the books have: verify both")
            if piece[-1].sequence > (spare := self._spare()):
                raise BooksError(
                    f"{path}: goes further than the books can spare, entry {spare}: are they an older copy?"
                )
            journal.forget(self._books, piece[-1])
            self._books.execute("COMMIT")
        finally:
            if self._books.in_transaction:
                self._books.execute("ROLLBACK")


def _open(database: str | os.PathLike[str]) -> sqlite3.Connection:
    if not Path(database).is_file():
        raise BooksError(f"{database}: no such file")
    books = sqlite3.connect(database, timeout=BUSY_S, isolation_level=None)
    try:
        schema.check(Database(books))
        books.execute("PRAGMA synchronous = NORMAL")  # what a power cut brings back is deleted again by the next run
        books.execute("PRAGMA secure_delete = FAST")  # else every freed page would be written
    except (sqlite3.Error, schema.WrongSchema) as error:
        books.close()
        raise BooksError(f"{database}: {error}") from error
    return books


@contextmanager
def _only_one(directory: Path) -> Iterator[None]:
    """Two runs would write the same files."""
    try:
        _make(directory)
        lock = os.open(directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BooksError(f"{directory}: {error.strerror or error}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise BooksError(f"{directory}: another run is at work there") from error
    finally:
        os.close(lock)


def _make(directory: Path) -> None:
    """Durable with its name: what the books forget is nowhere else."""
    made = [place for place in directory.parents if not place.exists()]
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for place in (directory, *made):
        sync_directory(place.parent)
