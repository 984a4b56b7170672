"""A bank core or a biller in the simulated network: the real simulated host on books that outlive it.

Rule: plays what its kind declares. Beyond that it may refuse an advice or say that it doesn't know what it knows, where
a switch must leave that to an operator; and it may be killed before it wrote something down, or after.
"""

from __future__ import annotations

import random
from typing import Protocol

import trio

from simulators.build import build_biller, build_core, build_server
from simulators.hosts.faults import FaultRates, Faults
from simulators.hosts.host import Host
from simulators.keys import invented_keys
from simulators.people.population import Population
from simulators.world.clocks import NodeClock
from simulators.world.fabric import Fabric, View
from simulators.world.fate import Fate
from simulators.world.ledger_node import MemoryBooks
from simulators.world.node import Node
from simulators.world.process import Process
from simulators.world.scene import Scene
from simulators.world.trace import Trace
from switch.net.edge import Edge
from switch.net.transport import Flusher
from switch.observe.counters import Counters
from switch.wire import mti
from switch.wire.answer import answer_fields
from switch.wire.codes import ResponseCode
from switch.wire.message import Message

DECLINES = FaultRates(decline=0.04)
CORE = "core"
REFUSES, UNKNOWN = "62", "25"


class Onlooker(Protocol):
    """Sees what a peer did, after it was written down."""

    def did(self, peer: str, message: Message, code: str) -> None: ...

    def may_be_denied(self, peer: str, message: Message) -> bool:
        """Whether "unknown" to this undo or advice would be for an operator to sort out."""


class PeerNode(Process):
    def __init__(
        self,
        name: str,
        scene: Scene,
        seed: int,
        population: Population,
        clock: NodeClock,
        onlooker: Onlooker,
        fabric: Fabric,
        fate: Fate,
        trace: Trace,
    ) -> None:
        super().__init__(Node(name), fabric, fate, trace)
        self.clock = clock
        self.store = MemoryBooks(":memory:", clock.wall)
        self._scene = scene
        self._seed = seed
        self._population = population
        self._onlooker = onlooker
        self._faults = Faults(DECLINES if scene.declines else FaultRates(), f"{seed}:{name}")
        self._keys = invented_keys(scene.settings, trio.current_time)
        self.host = self._build_host()

    async def live(self) -> None:
        name, settings = self.node.name, self._scene.settings
        if self.lives > 1:
            self.store.start_again()
            self.host = self._build_host()
        rng = random.Random(f"{self._seed}:{name}:{self.lives}")
        edge = Edge(View(self._fabric, self.node), Flusher(), self.clock, Counters(), _ignore, rng)
        server = build_server(settings, name, self, edge, self._faults, self._keys)
        async with trio.open_nursery() as nursery:
            await nursery.start(edge.flusher.run)
            await nursery.start(server.serve, settings.peers[name].host, settings.peers[name].port)

    def answer(self, message: Message, *, refuse: str = "") -> dict[str, str] | None:
        """The host's answer, unless something befalls it on the way (`Answerer`)."""
        if self._fate.strikes("kill peer before commit"):
            self.kill()
            return None
        lie = self._lie(message)
        if lie:
            return answer_fields(message, ResponseCode(lie), language="ar", business_date=None)
        fields = self.host.answer(message, refuse=refuse)
        if not self.node.alive:
            return None
        self._onlooker.did(self.node.name, message, fields["39"] if fields is not None else "")
        if self._fate.strikes("kill peer after commit"):
            self.kill()
            return None
        return fields

    def cut_over(self, mmdd: str) -> bool:
        return self.host.cut_over(mmdd)

    def _lie(self, message: Message) -> str:
        if mti.mti_class(message.mti) != "4":
            return ""
        # Rather where the first one may have been carried out.
        refuses = "peer refuses a repeat" if mti.is_repeat(message.mti) else "peer refuses"
        if self.node.name == CORE and self._fate.strikes(refuses):
            return REFUSES
        if self._onlooker.may_be_denied(self.node.name, message) and self._fate.strikes("peer says unknown"):
            return UNKNOWN
        return ""

    def _build_host(self) -> Host:
        settings, name = self._scene.settings, self.node.name
        if name == CORE:
            return build_core(settings, self.store, self._population, self.clock, self._keys)
        habits = self._scene.kind(name).habits(settings.peers[name].request_lifetime_s)
        return build_biller(settings, name, self.store, self._population, self.clock, self._keys, habits)


def _ignore(event: str, **fields: object) -> None:
    """A peer's own log is nobody's business here."""
