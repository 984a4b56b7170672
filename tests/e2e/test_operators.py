"""An operator beside a real switch: what is disputed is seen, decided, stored with who and why, and survives a kill."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from config.settings import demo_path, load, without_tls
from simulators.provision import provide_keys
from switch.cli import main
from tests.unit.engine.bench import Bench, transfer

GIVE_UP_S = 86_400.0
WITHIN_S = 30


class Installation:
    """The demo's switch on free ports and without TLS, its files in a directory, its peers away."""

    def __init__(self, place: Path) -> None:
        self.socket = place / "l-admin.sock"
        demo = load(demo_path())
        listeners = [f"--set=listeners.{name}.port=0" for name in demo.listeners]
        listeners += [f"--set={key}=null" for key in without_tls(demo)]
        self._files = [f"--set=ledger.database={place / 'ledger.db'}", f"--set=ledger.socket={place / 'l.sock'}"]
        keys = [f"--set={key}={value}" for key, value in provide_keys(demo, place).items()]
        self._command = [sys.executable, "-m", "switch.cli", "run", "--json", *self._files, *listeners, *keys]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        )
        assert self._process.stdout is not None
        self._ledger = os.pidfd_open(json.loads(self._process.stdout.readline())["ledger_pid"])

    def end(self, how: signal.Signals) -> int:
        """Wait for the switch and for its ledger, which ends with it."""
        process = self._process
        if process is None:
            return 0
        self._process = None
        process.send_signal(how)
        assert process.stdout is not None
        process.stdout.close()
        status = process.wait(WITHIN_S)
        assert select.select([self._ledger], [], [], WITHIN_S)[0], "the ledger ends with its switch"
        os.close(self._ledger)
        return status

    def say(self, *arguments: str) -> Result:
        group, command, *rest = arguments
        return CliRunner().invoke(main, [group, command, *self._files, *rest])

    def read(self, *arguments: str) -> dict[str, Any]:
        result = self.say(*arguments, "--json")
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    def order(self, *arguments: str) -> Result:
        return self.say(*arguments, "--who", "lina", "--why", "spoke with the core's desk", "--yes")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path)
    yield installation
    installation.end(signal.SIGKILL)


def two_disputes(place: Path) -> None:
    """Books in which two advices were never acknowledged."""
    bench = Bench(place)
    bench.clock.now = time.time() - 3 * GIVE_UP_S  # whatever was asked can't be run any more
    for stan in ("000001", "000002"):
        bench.send(transfer(stan))
    for _ in range(4):
        bench.core.fall_silent()
    bench.wait(GIVE_UP_S)
    assert bench.states == {"DISPUTED": 2}
    bench.store.close()


def test_disputes_are_seen_and_decided_beside_a_running_switch(installation: Installation, tmp_path: Path) -> None:
    two_disputes(tmp_path)
    installation.start()
    assert os.stat(installation.socket).st_mode & 0o777 == 0o600
    first, second = [one["payment"] for one in installation.read("payments", "list", "--state", "DISPUTED")["payments"]]

    refused = installation.order("payments", "post", first)
    assert refused.exit_code == 1
    assert "a dispute that was RELEASING takes: retry, close" in refused.stderr
    assert installation.read("payments", "show", first)["notes"] == []

    retried = installation.order("payments", "retry", first)
    assert retried.exit_code == 0, retried.output
    dropped = installation.order("advices", "drop", second)
    assert dropped.exit_code == 0, dropped.output
    assert "DISPUTED became RELEASED" in dropped.stdout

    installation.end(signal.SIGKILL)
    assert installation.read("payments", "show", first)["state"] == "RELEASING", "a look works while the switch is down"
    down = installation.order("payments", "retry", first)
    assert (down.exit_code, "the switch is not running" in down.stderr) == (1, True)

    installation.start()
    (advice,) = installation.read("advices", "list")["advices"]
    assert (advice["payment"], advice["state"]) == (first, "due")
    story = installation.read("payments", "show", second)
    assert story["state"] == "RELEASED"
    assert [(note["who"], note["action"], note["why"]) for note in story["notes"]] == [
        ("lina", "drop", "spoke with the core's desk")
    ]
    assert installation.end(signal.SIGTERM) == 0
    assert not installation.socket.exists()
    verified = CliRunner().invoke(main, ["ledger", "verify", "--database", str(tmp_path / "ledger.db")])
    assert verified.exit_code == 0, verified.output
