"""When the ledger process waits for more before it commits: only where company is to be expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger import process
from ledger.process import COMPANY, Server
from ledger.store import Store
from tests.unit.ledger.making import DAY

LINGER_S = 0.002


@pytest.fixture
def server_that_lingers(tmp_path: Path) -> Iterator[Callable[[float], Server]]:
    with closing(Store(":memory:", day=DAY)) as store:
        servers: list[Server] = []

        def made(linger_s: float) -> Server:
            servers.append(Server(store, str(tmp_path / f"{len(servers)}.sock"), linger_s=linger_s))
            return servers[-1]

        yield made
        for server in servers:
            server._close()


def _came(server: Server, groups: int, at_s: float, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(process.time, "monotonic", lambda: at_s)  # type: ignore[attr-defined]
    server._groups = [None] * groups  # type: ignore[list-item]
    return server._expects_company()


def test_only_few_that_come_shortly_after_others_wait(
    server_that_lingers: Callable[[float], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = server_that_lingers(LINGER_S)
    assert not _came(server, 1, 100.0, monkeypatch), "a lone one waits for nobody"
    assert _came(server, 1, 100.003, monkeypatch)
    assert not _came(server, COMPANY, 100.006, monkeypatch), "enough are together"
    assert _came(server, COMPANY - 1, 100.009, monkeypatch)
    assert not _came(server, 1, 100.1, monkeypatch)


def test_without_a_linger_nobody_waits(
    server_that_lingers: Callable[[float], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = server_that_lingers(0.0)
    assert not _came(server, 1, 100.0, monkeypatch)
    assert not _came(server, 1, 100.0, monkeypatch)
