"""The composition root: the one place that builds objects and joins them.

Rule: `build` makes a switch of settings and of what is outside it (network, clock, books, chance), so that a test or a
simulation can hand it others; whoever runs it owns its life through `serve` and `stop`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import trio

from config.sections import ListenerSettings, PeerSettings, Settings
from ledger.books import Books
from switch.bank import bank_of, calendar_of
from switch.engine.engine import Engine
from switch.engine.ports import Peer, Tools
from switch.flow import saga
from switch.flow.case import Advance
from switch.flow.clock import Clock
from switch.flow.days import OWN
from switch.flow.orders import AnyOrder, BarHolder, ChangeDay, ChangeKeys, Order, Replenish, SetCeiling
from switch.flow.overload import Gate
from switch.flow.pin_guesses import PinGuesses
from switch.flow.share import ALONE, Share
from switch.flow.telling import Counters, Report
from switch.flow.verdicts import Tell
from switch.net.edge import Answer, Edge
from switch.net.ids import TimeOrderedIds
from switch.net.key_exchange import KeyExchange
from switch.net.key_orders import ChangesKeys, KeyOrders
from switch.net.link import Link
from switch.net.listener import Listener
from switch.net.network import Network
from switch.net.tls_files import Identity
from switch.net.transport import Flusher
from switch.security.opening import Security, sealing
from switch.terms import AgreedTerms, limits_of, promises_of, scale_of
from switch.wire.dialect import Dialect, dialect_named
from switch.wire.envelope import Envelope
from switch.wire.framing import framing_named
from switch.wire.message import Message

SWEEP_EVERY_S = 0.1
RETRIES_SHARE = 4  # one in so many of the questions that may be open at a peer is for what is tried again
NO_IDENTITIES: Mapping[str, Identity] = MappingProxyType({})
DialectOf = Callable[[str, str, str], Dialect]


class Switch:
    """A switch that is built. `serve` runs it until `stop`, or until cancelled."""

    def __init__(
        self,
        engine: Engine,
        listeners: Mapping[str, Listener],
        links: Mapping[str, Link],
        key_orders: KeyOrders,
        flusher: Flusher,
        sweep_every_s: float = SWEEP_EVERY_S,
        day_owner: str = OWN,
    ) -> None:
        self.engine = engine
        self.listeners = listeners
        self.links = links
        self._key_orders = key_orders
        self._day_owner = day_owner
        engine.heed_day(self._tell_day)
        self._flusher = flusher
        self._sweep_every_s = sweep_every_s
        self._scope = trio.CancelScope()

    async def serve(self, day: str, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Take up what was open, then open the ports. `started` means every listener listens. OSError: no port."""
        with self._scope:
            async with trio.open_nursery() as nursery:
                await nursery.start(self._flusher.run)
                for link in self.links.values():
                    await nursery.start(link.run)
                recovered = trio.Event()
                self.engine.start(day, recovered.set)
                nursery.start_soon(self._sweep)
                await recovered.wait()
                for listener in self.listeners.values():
                    await nursery.start(listener.serve)
                task_status.started()

    async def stop(self, within_s: float) -> None:
        """Accept nothing more, answer what is open, sign off at the peers, end."""
        async with trio.open_nursery() as nursery:
            for listener in self.listeners.values():
                nursery.start_soon(listener.stop, within_s)
        async with trio.open_nursery() as nursery:
            for link in self.links.values():
                nursery.start_soon(link.stop, within_s / 2)
        self._scope.cancel()

    def take(self, order: AnyOrder, tell: Tell) -> None:
        """An operator's order; `tell` hears its verdict once, perhaps after this returned."""
        match order:
            case ChangeKeys():
                self._key_orders.take(order, tell)
            case ChangeDay():
                self.engine.day_changes.take(order, tell)
            case BarHolder() | SetCeiling():
                self.engine.customer_orders.take(order, tell)
            case Replenish():
                self.engine.atm_reports.replenish(order, tell)
            case Order():
                self.engine.payment_orders.take(order, tell)

    def _tell_day(self, day: str) -> None:
        """0800/201 to whoever is connected, but to who owns the day: that is where it comes from."""
        for name, link in self.links.items():
            if self._day_owner != f"peers.{name}":
                link.tell_day(day[4:])
        for name, listener in self.listeners.items():
            if self._day_owner != f"listeners.{name}":
                listener.tell_day(day[4:])

    async def _sweep(self) -> None:
        while True:
            await trio.sleep(self._sweep_every_s)
            self.engine.sweep()


def build(
    settings: Settings,
    *,
    books: Books,
    network: Network,
    clock: Clock,
    rng: random.Random,
    security: Security,
    counters: Counters,
    report: Report,
    advance: Advance = saga.advance,
    sweep_every_s: float = SWEEP_EVERY_S,
    dialect_of: DialectOf = dialect_named,
    identities: Mapping[str, Identity] = NO_IDENTITIES,
    share: Share = ALONE,
) -> Switch:
    """`identities` are those that the endpoints name under `tls`. `advance` is for a check that watches the saga or
    takes a rule away; `dialect_of` for many switches, one after the other, that share what a codec learns."""
    flusher = Flusher()

    def on_cutover(endpoint: str, request: Message, answer: Answer) -> None:
        engine.day_changes.on_message(endpoint, request, answer)

    edge = Edge(network, flusher, clock, counters, report, rng, lambda: engine.day[4:] or None, share, on_cutover)
    envelopes = {name: _envelope(peer, security, dialect_of) for name, peer in settings.peers.items()}
    link = partial(_link, settings, security, edge, identities)
    links = {name: link(envelopes[name], peer) for name, peer in settings.peers.items()}
    tools = Tools(
        bank=bank_of(settings),
        books=books,
        peers={name: _peer(peer, links[name], envelopes[name].dialect) for name, peer in settings.peers.items()},
        terms=AgreedTerms(settings).between,
        ring=security.ring,
        vault=security.vault,
        clock=clock,
        ids=TimeOrderedIds(clock, rng, share),
        counters=counters,
        report=report,
        guesses=PinGuesses(settings.security.wrong_pins_max, settings.security.wrong_pins_pause_s),
        limits=limits_of(settings),
        answer_within_s=settings.switch.answer_within_s,
        forwarder=settings.switch.forwarder,
        advance=advance,
        draw=rng.random,
        share=share,
        scale=scale_of(settings),
        calendar=calendar_of(settings),
    )
    engine = Engine(tools)
    gate = Gate(settings.switch.in_progress_max)
    listen = partial(_listener, settings, security, engine, edge, gate, dialect_of, identities)
    listeners = {name: listen(listener) for name, listener in settings.listeners.items()}
    endpoints: dict[str, ChangesKeys] = {f"listeners.{name}": one for name, one in listeners.items()}
    endpoints |= {f"peers.{name}": one for name, one in links.items()}
    return Switch(
        engine, listeners, links, KeyOrders(endpoints, counters, report), flusher, sweep_every_s, settings.days.owner
    )


def _link(
    settings: Settings,
    security: Security,
    edge: Edge,
    identities: Mapping[str, Identity],
    envelope: Envelope,
    peer: PeerSettings,
) -> Link:
    return Link(
        peer,
        envelope,
        framing_named(peer.framing, peer.frame_size_max),
        edge,
        keys=_keys(peer, security, edge, "link_events"),
        wrong_macs_max=settings.security.mac_failures_max,
        tls=None if peer.tls is None else identities[peer.tls].dialling(peer.certificate_name, peer.pins),
    )


def _listener(
    settings: Settings,
    security: Security,
    engine: Engine,
    edge: Edge,
    gate: Gate,
    dialect_of: DialectOf,
    identities: Mapping[str, Identity],
    listener: ListenerSettings,
) -> Listener:
    return Listener(
        listener,
        _envelope(listener, security, dialect_of),
        framing_named(listener.framing, listener.frame_size_max),
        engine,
        edge,
        language=settings.switch.language,
        requests_open_max=settings.switch.requests_open_max,
        keys=_keys(listener, security, edge, "listener_events"),
        wrong_macs_max=settings.security.mac_failures_max,
        gate=gate,
        tls=None if listener.tls is None else identities[listener.tls].accepting(listener.pins),
    )


def _keys(endpoint: ListenerSettings | PeerSettings, security: Security, edge: Edge, events: str) -> KeyExchange:
    count = partial(edge.counters.add, events, endpoint.name)
    return KeyExchange(endpoint, security.ring, edge.clock.mono, count, edge.report)


def _envelope(
    endpoint: ListenerSettings | PeerSettings, security: Security, dialect_of: DialectOf = dialect_named
) -> Envelope:
    dialect = dialect_of(endpoint.dialect, endpoint.charset, endpoint.original_layout)
    return sealing(dialect, security.ring, endpoint.mac, mac_network=endpoint.mac_network)


def _peer(settings: PeerSettings, link: Link, dialect: Dialect) -> Peer:
    retries_max = max(1, settings.requests_open_max // RETRIES_SHARE)
    return Peer(
        settings.name,
        link,
        dialect,
        promises_of(settings),
        settings.timeout_s,
        pin_key=settings.pin,
        open=settings.open,
        reconciles=settings.reconciles,
        retries_open_max=retries_max,
    )
