"""Accepts the connections of every listener, and gives each to one of the workers.

Rule: whoever has the fewest of the same address at the same listener gets it, then whoever has the fewest at all: a
gateway that has two connections has one at each of two workers. How many there may be is the listener's word, for all
workers together.
"""

from __future__ import annotations

import errno
import socket
from collections import Counter
from collections.abc import Mapping
from contextlib import aclosing
from itertools import count
from typing import NamedTuple

import trio

from config.sections import ListenerSettings, Settings
from switch.flow.telling import Counters, Report
from switch.flow.window import OncePerWindow
from switch.net.handing import Arrival, hand_over
from switch.net.network import Port, SocketWire, TcpNetwork, arrivals

TOLD_EVERY_S = 60.0
NOBODY_SERVES = "nobody serves"
BUSY_PAUSE_S = 0.01
TOO_MANY = (errno.EAGAIN, errno.ETOOMANYREFS, errno.ENOBUFS)  # connections on their way to a worker


class Origin(NamedTuple):
    """What connections have in common that are counted together."""

    listener: str
    peer: str


class Room:
    """One worker's connections. `carrier` is what they are handed over by."""

    def __init__(self, worker: int, carrier: socket.socket) -> None:
        self.worker = worker
        self.carrier = carrier
        self.origins: Counter[Origin] = Counter()
        self._by_ticket: dict[int, Origin] = {}

    def __len__(self) -> int:
        return len(self._by_ticket)

    def enter(self, ticket: int, origin: Origin) -> None:
        self._by_ticket[ticket] = origin
        self.origins[origin] += 1

    def leave(self, ticket: int) -> None:
        origin = self._by_ticket.pop(ticket, None)
        if origin is not None:
            self.origins[origin] -= 1
            if not self.origins[origin]:
                del self.origins[origin]

    def at(self, listener: str) -> int:
        return sum(number for origin, number in self.origins.items() if origin.listener == listener)


class Doorkeeper:
    """`rooms` are those of the workers that serve now, by their number."""

    def __init__(self, settings: Settings, counters: Counters, report: Report) -> None:
        self.rooms: dict[int, Room] = {}
        self._listeners = settings.listeners
        self._ports: dict[str, Port] = {}
        self._counters = counters
        self._report = report
        self._tickets = count()
        self._told = OncePerWindow(TOLD_EVERY_S)

    async def listen(self) -> Mapping[str, int]:
        """The ports that were had, by listener. OSError: one that can't be had."""
        network = TcpNetwork()
        for name, listener in self._listeners.items():
            self._ports[name] = await network.listen(listener.host, listener.port)
        return {name: port.number for name, port in self._ports.items()}

    async def let_in(self) -> None:
        """Until the ports are closed."""
        async with trio.open_nursery() as nursery:
            for name, listener in self._listeners.items():
                nursery.start_soon(self._at_door, name, listener)

    def close(self) -> None:
        """Nobody more comes in."""
        for port in self._ports.values():
            port.close()

    async def _at_door(self, name: str, listener: ListenerSettings) -> None:
        port = self._ports[name]

        def failed(error: OSError) -> None:
            self._counters.add("listener_events", name, "accept failed")
            self._report("accept failed", listener=name, error=error.strerror)

        async with aclosing(arrivals(port, failed)) as wires:
            async for wire in wires:
                assert isinstance(wire, SocketWire)
                await self._take(name, listener, port.number, wire)

    async def _take(self, name: str, listener: ListenerSettings, port: int, wire: SocketWire) -> None:
        origin = Origin(name, wire.peer)
        refusal = self._refusal(origin, listener)
        if not refusal and not await self._hand_over(origin, listener.host, port, wire):
            refusal = NOBODY_SERVES
        if refusal:
            wire.close()
            self._counters.add("listener_events", name, refusal)
            suppressed = self._told.suppressed((name, refusal, wire.peer), trio.current_time())
            if suppressed is not None:
                self._report("connection refused", listener=name, reason=refusal, address=wire.peer, count=suppressed)

    def _refusal(self, origin: Origin, listener: ListenerSettings) -> str:
        rooms = self.rooms.values()
        if sum(room.at(origin.listener) for room in rooms) >= listener.connections_max:
            return "too many connections"
        if sum(room.origins[origin] for room in rooms) >= listener.connections_per_peer_max:
            return "too many connections of one peer"
        return ""

    async def _hand_over(self, origin: Origin, host: str, port: int, wire: SocketWire) -> bool:
        """To the first who can take it; False if nobody serves. While all are too busy to read, it waits, and whoever
        else comes waits in the kernel's queue."""
        while True:
            busy = False
            for room in sorted(self.rooms.values(), key=lambda room: (room.origins[origin], len(room), room.worker)):
                ticket = next(self._tickets)
                try:
                    hand_over(wire, Arrival(host, port, wire.peer, ticket), room.carrier)
                except OSError as error:  # else it has just ended
                    busy |= error.errno in TOO_MANY
                    continue
                room.enter(ticket, origin)
                return True
            if not busy:
                return False
            await trio.sleep(BUSY_PAUSE_S)
