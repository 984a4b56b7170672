"""Books in a file, with nothing in them that does not add up when a test is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.store import Store
from ledger.verify import verify
from tests.unit.ledger.making import opening
from tests.unit.ledger.stores import open_books


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "books.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = open_books(path)
    store.apply_groups([opening("a", "b")])
    yield store
    store.close()
    assert verify(path).findings == []
