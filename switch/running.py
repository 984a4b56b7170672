"""A switch as a process: its log, its signals, and what is around it: its ledger, its metrics, its operators.

Rule: everything that is only there because this is a real process on a real machine stands here, so that `app.build`
stays the same for a test and a simulation. A worker is the same switch in other surroundings (`switch.workers`).
"""

from __future__ import annotations

import gc
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

import trio

from config.choices import LedgerMode, ModuleKind
from config.sections import Settings
from ledger.books import Books, InlineBooks
from ledger.client import RemoteBooks
from ledger.model import Unavailable
from ledger.spawn import serve_command
from ledger.store import Store
from switch.app import Switch, build
from switch.flow.clock import Clock
from switch.flow.share import ALONE, Share
from switch.net.admin import Admin, CarryOut
from switch.net.clock import TrioClock
from switch.net.edge import Edge
from switch.net.hsm import HsmLink
from switch.net.keeper import LedgerError, LedgerKeeper
from switch.net.network import Network, TcpNetwork
from switch.net.tls_files import Identity, expiring, open_identities
from switch.net.transport import Flusher
from switch.observe.counters import Counted, Counters
from switch.observe.endpoint import serve_metrics
from switch.observe.events import Log, open_log
from switch.observe.severity import Reporter
from switch.scale_agreement import agree_on_scale
from switch.security.opening import Hardware, Security, open_security
from switch.security.payshield.module import PayShieldModule

STOP_WITHIN_S = 10.0


class Running(NamedTuple):
    """What is told of a switch that serves, to whoever started it. `ledger_pid` is None where the ledger runs inside
    the switch; `workers` are the processes of several."""

    ports: Mapping[str, int]
    ledger_pid: int | None
    workers: Sequence[int] = ()


class Telling(NamedTuple):
    """What every part of the process tells of itself with."""

    log: Log
    counters: Counters
    report: Reporter


class Surroundings(Protocol):
    """What a switch finds around it: that of a process of its own, or of a worker."""

    share: Share
    network: Network

    def open_security(self, hardware: Hardware | None, now: Callable[[], float]) -> Security: ...
    async def open_books(self, nursery: trio.Nursery, telling: Telling) -> Books:
        """The next is to take up what is open, which may take long."""

    async def serve(self, switch: Switch, nursery: trio.Nursery, telling: Telling) -> None:
        """It listens: let operators and others come."""

    def tell_serving(self, switch: Switch) -> None: ...


async def run_switch(settings: Settings, on_serving: Callable[[Running], None]) -> None:
    """Serve until SIGTERM or SIGINT, then stop gracefully. Raises ConfigError (a certificate), OSError (a port),
    LedgerError, BooksError."""
    await run_within(settings, Alone(settings, on_serving))


async def run_within(settings: Settings, around: Surroundings) -> None:
    """The same, whatever is around it."""
    clock, told = TrioClock(), {} if around.share == ALONE else {"worker": around.share.worker}
    log = open_log(settings.observe.log_level, sys.stderr, clock.wall, **told)
    telling = Telling(log, Counters(), Reporter(log))
    identities = open_identities(settings, datetime.now(UTC))
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async with trio.open_nursery() as nursery:
            stop = Stop(nursery.cancel_scope)
            nursery.start_soon(stop.heed, signals)
            security = await _open_security(settings, around, nursery, clock, telling)
            if around.share.worker == 0:  # what all of them would say is said by one
                _warn(settings, log, identities, security.warning)
            books = await around.open_books(nursery, telling)
            switch = build(
                settings,
                books=books,
                network=around.network,
                clock=clock,
                rng=random.Random(random.SystemRandom().getrandbits(128)),  # noqa: S311 - for ids and pauses, no secrets
                security=security,
                counters=telling.counters,
                report=telling.report,
                identities=identities,
                share=around.share,
            )
            spare_the_collector()  # what is taken up is kept: to walk it again and again would double the start
            day = await _business_day(books)
            await agree_on_scale(books, settings, day)
            await nursery.start(switch.serve, day)
            await around.serve(switch, nursery, telling)
            spare_the_collector()
            around.tell_serving(switch)
            await stop.told()
            telling.log.info("stopping")
            await switch.stop(STOP_WITHIN_S)
            nursery.cancel_scope.cancel()


class Alone:
    """A process of its own, with its ledger, its operators' socket and its metrics."""

    share = ALONE

    def __init__(self, settings: Settings, on_serving: Callable[[Running], None]) -> None:
        self.network: Network = TcpNetwork()
        self._settings = settings
        self._on_serving = on_serving
        self._keeper: LedgerKeeper | None = None

    def open_security(self, hardware: Hardware | None, now: Callable[[], float]) -> Security:
        return open_security(self._settings, now, hardware=hardware)

    async def open_books(self, nursery: trio.Nursery, telling: Telling) -> Books:
        ledger = self._settings.ledger
        if ledger.mode is LedgerMode.INLINE:
            return InlineBooks(Store(ledger.database, day=_today(self._settings)))
        self._keeper, books = await open_ledger(self._settings, nursery, telling.report)
        return books

    async def serve(self, switch: Switch, nursery: trio.Nursery, telling: Telling) -> None:
        await serve_the_rest(self._settings, switch.take, telling.counters, nursery, telling)

    def tell_serving(self, switch: Switch) -> None:
        ports = {name: listener.port for name, listener in switch.listeners.items()}
        self._on_serving(Running(ports, self._keeper.pid if self._keeper is not None else None))


async def serve_the_rest(
    settings: Settings, take: CarryOut, counted: Counted, nursery: trio.Nursery, telling: Telling
) -> None:
    """The operators, and whoever reads the metrics. OSError: a socket or a port that can't be had."""
    if settings.switch.admin_socket:
        await nursery.start(Admin(settings.switch.admin_socket, take, telling.counters, telling.report).serve)
    if settings.observe.metrics_port:
        await nursery.start(partial(serve_metrics, counted, settings.observe.metrics_port))


async def open_ledger(settings: Settings, nursery: trio.Nursery, report: Reporter) -> tuple[LedgerKeeper, RemoteBooks]:
    """The ledger's process, kept running and watched, and a client of it. Raises LedgerError."""
    ledger = settings.ledger
    command = serve_command(
        ledger.database, ledger.socket, day=_today(settings), owned=True, linger_ms=ledger.linger_ms
    )
    keeper, books = LedgerKeeper(command, report), RemoteBooks(ledger.socket)
    await nursery.start(keeper.run)
    await nursery.start(books.run)
    nursery.start_soon(keeper.watch, books)
    return keeper, books


async def _open_security(
    settings: Settings, around: Surroundings, nursery: trio.Nursery, clock: Clock, telling: Telling
) -> Security:
    """With a hardware module, the connections to it: it may be away, which is told, and waited for by nobody."""
    if settings.security.module is ModuleKind.SOFT:
        return around.open_security(None, clock.wall)
    flusher = Flusher()
    rng = random.Random()  # noqa: S311 - for pauses between dials, no secrets
    link = HsmLink(settings.hsm, Edge(TcpNetwork(), flusher, clock, telling.counters, telling.report, rng))
    security = around.open_security(partial(PayShieldModule, link.ask), clock.wall)
    await nursery.start(flusher.run)
    await nursery.start(link.run)
    return security


def _today(settings: Settings) -> str:
    return datetime.now(ZoneInfo(settings.switch.timezone)).strftime("%Y%m%d")


async def _business_day(books: Books) -> str:
    found: list[str | Unavailable] = []
    asked = trio.Event()

    def done(day: str | Unavailable) -> None:
        found.append(day)
        asked.set()

    books.current_day(done)
    await asked.wait()
    day = found[0]
    if isinstance(day, Unavailable):
        raise LedgerError(f"the ledger does not say its business day: {day.reason}")
    if not day:
        raise LedgerError("the ledger has no open business day")
    return day


def spare_the_collector() -> None:
    """What was built lives as long as the process, and what a message makes is freed by its own counts."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 10)


class Stop:
    """SIGTERM or SIGINT: what only starts is cancelled, what serves gets to stop as it should."""

    def __init__(self, all_of_it: trio.CancelScope) -> None:
        self._all_of_it = all_of_it
        self._told = trio.Event()
        self._serving = False

    async def heed(self, signals: AsyncIterator[int]) -> None:
        async for _ in signals:
            self._told.set()
            if not self._serving:
                self._all_of_it.cancel()

    async def told(self) -> None:
        """It serves from here on."""
        self._serving = True
        await self._told.wait()


def _warn(settings: Settings, log: Log, identities: Mapping[str, Identity], of_security: str | None) -> None:
    for name, identity in expiring(identities, datetime.now(UTC)).items():
        log.warning("certificate expires soon", file=settings.tls[name].certificate, day=f"{identity.ends:%Y-%m-%d}")
    if of_security is not None:
        log.warning(of_security)
