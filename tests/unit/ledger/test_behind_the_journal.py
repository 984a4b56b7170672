"""Tables that are behind the journal: what is read, what a kill leaves, and how far they may fall behind."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from ledger import journal, listing, overlay, report
from ledger.errors import BooksError
from ledger.model import Advice, Committed, Group, PaymentRow, Taken, Unavailable, Usage
from ledger.queries import (
    CountPayments,
    CurrentDay,
    FindClaim,
    GetStatement,
    ListAccounts,
    OpenAdvices,
    OpenPayments,
    TrialBalance,
)
from ledger.reader import open_reader
from ledger.store import Store
from ledger.verify import verify
from tests.unit.ledger.making import DAY, claim, direct, intent, moving, new_id, opening, outcome, payment_row, pending
from tests.unit.ledger.stores import balance_of, killed, open_books


def _everything(store: Store) -> tuple[PaymentRow, Advice]:
    """One commit that leaves something to write in every table."""
    row = payment_row(new_id(), next_at=4.0)
    advice = Advice(row.id, "reversal", "core", 5, 0, 7.0, "due")
    transfers = (pending("a", "new", 5), direct("a", "b", 1))
    usages = (Usage("scope", DAY, 5, 1),)
    openings = opening("new").openings
    group = Group(new_id(), row, (claim("key", "alias"),), openings, transfers, usages, (advice,))
    assert isinstance(store.apply_groups([group])[0], Committed)
    assert store.behind
    return row, advice


def _seen(books: sqlite3.Connection) -> list[object]:
    found = [listing.unfinished_advices(books), list(listing.unfinished_payments(books))]
    found += [report.answer(books, query) for query in (OpenPayments(), OpenAdvices(), ListAccounts(), TrialBalance())]
    return [*found, report.answer(books, GetStatement("new")), report.answer(books, CountPayments())]


def test_reader_sees_what_is_committed_and_not_in_the_tables_yet(store: Store, path: Path) -> None:
    _everything(store)
    with closing(open_reader(path)) as before:
        seen = _seen(before)
        assert before.execute("SELECT count(*) FROM main.payments").fetchone() == (0,)
    assert verify(path).findings == []
    assert verify(path).transfers == 2
    assert store.write_tables() is None
    assert not store.behind
    with closing(open_reader(path)) as after:
        assert _seen(after) == seen


def test_reader_sees_the_newest_state_of_what_the_tables_have_an_older_one_of(store: Store, path: Path) -> None:
    row, advice = _everything(store)
    assert store.write_tables() is None
    done = msgspec.structs.replace(advice, next_at=None, state="acknowledged")
    group = Group(new_id(), payment_row(row.id, 2, "POSTED", None), transfers=(direct("a", "b", 7),), advices=(done,))
    assert isinstance(store.apply_groups([group])[0], Committed)
    with closing(open_reader(path)) as reader:
        assert list(listing.all_payments(reader)) == [group.payment]
        assert listing.advices_of(reader, row.id) == [done]
        assert [account.balance_minor for account in report.answer(reader, ListAccounts("a"))] == [-8]


def _steps_of_a_look(path: Path, payments: int) -> int:
    """How many hundreds of SQLite's steps it takes when so many payments, and twice as many accounts, have changed."""
    store = open_books(path)
    names = [(f"a{number}", f"b{number}") for number in range(payments)]
    rows = [payment_row(new_id()) for _ in names]
    store.apply_groups([opening(*pair) for pair in names] + [intent(payment=row) for row in rows])
    store.write_tables()
    store.apply_groups([outcome(row, direct(*pair, 5)) for row, pair in zip(rows, names, strict=True)])
    steps = [0]

    def step() -> int:
        steps[0] += 1
        return 0

    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.set_progress_handler(step, 100)
        connection.execute("BEGIN")
        overlay.lay(connection)
    store.close()
    return steps[0]


def test_look_takes_no_longer_than_there_is_that_changed(tmp_path: Path) -> None:
    few, many = _steps_of_a_look(tmp_path / "few.db", 50), _steps_of_a_look(tmp_path / "many.db", 400)
    assert many < 12 * few


def test_claims_payments_and_groups_are_known_after_a_kill(store: Store, path: Path) -> None:
    row, _ = _everything(store)
    group = intent(claim("another", "alias", repeat=True))
    assert killed(store, path).apply_groups([group]) == [Taken(claim("key", "alias"), row)]
    assert store.answer(FindClaim("key", "")).payment == row
    assert store.answer(OpenPayments()) == [row]


def test_tables_that_cannot_be_written_wait_and_the_journal_goes_on_within_bounds(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("ledger.store.AHEAD_MAX", 5)
    with monkeypatch.context() as full:
        full.setattr("ledger.writer.write", no_room)
        assert isinstance(store.write_tables(), Unavailable)
        outcomes = [store.apply_groups([moving(direct("a", "b", 1))])[0] for _ in range(5)]
        assert {type(outcome) for outcome in outcomes} == {Committed, Unavailable}
        assert isinstance(store.answer(TrialBalance()), Unavailable)
        with pytest.raises(BooksError, match="the tables cannot be written"):
            store.open_day("20260303")
    committed = sum(isinstance(outcome, Committed) for outcome in outcomes)
    assert balance_of(store, "b") == committed


def test_full_disk_keeps_nobody_from_the_day_and_the_open_payments(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    first, second, third, ended = (payment_row(new_id(), next_at=at) for at in (1.0, 2.0, 3.0, 2.5))
    store.apply_groups([intent(payment=row) for row in (first, second, ended)])
    store.write_tables()
    moved = payment_row(second.id, version=2, next_at=4.0)
    with monkeypatch.context() as full:
        full.setattr("ledger.writer.write", no_room)
        store.apply_groups([intent(payment=third), Group(new_id(), moved), outcome(ended)])
        assert store.answer(CurrentDay()) == DAY
        assert store.answer(OpenPayments()) == [first, third, moved]
        assert store.answer(OpenPayments(None, 1)) == [first]
        assert store.answer(OpenPayments((1.0, first.id), 1)) == [third]
        assert store.answer(OpenPayments((3.0, third.id), 1)) == [moved]
    store.write_tables()
    assert store.answer(OpenPayments()) == [first, third, moved]


def test_journal_that_cannot_be_applied_again_is_refused_in_one_line(store: Store, path: Path) -> None:
    store.abandon()
    hash_ = journal.entry_hash(store._hash, 3, 0.0, journal.GROUPS, b"\xc1")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        journal.append(other, journal.Entry(3, 0.0, journal.GROUPS, b"\xc1", hash_))
        with pytest.raises(BooksError, match="entry 3 of the journal cannot be read"):
            open_books(path)
        other.execute("DELETE FROM journal WHERE sequence = 3")
    assert not killed(store, path).behind


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("DELETE FROM journal WHERE sequence = 4", "entry 4 of the journal is missing"),
        ("UPDATE journal SET body = x'90' WHERE sequence = 4", "entry 4 of the journal does not follow"),
        ("UPDATE journal SET at = at + 1 WHERE sequence = 3", "entry 3 of the journal does not follow"),
        ("DELETE FROM journal WHERE sequence = 2", "entry 2 of the journal is missing, and the tables have it"),
    ],
)
def test_journal_whose_chain_is_broken_is_not_applied(path: Path, edit: str, said: str) -> None:
    store = open_books(path)
    store.apply_groups([opening("a", "b")])
    store.write_tables()
    for _ in range(3):
        store.apply_groups([moving(direct("a", "b", 1))])
    store.abandon()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(edit)
    for look in (open_books, open_reader):
        with pytest.raises(BooksError, match=said):
            look(path)


def test_books_from_before_the_tables_followed_are_brought_up_to_date(store: Store, path: Path) -> None:
    """0003: what an older version wrote, whose tables were never behind."""
    row, _ = _everything(store)
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as older:
        older.execute("DROP TABLE marks")
        older.execute("DROP INDEX claims_of_repeats")
        older.execute("DELETE FROM _sqlite_migrations WHERE name = '0003_tables_follow_the_journal'")
    with pytest.raises(BooksError, match="of an older version: serve them once"):
        open_reader(path)
    newer = killed(store, path)
    assert not newer.behind
    assert newer.apply_groups([intent(claim("other", "alias", repeat=True))]) == [Taken(claim("key", "alias"), row)]
    assert newer.apply_groups([moving(direct("a", "b", 1))]) == [Committed(4)]
