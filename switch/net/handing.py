"""Connections on their way from the process that accepts them to the one that serves them.

Rule: one packet, one connection (SCM_RIGHTS, unix(7)): who it is from, which port it came to, and a ticket, by which
the server says that it has ended. Nobody else ever reads a byte of it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Callable, Sequence

import msgspec
import trio

from switch.net.network import BACKLOG, Port, SocketWire, TcpNetwork, Wire

PACKET_MAX = 1024
TellLeft = Callable[[int], None]


class Arrival(msgspec.Struct, frozen=True, array_like=True):
    """`host` and `port` are those that are listened on, `peer` is the other side's host."""

    host: str
    port: int
    peer: str
    ticket: int


def carriers() -> tuple[socket.socket, socket.socket]:
    """The two ends that connections travel between; what is written in one piece arrives in one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    theirs.setblocking(False)
    return ours, theirs


def hand_over(wire: SocketWire, arrival: Arrival, carrier: socket.socket) -> None:
    """It is the other process's from here on. OSError: it can't be had there, and is still ours."""
    socket.send_fds(carrier, [_encode(arrival)], [wire.fileno()])
    wire.close()


class HandedNetwork(TcpNetwork):
    """Dials by itself; what connects is handed to it. `left` is told of each connection that ended."""

    def __init__(self, carrier: socket.socket, left: TellLeft) -> None:
        self._carrier = carrier
        self._left = left
        self._ports: dict[tuple[str, int], HandedPort] = {}

    async def listen(self, host: str, port: int) -> Port:
        await trio.lowlevel.checkpoint()
        opened = self._ports[host, port] = HandedPort(port, self._take_no_more)
        return opened

    def _take_no_more(self) -> None:
        """A port closes because this process stops: whoever hands over sees that it takes none, and asks another."""
        with contextlib.suppress(OSError):  # the other side has ended
            self._carrier.shutdown(socket.SHUT_RD)

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled, or until nothing more can come; what nobody took is closed then."""
        task_status.started()
        try:
            while await self._receive():
                pass
        finally:
            for port in self._ports.values():
                port.clear()

    async def _receive(self) -> bool:
        """The next packet; False at the end."""
        await trio.lowlevel.wait_readable(self._carrier)
        try:
            packet, descriptors, _, _ = socket.recv_fds(self._carrier, PACKET_MAX, 1)
        except BlockingIOError:
            return True
        if packet:
            self._take(_decode(packet), descriptors)
        return bool(packet)

    def _take(self, arrival: Arrival, descriptors: Sequence[int]) -> None:
        port = self._ports.get((arrival.host, arrival.port))
        if not descriptors:  # this process has none free: the kernel closed the connection
            self._left(arrival.ticket)
            if port is not None:
                port.fail(errno.EMFILE)
            return
        wire = _HandedWire(socket.socket(fileno=descriptors[0]), arrival, self._left)
        if port is None or not port.take(wire):
            wire.close()


class HandedPort:
    """A port that somebody else listens on. `closes` is told when it closes. Of connections that can't be had, `accept`
    hears as it would of its own: once, until it looks again."""

    def __init__(self, number: int, closes: Callable[[], None]) -> None:
        self.number = number
        self._closes = closes
        self._arrive, self._arrivals = trio.open_memory_channel[Wire | OSError](BACKLOG + 1)  # one is for the trouble
        self._in_trouble = False

    async def accept(self) -> Wire:
        try:
            arrived = await self._arrivals.receive()
        except trio.EndOfChannel:
            raise trio.ClosedResourceError("closed") from None
        if isinstance(arrived, OSError):
            self._in_trouble = False
            raise arrived
        return arrived

    def take(self, wire: Wire) -> bool:
        """Whether it is served here."""
        if self._arrivals.statistics().current_buffer_used >= BACKLOG:
            self.fail(errno.ENOBUFS)
            return False
        try:
            self._arrive.send_nowait(wire)
        except trio.ClosedResourceError:
            return False
        return True

    def fail(self, number: int) -> None:
        """A connection was lost here, for the reason with this errno."""
        if not self._in_trouble:
            self._in_trouble = True
            with contextlib.suppress(trio.ClosedResourceError):
                self._arrive.send_nowait(OSError(number, os.strerror(number)))

    def clear(self) -> None:
        with contextlib.suppress(trio.WouldBlock, trio.EndOfChannel, trio.ClosedResourceError):
            while True:
                arrived = self._arrivals.receive_nowait()
                if not isinstance(arrived, OSError):
                    arrived.close()

    def close(self) -> None:
        self._closes()
        self._arrive.close()


class _HandedWire(SocketWire):
    def __init__(self, sock: socket.socket, arrival: Arrival, left: TellLeft) -> None:
        super().__init__(sock, arrival.peer)
        self._ticket: int | None = arrival.ticket
        self._left = left

    def close(self) -> None:
        super().close()
        if self._ticket is not None:
            ticket, self._ticket = self._ticket, None
            self._left(ticket)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Arrival).decode
