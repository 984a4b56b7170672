"""The whole bank in one run: a real switch between the simulated channels and faulty peers, in memory, on a clock
that jumps. Whatever goes wrong on the way, at the end nothing is open and everybody's books agree."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import trio
from trio.testing import MockClock

from config.settings import demo_path, load, without_tls
from ledger.books import InlineBooks
from ledger.model import (
    DAY_CLOSED,
    DAY_OPEN,
    Committed,
    CurrencyTotals,
    DayChange,
    Group,
    PaymentRow,
    RegisterRow,
)
from ledger.queries import ListRegister, OpenPayments, TrialBalance
from ledger.store import Store
from simulators.build import biller_peers, build_biller, build_core, build_server, core_of, stripe_of
from simulators.channels.atm import Atm
from simulators.channels.channel import Channel
from simulators.channels.day_book import DayBook, Judgement, reconcile
from simulators.channels.errands import CardErrand, MobileErrand, Visit
from simulators.channels.gateways import Gateway, side_by_side
from simulators.channels.mobile_gateway import Session
from simulators.channels.tally import Tally
from simulators.channels.traffic import customers_for, plan
from simulators.demo.books_report import books_report, card_accounts, differences
from simulators.hosts.faults import FaultRates, Faults
from simulators.keys import invented_keys
from simulators.memory_network import MemoryNetwork
from simulators.people.population import populate
from switch.app import build
from switch.flow.reconciliation import REGISTER, Reconciliation, Result, from_body
from switch.net.clock import TrioClock
from switch.net.edge import Edge
from switch.net.transport import Flusher
from switch.observe.counters import Counters
from switch.wire.dialect import dialect_named
from switch.wire.framing import framing_named

MORNING = dt.datetime(2026, 11, 22, 7, 0, 0, tzinfo=dt.UTC)
TODAY = MORNING.date()
PAYMENTS = 20
SIDE_BY_SIDE = 4
SETTLED_WITHIN_S = 2 * 86_400
FAULTY = FaultRates(
    lose=0.03,
    stall=0.03,
    drop=0.04,
    late=0.03,
    duplicate=0.05,
    garbage=0.03,
    disconnect=0.03,
    decline=0.03,
    late_s=14,
    latency_from_ms=1,
    latency_to_ms=400,
)


class World:
    """Everything of the demo's configuration, joined in memory."""

    def __init__(self, path: Path, rates: FaultRates, seed: int, miscount: frozenset[str] = frozenset()) -> None:
        self.path, self.rates, self.seed, self.miscount = path, rates, seed, miscount
        self.settings = load(demo_path(), without_tls(load(demo_path())))
        self.keys = invented_keys(self.settings)
        self.population = populate(seed, stripe_of(self.settings, self.keys), customers_for(PAYMENTS), TODAY)
        self.clock = TrioClock(MORNING.timestamp())
        self.network = MemoryNetwork()
        self.tally = Tally()
        self.gateways = {name: self._gateway(name) for name in ("mobile", "web", "atm")}
        self.judgements: dict[str, Judgement] = {}
        self.reports: list[str] = []
        self._stores = ExitStack()
        self.ledger = self.store("ledger")

    def store(self, name: str) -> Store:
        return self._stores.enter_context(closing(Store(self.path / f"{name}.db", synchronous="OFF")))

    async def run(self) -> None:
        """A day's plan, and then as long as it takes until nothing is open."""
        async with trio.open_nursery() as nursery:
            await self._start_peers(nursery)
            await self._start_switch(nursery)
            await self._carry_out_the_plan()
            with trio.move_on_after(SETTLED_WITHIN_S):
                while self.open:  # noqa: ASYNC110 - nobody tells when the last payment is final
                    await trio.sleep(10)
            self._close_the_day()
            await self._reconcile()
            nursery.cancel_scope.cancel()

    def _close_the_day(self) -> None:
        tomorrow = f"{TODAY + dt.timedelta(days=1):%Y%m%d}"
        now = self.clock.wall()
        changes = DayChange(tomorrow, DAY_OPEN, now), DayChange(f"{TODAY:%Y%m%d}", DAY_CLOSED, now)
        (outcome,) = self.ledger.apply_groups([Group(bytes(16), days=changes)])
        assert isinstance(outcome, Committed)

    async def _reconcile(self) -> None:
        """Every channel tells its totals, and the switch asks each of its peers."""
        async with trio.open_nursery() as lines:
            for name, gateway in self.gateways.items():
                channel = await self._channel(lines, gateway)
                figures = gateway.book.figures(f"{TODAY:%m%d}")
                self.judgements[name] = await reconcile(
                    channel, channel.stamp(), channel.terminal, "100", f"{TODAY:%m%d}", figures
                )
            lines.cancel_scope.cancel()
        with trio.move_on_after(SETTLED_WITHIN_S):
            while not self._peers_are_in_balance():  # noqa: ASYNC110 - nor when a peer has answered
                await trio.sleep(10)

    def _peers_are_in_balance(self) -> bool:
        kept = self.kept.values()
        balanced = {row.peer for row in kept if row.peer and row.result is Result.BALANCED}
        return balanced >= set(self.settings.peers) - self.miscount

    @property
    def kept(self) -> dict[str, Reconciliation]:
        """What the settlement desk sees, by key."""
        rows: list[RegisterRow] = self.ledger.answer(ListRegister(REGISTER))
        return {row.key: from_body(row.body) for row in rows}

    @property
    def open(self) -> list[PaymentRow]:
        found: list[PaymentRow] = self.ledger.answer(OpenPayments())
        return found

    @property
    def totals(self) -> list[CurrencyTotals]:
        found: list[CurrencyTotals] = self.ledger.answer(TrialBalance())
        return found

    def close(self) -> None:
        self._stores.close()

    async def _start_peers(self, nursery: trio.Nursery) -> None:
        edge = Edge(self.network, Flusher(), self.clock, Counters(), self._report, random.Random(f"{self.seed}:peers"))
        await nursery.start(edge.flusher.run)
        core = core_of(self.settings).name
        for name in (core, *biller_peers(self.settings)):
            store = self.store(name)
            host = (
                build_core(self.settings, store, self.population, self.clock, self.keys)
                if name == core
                else build_biller(self.settings, name, store, self.population, self.clock, self.keys)
            )
            host.miscounts = name in self.miscount
            server = build_server(self.settings, name, host, edge, Faults(self.rates, f"{self.seed}:{name}"), self.keys)
            peer = self.settings.peers[name]
            await nursery.start(server.serve, peer.host, peer.port)

    async def _start_switch(self, nursery: trio.Nursery) -> None:
        switch = build(
            self.settings,
            books=InlineBooks(self.ledger),
            network=self.network,
            clock=self.clock,
            rng=random.Random(f"{self.seed}:switch"),
            security=invented_keys(self.settings, self.clock.mono).security,
            counters=Counters(),
            report=self._report,
        )
        self.ledger.open_day(f"{TODAY:%Y%m%d}")
        await nursery.start(switch.serve, f"{TODAY:%Y%m%d}")
        for link in switch.links.values():
            await link.wait_ready()

    async def _carry_out_the_plan(self) -> None:
        today = plan(self.population, self.seed, PAYMENTS, TODAY)
        async with trio.open_nursery() as lines:
            async with trio.open_nursery() as visitors:
                for name, visits in (("mobile", today.mobile), ("web", today.web)):
                    gateway = self.gateways[name]
                    channel = await self._channel(lines, gateway)
                    place = partial(self._sessions, gateway)
                    visitors.start_soon(side_by_side, place, channel, visits, SIDE_BY_SIDE)
                gateway = self.gateways["atm"]
                channel = await self._channel(lines, gateway)
                visitors.start_soon(side_by_side, partial(self._machine, gateway), channel, today.atm, SIDE_BY_SIDE)
            lines.cancel_scope.cancel()

    def _gateway(self, name: str) -> Gateway:
        book = DayBook(miscounts=name in self.miscount)
        return Gateway(self.settings, self.settings.listeners[name], self.keys, self.seed, self.tally, book=book)

    async def _channel(self, lines: trio.Nursery, gateway: Gateway) -> Channel:
        listener = gateway.listener
        channel = Channel(
            (listener.host, listener.port),
            self.keys.envelope(listener, dialect_named(listener.dialect, listener.charset)),
            framing_named(listener.framing),
            gateway.terminal(0),
            ZoneInfo(self.settings.switch.timezone),
            net=self.network,
            now=lambda: dt.datetime.fromtimestamp(self.clock.wall(), dt.UTC),
            seed=self.seed,
            book=gateway.book,
        )
        await lines.start(channel.run)
        return channel

    async def _sessions(
        self, gateway: Gateway, channel: Channel, number: int, visits: Iterator[Visit[MobileErrand]]
    ) -> None:
        for visit in visits:
            subscriber = visit.customer.subscriber
            await Session(channel, gateway.terminal(number), subscriber, gateway.pinpad, self.tally).serve(visit)

    async def _machine(
        self, gateway: Gateway, channel: Channel, number: int, visits: Iterator[Visit[CardErrand]]
    ) -> None:
        for visit in visits:
            await Atm(channel, gateway.terminal(number), gateway.pinpad, self.tally).serve(visit)

    def _report(self, event: str, **fields: object) -> None:
        self.reports.append(event)


@pytest.fixture
def clock(autojump_clock: MockClock) -> MockClock:
    """A clock that jumps over every wait. pytest-trio takes one only from the test's own arguments."""
    return autojump_clock


async def settled(world: World) -> None:
    """Run the world and hold it to what must be true of it."""
    try:
        await world.run()
        assert not world.open
        assert all(total.balanced for total in world.totals)
        ledger = books_report(world.path / "ledger.db", card_accounts(world.keys.vault, world.population))
        core = books_report(world.path / "core.db")
        billers = {name: books_report(world.path / f"{name}.db") for name in biller_peers(world.settings)}
        assert ledger
        assert differences(ledger, core, billers) == []
        assert not {report for report in world.reports if report.endswith("failed")}
        wrong = {name for name, found in world.judgements.items() if not found.in_balance}
        wrong |= {row.peer for row in world.kept.values() if row.peer and row.result is not Result.BALANCED}
        assert wrong == world.miscount
        assert any(found.ours.debits for found in world.judgements.values())
        assert {row.peer for row in world.kept.values()} == {"", *world.settings.peers}
    finally:
        world.close()


async def test_without_faults_everything_is_answered_and_all_books_agree(clock: MockClock, tmp_path: Path) -> None:
    world = World(tmp_path, FaultRates(latency_to_ms=50), 7)
    await settled(world)
    assert not world.tally.unanswered
    assert world.tally.approved > PAYMENTS


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_with_every_fault_all_books_agree_in_the_end(clock: MockClock, tmp_path: Path, seed: int) -> None:
    await settled(World(tmp_path, FAULTY, seed))


async def test_who_miscounts_is_found_and_nobody_else(clock: MockClock, tmp_path: Path) -> None:
    await settled(World(tmp_path, FaultRates(latency_to_ms=50), 7, frozenset({"web", "water"})))
