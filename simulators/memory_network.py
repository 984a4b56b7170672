"""A network without sockets: pipes in memory, for tests and for deterministic runs.

Rule: it behaves as `switch.net.network` says a network does, and nothing in it depends on a clock, a thread or the
kernel. Bytes that were sent before a close still arrive; a full pipe takes nothing until its reader reads.
"""

import errno
import itertools

import trio

from switch.net.network import Wire

PIPE_MAX = 262_144
FIRST_FREE_PORT = 40_000


class MemoryWire:
    """One end of a pipe. Pair two with `memory_pipe`."""

    def __init__(self, peer: str, pipe_max: int = PIPE_MAX) -> None:
        self.peer = peer
        self.pipe_max = pipe_max
        self._other: MemoryWire = self
        self._inbox = bytearray()
        self._closed = False
        self._reader = trio.lowlevel.ParkingLot()
        self._writer = trio.lowlevel.ParkingLot()

    def join(self, other: "MemoryWire") -> None:
        self._other, other._other = other, self

    def recv(self, size: int) -> bytes:
        if self._closed:
            raise OSError(errno.EBADF, "closed")
        if self._inbox:
            data = bytes(self._inbox[:size])
            del self._inbox[:size]
            self._other._writer.unpark_all()
            return data
        if self._other._closed:
            return b""
        raise BlockingIOError

    def send(self, data: bytes | memoryview) -> int:
        if self._closed:
            raise OSError(errno.EBADF, "closed")
        if self._other._closed:
            raise BrokenPipeError
        room = self._room()
        if room <= 0:
            raise BlockingIOError
        taken = data[:room]
        self._other._inbox += taken
        self._other._reader.unpark_all()
        return len(taken)

    async def wait_readable(self) -> None:
        await trio.lowlevel.checkpoint()
        while not (self._closed or self._inbox or self._other._closed):
            await self._reader.park()
        self._must_be_open()

    async def wait_writable(self) -> None:
        await trio.lowlevel.checkpoint()
        while not (self._closed or self._other._closed or self._room() > 0):
            await self._writer.park()
        self._must_be_open()

    def close(self) -> None:
        self._closed = True
        for end in (self, self._other):
            end._reader.unpark_all()
            end._writer.unpark_all()

    def _room(self) -> int:
        return self.pipe_max - len(self._other._inbox)

    def _must_be_open(self) -> None:
        if self._closed:
            raise trio.ClosedResourceError("closed")


def memory_pipe(near: str = "near", far: str = "far", pipe_max: int = PIPE_MAX) -> tuple[MemoryWire, MemoryWire]:
    """Two ends; what one sends the other receives. `near` and `far` are the hosts that they stand on."""
    one, two = MemoryWire(far, pipe_max), MemoryWire(near, pipe_max)
    one.join(two)
    return one, two


class MemoryPort:
    def __init__(self, network: "MemoryNetwork", host: str, number: int) -> None:
        self.host = host
        self.number = number
        self._network = network
        self._arrive, self._arrivals = trio.open_memory_channel[Wire](1024)

    async def accept(self) -> Wire:
        try:
            return await self._arrivals.receive()
        except trio.EndOfChannel:
            raise trio.ClosedResourceError("closed") from None

    def arrive(self, wire: Wire) -> None:
        try:
            self._arrive.send_nowait(wire)
        except trio.WouldBlock:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "queue full") from None

    def close(self) -> None:
        self._network.forget(self)
        self._arrive.close()


class MemoryNetwork:
    """Hosts are names; a port is open on one host. `dial` comes from `host`, given per network view."""

    def __init__(self) -> None:
        self._ports: dict[tuple[str, int], MemoryPort] = {}
        self._free = itertools.count(FIRST_FREE_PORT)
        self.pipe_max = PIPE_MAX

    async def dial(self, host: str, port: int) -> MemoryWire:
        return await self.dial_from("localhost", host, port)

    async def dial_from(self, own_host: str, host: str, port: int) -> MemoryWire:
        await trio.lowlevel.checkpoint()
        listening = self._ports.get((host, port))
        if listening is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, f"nobody listens on {host}:{port}")
        ours, theirs = memory_pipe(own_host, host, self.pipe_max)
        listening.arrive(theirs)
        return ours

    async def listen(self, host: str, port: int) -> MemoryPort:
        await trio.lowlevel.checkpoint()
        number = port or next(self._free)
        if (host, number) in self._ports:
            raise OSError(errno.EADDRINUSE, f"{host}:{number} is taken")
        opened = self._ports[host, number] = MemoryPort(self, host, number)
        return opened

    def forget(self, port: MemoryPort) -> None:
        if self._ports.get((port.host, port.number)) is port:
            del self._ports[port.host, port.number]
