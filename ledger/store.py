"""The books in one SQLite file: many groups, one transaction, one fsync.

Rule: read, decide, write. The shelf reads what a batch names, the batch decides in memory, and this file writes it all
with a few `executemany` inside BEGIN IMMEDIATE. Nothing is acknowledged before COMMIT returned.

Full disk, locked database: the whole batch is Unavailable, rolled back, and the next one is tried afresh. If a failed
COMMIT may nevertheless be on disk (an error of fsync), nobody knows the outcome: `OutcomeUnknownError` ends the
process, and the next start reads it from the file. Guessing would break "certainly not applied".
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from ledger import days, journal, report, schema, writer
from ledger.batch import Batch
from ledger.days import DayChange, Days, check_day
from ledger.errors import BooksError, OutcomeUnknownError
from ledger.model import Committed, Group, Outcome, Refusal, Refused, Unavailable
from ledger.queries import Query
from ledger.recent import RecentGroups
from ledger.shelf import Shelf

LOOK_AGAIN_S = 0.02
WAL_PAGES_MAX = 4_000  # 16 MB: a checkpoint writes a page once that batches wrote many times

# A COMMIT that failed thus has not written its last frame, so no recovery can bring it back.
_CERTAIN = frozenset((sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR_WRITE))

# What a row's own content can do to its statement: it never happens to groups that a caller of ours made.
_FAULT_OF_A_GROUP = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, OverflowError)


class Store:
    def __init__(
        self,
        path: str | os.PathLike[str],
        clock: Callable[[], float] = time.time,
        *,
        day: str | None = None,
        synchronous: str = "FULL",
        busy_timeout_s: float = 1.0,
        lock_within_s: float = 0.0,
    ) -> None:
        """`day` opens the first day of new books. `synchronous` is for tests: anything but FULL loses money.
        `lock_within_s`: who had the books before may still be ending."""
        self._path = os.fspath(path)
        self._clock = clock
        with ExitStack() as opened:
            if self._path != ":memory:":
                opened.callback(os.close, _lock(self._path, lock_within_s))
            try:
                self._connection = _connect(self._path, synchronous, busy_timeout_s)
                opened.callback(self._connection.close)
                self._read()
            except (sqlite3.Error, schema.WrongSchema) as error:
                raise BooksError(f"{self._path}: {error}") from error
            if day is not None and not self._days:
                self.open_day(day)
            self._opened = opened.pop_all()

    def _read(self) -> None:
        schema.bring_up_to_date(Database(self._connection))
        self._shelf = Shelf(self._connection)
        self._recent = RecentGroups(self._connection)
        self._sequence, self._hash = journal.last(self._connection)
        self._days = Days(self._connection)

    @property
    def sequence(self) -> int:
        """The newest entry of the journal."""
        return self._sequence

    def close(self) -> None:
        self._opened.close()

    def apply_groups(self, groups: Sequence[Group]) -> list[Outcome]:
        return self.apply([_encode(group) for group in groups])

    def apply(self, raws: Sequence[bytes]) -> list[Outcome]:
        """One transaction for all of them, each a Group in msgpack; an outcome for each, in order."""
        try:
            return self._apply([_decode(raw) for raw in raws], raws)
        except msgspec.DecodeError:
            return self._apply_each(raws)
        except _FAULT_OF_A_GROUP as error:
            if len(raws) > 1:
                return self._apply_each(raws)
            return [Refused(Refusal.MALFORMED, str(error))]

    def _apply_each(self, raws: Sequence[bytes]) -> list[Outcome]:
        """One of them is impossible and must not take its neighbours along."""
        if len(raws) == 1:
            return [Refused(Refusal.MALFORMED, "group")]
        return [outcome for raw in raws for outcome in self.apply([raw])]

    def _apply(self, groups: Sequence[Group], raws: Sequence[bytes]) -> list[Outcome]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            return self._unavailable(groups, str(error))
        batch = Batch(self._shelf, self._sequence + 1, self._days, self._recent)
        try:
            self._shelf.fetch(groups)
            outcomes = list(map(batch.decide, groups, raws))
            entry = self._write(batch)
        except BaseException as error:
            self._roll_back()
            if isinstance(error, sqlite3.Error) and not isinstance(error, _FAULT_OF_A_GROUP):
                return self._unavailable(groups, str(error))
            raise
        unavailable = self._commit(entry)
        if unavailable is not None:
            return self._unavailable(groups, unavailable.reason)
        self._after_commit(batch)
        return outcomes

    def _unavailable(self, groups: Sequence[Group], reason: str) -> list[Outcome]:
        """Certainly not applied, and will not be: unless it was before, and is only sent again."""
        applied = (self._recent.find(group.id) for group in groups)
        return [Unavailable(reason) if sequence is None else Committed(sequence) for sequence in applied]

    def _write(self, batch: Batch) -> journal.Entry | None:
        if not batch.raws:
            return None
        writer.write(self._connection, batch)
        return self._append(journal.GROUPS, journal.groups_body(batch.raws))

    def _append(self, kind: str, body: bytes) -> journal.Entry:
        sequence, at = self._sequence + 1, self._clock()
        entry = journal.Entry(sequence, at, kind, body, journal.entry_hash(self._hash, sequence, at, kind, body))
        journal.append(self._connection, entry)
        return entry

    def _commit(self, entry: journal.Entry | None) -> Unavailable | None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            if error.sqlite_errorcode not in _CERTAIN:
                raise OutcomeUnknownError(f"{self._path}: {error}") from error
            return Unavailable(str(error))
        if entry is not None:
            self._sequence, self._hash = entry.sequence, entry.hash
        return None

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._shelf.forget()

    def _after_commit(self, batch: Batch) -> None:
        self._recent.add(batch.groups)
        self._shelf.note_committed(batch)

    # Business days

    def current_day(self) -> str:
        return self._days.current

    def open_day(self, day: str) -> None:
        self._change_day(DayChange(check_day(day), days.OPEN))

    def close_day(self, day: str) -> None:
        """From now on no transfer of that day is taken."""
        self._change_day(DayChange(check_day(day), days.CLOSED))

    def _change_day(self, change: DayChange) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._days.write(change)
            entry = self._append(journal.DAY, _encode(change))
        except BaseException as error:
            self._roll_back()
            if isinstance(error, sqlite3.Error):
                raise BooksError(f"{self._path}: {error}") from error
            raise
        unavailable = self._commit(entry)
        if unavailable is not None:
            raise BooksError(f"{self._path}: {unavailable.reason}")
        self._days.note_committed(change)

    # Questions

    def answer(self, query: Query) -> Any:
        try:
            return report.answer(self._connection, query)
        except sqlite3.Error as error:
            return Unavailable(str(error))


def _connect(path: str, synchronous: str, busy_timeout_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None)
    try:
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode not in ("wal", "memory"):
            raise BooksError(f"{path}: its file system does not take a write-ahead log")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES_MAX}")
    except BaseException:
        connection.close()
        raise
    return connection


def _lock(path: str, within_s: float) -> int:
    """One process owns the file: a second one would decide on balances that the first one changes."""
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # what is in it is for its owner only
        lock = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BooksError(f"{path}: {error.strerror}") from error
    until = time.monotonic() + within_s
    while not _is_ours(lock):
        if time.monotonic() >= until:
            os.close(lock)
            raise BooksError(f"{path}: in use by another process")
        time.sleep(LOOK_AGAIN_S)
    return lock


def _is_ours(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Group).decode
