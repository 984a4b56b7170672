"""One switch a ledger: a second one is refused in one line, and one that takes over waits until the first is gone."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import trio

from simulators.demo.installation import barada, next_words
from tests.e2e.kills.bank import children_of, free_ports
from tests.e2e.test_recovery import settings_at, switch_at

WITHIN_S = 30.0


@pytest.fixture
def overrides(tmp_path: Path) -> dict[str, object]:
    return settings_at(tmp_path, {})[1]


def elsewhere(overrides: dict[str, object]) -> dict[str, object]:
    """The same books, but ports of its own."""
    ports = [key for key in overrides if key.startswith("listeners.")]
    return {**overrides, **dict(zip(ports, free_ports(len(ports)), strict=True))}


def test_a_second_switch_on_the_same_books_says_so_in_one_line_and_the_first_goes_on(
    overrides: dict[str, object], tmp_path: Path
) -> None:
    with switch_at(tmp_path, overrides) as first:
        trio.run(next_words, first)
        command = [sys.executable, *barada("run", overrides=elsewhere(overrides))]
        second = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False)
        assert second.returncode == 1
        assert second.stderr.splitlines()[-1] == f"Error: {tmp_path / 'ledger.db'}: in use by another process"
        assert "Traceback" not in second.stderr
        assert "serving" not in second.stdout
        assert not first.ended
        assert len(children_of(first.pid)) == 1
    assert first.process.returncode == 0


@pytest.fixture
def left_behind(overrides: dict[str, object], tmp_path: Path) -> Iterator[int]:
    """The ledger of a switch that was killed, while it can't end: a descriptor of it."""
    with switch_at(tmp_path, overrides) as first:
        trio.run(next_words, first)
        ledger = os.pidfd_open(children_of(first.pid)[0])
        signal.pidfd_send_signal(ledger, signal.SIGSTOP)
        first.process.kill()
    yield ledger
    os.close(ledger)


async def test_a_switch_that_takes_over_waits_for_the_ledger_that_the_killed_one_left(
    left_behind: int, overrides: dict[str, object], tmp_path: Path
) -> None:
    with trio.fail_after(WITHIN_S), switch_at(tmp_path, overrides) as second:
        while not children_of(second.pid):  # noqa: ASYNC110 - another process's children
            await trio.sleep(0.02)
        await trio.sleep(0.5)
        signal.pidfd_send_signal(left_behind, signal.SIGCONT)
        assert "serving" in await next_words(second)
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as books:
            assert books.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert second.process.returncode == 0
