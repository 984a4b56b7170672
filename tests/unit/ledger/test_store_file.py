"""Trouble with the file passes: a full disk, a lock, a failed commit; and what is no books is said in one line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ledger.books import InlineBooks
from ledger.errors import BooksError, OutcomeUnknownError
from ledger.model import Committed, Group, Unavailable, Usage
from ledger.queries import OpenPayments, TrialBalance
from ledger.store import Store
from tests.unit.ledger.making import DAY, claim, direct, intent, moving, new_id, payment_row, pending
from tests.unit.ledger.stores import balance_of, open_books


def test_full_disk_refuses_the_batch_and_room_is_enough_to_go_on(store: Store) -> None:
    group = intent(claim("key"), transfers=(pending("a", "b", 5),), usages=(Usage("scope", DAY, 5, 1, 5, 1),))
    large = Group(new_id(), payment_row(new_id(), record=bytes(100_000)))
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    assert store.apply_groups([group, large]) == [Unavailable("database or disk is full")] * 2
    assert store.answer(OpenPayments()) == []
    store._connection.execute("PRAGMA max_page_count = 1000000")
    assert store.apply_groups([group, large]) == [Committed(3)] * 2
    assert store.answer(TrialBalance())[0].moved_pending == 5


def test_locked_file_refuses_the_batch_until_it_is_let_go(store: Store, path: Path) -> None:
    group = moving(direct("a", "b", 5))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert store.apply_groups([group]) == [Unavailable("database is locked")]
    other.execute("ROLLBACK")
    other.close()
    assert store.apply_groups([group]) == [Committed(3)]


def test_a_group_sent_again_is_committed_though_the_file_is_locked_now(store: Store, path: Path) -> None:
    """Its answer was lost with the ledger's process. "Unavailable" would have its hold forgotten, and held for ever."""
    applied, fresh = moving(direct("a", "b", 5)), moving(direct("a", "b", 5))
    (outcome,) = store.apply_groups([applied])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert store.apply_groups([fresh, applied]) == [Unavailable("database is locked"), outcome]
    other.close()


class Failing:
    """A connection whose COMMIT reports one error."""

    def __init__(self, connection: sqlite3.Connection, errorcode: int) -> None:
        self._connection = connection
        self._errorcode: int | None = errorcode

    def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
        if sql == "COMMIT" and self._errorcode is not None:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode, self._errorcode = self._errorcode, None
            raise error
        return self._connection.execute(sql, *parameters)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


def test_commit_that_certainly_failed_is_unavailable(store: Store) -> None:
    real = store._connection
    store._connection = Failing(real, sqlite3.SQLITE_IOERR_WRITE)  # type: ignore[assignment]
    assert store.apply_groups([moving(direct("a", "b", 5))]) == [Unavailable("disk I/O error")]
    assert store.apply_groups([moving(direct("a", "b", 6))]) == [Committed(3)]
    store._connection = real
    assert balance_of(store, "b") == 6


def test_commit_that_may_have_succeeded_is_never_answered(store: Store) -> None:
    real = store._connection
    store._connection = Failing(real, sqlite3.SQLITE_IOERR_FSYNC)  # type: ignore[assignment]
    outcomes: list[object] = []
    with pytest.raises(OutcomeUnknownError):
        InlineBooks(store).submit(moving(direct("a", "b", 5)), outcomes.append)
    store._connection = real
    assert outcomes == []


def test_question_that_the_file_cannot_answer_is_unavailable(store: Store) -> None:
    store._connection.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)
    assert isinstance(store.answer(OpenPayments()), Unavailable)
    store._connection.set_authorizer(None)


def test_books_have_one_owner_at_a_time(store: Store, path: Path) -> None:
    with pytest.raises(BooksError, match="in use by another process"):
        open_books(path)


@pytest.mark.parametrize("content", [b"not a database, but long enough to be taken for one" * 20, b"short"])
def test_file_that_is_no_books_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.db"
    path.write_bytes(content)
    with pytest.raises(BooksError, match=r"other\.db: file is not a database"):
        open_books(path)
    path.unlink()
    open_books(path).close()  # and the lock was let go


def test_directory_is_no_books_either(tmp_path: Path) -> None:
    with pytest.raises(BooksError, match="Is a directory"):
        open_books(tmp_path)


def test_books_of_a_newer_version_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    store = open_books(path)
    store._connection.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('books', '9999_later')")
    store.close()
    with pytest.raises(BooksError, match="written by a newer version"):
        open_books(path)


def test_books_are_for_their_owner_only(tmp_path: Path) -> None:
    store = Store(tmp_path / "books.db", day=DAY)
    store.open_day("20261123")
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}
    store.close()
