"""The ledger's process in the simulated network: the real store in memory, spoken to by the real client.

Rule: what `ledger.process` does, without its sockets: whatever arrives in one piece is one batch, committed and then
answered. It may die before a commit, or between the commit and its answer; its disk may be full, its books locked, its
answers slow. Nobody is told anything else than what is so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import trio

from ledger.errors import OutcomeUnknownError
from ledger.model import Committed, Group, Outcome
from ledger.protocol import (
    ANSWER,
    GROUP,
    OUTCOMES,
    QUERY,
    Frame,
    Outcomes,
    answer_body,
    cut,
    decode_query,
    encode,
    frame,
)
from ledger.queries import Query
from ledger.store import Store
from simulators.world.fabric import Fabric
from simulators.world.fate import Fate
from simulators.world.node import Node
from simulators.world.trace import Trace
from simulators.world.wire import FabricWire

RESTART_S = (0.1, 3.5)
SLOW_S = (0.3, 3.0)

OnCommit = Callable[[Sequence[Group], Sequence[Outcome]], None]


class MemoryBooks(Store):
    """Books in memory that outlive the process that has them open."""

    def start_again(self) -> None:
        """What a process knows after its start: only what is in the file."""
        self._read()

    def fill_disk(self) -> None:
        """The file can't grow any more: SQLITE_FULL."""
        self._connection.execute("PRAGMA max_page_count = 1")

    def free_disk(self) -> None:
        self._connection.execute("PRAGMA max_page_count = 1073741823")

    def lock(self) -> None:
        """Every write is refused."""
        self._connection.execute("PRAGMA query_only = ON")

    def unlock(self) -> None:
        self._connection.execute("PRAGMA query_only = OFF")

    def image(self) -> bytes:
        """The file as it would lie on the disk."""
        return self._connection.serialize()


class LedgerNode:
    """`on_commit` hears of every batch that was decided, before anybody else does."""

    def __init__(self, store: MemoryBooks, fabric: Fabric, fate: Fate, trace: Trace, on_commit: OnCommit) -> None:
        self.node = Node("ledger")
        self.store = store
        self._fabric = fabric
        self._fate = fate
        self._trace = trace
        self._on_commit = on_commit
        self._nursery: trio.Nursery | None = None
        self._slow_until = 0.0
        self._buffers: dict[FabricWire, bytearray] = {}

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await trio.sleep_forever()

    def connect(self, client: Node) -> FabricWire | None:
        """A client's pipe to it; None while it is dead."""
        if not self.node.alive or not client.alive:
            return None
        theirs, ours = self._fabric.join(client, self.node, None)
        ours.on_data = self._arrived
        self._buffers[ours] = bytearray()
        return theirs

    # What may befall it.

    def kill(self) -> None:
        if not self.node.alive or self._nursery is None:
            return
        self._trace.add("ledger killed")
        self._fabric.kill(self.node)
        self._buffers.clear()
        self._nursery.start_soon(self._restart)

    def slow_down(self, for_s: float) -> None:
        self._slow_until = trio.current_time() + for_s

    def heal(self) -> None:
        """Whatever was the matter with it is over."""
        self._slow_until = 0.0
        self.store.free_disk()
        self.store.unlock()

    async def _restart(self) -> None:
        await trio.sleep(self._fate.between(*RESTART_S))
        self.store.start_again()
        self.node.alive = True
        self._trace.add("ledger started")

    # Serving.

    def _arrived(self, wire: FabricWire, data: bytes) -> None:
        buffer = self._buffers.get(wire)
        if buffer is None:
            return
        buffer += data
        frames = cut(buffer)
        if self._fate.strikes("kill ledger before commit"):
            self.kill()
            return
        groups = [(ticket, body) for kind, ticket, body in frames if kind == GROUP]
        if groups:
            self._commit(wire, groups)
        if self.node.alive:
            self._answer(wire, frames)

    def _commit(self, wire: FabricWire, arrived: Sequence[tuple[int, bytes]]) -> None:
        raws = [body for _, body in arrived]
        try:
            outcomes = self.store.apply(raws)
        except OutcomeUnknownError:  # ends the process; the next one reads what became of it
            self.kill()
            return
        self._on_commit([_decode_group(raw) for raw in raws], outcomes)
        if self._fate.strikes("kill ledger after commit"):
            self.kill()
            return
        tickets = [(ticket, outcome) for (ticket, _), outcome in zip(arrived, outcomes, strict=True)]
        self._reply(wire, frame(OUTCOMES, 0, encode(_outcomes(tickets))))

    def _answer(self, wire: FabricWire, frames: Sequence[Frame]) -> None:
        for kind, ticket, body in frames:
            if kind == QUERY:
                self._reply(wire, frame(ANSWER, ticket, answer_body(self._ask(decode_query(body)))))

    def _ask(self, query: Query) -> object:
        found: object = self.store.answer(query)
        return found

    def _reply(self, wire: FabricWire, data: bytes) -> None:
        if not wire.is_open:
            return
        if trio.current_time() < self._slow_until:
            wire.last_at = max(wire.last_at, trio.current_time() + self._fate.between(*SLOW_S))
        wire.send(data)


def _outcomes(tickets: Sequence[tuple[int, Outcome]]) -> Outcomes:
    """As `ledger.process` writes them: those of this commit, and the others."""
    newest = max((outcome.sequence for _, outcome in tickets if type(outcome) is Committed), default=0)
    this_commit = Committed(newest)
    committed = [ticket for ticket, outcome in tickets if outcome == this_commit]
    return Outcomes(newest, committed, [(ticket, outcome) for ticket, outcome in tickets if outcome != this_commit])


def _decode_group(raw: bytes) -> Group:
    return _decoder.decode(raw)


_decoder = msgspec.msgpack.Decoder(Group)
