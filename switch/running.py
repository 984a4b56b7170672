"""A switch as a process: its ledger beside it, its log, its metrics, its signals.

Rule: everything that is only there because this is a real process on a real machine stands here, so that `app.build`
stays the same for a test and a simulation.
"""

from __future__ import annotations

import gc
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
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
from switch.net.admin import Admin
from switch.net.clock import TrioClock
from switch.net.edge import Edge
from switch.net.hsm import HsmLink
from switch.net.keeper import LedgerError, LedgerKeeper
from switch.net.network import TcpNetwork
from switch.net.tls_files import Identity, expiring, open_identities
from switch.net.transport import Flusher
from switch.observe.counters import Counters
from switch.observe.endpoint import serve_metrics
from switch.observe.events import Log, open_log
from switch.observe.severity import Reporter
from switch.security.opening import Security, open_security
from switch.security.payshield.module import PayShieldModule

STOP_WITHIN_S = 10.0


class Running:
    """What a started switch tells whoever started it."""

    def __init__(self, switch: Switch, ledger_pid: Callable[[], int | None]) -> None:
        self.switch = switch
        self._ledger_pid = ledger_pid

    @property
    def ports(self) -> dict[str, int]:
        return {name: listener.port for name, listener in self.switch.listeners.items()}

    @property
    def ledger_pid(self) -> int | None:
        """None where the ledger runs inside the switch."""
        return self._ledger_pid()


async def run_switch(settings: Settings, on_serving: Callable[[Running], None]) -> None:
    """Serve until SIGTERM or SIGINT, then stop gracefully. Raises ConfigError (a certificate), OSError (a port),
    LedgerError, BooksError."""
    clock = TrioClock()
    log = open_log(settings.observe.log_level, sys.stderr, clock.wall)
    report = Reporter(log)
    counters = Counters()
    identities = _open_identities(settings, log)
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async with trio.open_nursery() as nursery:
            stop = _Stop(nursery.cancel_scope)
            nursery.start_soon(stop.heed, signals)
            security = await _open_security(settings, nursery, clock, counters, report)
            _warn(log, security.warning)
            books, ledger_pid = await _open_books(settings, nursery, report)
            switch = build(
                settings,
                books=books,
                network=TcpNetwork(),
                clock=clock,
                rng=random.Random(random.SystemRandom().getrandbits(128)),  # noqa: S311 - for ids and pauses, no secrets
                security=security,
                counters=counters,
                report=report,
                identities=identities,
            )
            _spare_the_collector()  # what is taken up is kept: to walk it again and again would double the start
            await nursery.start(switch.serve, await _business_day(books))
            if settings.switch.admin_socket:
                admin = Admin(settings.switch.admin_socket, switch.take, counters, report)
                await nursery.start(admin.serve)
            if settings.observe.metrics_port:
                await nursery.start(partial(serve_metrics, counters, settings.observe.metrics_port))
            _spare_the_collector()
            on_serving(Running(switch, ledger_pid))
            await stop.told()
            log.info("stopping")
            await switch.stop(STOP_WITHIN_S)
            nursery.cancel_scope.cancel()


async def _open_security(
    settings: Settings, nursery: trio.Nursery, clock: Clock, counters: Counters, report: Reporter
) -> Security:
    """With a hardware module, the connections to it: it may be away, which is told, and waited for by nobody."""
    if settings.security.module is ModuleKind.SOFT:
        return open_security(settings, clock.wall)
    flusher = Flusher()
    rng = random.Random()  # noqa: S311 - for pauses between dials, no secrets
    link = HsmLink(settings.hsm, Edge(TcpNetwork(), flusher, clock, counters, report, rng))
    security = open_security(settings, clock.wall, hardware=partial(PayShieldModule, link.ask))
    await nursery.start(flusher.run)
    await nursery.start(link.run)
    return security


def _open_identities(settings: Settings, log: Log) -> dict[str, Identity]:
    now = datetime.now(UTC)
    identities = open_identities(settings, now)
    for name, identity in expiring(identities, now).items():
        log.warning("certificate expires soon", file=settings.tls[name].certificate, day=f"{identity.ends:%Y-%m-%d}")
    return identities


async def _open_books(
    settings: Settings, nursery: trio.Nursery, report: Reporter
) -> tuple[Books, Callable[[], int | None]]:
    today = datetime.now(ZoneInfo(settings.switch.timezone)).strftime("%Y%m%d")
    ledger = settings.ledger
    if ledger.mode is LedgerMode.INLINE:
        return InlineBooks(Store(ledger.database, day=today)), lambda: None
    keeper = LedgerKeeper(
        serve_command(ledger.database, ledger.socket, day=today, owned=True, linger_ms=ledger.linger_ms), report
    )
    await nursery.start(keeper.run)
    books = RemoteBooks(ledger.socket)
    await nursery.start(books.run)
    nursery.start_soon(keeper.watch, books)
    return books, lambda: keeper.pid


async def _business_day(books: Books) -> str:
    found: list[str | Unavailable] = []
    asked = trio.Event()

    def done(day: str | Unavailable) -> None:
        found.append(day)
        asked.set()

    books.current_day(done)
    await asked.wait()
    day = found[0]
    if isinstance(day, Unavailable) or not day:
        raise LedgerError("the ledger has no open business day")
    return day


def _spare_the_collector() -> None:
    """What was built lives as long as the process, and what a message makes is freed by its own counts."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


class _Stop:
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


def _warn(log: Log, warning: str | None) -> None:
    if warning is not None:
        log.warning(warning)
