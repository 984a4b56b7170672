"""Books in a file: opened, opened again, and left by a process that was killed."""

from __future__ import annotations

from pathlib import Path

from ledger.model import Account
from ledger.queries import ListAccounts
from ledger.store import Store
from tests.unit.ledger.making import DAY


def open_books(path: Path) -> Store:
    return Store(path, lambda: 0.0, day=DAY, synchronous="OFF", busy_timeout_s=0)


def reopened(store: Store, path: Path) -> Store:
    store.close()
    store.__init__(path, lambda: 0.0, day=DAY, synchronous="OFF", busy_timeout_s=0)  # type: ignore[misc]
    return store


def killed(store: Store, path: Path) -> Store:
    store.abandon()
    store.__init__(path, lambda: 0.0, day=DAY, synchronous="OFF", busy_timeout_s=0)  # type: ignore[misc]
    return store


def balance_of(store: Store, name: str) -> int:
    accounts: list[Account] = store.answer(ListAccounts(name))
    return accounts[0].balance_minor
