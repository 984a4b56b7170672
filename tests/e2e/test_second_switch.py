"""One switch a ledger and a key store: a second is refused in one line; who takes over waits until the first ended."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest
import trio

from config.settings import demo_path, load
from simulators.demo.installation import barada, next_words
from simulators.provision import KEY_STORE, provide_keys
from tests.e2e.kills.bank import Process, children_of
from tests.e2e.ports import free_ports
from tests.e2e.test_recovery import settings_at, switch_at

WITHIN_S = 30.0


@pytest.fixture
def overrides(tmp_path: Path) -> dict[str, object]:
    return settings_at(tmp_path, {})[1]


def elsewhere(overrides: dict[str, object]) -> dict[str, object]:
    """The same books, but ports of its own."""
    ports = [key for key in overrides if key.startswith("listeners.") and key.endswith(".port")]
    return {**overrides, **dict(zip(ports, free_ports(len(ports)), strict=True))}


async def test_a_second_switch_is_refused_in_one_line_and_one_that_takes_over_waits_for_the_ledger_that_was_left(
    overrides: dict[str, object], tmp_path: Path
) -> None:
    with trio.fail_after(WITHIN_S), switch_at(tmp_path, overrides) as first:
        await next_words(first)
        ledger = Process(children_of(first.pid)[0])
        await is_refused(elsewhere(overrides), tmp_path / KEY_STORE)
        await is_refused(
            elsewhere(overrides) | provide_keys(load(demo_path()), tmp_path / "own"), tmp_path / "ledger.db"
        )
        assert not first.ended
        assert len(children_of(first.pid)) == 1
        ledger.signal(signal.SIGSTOP)
        first.process.kill()
        with switch_at(tmp_path, overrides) as second:
            while not children_of(second.pid):  # noqa: ASYNC110 - another process's children
                await trio.sleep(0.02)
            await trio.sleep(0.4)
            ledger.signal(signal.SIGCONT)
            assert "serving" in await next_words(second)
            await ledger.gone()
        assert second.process.returncode == 0


async def is_refused(overrides: dict[str, object], taken: Path) -> None:
    command = [sys.executable, *barada("run", overrides=overrides)]
    second = await trio.run_process(command, capture_stdout=True, capture_stderr=True, check=False)
    assert second.returncode == 1
    assert second.stdout == b""
    assert second.stderr.decode().splitlines()[-1] == f"Error: {taken}: in use by another process"
    assert b"Traceback" not in second.stderr
