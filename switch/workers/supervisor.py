"""Several workers on the same ports and the same books: `barada run` with `switch.workers` above 1.

Rule: what there can be only one of is here: the ports, the ledger's process, the lock on the key store, the operators'
socket, the metrics. No request passes through here. What a worker is told to do about a payment is its owner's to do.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

import trio
from msgspec.structs import replace

from config.hardening.environment import taken
from config.sections import Settings
from config.workers import part_of_one
from ledger.client import RemoteBooks
from switch.flow.orders import AnyOrder, BarHolder, Order, SetCeiling, Verdict
from switch.flow.share import Share
from switch.flow.verdicts import Tell
from switch.net.clock import TrioClock
from switch.net.keeper import HANG_S
from switch.net.tls_files import open_identities
from switch.observe.counters import Counters
from switch.observe.events import open_log
from switch.observe.severity import Reporter
from switch.running import Running, Stop, Telling, open_ledger, serve_the_rest
from switch.security.keys.master import ENVIRONMENT
from switch.security.keys.store import FileKeyStore
from switch.workers.doorkeeper import Doorkeeper, Room
from switch.workers.keeper import WorkerKeeper
from switch.workers.sums import Sums
from switch.workers.words import Counts, Start


async def run_workers(settings: Settings, on_serving: Callable[[Running], None]) -> None:
    """Serve until SIGTERM or SIGINT, then stop gracefully. Raises ConfigError (a certificate), OSError (a port),
    SecurityError (the key store), StartError, BooksError."""
    clock = TrioClock()
    log = open_log(settings.observe.log_level, sys.stderr, clock.wall)
    telling = Telling(log, Counters(), Reporter(log))
    open_identities(settings, datetime.now(UTC))  # what is wrong with one is said once, before anything is started
    told = taken(ENVIRONMENT, os.environ)
    master_key = told if settings.security.master_key is None else None  # else each reads it from its file
    with (
        trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals,
        closing(FileKeyStore(settings.security.store)),  # the workers only read it: nobody else may change it
    ):
        async with trio.open_nursery() as nursery:
            stop = Stop(nursery.cancel_scope)
            nursery.start_soon(stop.heed, signals)
            ledger, books = await open_ledger(settings, nursery, telling.report)
            nursery.start_soon(_keep_asking, books)
            doors = Doorkeeper(settings, telling.counters, telling.report)
            ports = await doors.listen()
            async with trio.open_nursery() as at_work:
                crew = Crew(with_ports(settings, ports), master_key, doors, telling)
                await crew.start(at_work)
                await serve_the_rest(settings, crew.take, crew.sums, at_work, telling)
                at_work.start_soon(doors.let_in)
                on_serving(Running(ports, ledger.pid, crew.pids))
                await stop.told()
                log.info("stopping")
                doors.close()
                at_work.cancel_scope.cancel()  # each is told to stop, and waited for; the ledger is there until then
            nursery.cancel_scope.cancel()


class Crew:
    """The workers. `sums` is what they count, all together."""

    def __init__(self, settings: Settings, master_key: str | None, doors: Doorkeeper, telling: Telling) -> None:
        self.sums = Sums(telling.counters)
        self._share = Share(0, settings.switch.workers)
        self._doors = doors
        part = part_of_one(settings)
        self._keepers = [
            WorkerKeeper(Start(part, worker, settings.switch.workers, master_key), self, telling.report)
            for worker in range(settings.switch.workers)
        ]

    @property
    def pids(self) -> list[int]:
        return [keeper.pid for keeper in self._keepers if keeper.pid is not None]

    async def start(self, nursery: trio.Nursery) -> None:
        """All at once, and kept running in `nursery` from then on. Raises StartError."""
        async with trio.open_nursery() as starting:
            for keeper in self._keepers:
                starting.start_soon(nursery.start, keeper.run)

    def take(self, order: AnyOrder, tell: Tell) -> None:
        """To the worker whose payment it is; what is about no payment, to any; what holds at all of them is told once
        all of them follow it."""
        owner = self._share.owner(bytes.fromhex(order.payment)) if isinstance(order, Order) else 0
        if isinstance(order, BarHolder | SetCeiling):
            tell = partial(self._have_followed, order.holder, tell)
        self._keepers[owner].take(order, tell)

    def _have_followed(self, holder: str, tell: Tell, verdict: Verdict) -> None:
        """Whatever the verdict: a worker that ended before it told may have committed."""
        others = self._keepers[1:]
        waited_for = len(others)

        def followed(_: Verdict) -> None:
            nonlocal waited_for
            waited_for -= 1
            if not waited_for:
                tell(verdict)

        for keeper in others:
            keeper.follow(holder, followed)

    # What is heard of them.

    def serves(self, room: Room) -> None:
        self._doors.rooms[room.worker] = room

    def counted(self, worker: int, counts: Counts) -> None:
        self.sums.take(worker, dict(counts.series))

    def ended(self, worker: int) -> None:
        self._doors.rooms.pop(worker, None)
        self.sums.keep(worker)


def with_ports(settings: Settings, ports: Mapping[str, int]) -> Settings:
    """With those that were had, where the kernel was to choose."""
    listeners = {name: replace(one, port=ports[name]) for name, one in settings.listeners.items()}
    return replace(settings, listeners=listeners)


async def _keep_asking(books: RemoteBooks) -> None:
    """A ledger that hangs is noticed by a question that it does not answer; the workers' are not seen here."""
    while True:
        books.current_day(lambda _: None)
        await trio.sleep(HANG_S / 10)
