"""What a settlement reads of the ledger is all of the day, however long ago its payments began."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import BooksError
from ledger.model import BusinessDay, Group, Opening, Transfer, TransferKind
from ledger.reader import open_reader
from switch.backoffice import books
from switch.flow.payment import Part
from switch.settlement.sides import keys_of
from tests.unit.settlement.books import Ledger
from tests.unit.settlement.making import DAY, NEXT, SYP

OPENED_AT = 40 * 86_400.0
LATE = BusinessDay(DAY, "open", OPENED_AT)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "l.db")
    yield made
    made.store.close()


def reading(tmp_path: Path) -> closing[sqlite3.Connection]:
    return closing(open_reader(tmp_path / "l.db"))


def posted(ledger: Ledger, at_s: float, heading: str = "000123|debit") -> Transfer:
    names = tuple(Opening(name, SYP) for name in ("customer:1", "biller:ELEC"))
    id_ = ledger.new_id(int(at_s * 1000))
    one = Transfer(id_, TransferKind.DIRECT, "customer:1", "biller:ELEC", 5, SYP, DAY, heading=heading)
    ledger.commit(Group(ledger.new_id(), openings=names, transfers=(one,)))
    return one


def test_only_the_days_own_transfers_are_read(ledger: Ledger, tmp_path: Path) -> None:
    payment = ledger.pay(5000)
    ledger.open_next()
    ledger.give_back(payment, 5000, NEXT)
    with reading(tmp_path) as connection:
        kinds = [one.kind for one in books.transfers_of(connection, books.get_day(connection, DAY))]
        assert kinds == [TransferKind.PENDING, TransferKind.POST]
        kinds = [one.kind for one in books.transfers_of(connection, books.get_day(connection, NEXT))]
        assert kinds == [TransferKind.CONTRA]


def test_what_an_operator_decided_long_after_it_began_is_found_by_the_days_totals(
    ledger: Ledger, tmp_path: Path
) -> None:
    recent, old = posted(ledger, OPENED_AT + 5), posted(ledger, 5.0)
    with reading(tmp_path) as connection:
        assert books.transfers_of(connection, LATE) == [old, recent]


def test_books_whose_totals_count_what_is_not_there_are_refused(ledger: Ledger, tmp_path: Path) -> None:
    posted(ledger, OPENED_AT + 5)
    ledger.store.close()
    with closing(sqlite3.connect(tmp_path / "l.db")) as file, file:
        file.execute("DELETE FROM transfers")
    with reading(tmp_path) as connection, pytest.raises(BooksError, match="run ledger verify"):
        books.transfers_of(connection, LATE)


def test_a_payment_is_found_by_its_id_however_old_and_by_what_a_peer_calls_it(ledger: Ledger, tmp_path: Path) -> None:
    old = ledger.pay(5000)
    at_core, at_biller = keys_of(old)
    with reading(tmp_path) as connection:
        assert set(books.payments_of(connection, LATE, {old.id}, set())) == {old.id}
        assert books.payments_of(connection, LATE, set(), {at_core}) == {}
        day = books.get_day(connection, DAY)
        for at in (at_core, at_biller):
            assert set(books.payments_of(connection, day, set(), {at})) == {old.id}


def test_a_payments_transfers_are_the_same_read_in_one_go_and_one_by_one(ledger: Ledger, tmp_path: Path) -> None:
    payment = ledger.give_back(ledger.pay(5000), 2000, DAY)
    with reading(tmp_path) as connection:
        found = books.payments_of(connection, books.get_day(connection, DAY), {payment.id}, set())[payment.id]
        assert found == books.known_of(connection, payment)
    assert [one.id[-1] & 0x0F for one in found.transfers] == [Part.HOLD, Part.POST, Part.CONTRA]


def test_a_day_that_never_was_is_refused_with_the_newest_that_is_there(ledger: Ledger, tmp_path: Path) -> None:
    with reading(tmp_path) as connection, pytest.raises(BooksError, match=f"the newest is {DAY}"):
        books.get_day(connection, "20270101")
