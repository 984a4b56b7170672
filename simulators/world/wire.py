"""One end of a connection in the simulated network (`switch.net.network.Wire`, `ledger.client.Pipe`)."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from simulators.world.node import Node

if TYPE_CHECKING:
    from simulators.world.fabric import Fabric, Line


class FabricWire:
    """`dead`: its node was killed. `torn`: what it had sent does not arrive. `on_data` takes what comes, instead of a
    reader."""

    def __init__(self, fabric: Fabric, node: Node, peer: str, line: Line | None) -> None:
        self.peer = peer
        self.node = node
        self.line = line  # None: to the books
        self.far: FabricWire = self
        self.dead = False
        self.torn = False
        self.last_at = 0.0  # when the last frame in line arrives
        self.on_data: Callable[[FabricWire, bytes], None] | None = None
        self._fabric = fabric
        self._inbox = bytearray()
        self._closed = False
        self._ended = False
        self._reader: trio.lowlevel.Task | None = None

    @property
    def is_open(self) -> bool:
        return not (self._closed or self._ended or self.dead)

    def recv(self, size: int) -> bytes:
        if self._closed:
            raise OSError(errno.EBADF, "closed")
        if self._inbox:
            data = bytes(self._inbox[:size])
            del self._inbox[:size]
            return data
        if self._ended:
            return b""
        raise BlockingIOError

    def send(self, data: bytes | memoryview) -> int:
        if self._closed:
            raise OSError(errno.EBADF, "closed")
        if self.dead:
            return len(data)
        if self._ended:
            raise BrokenPipeError
        self._fabric.carry(self, data)
        return len(data)

    async def wait_readable(self) -> None:
        if self._closed or self._inbox or self._ended:
            await trio.lowlevel.checkpoint()
        while not (self._closed or self._inbox or self._ended):
            self._reader = trio.lowlevel.current_task()
            await trio.lowlevel.wait_task_rescheduled(self._abort)
        if self._closed:
            raise trio.ClosedResourceError("closed")

    async def wait_writable(self) -> None:
        await trio.lowlevel.checkpoint()
        if self._closed:
            raise trio.ClosedResourceError("closed")

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._wake()
        if not self.dead:
            self._fabric.end(self)

    def hear(self, data: bytes) -> None:
        """Bytes arrive."""
        if self._closed or self.dead or self._ended:
            return
        if self.on_data is not None:
            self.on_data(self, data)
            return
        self._inbox += data
        self._wake()

    def hear_end(self) -> None:
        self._ended = True
        self.node.wires.pop(self, None)
        self._wake()

    def _wake(self) -> None:
        if self._reader is not None:
            trio.lowlevel.reschedule(self._reader)
            self._reader = None

    def _abort(self, _: trio.lowlevel.RaiseCancelT) -> trio.lowlevel.Abort:
        self._reader = None
        return trio.lowlevel.Abort.SUCCEEDED
