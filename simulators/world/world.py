"""Builds a whole bank for one seed, lets a day go wrong in it, waits until all is quiet, and has it audited.

Rule: this file joins; what may go wrong is `fate`'s, what must be true `auditor`'s, `mirror`'s and `witness`'s.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter as Count
from collections.abc import Mapping, Sequence
from functools import partial
from zoneinfo import ZoneInfo

import trio

from config.sections import ListenerSettings, PeerSettings
from ledger.model import Group
from ledger.model import Outcome as Decided
from simulators.channels.gateways import TERMINALS
from simulators.channels.pinpad import PinPad
from simulators.channels.questions import Patience
from simulators.channels.terminal import Terminal
from simulators.keys import invented_keys
from simulators.world.auditor import Auditor
from simulators.world.block_desk import BlockDesk
from simulators.world.channel import WorldChannel
from simulators.world.clocks import OFF_MOST_S, NodeClock
from simulators.world.coverage import WatchedSaga, short
from simulators.world.customers import Counter, Customers
from simulators.world.cutovers import Cutovers
from simulators.world.determinism import WorldClock, run_seeded
from simulators.world.errands import Errand, Want
from simulators.world.fabric import Fabric, Line, View
from simulators.world.fate import Fate
from simulators.world.frames import explain
from simulators.world.ledger_node import LedgerNode, MemoryBooks
from simulators.world.mirror import Mirror
from simulators.world.night import CHANGE, DUSK, EVE, eve_until_s, in_pound_of, units_on
from simulators.world.node import Node
from simulators.world.occasions import Occasions
from simulators.world.operator import Operator
from simulators.world.outcome import Outcome, Script
from simulators.world.peer_node import PeerNode
from simulators.world.plan import TODAY, draw_errands, population
from simulators.world.rates import Level, mixture
from simulators.world.scene import draw_scene, one_dialect
from simulators.world.switch_node import SwitchNode
from simulators.world.trace import Trace
from simulators.world.violation import Violations
from simulators.world.witness import Witness
from switch.flow.share import Share
from switch.net.edge import place_of
from switch.wire.framing import framing_named
from switch.wire.message import Message

MORNING = dt.datetime(2026, 11, 22, 7, 0, 0, tzinfo=dt.UTC)
DAMASCUS = ZoneInfo("Asia/Damascus")
CALM_AFTER_S = 12.0  # after the last errand began
QUIET_WITHIN_S = 1200.0
LOOK_EVERY_S = 1.0
FORGOTTEN_WITHIN_S = 60.0
OPERATOR_EVERY_S = 15.0
HURRIED_OPERATOR_S = 20.0
WAIT_S = 12.0  # longer than the switch takes to answer


def run_script(script: Script, *, keep_lines: bool = False) -> Outcome:
    """One run, the same for the same script."""

    async def main(clock: WorldClock) -> Outcome:
        world = World(script, keep_lines=keep_lines)
        clock.clockwork = world.fabric
        try:
            await world.run()
        except Exception as error:
            world.violations.add("I10", f"a crash: {_first_of(error)}")
        return world.outcome()

    return run_seeded(script.seed, main)


def _first_of(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__} at {place_of(error)}"


class World:
    def __init__(self, script: Script, *, keep_lines: bool = False) -> None:
        seed = script.seed
        self.script = script
        self.trace = Trace(trio.current_time, keep=keep_lines)
        self.violations = Violations()
        self._began = DUSK if script.new_year else MORNING
        self.scene = draw_scene(seed, CHANGE) if script.new_year else draw_scene(seed)
        self.errands = draw_errands(seed, script.payments, self.scene.kinds)
        self.population = population(self.errands)
        rng = random.Random(f"{seed}:world")
        self.fate = Fate(f"{seed}:fate", mixture(script.level, rng), script.faults_max)
        self.fabric = Fabric(self.fate, self.trace, self._lines())
        today = f"{EVE if script.new_year else TODAY:%Y%m%d}"
        self.mirror = Mirror(self.trace, self.violations, today)
        self.saga = WatchedSaga(self.trace)
        self.auditor = Auditor(self.scene, self.mirror, self.violations)
        store = MemoryBooks(":memory:", self._clock(rng).wall, day=today)
        self.ledger = LedgerNode(store, self.fabric, self.fate, self.trace, self._on_commit)
        shared = self.fabric, self.fate, self.trace
        self.peers = [
            PeerNode(name, self.scene, seed, self.population, self._clock(rng), self.auditor, *shared)
            for name in self.scene.settings.peers
        ]
        self.auditor.peers.update({peer.node.name: peer for peer in self.peers})
        clock = self._clock(rng)
        self.switches = [
            SwitchNode(
                self.scene,
                seed,
                self.ledger,
                clock,
                self.saga,
                *shared,
                self.violations,
                Share(worker, script.workers),
            )
            for worker in range(script.workers)
        ]
        self.desk = BlockDesk(self.scene, seed, self.switches, self.errands, self.trace)
        self.witness = Witness(
            self.mirror, self.violations, self.desk.was_blocked, units_on if script.new_year else None
        )
        self.channel_nodes: dict[str, Node] = {}
        self.counters = {name: self._counter(name) for name in self.scene.settings.listeners}
        self.customers = Customers(self.scene, self.counters, self.witness)
        self.operator = Operator(self.switches, self.mirror, self.auditor)
        self.cutovers = Cutovers(self.switches, seed)
        self.occasions = Occasions(
            self.switches,
            self.ledger,
            self.peers,
            list(self.channel_nodes.values()),
            *shared,
            long=self.scene.impatient,
        )

    async def run(self) -> None:
        """From the first connection to the last check."""
        async with trio.open_nursery() as nursery:
            if self.script.hasty:
                self.violations.on_first = nursery.cancel_scope.cancel
            await nursery.start(self.ledger.run)
            for process in (*self.peers, *self.switches):
                await nursery.start(process.keep)
            for counter in self.counters.values():
                nursery.start_soon(counter.channel.run)
            await self._let_it_go_wrong(nursery)
            await self._until_quiet()
            self.auditor.check_disputes(self.fate.counts)
            await self._until_resolved()
            await self._until_forgotten()
            self._audit()
            nursery.cancel_scope.cancel()

    async def _let_it_go_wrong(self, customers: trio.Nursery) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.occasions.run)
            nursery.start_soon(self._change_days)
            nursery.start_soon(self._hurried_operator)
            if self.script.level is not Level.NONE:
                nursery.start_soon(self.desk.run)
            for errand in self.errands:
                await trio.sleep_until(errand.at_s)
                customers.start_soon(self.customers.serve, self._written(errand))
            await trio.sleep(CALM_AFTER_S)
            self.fate.calm()
            self.occasions.heal()
            self.trace.add("calm")
            nursery.cancel_scope.cancel()

    async def _change_days(self) -> None:
        if self.script.new_year:
            await trio.sleep_until(eve_until_s(self.script.seed))
        await self.cutovers.run()

    def _written(self, errand: Errand) -> Errand:
        """In the pound of the channel's calendar, if there are two."""
        day = f"{self._now().astimezone(DAMASCUS):%Y%m%d}"
        return in_pound_of(errand, day) if self.script.new_year else errand

    async def _hurried_operator(self) -> None:
        while True:
            await trio.sleep(HURRIED_OPERATOR_S)
            self.operator.retry_all()

    async def _until_quiet(self) -> None:
        """Nothing is due but what waits for an operator, and nobody waits but for that."""
        with trio.move_on_after(QUIET_WITHIN_S) as limit:
            while self.mirror.open or self._waiting() > len(self.mirror.disputed):  # noqa: ASYNC110 - nobody tells
                await trio.sleep(LOOK_EVERY_S)
        if limit.cancelled_caught:
            self._not_quiet()

    async def _until_resolved(self) -> None:
        with trio.move_on_after(QUIET_WITHIN_S) as limit:
            while self.mirror.open or self.mirror.disputed or self.customers.waiting:
                self.operator.look()
                await trio.sleep(OPERATOR_EVERY_S if self.mirror.disputed else LOOK_EVERY_S)
        if limit.cancelled_caught:
            self._not_quiet()

    async def _until_forgotten(self) -> None:
        """A repeat that came last may still wait for the books, and a day to be closed."""
        with trio.move_on_after(FORGOTTEN_WITHIN_S):
            while self._remembered() or len(self.mirror.days.open) > 1:  # noqa: ASYNC110 - nobody tells
                await trio.sleep(LOOK_EVERY_S)

    def _remembered(self) -> int:
        """Payments in the switches' memories."""
        running = (node.switch for node in self.switches)
        return sum(switch.engine.open_payments for switch in running if switch is not None)

    def _waiting(self) -> int:
        return len(self.customers.waiting)

    def _secrets(self) -> set[str]:
        """What channels sent and nobody may keep: card numbers, tracks, PIN blocks."""
        sent = [told.fields for told in self.witness.requests.values()]
        codes = {Message(fields).tag("07") or "" for fields in sent if fields["t"] == "0600"}
        return {fields[de] for fields in sent for de in ("2", "35", "52") if de in fields} | (codes - {""})

    def _not_quiet(self) -> None:
        for payment_id in self.mirror.open:
            self.violations.add("I3", "open for ever", payment_id, trio.current_time())
        for number in self.customers.waiting:
            told = self.customers.told[number]
            payment = self.witness.payment_of(told[0])
            self.violations.add("I3", "a channel waits for ever", payment, trio.current_time())

    def _audit(self) -> None:
        self.auditor.check_all(self.ledger.store, self.population)
        self.mirror.days.check(self.ledger.store, self.witness.totals())
        self.auditor.check_secrets(self.ledger.store.image(), "\n".join(self._reports()), self._secrets())
        if remembered := self._remembered():
            self.violations.add("I3", f"{remembered} payments stay in memory for ever")

    def outcome(self) -> Outcome:
        seen = self.mirror.payments.values()
        requests = self.witness.requests.values()
        return Outcome(
            script=self.script,
            digest=self.trace.digest(),
            payments=sum(errand.want is not Want.ACTIVATE for errand in self.errands),
            events=self.trace.events,
            simulated_s=round(trio.current_time(), 3),
            violations=self.violations.found,
            faults=dict(self.fate.counts),
            transitions=dict(self.saga.transitions),
            rows=dict(self.saga.rows),
            states=dict(Count(one.payment.state.value for one in seen if one.payment is not None)),
            told=dict(Count(f"{told.fields['t']} {told.final}" for told in requests)),
            lines=self.trace.lines(),
            names=self._names() if self.trace.keeps else {},
        )

    def _reports(self) -> list[str]:
        return [told for node in self.switches for told in node.reports]

    def _on_commit(self, groups: Sequence[Group], outcomes: Sequence[Decided]) -> None:
        self.mirror.on_commit(groups, outcomes)
        if self.fate.strikes("kill switch at commit"):
            self.occasions.kill_switch()

    def _names(self) -> dict[str, tuple[str, str]]:
        """By payment: what the lines that concern it have in them."""
        return {
            payment_id.hex(): (short(payment_id), seen.payment.fields.get("37", ""))
            for payment_id, seen in self.mirror.payments.items()
            if seen.payment is not None
        }

    # Parts.

    def _now(self) -> dt.datetime:
        return self._began + dt.timedelta(seconds=trio.current_time())

    def _clock(self, rng: random.Random) -> NodeClock:
        return NodeClock(self._began.timestamp(), rng.uniform(-OFF_MOST_S, OFF_MOST_S))

    def _lines(self) -> Mapping[int, Line]:
        settings = self.scene.settings
        listeners = {end.port: _line(end) for end in settings.listeners.values()}
        return listeners | {end.port: _line(end) for end in settings.peers.values()}

    def _counter(self, name: str) -> Counter:
        settings = self.scene.settings
        listener = settings.listeners[name]
        keys = invented_keys(settings, trio.current_time)
        dialect = one_dialect(listener.dialect, listener.charset)
        assert listener.pin is not None
        node = self.channel_nodes[name] = Node(name)
        channel = WorldChannel(
            (listener.host, listener.port),
            keys.envelope(listener, dialect),
            framing_named(listener.framing),
            _terminal(listener, settings.switch.currency),
            DAMASCUS,
            net=View(self.fabric, node),
            now=self._now,
            seed=self.script.seed,
            patience=Patience(answer_within_s=WAIT_S),
            hear=self.witness.hear,
        )
        return Counter(name, channel, PinPad(keys.pins(listener.pin), self.script.seed))


def _line(end: ListenerSettings | PeerSettings) -> Line:
    dialect = one_dialect(end.dialect, end.charset, end.original_layout)
    return Line(framing_named(end.framing, end.frame_size_max), end.mac is not None, partial(explain, dialect))


def _terminal(listener: ListenerSettings, currency: str) -> Terminal:
    return TERMINALS[listener.channel](listener, 0, currency)
