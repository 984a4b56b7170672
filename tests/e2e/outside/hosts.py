"""The bank core and the billers in a thread of the test's process, at real ports, doing wrong what a test tells them.

Rule: hosts and books are the simulators' own. A test says per terminal (field 41, which the switch passes on) what
goes wrong with a question for money, so that many things can go wrong side by side; it may also close a host's door,
or leave it open with nobody behind it.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from enum import Enum, auto
from pathlib import Path

import trio

from config.settings import Settings
from ledger.store import Store
from simulators.build import biller_peers, build_biller, build_core, build_server, core_of
from simulators.demo.agreement import CORE_BOOKS
from simulators.hosts.faults import Draw, Fault, FaultRates, Faults
from simulators.keys import keys_of
from simulators.people.population import Population
from switch.net.clock import TrioClock
from switch.net.edge import Edge
from switch.net.network import TcpNetwork
from switch.net.transport import Flusher
from switch.observe.counters import Counters
from switch.wire.message import Message
from switch.wire.mti import mti_class
from tests.e2e.kills.witness import MONEY

STARTS_WITHIN_S = 20.0


class Door(Enum):
    OPEN = auto()
    CLOSED = auto()  # nobody listens
    DEAF = auto()  # connections are taken, and nothing is ever said


class Told(Faults):
    """Faults as a test tells them. `asked` counts the questions for money by terminal."""

    def __init__(self, late_s: float) -> None:
        super().__init__(FaultRates(late_s=late_s))
        self.faults: dict[str, Fault] = {}
        self.waits_s: dict[str, float] = {}
        self.asked: Counter[str] = Counter()

    def draw(self, request: Message) -> Draw:
        if mti_class(request.mti) != "2" or (request.processing_code or "")[:2] not in MONEY:
            return Draw(0, None)
        terminal = request.terminal or ""
        self.asked[terminal] += 1
        return Draw(self.waits_s.get(terminal, 0), self.faults.get(terminal))


class Host:
    """One peer: what it does wrong, and how its door stands. Its methods are called in the test's thread."""

    def __init__(self, name: str, late_s: float) -> None:
        self.name = name
        self.told = Told(late_s)
        self.door = Door.OPEN
        self.scope = trio.CancelScope()


class Hosts:
    """Everybody whom the switch asks. `run` is the thread's; the rest is the test's."""

    def __init__(self, settings: Settings, population: Population, directory: Path, late_s: float) -> None:
        self.settings = settings
        self._population = population
        self._keys = keys_of(settings)
        self._directory = directory
        self.core_name = core_of(settings).name
        self.by_name = {name: Host(name, late_s) for name in (self.core_name, *biller_peers(settings))}
        self._started = threading.Event()
        self._token: trio.lowlevel.TrioToken | None = None
        self._scope = trio.CancelScope()
        self._thread = threading.Thread(target=trio.run, args=(self._serve,), name="hosts")

    @property
    def core(self) -> Host:
        return self.by_name[self.core_name]

    def start(self) -> None:
        self._thread.start()
        assert self._started.wait(STARTS_WITHIN_S)

    def stop(self) -> None:
        self._do(self._scope.cancel)
        self._thread.join()

    def set_door(self, host: Host, door: Door) -> None:
        """From now on. Whoever was inside is cut off."""
        done = threading.Event()

        def turn() -> None:
            host.door = door
            host.scope.cancel()
            done.set()

        self._do(turn)
        assert done.wait(STARTS_WITHIN_S)

    def _do(self, what: Callable[[], object]) -> None:
        assert self._token is not None
        self._token.run_sync_soon(what)

    async def _serve(self) -> None:
        self._token = trio.lowlevel.current_trio_token()
        edge = Edge(TcpNetwork(), Flusher(), TrioClock(), Counters(), _unsaid, random.Random(7))
        with self._scope:
            async with trio.open_nursery() as nursery:
                await nursery.start(edge.flusher.run)
                for host in self.by_name.values():
                    await nursery.start(self._keep, host, edge)
                self._started.set()

    async def _keep(self, host: Host, edge: Edge, *, task_status: trio.TaskStatus[None]) -> None:
        """Serve as the door stands, again and again; the books stay open all the time."""
        file = CORE_BOOKS if host is self.core else f"{host.name}.db"
        peer = self.settings.peers[host.name]
        with closing(Store(self._directory / file, synchronous="NORMAL")) as store:
            if host is self.core:
                server = build_server(
                    self.settings,
                    host.name,
                    build_core(self.settings, store, self._population, edge.clock, self._keys),
                    edge,
                    host.told,
                    self._keys,
                )
            else:
                biller = build_biller(self.settings, host.name, store, self._population, edge.clock, self._keys)
                server = build_server(self.settings, host.name, biller, edge, host.told, self._keys)
            task_status.started()
            while True:
                with trio.CancelScope() as host.scope:
                    if host.door is Door.OPEN:
                        await server.serve(peer.host, peer.port)
                    elif host.door is Door.DEAF:
                        await _take_and_say_nothing(peer.host, peer.port)
                    else:
                        await trio.sleep_forever()


async def _take_and_say_nothing(host: str, port: int) -> None:
    async def ignore(stream: trio.SocketStream) -> None:
        async for _ in stream:
            pass

    await trio.serve_tcp(ignore, port, host=host)


def _unsaid(event: str, **fields: object) -> None:
    """Nobody reads a log here."""
