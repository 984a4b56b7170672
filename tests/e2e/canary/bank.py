"""A whole bank of real processes in one directory, everything that they write and say kept there to be searched.

Rule: it is installed as the manual says, a copy of the demo's file with `var` beside it; only ports and patience are
replaced. Each process may leave as large a core file as the system allows, if it wants to.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import trio

from config.settings import Settings, demo_path, load
from simulators.build import biller_peers
from simulators.demo.installation import barada
from simulators.keys import KeyCase, keys_of
from simulators.provision import MASTER_KEY, provide_keys
from switch.security.certificates.demo_certificates import make_demo_certificates
from tests.e2e.kills.bank import Process, children_of
from tests.e2e.outside.disk import LimitedFiles
from tests.e2e.ports import free_ports

SWITCH, CORE, BILLERS = "switch", "core", "billers"
ALL = (SWITCH, CORE, BILLERS)
SEED, CUSTOMERS = 7, 3
PEOPLE = ("--seed", str(SEED), "--customers", str(CUSTOMERS))
WITHIN_S = 30.0
CERTIFIED_DAYS = 30
# A machine with keys of its own for each transaction (X9.24-1), beside the demo's listeners.
TERMINAL: dict[str, object] = {
    "keys.pos-bdk.use": "dukpt",
    "keys.pos-bdk.algorithm": "tdes",
    "keys.pos-mac.use": "mac",
    "keys.pos-mac.algorithm": "retail",
    "listeners.pos.channel": "atm",
    "listeners.pos.port": 0,
    "listeners.pos.tls": "switch",
    "listeners.pos.mac": "pos-mac",
    "listeners.pos.pin": "pos-bdk",
    "listeners.pos.acquirers": ["000128"],
    "listeners.pos.terminals": ["POS*"],
}
IMPATIENT: dict[str, object] = {
    "switch.answer_within_s": 3,
    "switch.retry_first_s": 0.2,
    "switch.retry_most_s": 0.5,
    "peers.core.timeout_s": 2,
    "peers.core.skew_s": 0.2,
    "observe.log_level": "debug",
}


class Bank:
    """`settings` are what every process runs with; `var` is where all of them work and write."""

    def __init__(
        self, directory: Path, more: Mapping[str, object], environment: Mapping[str, str], faults: str
    ) -> None:
        self.config, self.var = directory / "config" / "demo.toml", directory / "var"
        self.config.parent.mkdir()
        self.var.mkdir()
        shutil.copy(demo_path(), self.config)
        plain = load(self.config, TERMINAL)
        ports = [f"listeners.{name}.port" for name in plain.listeners] + [f"peers.{name}.port" for name in plain.peers]
        ports.append("observe.metrics_port")
        billers = {f"peers.{name}.timeout_s": 1.5 for name in biller_peers(plain)}
        free = dict(zip(ports, free_ports(len(ports)), strict=True))
        provide_keys(plain, self.var)
        make_demo_certificates(plain, datetime.now(UTC), CERTIFIED_DAYS)
        self.overrides: dict[str, object] = {**TERMINAL, **IMPATIENT, **billers, **free, **more}
        self.settings: Settings = load(self.config, self.overrides)
        self._environment = {**os.environ, **environment}
        self._faults = faults
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def keys(self) -> KeyCase:
        """As they are now."""
        return keys_of(self.settings)

    @property
    def key_files(self) -> list[Path]:
        """Where a key is meant to stand: the master key, and the private keys of the certificates."""
        return [self.var / MASTER_KEY, *sorted((self.var / "tls").rglob("*.key"))]

    @property
    def pids(self) -> list[int]:
        """Of everything that runs, the switch's ledger too."""
        own = [process.pid for process in self._running.values()]
        return [*own, *(child for pid in own for child in children_of(pid))]

    def pid(self, name: str) -> int:
        return self._running[name].pid

    async def ledger_pid(self) -> int:
        """Of the one that runs, or is about to: the last one may have been killed a moment ago."""
        while not (children := children_of(self.pid(SWITCH))):  # noqa: ASYNC110 - nobody tells us
            await trio.sleep(0.02)
        return children[0]

    async def start(self, name: str) -> None:
        """Start it (again), and wait until it serves."""
        said = self.var / f"{name}.out"
        before = said.read_bytes().count(b"serving") if said.exists() else 0
        with said.open("ab") as out, (self.var / f"{name}.err").open("ab") as err:
            self._running[name] = self._popen(name, out, err)
        with trio.fail_after(WITHIN_S):
            while said.read_bytes().count(b"serving") == before:
                ended = self._running[name].poll()
                assert ended is None, f"{name} ended with {ended}: {self.last_words(name)}"
                await trio.sleep(0.02)

    def _popen(self, name: str, out: IO[bytes], err: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *self._command(name)],
            cwd=self.var,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            preexec_fn=_allow_cores,
        )

    def _command(self, name: str) -> list[str]:
        common = ["--config", str(self.config), "--json"]
        if name == SWITCH:
            return barada("run", *common, overrides=self.overrides)
        common += [*PEOPLE, "--faults", self._faults]
        command = barada("simulator", "biller", *common, overrides=self.overrides)
        return command if name == BILLERS else ["-m", "tests.e2e.canary.core", *command[4:]]

    async def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """End it so that it can't help it; the ledger of a switch has ended too when this returns."""
        process = self._running.pop(name)
        children = [Process(child) for child in children_of(process.pid)]
        process.send_signal(number)
        await trio.to_thread.run_sync(process.wait)
        for child in children:
            await child.gone()

    async def kill_ledger(self) -> None:
        ledger = Process(await self.ledger_pid())
        ledger.signal(signal.SIGKILL)
        await ledger.gone()

    @asynccontextmanager
    async def silent(self, name: str) -> AsyncIterator[None]:
        """It takes what comes and says nothing."""
        process = Process(self._running[name].pid)
        process.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.signal(signal.SIGCONT)
            process.forget()

    @asynccontextmanager
    async def full_disk(self) -> AsyncIterator[None]:
        """The ledger's files can't grow."""
        disk = LimitedFiles(self.var)
        disk.fill(await self.ledger_pid())
        try:
            yield
        finally:
            disk.free(await self.ledger_pid())

    async def stop_all(self) -> dict[str, int]:
        """Ask each to end, the switch first; the exit statuses."""
        statuses = {}
        for name in ALL:
            if name in self._running:
                process = self._running.pop(name)
                process.terminate()
                statuses[name] = await trio.to_thread.run_sync(_ended, process)
        return statuses

    def last_words(self, name: str) -> str:
        return (self.var / f"{name}.err").read_text(errors="replace")[-2000:]

    def events(self) -> list[dict[str, Any]]:
        """What the switch logged."""
        lines = (self.var / f"{SWITCH}.err").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def _ended(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(WITHIN_S)
    finally:
        process.kill()


def _allow_cores() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


def allow_core(pid: int) -> None:
    """Against the limit that it set itself, where this system lets us: what is left then is that it is not dumpable."""
    with contextlib.suppress(PermissionError):
        resource.prlimit(pid, resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@asynccontextmanager
async def bank(
    directory: Path,
    more: Mapping[str, object] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    faults: str = "",
    but: Sequence[str] = (),
) -> AsyncIterator[Bank]:
    """Everything up but what is named; at the end everything is stopped, whatever happened. `faults` are those of core
    and billers."""
    running = Bank(directory, more or {}, environment or {}, faults)
    try:
        async with trio.open_nursery() as nursery:
            for name in ALL:
                if name not in but:
                    nursery.start_soon(running.start, name)
        yield running
    finally:
        with trio.CancelScope(shield=True):
            await running.stop_all()
