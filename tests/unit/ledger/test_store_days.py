"""What the store keeps of business days: their states, their totals; and the rows of registers."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from ledger import journal, report
from ledger.errors import BooksError
from ledger.model import (
    DAY_CLOSED,
    DAY_OPEN,
    BusinessDay,
    Committed,
    DayChange,
    DayTotal,
    Group,
    Refusal,
    Refused,
    RegisterRow,
    Usage,
)
from ledger.queries import DayTotals, ListDays, ListRegister
from ledger.store import Store
from ledger.verify import verify
from tests.unit.ledger.making import DAY, SYP, contra, direct, moving, new_id, opening, pending, post


def test_first_day_is_opened_once_and_the_newest_open_day_is_current(store: Store, path: Path) -> None:
    assert store.current_day() == DAY
    store.open_day("20260303")
    assert store.current_day() == "20260303"
    store.close()
    store.__init__(path, lambda: 0.0, day="20270101", synchronous="OFF")  # type: ignore[misc]
    assert store.current_day() == "20260303"
    assert store.apply_groups([moving(direct("a", "b", 1, day="20270101"))]) == [
        Refused(Refusal.CLOSED_DAY, "transfers[0]")
    ]


def test_day_is_closed_once_a_later_one_is_open_and_never_opened_again(store: Store, path: Path) -> None:
    with pytest.raises(BooksError, match="day needed"):
        store.close_day(DAY)
    with pytest.raises(BooksError, match="day needed"):
        store.close_day("20260303")
    store.open_day("20260303")
    store.open_day("20260303")
    assert store.apply_groups([moving(direct("a", "b", 1))]) == [Committed(store.sequence)]
    store.close_day(DAY)
    store.close_day(DAY)
    for day in (DAY, "20260301"):
        with pytest.raises(BooksError, match="closed day"):
            store.open_day(day)
    assert store.apply_groups([moving(direct("a", "b", 1))]) == [Refused(Refusal.CLOSED_DAY, "transfers[0]")]
    days = [("20260303", DAY_OPEN, 0.0, None), (DAY, DAY_CLOSED, 0.0, 0.0)]
    assert store.answer(ListDays()) == [BusinessDay(*day) for day in days]
    store.abandon()
    store.__init__(path, lambda: 0.0, synchronous="OFF")  # type: ignore[misc]
    assert store.answer(ListDays()) == [BusinessDay(*day) for day in days]


def test_books_whose_day_was_opened_by_an_entry_of_its_own_are_what_their_journal_says(path: Path) -> None:
    """As an older version wrote it, which knew no groups that change days."""
    Store(path, lambda: 0.0, synchronous="OFF").close()
    body = msgspec.msgpack.encode([DAY, DAY_OPEN])
    entry = (1, 5.0, journal.DAY, body)
    with closing(sqlite3.connect(path, isolation_level=None)) as older:
        journal.append(older, journal.Entry(*entry, journal.entry_hash(journal.ORIGIN, *entry)))
        older.execute("INSERT INTO days (day, state) VALUES (?, ?)", (DAY, DAY_OPEN))
        older.execute("UPDATE marks SET sequence = 1 WHERE name = 'tables'")
    with closing(Store(path, lambda: 6.0, synchronous="OFF")) as store:
        assert store.current_day() == DAY
        moved = [opening("a", "b"), moving(direct("a", "b", 1))]
        assert store.apply_groups(moved) == [Committed(2), Committed(2)]
    assert verify(path).findings == []


# Totals and registers


def test_totals_count_what_is_posted_and_what_is_given_back_in_the_day_that_it_names(store: Store) -> None:
    held = pending("a", "b", 100)
    posted = msgspec.structs.replace(post(held, 60), heading="5001|debit")
    store.apply_groups([moving(held, posted, direct("a", "b", 7))])
    store.open_day("20260303")
    back = msgspec.structs.replace(contra(posted, 10), heading="5001|debit", day="20260303")
    store.apply_groups([moving(back)])
    assert store.answer(DayTotals(DAY)) == [DayTotal(DAY, "5001|debit", SYP, 60, 1)]
    assert store.answer(DayTotals("20260303", "5001|")) == [DayTotal("20260303", "5001|debit", SYP, 0, 0, 10, 1)]
    assert store.answer(DayTotals("20260303", "5002|")) == []


def test_row_of_a_register_follows_the_one_that_its_owner_read(store: Store, path: Path) -> None:
    def kept(version: int, body: bytes, key: str = "1") -> Group:
        return Group(new_id(), registers=(RegisterRow("disputes", key, version, body),))

    assert isinstance(store.apply_groups([kept(1, b"open")])[0], Committed)
    assert isinstance(store.apply_groups([kept(2, b"taken")])[0], Committed)
    assert store.apply_groups([kept(2, b"closed")]) == [Refused(Refusal.CONFLICT, "registers[0]")]
    assert store.apply_groups([kept(3, b"closed", "2")]) == [Refused(Refusal.CONFLICT, "registers[0]")]
    assert store.answer(ListRegister("disputes")) == [RegisterRow("disputes", "1", 2, b"taken")]
    store.abandon()
    store.__init__(path, lambda: 0.0, synchronous="OFF")  # type: ignore[misc]
    assert store.answer(ListRegister("disputes", "1")) == [RegisterRow("disputes", "1", 2, b"taken")]
    assert store.answer(ListRegister("other")) == []


def test_a_register_is_read_page_by_page_in_the_tables_and_ahead_of_them(store: Store) -> None:
    def keep(*keys: str) -> None:
        rows = tuple(RegisterRow("blocks", key, 1, key.encode()) for key in keys)
        assert isinstance(store.apply_groups([Group(new_id(), registers=rows)])[0], Committed)

    keep("b", "d", "f")
    store.write_tables()
    keep("a", "c", "e")
    found: list[str] = []
    while page := store.answer(ListRegister("blocks", after=found[-1] if found else "", limit=2)):
        found += [row.key for row in page]
    assert found == ["a", "b", "c", "d", "e", "f"]
    assert [row.key for row in store.answer(ListRegister("blocks", "c"))] == ["c"]


# What the tables can't hold would be committed and keep the books from ever starting again.


def test_a_total_or_a_use_that_no_row_holds_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.batch.INTEGER_MAX", 99)
    monkeypatch.setattr("ledger.usage.BALANCE_MAX", 99)
    counted = msgspec.structs.replace(direct("a", "b", 100), heading="h")
    assert store.apply_groups([moving(counted)]) == [Refused(Refusal.EXCEEDS, "transfers[0]")]
    back = moving(usages=(Usage("transfer|x", DAY, -100, -1),))
    assert store.apply_groups([back]) == [Refused(Refusal.MALFORMED, "usages[0]")]
    assert store.answer(DayTotals(DAY)) == []


@pytest.mark.parametrize(
    "change",
    [
        DayChange("20260401", DAY_OPEN, math.nan),
        DayChange("\u0662\u0660\u0662\u0666\u0660\u0664\u0660\u0661", DAY_OPEN, 1.0),
    ],
    ids=["at no moment", "in digits that DE 15 can't have"],
)
def test_a_day_that_no_row_holds_or_no_message_names_is_refused(store: Store, change: DayChange) -> None:
    assert store.apply_groups([Group(new_id(), days=(change,))]) == [Refused(Refusal.MALFORMED, "days[0]")]


def test_a_row_of_a_register_is_found_without_reading_those_that_come_after_it(store: Store, path: Path) -> None:
    plans: list[str] = []
    with closing(sqlite3.connect(path)) as books:
        books.set_trace_callback(plans.append)
        report.answer(books, ListRegister("blocks", "c"))
        books.set_trace_callback(None)
        plan = books.execute(f"EXPLAIN QUERY PLAN {plans[0]}").fetchall()
    assert any("key>? AND key<?" in row[3] for row in plan)
