"""The books in one SQLite file: many groups, one transaction, one fsync.

Rule: read, decide, write. The shelf reads what a batch names, the batch decides in memory, and this file enters it in
the journal: one row, inside BEGIN IMMEDIATE. Nothing is acknowledged before COMMIT returned. The tables follow, some
thousand rows at a time; a start applies again what they lack (`ahead`).

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

from ledger import journal, replay, report, schema, writer
from ledger.batch import Batch
from ledger.days import check_day
from ledger.errors import UNREADABLE, BooksError, OutcomeUnknownError
from ledger.model import (
    DAY_CLOSED,
    DAY_OPEN,
    Committed,
    DayChange,
    Group,
    Outcome,
    Refusal,
    Refused,
    Unavailable,
)
from ledger.queries import CurrentDay, FindClaim, GetPayment, ListDays, ListRegister, OpenPayments, Query
from ledger.recent import RecentGroups
from ledger.shelf import Shelf
from ledger.sqlite_tools import Database

LOOK_AGAIN_S = 0.02
TABLES_PATIENCE_S = 0.05  # with who has locked the file: commits wait meanwhile, and the tables can
AHEAD_MAX = 4_000  # rows or so that the journal may be ahead of the tables: what a restart applies again
PAGE_SIZE = (
    8_192  # of new books: half the calls for the journal's long rows, and pages of scattered accounts still small
)
WAL_PAGES_MAX = 4_000  # 32 MB: a checkpoint writes a page once that batches wrote many times

# A COMMIT that failed thus has not written its last frame, so no recovery can bring it back.
_CERTAIN = frozenset((sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR_WRITE))


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
        self._synchronous = synchronous
        self._busy_timeout_s = busy_timeout_s
        with ExitStack() as opened:
            if self._path != ":memory:":
                opened.callback(os.close, _lock(self._path, lock_within_s))
            try:
                self._connection = _connect(self._path, synchronous, busy_timeout_s)
                opened.callback(self._connection.close)
                self._read()
            except (sqlite3.Error, schema.WrongSchema, replay.CannotReplay) as error:
                raise BooksError(f"{self._path}: {error}") from error
            if day is not None and not self._shelf.days:
                self.open_day(day)
            self._opened = opened.pop_all()

    def _read(self) -> None:
        schema.bring_up_to_date(Database(self._connection))
        self._sequence, self._hash = journal.last(self._connection)
        self._shelf = self._caught_up()
        self._recent = RecentGroups.read(self._connection)
        self.write_tables()

    def _caught_up(self) -> Shelf:
        """What the tables hold, and what the journal's newest entries make of it."""
        shelf = Shelf(self._connection)
        self._tables_at = journal.tables_at(self._connection)
        for entry in replay.lacking(self._connection):
            replay.apply(shelf, entry)
        return shelf

    @property
    def sequence(self) -> int:
        """The newest entry of the journal."""
        return self._sequence

    @property
    def behind(self) -> int:
        """How many entries of the journal the tables do not have yet."""
        return self._sequence - self._tables_at

    def close(self) -> None:
        """The tables have everything then, if there is room for it; else the next start sees to that."""
        with self._opened:
            self.write_tables()

    def abandon(self) -> None:
        """Let go of the books as a process does that is killed: for tests and measurements."""
        self._opened.close()

    def apply_groups(self, groups: Sequence[Group]) -> list[Outcome]:
        return self.apply([_encode(group) for group in groups])

    def apply(self, raws: Sequence[bytes]) -> list[Outcome]:
        """One transaction for all of them, each a Group in msgpack; an outcome for each, in order."""
        try:
            return self._apply([_decode(raw) for raw in raws], raws)
        except UNREADABLE:
            return self._apply_each(raws)

    def _apply_each(self, raws: Sequence[bytes]) -> list[Outcome]:
        """One of them is impossible and must not take its neighbours along."""
        if len(raws) == 1:
            return [Refused(Refusal.MALFORMED, "group")]
        return [outcome for raw in raws for outcome in self.apply([raw])]

    def _apply(self, groups: Sequence[Group], raws: Sequence[bytes]) -> list[Outcome]:
        behind = self.write_tables() if self._shelf.ahead.size >= AHEAD_MAX else None
        if behind is not None:
            return self._unavailable(groups, behind.reason)
        batch = Batch(self._shelf, self._sequence + 1, self._recent)
        try:
            self._shelf.fetch(groups)
            outcomes = list(map(batch.decide, groups, raws))
            unavailable = self._enter(journal.GROUPS, journal.groups_body(batch.raws)) if batch.raws else None
        except BaseException as error:
            batch.undo()
            if isinstance(error, sqlite3.Error):
                return self._unavailable(groups, str(error))
            raise
        if unavailable is not None:
            batch.undo()
            return self._unavailable(groups, unavailable.reason)
        self._recent.add(batch.groups)
        return outcomes

    def _unavailable(self, groups: Sequence[Group], reason: str) -> list[Outcome]:
        """Certainly not applied, and will not be: unless it was before, and is only sent again."""
        applied = (self._recent.find(group.id) for group in groups)
        return [Unavailable(reason) if sequence is None else Committed(sequence) for sequence in applied]

    def _enter(self, kind: str, body: bytes) -> Unavailable | None:
        """One more entry of the journal, durable when this returns."""
        sequence, at = self._sequence + 1, self._clock()
        entry = journal.Entry(sequence, at, kind, body, journal.entry_hash(self._hash, sequence, at, kind, body))
        unavailable = self._in_transaction(lambda: journal.append(self._connection, entry))
        if unavailable is None:
            self._sequence, self._hash = entry.sequence, entry.hash
        return unavailable

    def _in_transaction(self, write: Callable[[], None]) -> Unavailable | None:
        """None: it is committed. Unavailable: certainly not."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            write()
        except sqlite3.Error as error:
            self._roll_back()
            return Unavailable(str(error))
        except BaseException:
            self._roll_back()
            raise
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            if error.sqlite_errorcode not in _CERTAIN:
                raise OutcomeUnknownError(f"{self._path}: {error}") from error
            return Unavailable(str(error))
        return None

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def write_tables(self) -> Unavailable | None:
        """Bring the tables up to the journal. Without a wait for the disk: what a power cut takes, the journal gives
        again. Unavailable: there is no room for it, or the file is locked; nothing is lost."""
        if not self.behind:
            return None
        self._set("NORMAL", min(TABLES_PATIENCE_S, self._busy_timeout_s))
        try:
            unavailable = self._in_transaction(lambda: writer.write(self._connection, self._shelf, self._sequence))
        finally:
            self._set(self._synchronous, self._busy_timeout_s)
        if unavailable is not None:
            return Unavailable(f"the tables cannot be written: {unavailable.reason}")
        self._shelf.note_written()
        self._tables_at = self._sequence
        return None

    def _set(self, synchronous: str, busy_timeout_s: float) -> None:
        self._connection.execute(f"PRAGMA synchronous = {synchronous}")
        self._connection.execute(f"PRAGMA busy_timeout = {int(busy_timeout_s * 1000)}")

    # Business days

    def current_day(self) -> str:
        return self._shelf.days.current

    def open_day(self, day: str) -> None:
        self._change_day(check_day(day), DAY_OPEN)

    def close_day(self, day: str) -> None:
        """From now on no transfer of that day is taken."""
        self._change_day(check_day(day), DAY_CLOSED)

    def _change_day(self, day: str, state: str) -> None:
        change = DayChange(day, state, self._clock())
        (outcome,) = self.apply_groups([Group(os.urandom(16), days=(change,))])
        if not isinstance(outcome, Committed):
            why = outcome.reason.value if isinstance(outcome, Refused) else outcome
            raise BooksError(f"{self._path}: day {day}: {why}")

    # Questions

    def answer(self, query: Query) -> Any:
        """What a switch starts with, and goes on by, it has with a full disk too: without the tables being written."""
        try:
            if isinstance(query, FindClaim):
                return self._shelf.find_claim(query.key, query.alias)
            if isinstance(query, GetPayment):
                return self._shelf.find_payment(query.id)
            if isinstance(query, OpenPayments):
                return self._shelf.find_open(query)
            if isinstance(query, CurrentDay):
                return self._shelf.days.current
            if isinstance(query, ListDays):
                return self._shelf.days.newest(query.limit)
            if isinstance(query, ListRegister):
                return self._shelf.find_register(query)
            return self.write_tables() or report.answer(self._connection, query)
        except sqlite3.Error as error:
            return Unavailable(str(error))


def _connect(path: str, synchronous: str, busy_timeout_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None)
    try:
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
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
