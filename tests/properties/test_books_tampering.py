"""Whatever is changed behind the books' back, `verify` names the row. Nothing it says is about a row left alone."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.chain import Finding
from ledger.model import Advice, Committed, Group, RegisterRow, Usage
from ledger.schema import KEYS
from ledger.store import Store
from ledger.verify import verify
from tests.unit.ledger.making import (
    DAY,
    claim,
    contra,
    direct,
    intent,
    moving,
    new_id,
    opening,
    outcome,
    payment_row,
    pending,
    post,
    void,
)

TABLES = [*KEYS, "journal"]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some of everything, in several batches."""
    path = tmp_path_factory.mktemp("books") / "books.db"
    with closing(Store(path, lambda: 5.0, day=DAY, synchronous="OFF")) as store:
        store.apply_groups([opening("a", "b"), opening("covered", covered=True), opening("euro", "dollar")])
        for number in range(6):
            payment = payment_row(new_id(), next_at=float(number))
            held, dropped = pending("a", "b", 100, payment=payment.id), pending("b", "a", 7)
            posted = post(held, 60)
            usage = Usage("scope", DAY, 10, 1, 1000, 100)
            advice = Advice(payment.id, "reversal", "core", 5, 0, 7.0, "due")
            first = intent(
                claim(f"key {number}", f"alias {number}"), payment=payment, transfers=(held,), usages=(usage,)
            )
            groups = [first, outcome(payment, posted), moving(dropped, direct("a", "covered", 3))]
            groups += [moving(void(dropped)), moving(contra(posted, 10)), Group(new_id(), advices=(advice,))]
            counted = replace(direct("a", "b", 2), heading=f"5001|{number}")
            groups += [moving(counted), Group(new_id(), registers=(RegisterRow("notes", f"{number}", 1, b"note"),))]
            assert all(isinstance(outcome, Committed) for outcome in store.apply_groups(groups))
    assert verify(path).clean
    return path


@contextmanager
def copied(books: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    path = books.with_name("copy.db")
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(books, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield path, connection


def name_of(connection: sqlite3.Connection, table: str, row: int) -> str:
    keys = ", ".join(KEYS.get(table, ("sequence",)))
    values = connection.execute(f"SELECT {keys} FROM {table} ORDER BY {keys} LIMIT 1 OFFSET ?", (row,)).fetchone()
    return " ".join(value.hex() if isinstance(value, bytes) else str(value) for value in values)


def about(findings: list[Finding], table: str) -> list[Finding]:
    return [finding for finding in findings if finding.table == table]


def other(value: object) -> object:
    """Another value of the same type."""
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:] if value else b"x"
    if isinstance(value, str):
        return value[:-1] + chr(ord(value[-1]) ^ 1) if value else "x"
    return 1 if value is None else value + 1  # type: ignore[operator]


@given(data=st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_edited_cell_is_found_and_its_row_is_named(books: Path, data: st.DataObject) -> None:
    with copied(books) as (path, connection):
        table = data.draw(st.sampled_from(TABLES), "table")
        row = data.draw(st.integers(0, connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] - 1), "row")
        columns = [column[1] for column in connection.execute(f"PRAGMA table_info({table})")]
        column = data.draw(st.sampled_from(columns), "column")
        name = name_of(connection, table, row)
        keys = ", ".join(KEYS.get(table, ("sequence",)))
        picked = connection.execute(
            f"SELECT {keys}, {column} FROM {table} ORDER BY {keys} LIMIT 1 OFFSET ?", (row,)
        ).fetchone()
        where = " AND ".join(f"{key} = ?" for key in keys.split(", "))
        try:
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (other(picked[-1]), *picked[:-1]))
        except sqlite3.IntegrityError:
            return  # the neighbour already has that key
        findings = about(verify(path).findings, table)
        assert findings
        assert name in {finding.row for finding in findings}


@pytest.mark.parametrize("table", KEYS)
def test_deleted_row_is_found_and_named(books: Path, table: str) -> None:
    with copied(books) as (path, connection):
        name = name_of(connection, table, 0)
        keys = ", ".join(KEYS[table])
        connection.execute(
            f"DELETE FROM {table} WHERE ({keys}) IN (SELECT {keys} FROM {table} ORDER BY {keys} LIMIT 1)"
        )
        findings = verify(path).findings
        assert about(findings, table) == [Finding(table, name, "missing")]
        assert {finding.table for finding in findings} <= {table, "accounts", "trial balance", "day totals"}


def test_deleted_journal_entry_is_found_and_named(books: Path) -> None:
    with copied(books) as (path, connection):
        connection.execute("DELETE FROM journal WHERE sequence = 4")
        findings = about(verify(path).findings, "journal")
        assert findings[:2] == [
            Finding("journal", "4", "missing"),
            Finding("journal", "5", "edited, or what came before it: its hash does not follow"),
        ]


def test_row_that_no_journal_entry_made_is_found(books: Path) -> None:
    with copied(books) as (path, connection):
        columns = [column[1] for column in connection.execute("PRAGMA table_info(transfers)")][1:]
        copy = f"SELECT zeroblob(16), {', '.join(columns)} FROM transfers WHERE kind = 'direct' LIMIT 1"
        connection.execute(f"INSERT INTO transfers {copy}")
        findings = verify(path).findings
        assert Finding("transfers", bytes(16).hex(), "not in the journal") in findings
        assert Finding("trial balance", "760", "not zero") in findings


def test_edit_that_keeps_the_trial_balance_at_zero_is_found(books: Path) -> None:
    with copied(books) as (path, connection):
        connection.execute("UPDATE accounts SET debits_posted = debits_posted + 1 WHERE name = 'a'")
        connection.execute("UPDATE accounts SET credits_posted = credits_posted + 1 WHERE name = 'b'")
        one = "id IN (SELECT id FROM transfers WHERE kind = 'post' LIMIT 1)"
        connection.execute(f"UPDATE transfers SET amount_minor = amount_minor + 1 WHERE {one}")
        findings = verify(path).findings
        assert {finding.row for finding in about(findings, "accounts")} == {"a", "b"}
        assert len(about(findings, "transfers")) == 1


def test_journal_cut_short_is_found_by_the_tables(books: Path) -> None:
    with copied(books) as (path, connection):
        connection.execute("DELETE FROM journal WHERE sequence = (SELECT max(sequence) FROM journal)")
        findings = verify(path).findings
        assert not about(findings, "journal")
        assert {finding.what for finding in about(findings, "transfers")} == {"not in the journal"}
