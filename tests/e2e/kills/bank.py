"""A whole bank of real processes on fixed ports of loopback, any of which may be killed and started again.

Rule: nothing here but SIGKILL, and only of what was started here. The ledger, and the workers of a switch that has
several, are its children: the switch starts them again by itself; everything else is started again by whoever killed
it, on the same port and the same files.
"""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from config.settings import Settings, demo_path, load, without_key_changes, without_tls
from simulators.demo.children import Child, start
from simulators.demo.installation import barada, last_words, next_words
from simulators.provision import provide_keys
from tests.e2e.ports import free_ports

SWITCH, WORKER, LEDGER, CORE = "switch", "worker", "ledger", "core"
BILLERS = {"billers-1": ("power", "water"), "billers-2": ("telecom", "cellular", "university")}
VICTIMS = (SWITCH, LEDGER, CORE, *BILLERS)
MODULES = {LEDGER: "ledger.commands", WORKER: "switch.workers.worker"}
STOP_WITHIN_S = 20.0
LEDGER_WITHIN_S = 10.0

# What takes a bank half a minute or a day takes this one a few seconds.
SHORT: dict[str, object] = {
    "switch.answer_within_s": 3,
    "switch.retry_first_s": 0.2,
    "switch.retry_most_s": 1,
    "peers.core.timeout_s": 2,
    "peers.core.skew_s": 0.5,
    "peers.cellular.request_lifetime_s": 2,
    "peers.cellular.skew_s": 0.5,
}


class Bank:
    """`settings` are what every process runs with."""

    def __init__(self, directory: Path, people: Sequence[str], faults: str, workers: int) -> None:
        self.directory = directory
        self._peers_know = (*people, "--faults", faults)
        demo = load(demo_path())
        keys = [f"listeners.{name}.port" for name in demo.listeners] + [f"peers.{name}.port" for name in demo.peers]
        ports = dict(zip(keys, free_ports(len(keys)), strict=True))
        billers = {f"peers.{name}.timeout_s": 1 for names in BILLERS.values() for name in names}
        files = {"ledger.database": str(directory / "ledger.db"), "ledger.socket": str(directory / "ledger.sock")}
        secrets = {**provide_keys(demo, directory), **without_tls(demo)}
        several = {"switch.workers": workers, **without_key_changes(demo)} if workers > 1 else {}
        self.overrides: dict[str, object] = {**SHORT, **billers, **ports, **files, **secrets, **several}
        self.settings: Settings = load(demo_path(), self.overrides)
        self._running: dict[str, Child] = {}

    async def start_all(self) -> None:
        async with trio.open_nursery() as nursery:
            for name in (SWITCH, CORE, *BILLERS):
                nursery.start_soon(self.start, name)

    async def start(self, name: str) -> None:
        """Start it (again), and wait until it serves."""
        child = start(name, barada(*self._command(name), overrides=self.overrides), self.directory, talks=True)
        self._running[name] = child
        await next_words(child)

    def _command(self, name: str) -> tuple[str, ...]:
        if name == SWITCH:
            return "run", "--config", str(demo_path()), "--json"
        part = ("core",) if name == CORE else ("biller", *BILLERS[name])
        return (
            "simulator",
            *part,
            "--config",
            str(demo_path()),
            "--directory",
            str(self.directory),
            "--json",
            *self._peers_know,
        )

    async def kill(self, name: str, down_s: float) -> None:
        """SIGKILL; start it again after so long (the ledger is not ours to start)."""
        if name in (LEDGER, WORKER):
            await self._kill_child(name)
            return
        child = self._running[name]
        child.process.kill()
        await child.wait()
        await child.stop()
        await trio.sleep(down_s)
        await self.start(name)

    async def freeze(self, name: str, for_s: float) -> None:
        """SIGSTOP: it takes connections and says nothing, as half a connection does; then it goes on unaware."""
        process = await self._child(name) if name in (LEDGER, WORKER) else Process(self._running[name].pid)
        process.signal(signal.SIGSTOP)
        try:
            await trio.sleep(for_s)
        finally:
            process.signal(signal.SIGCONT)
            process.forget()

    async def _kill_child(self, name: str) -> None:
        child = await self._child(name)
        child.signal(signal.SIGKILL)
        await child.gone()

    async def _child(self, name: str) -> Process:
        """The first of this kind; of workers it is the one that was killed the longest ago."""
        with trio.fail_after(LEDGER_WITHIN_S):
            while not (found := self.children(name)):  # noqa: ASYNC110 - nobody tells us
                await trio.sleep(0.02)  # the last one was killed a moment ago
        return Process(found[0])

    def children(self, name: str) -> list[int]:
        """The switch's ledger, or its workers."""
        module = MODULES[name].encode()
        children = sorted(children_of(self._running[SWITCH].pid))
        return [pid for pid in children if module in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")]

    async def stop_all(self) -> dict[str, int]:
        """Ask each to end, the switch first; the exit statuses."""
        statuses: dict[str, int] = {}
        for name in (SWITCH, CORE, *BILLERS):
            if name in self._running:
                statuses[name] = await self._running.pop(name).stop(STOP_WITHIN_S)
        return statuses

    def last_words(self) -> str:
        return "\n".join(f"{name}: {last_words(child)}" for name, child in self._running.items())


class Process:
    """A process of ours, or of a child of ours, known by a descriptor, so that no other can be hit."""

    def __init__(self, pid: int) -> None:
        self._descriptor = os.pidfd_open(pid)

    def signal(self, number: signal.Signals) -> None:
        signal.pidfd_send_signal(self._descriptor, number)

    async def gone(self) -> None:
        await trio.lowlevel.wait_readable(self._descriptor)
        self.forget()

    def forget(self) -> None:
        os.close(self._descriptor)


def children_of(pid: int) -> list[int]:
    """Of whichever of its threads: Trio starts processes from a thread of its own."""
    lists = [task.joinpath("children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    return [int(child) for children in lists for child in children.split()]


@asynccontextmanager
async def bank(directory: Path, people: Sequence[str], faults: str = "", workers: int = 1) -> AsyncIterator[Bank]:
    """Everything up; at the end everything is stopped, whatever happened. `faults` are those of core and billers."""
    running = Bank(directory, people, faults, workers)
    try:
        await running.start_all()
        yield running
    finally:
        with trio.CancelScope(shield=True):
            await running.stop_all()
