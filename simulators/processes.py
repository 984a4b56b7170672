"""The simulated core and billers at work, each on a file of its own, until cancelled or signalled.

Rule: nothing here prints; whoever starts one is told its port (`task_status`). A peer's file survives a kill of
its process; opened again, it goes on where it was.
"""

from __future__ import annotations

import random
import secrets
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path

import trio

from config.settings import Settings
from ledger.store import Store
from simulators.build import build_biller, build_core, build_server, core_of
from simulators.hosts.faults import FaultRates, Faults
from simulators.hsm import HsmServer
from simulators.keys import KeyCase
from simulators.payshield.module import SimulatedPayShield
from simulators.people.population import Population
from switch.net.clock import TrioClock
from switch.net.edge import Edge
from switch.net.network import TcpNetwork
from switch.net.transport import Flusher
from switch.observe.counters import Counters

# The bank's real books are not these: NORMAL survives SIGKILL of the process, though not of the machine.
SYNCHRONOUS = "NORMAL"

File = str | PathLike[str]


@dataclass(frozen=True)
class Stage:
    """What the simulated peers of one run have in common. Faults are drawn from `seed` and the peer's name."""

    settings: Settings
    people: Callable[[], Population]  # drawn when somebody plays
    keys: Callable[[], KeyCase]  # and these opened
    rates: FaultRates = FaultRates()  # noqa: RUF009 - frozen
    seed: int = 0
    miscounts: frozenset[str] = frozenset()  # peers whose totals come out wrong


async def run_core(
    stage: Stage,
    database: File,
    *,
    edge: Edge | None = None,
    port: int | None = None,
    task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Be the configuration's bank core until cancelled. Starts with the real port; `port` 0 is any free one.

    Raises ledger.store.BooksError if the file can't be had, OSError if the port can't.
    """
    await _run(stage, core_of(stage.settings).name, database, edge, port, task_status)


async def run_biller(
    stage: Stage,
    name: str,
    database: File,
    *,
    edge: Edge | None = None,
    port: int | None = None,
    task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Be the peer `name`, for every biller that it answers for. As `run_core` otherwise."""
    await _run(stage, name, database, edge, port, task_status)


async def run_billers(
    stage: Stage,
    names: Sequence[str],
    directory: File,
    *,
    ports: Mapping[str, int] | None = None,
    task_status: trio.TaskStatus[dict[str, int]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Several peers in one process, each on books of its own, `NAME.db`. Starts with the port of each."""
    found: dict[str, int] = {}
    async with _tcp_edge(stage.seed) as edge, trio.open_nursery() as nursery:
        for name in names:
            file, port = Path(directory) / f"{name}.db", (ports or {}).get(name)
            found[name] = await nursery.start(partial(run_biller, stage, name, file, edge=edge, port=port))
        task_status.started(found)


async def run_hsm(
    host: str, port: int, header_length: int, *, task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED
) -> None:
    """Be a payShield that holds the published test LMK, until cancelled. Starts with the real port."""
    async with _tcp_edge(0) as edge:
        server = HsmServer(SimulatedPayShield(secrets.token_bytes), header_length, edge)
        await server.serve(host, port, task_status=task_status)


def run_until_signalled(run: Callable[[], Awaitable[None]]) -> None:
    """Run in a Trio loop of its own, and end well at SIGINT or SIGTERM."""

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
                nursery.start_soon(run)
                async for _ in signals:
                    nursery.cancel_scope.cancel()
                    return

    trio.run(main)


async def _run(
    stage: Stage, name: str, database: File, edge: Edge | None, port: int | None, task_status: trio.TaskStatus[int]
) -> None:
    if edge is None:
        async with _tcp_edge(stage.seed) as own:
            await _run(stage, name, database, own, port, task_status)
        return
    settings, is_core = stage.settings, name == core_of(stage.settings).name
    people, keys = stage.people(), stage.keys()
    with closing(Store(database, synchronous=SYNCHRONOUS)) as store:
        host = (
            build_core(settings, store, people, edge.clock, keys)
            if is_core
            else build_biller(settings, name, store, people, edge.clock, keys)
        )
        host.miscounts = name in stage.miscounts
        server = build_server(settings, name, host, edge, Faults(stage.rates, f"{stage.seed}:{name}"), keys)
        peer = settings.peers[name]
        await server.serve(peer.host, peer.port if port is None else port, task_status=task_status)


@asynccontextmanager
async def _tcp_edge(seed: int) -> AsyncIterator[Edge]:
    """The edge of a process of its own."""
    edge = Edge(TcpNetwork(), Flusher(), TrioClock(), Counters(), _unsaid, random.Random(f"{seed}:edge"))
    async with trio.open_nursery() as nursery:
        await nursery.start(edge.flusher.run)
        yield edge
        nursery.cancel_scope.cancel()


def _unsaid(event: str, **fields: object) -> None:
    """A simulated peer keeps no log."""
