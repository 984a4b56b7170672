"""The network of a run: nodes, the wires between them, and a clockwork that carries every frame, or does not.

Rule: a wire behaves as `switch.net.network` says. A frame takes a little time and keeps its place in the line, unless
fate says otherwise; what a dead node sends goes nowhere, what is sent to it is lost, and the other side learns of it as
of any end of a connection: later. Frames of the books (`framing` None) meet no faults but the death of either end.
"""

from __future__ import annotations

import errno
import heapq
import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import trio

from simulators.world.fate import Fate
from simulators.world.frames import peek
from simulators.world.node import Node
from simulators.world.trace import Trace
from simulators.world.wire import FabricWire
from switch.net.network import Wire
from switch.wire.framing import Framing

GRAIN_S = 0.004  # frames that arrive within the same one arrive together
LATENCY_MOST_S = 0.03
DIAL_TIMEOUT_S = 3.0
DELAY_S = (0.3, 16.0)
REORDER_S = (0.01, 0.4)

Delivery = tuple[float, int, FabricWire, bytes | None]  # when, in which order, from which wire, what (None: its end)


class Line(NamedTuple):
    """What is spoken at a port: how frames are cut, whether they have a MAC, what they say in words."""

    framing: Framing
    has_mac: bool
    explain: Callable[[bytes], str]


class FabricPort:
    def __init__(self, fabric: Fabric, node: Node, number: int) -> None:
        self.node = node
        self.number = number
        self._fabric = fabric
        self._arrive, self._arrivals = trio.open_memory_channel[Wire](1024)

    async def accept(self) -> Wire:
        try:
            return await self._arrivals.receive()
        except trio.EndOfChannel:
            raise trio.ClosedResourceError("closed") from None

    def arrive(self, wire: Wire) -> None:
        self._arrive.send_nowait(wire)

    def close(self) -> None:
        self._fabric.forget(self)
        self._arrive.close()


class View:
    """The network as one node has it (`Network`)."""

    def __init__(self, fabric: Fabric, node: Node) -> None:
        self._fabric = fabric
        self._node = node

    async def dial(self, host: str, port: int) -> Wire:
        return await self._fabric.dial(self._node, port)

    async def listen(self, host: str, port: int) -> FabricPort:
        await trio.lowlevel.checkpoint()
        return self._fabric.listen(self._node, port)


class Fabric:
    """`lines` has what is spoken at each port."""

    def __init__(self, fate: Fate, trace: Trace, lines: Mapping[int, Line]) -> None:
        self._fate = fate
        self._trace = trace
        self._lines = lines
        self._ports: dict[int, list[FabricPort]] = {}  # the next that a connection goes to comes first
        self._due: list[Delivery] = []
        self._order = 0
        self._cut_off: dict[tuple[Node, Node], float] = {}  # (from, to) → until when nothing passes
        self.next_at = math.inf

    # Ports and connections.

    def listen(self, node: Node, port: int) -> FabricPort:
        """Of several nodes that listen on one port, each gets every so-manieth connection."""
        sharing = self._ports.setdefault(port, [])
        if any(other.node is node for other in sharing):
            raise OSError(errno.EADDRINUSE, f"{port} is taken")
        opened = FabricPort(self, node, port)
        sharing.append(opened)
        return opened

    def forget(self, port: FabricPort) -> None:
        sharing = self._ports.get(port.number, [])
        if port in sharing:
            sharing.remove(port)

    async def dial(self, node: Node, port: int) -> Wire:
        await trio.lowlevel.checkpoint()
        sharing = self._ports.get(port)
        if not sharing or not node.alive:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "nobody listens")
        listening = sharing.pop(0)
        sharing.append(listening)
        if self._is_cut_off(node, listening.node) or self._is_cut_off(listening.node, node):
            await trio.sleep(DIAL_TIMEOUT_S)
            raise TimeoutError(errno.ETIMEDOUT, "timed out")
        ours, theirs = self.join(node, listening.node, self._lines[port])
        listening.arrive(theirs)
        return ours

    def join(self, near: Node, far: Node, line: Line | None) -> tuple[FabricWire, FabricWire]:
        """A new connection: its two ends. No line: to the books."""
        ours, theirs = FabricWire(self, near, far.name, line), FabricWire(self, far, near.name, line)
        ours.far, theirs.far = theirs, ours
        near.wires[ours] = None
        far.wires[theirs] = None
        return ours, theirs

    # What fate does to nodes and connections.

    def part(self, one: Node, other: Node, until: float, *, both_ways: bool) -> None:
        self._cut_off[one, other] = until
        if both_ways:
            self._cut_off[other, one] = until

    def heal(self) -> None:
        self._cut_off.clear()

    def kill(self, node: Node) -> None:
        """All that it held is gone. What it had sent arrives or not."""
        node.alive = False
        for port in [port for sharing in self._ports.values() for port in sharing if port.node is node]:
            self.forget(port)
        for wire in tuple(node.wires):
            wire.dead = True
            wire.torn = self._fate.rng.random() < 0.5
            self.end(wire)
        node.wires.clear()

    def cut(self, wire: FabricWire) -> None:
        """A connection breaks between its ends; what was on the way is lost or not."""
        for end in (wire, wire.far):
            end.torn = self._fate.rng.random() < 0.5
            self.end(end)

    def end(self, wire: FabricWire) -> None:
        """The far side learns that nothing more comes."""
        now = trio.current_time()
        wire.node.wires.pop(wire, None)
        self._push(max(wire.last_at, now + GRAIN_S), wire, None)

    # Frames.

    def carry(self, wire: FabricWire, data: bytes | memoryview) -> None:
        now = trio.current_time()
        if wire.line is None:
            wire.last_at = max(wire.last_at, now + GRAIN_S)
            self._push(wire.last_at, wire, bytes(data))
            return
        framing = wire.line.framing
        for prefix, body in framing.cut(bytearray(data)):
            if wire.node.on_send is not None and wire.node.on_send():
                return  # it died with this frame in its hands
            self._carry_frame(wire, wire.line, framing.wrap(body, prefix), body, now)

    def _carry_frame(self, wire: FabricWire, line: Line, frame: bytes, body: bytes, now: float) -> None:
        source, target = wire.node, wire.far.node
        fault, waits = self._fate.frame_fault(), LATENCY_MOST_S * self._fate.rng.random()
        at = max(wire.last_at, now + waits)
        if self._is_cut_off(source, target):
            fault = "cut off"
        detail = line.explain(body) if self._trace.keeps else ""
        self._trace.add(f"{source.name}>{target.name} {peek(body)} {fault}", detail)
        if fault in ("", "duplicate", "garble"):
            wire.last_at = at
            self._push(at, wire, self._garbled(line, body) if fault == "garble" else frame)
        if fault == "duplicate":
            self._push(at + self._fate.between(*REORDER_S), wire, frame)
        elif fault == "delay":
            self._push(at + self._fate.between(*DELAY_S), wire, frame)
        elif fault == "reorder":
            self._push(at + self._fate.between(*REORDER_S), wire, frame)
        elif fault == "cut":
            self.cut(wire)

    def _garbled(self, line: Line, body: bytes) -> bytes:
        """Bytes that are no message; on a line with a MAC only one byte is another."""
        rng = self._fate.rng
        if line.has_mac and len(body) > 60:
            at = rng.randrange(len(body))
            broken = body[:at] + bytes((body[at] ^ 1 << rng.randrange(8),)) + body[at + 1 :]
        else:
            broken = b"\xff\xff" + rng.randbytes(rng.randrange(1, 200))
        return line.framing.wrap(broken, b"")

    def _is_cut_off(self, source: Node, target: Node) -> bool:
        return bool(self._cut_off) and trio.current_time() < self._cut_off.get((source, target), 0.0)

    # The clockwork.

    def _push(self, at: float, wire: FabricWire, data: bytes | None) -> None:
        at = math.ceil(at / GRAIN_S) * GRAIN_S
        self._order += 1
        heapq.heappush(self._due, (at, self._order, wire, data))
        self.next_at = self._due[0][0]

    def deliver(self, now: float) -> None:
        """All that has arrived by now (`Clockwork`)."""
        due = self._due
        while due and due[0][0] <= now:
            _, order, wire, data = heapq.heappop(due)
            resumes_at = max(wire.node.paused_until, wire.far.node.paused_until)
            if resumes_at > now:
                heapq.heappush(due, (resumes_at, order, wire, data))
            elif data is None:
                wire.far.hear_end()
            elif not wire.torn:
                wire.far.hear(data)
        self.next_at = due[0][0] if due else math.inf
