"""A switch does not start on books that count otherwise than its configuration says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from config.sections import CurrencySettings
from ledger.books import InlineBooks
from ledger.model import Group, PaymentRow, Unavailable
from ledger.queries import ListRegister
from ledger.scale_register import REGISTER, scale_in
from ledger.store import Store
from switch.net.keeper import LedgerError
from switch.scale_agreement import agree_on_scale
from tests.unit.engine.bench import SETTINGS

EVE, NEW_YEAR = "20251231", "20260101"
CHANGED = replace(SETTINGS, currency=CurrencySettings(new_from=NEW_YEAR, both_until="20260630"))
LONGER = replace(SETTINGS, currency=CurrencySettings(new_from=NEW_YEAR, both_until="20261231"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "ledger.db"), day=EVE, synchronous="OFF")
    yield made
    made.close()


def use(store: Store) -> None:
    row = PaymentRow(b"payment".ljust(16), 1, "POSTED", "pay-bill", EVE, None, b"")
    store.apply_groups([Group(b"group".ljust(16), row)])


async def test_what_is_set_in_time_is_written_into_the_books_and_may_be_shown_longer(store: Store) -> None:
    books = InlineBooks(store)
    use(store)
    await agree_on_scale(books, CHANGED, EVE)
    await agree_on_scale(books, CHANGED, NEW_YEAR)
    await agree_on_scale(books, LONGER, NEW_YEAR)
    rows = store.answer(ListRegister(REGISTER))
    assert scale_in(rows, "760").both_until == "20261231"
    assert [row.version for row in rows] == [2]


async def test_a_change_that_was_forgotten_or_comes_too_late_stops_the_start(store: Store) -> None:
    books = InlineBooks(store)
    use(store)
    with pytest.raises(LedgerError, match=r"^\[currency\] is not what .*: it can be set only before its first day$"):
        await agree_on_scale(books, CHANGED, NEW_YEAR)
    await agree_on_scale(books, CHANGED, EVE)
    with pytest.raises(LedgerError, match=r"the books count 100 to 1 from 20260101 on, and go on so$"):
        await agree_on_scale(books, SETTINGS, NEW_YEAR)


async def test_books_of_a_bank_without_a_change_are_not_written_to(store: Store) -> None:
    await agree_on_scale(InlineBooks(store), SETTINGS, EVE)
    assert store.answer(ListRegister(REGISTER)) == []


async def test_books_that_do_not_answer_stop_the_start() -> None:
    class Away:
        def register(self, register: str, done: Any) -> None:
            done(Unavailable("away"))

    with pytest.raises(LedgerError, match="away"):
        await agree_on_scale(Away(), CHANGED, EVE)  # type: ignore[arg-type]
