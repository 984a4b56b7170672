"""A link to a peer that is asked: the bank core, or a biller.

Rule: asking never waits, and an answer is never made up. While no line is ready the answer "unreachable" comes at
once, which is the breaker: nobody queues behind a peer that is down. Questions about one account, and at a biller about
one payment, go down one line, so that an advice is read before the balance that is asked after it; a question is never
moved to another line (it might be asked twice).
"""

from collections.abc import Callable, Mapping
from zlib import crc32

import trio

from config.sections import PeerSettings
from switch.flow.reply import Reply, Unreachable
from switch.flow.session import Event, Patience, State
from switch.net.edge import Edge
from switch.net.key_exchange import KeyExchange
from switch.net.line import Line, Trunk
from switch.net.questions import Questions
from switch.net.sweeper import Sweeper
from switch.net.tls import Tls
from switch.net.transport import FrameConnection
from switch.wire.envelope import Envelope
from switch.wire.framing import Framing

SWEEP_GRAIN_S = 0.01


class Link:
    """The connections to one peer of the configuration, in clear or under `tls`. `stamp()` gives fields 11 and 7 of the
    next question."""

    def __init__(
        self,
        settings: PeerSettings,
        envelope: Envelope,
        framing: Framing,
        edge: Edge,
        *,
        keys: KeyExchange | None = None,
        wrong_macs_max: int = 10,
        tls: Tls | None = None,
    ) -> None:
        self.name = settings.name
        self._settings = settings
        self._edge = edge
        self._sweeper = Sweeper(self._sweep, SWEEP_GRAIN_S)
        self._questions = Questions(settings.name, envelope, edge, self._sweeper.by, self._on_settled)
        self.stamp = self._questions.stamp
        trunk = Trunk(
            settings=settings,
            envelope=envelope,
            framing=framing,
            edge=edge,
            questions=self._questions,
            patience=Patience(settings.echo_after_s, settings.timeout_s, settings.idle_s),
            on_change=self._on_change,
            on_deadline=self._sweeper.by,
            keys=keys,
            wrong_macs_max=wrong_macs_max,
            tls=tls,
        )
        self._lines = [Line(trunk) for _ in range(settings.connections)]
        self._ready: list[Line] = []
        self._some_ready = trio.Event()
        self._at_rest = trio.Event()
        self._stopping = False
        self._nursery: trio.Nursery | None = None

    @property
    def ready(self) -> bool:
        """Whether a question asked now would be sent."""
        return bool(self._ready) and not self._stopping

    @property
    def questions_open(self) -> int:
        return len(self._questions)

    async def wait_ready(self) -> None:
        """Until a line is signed on. Callers own the timeout."""
        while not self.ready:
            await self._some_ready.wait()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the lines up until `stop` or until cancelled. Started at once: a peer may be down for days."""
        async with trio.open_nursery() as self._nursery:
            self._nursery.start_soon(self._sweeper.run)
            for line in self._lines:
                self._nursery.start_soon(line.keep)
            task_status.started()

    async def stop(self, within_s: float) -> None:
        """Take no more questions, wait for the open ones for at most `within_s`, sign off and close."""
        self._stopping = True
        for line in self._lines:
            line.stop()
        self._on_settled()
        with trio.move_on_after(within_s):
            await self._at_rest.wait()
        for line in self._lines:
            line.happen(Event.DRAINED)
        if self._nursery is not None:
            self._nursery.cancel_scope.cancel()

    def change_keys(self) -> bool:
        """Bring the peer new keys, on one of the lines; False where that can't be."""
        return any(line.change_keys() for line in self._lines)

    def tell_day(self, mmdd: str) -> None:
        """A business day has been opened: said once, on one of the lines. Every question says it, too."""
        if self._ready:
            self._ready[0].tell_day(mmdd)

    def ask(self, fields: dict[str, str], timeout_s: float, done: Callable[[Reply], None]) -> None:
        """Ask a question; `fields` is complete but for the MAC. Never waits; `done` may be called before this
        returns (unreachable), and a second time when an answer comes late."""
        connection = self._connection_for(fields)
        if connection is None:
            done(Unreachable("stopping" if self._stopping else "not signed on"))
        elif len(self._questions) >= self._settings.requests_open_max:
            done(Unreachable("too many questions open"))
        else:
            self._questions.ask(connection, fields, timeout_s, done)

    def _connection_for(self, fields: Mapping[str, str]) -> FrameConnection | None:
        ready = self._ready
        if not ready:
            return None
        first = crc32(_subject(fields).encode()) % len(ready)
        connection = ready[first].connection
        if connection is not None and not connection.closed:
            return connection
        others = (line.connection for line in (*ready[first + 1 :], *ready[:first]))
        return next((other for other in others if other is not None and not other.closed), None)

    def _on_change(self) -> None:
        was_ready = bool(self._ready)
        self._ready = [line for line in self._lines if line.state is State.READY]
        if bool(self._ready) != was_ready:
            self._edge.report("link ready" if self._ready else "link down", peer=self.name)
        if self._ready:
            self._some_ready.set()
        elif was_ready:
            self._some_ready = trio.Event()

    def _on_settled(self) -> None:
        if self._stopping and not len(self._questions):
            self._at_rest.set()

    def _sweep(self, now: float) -> float:
        next_at = self._questions.sweep(now)
        return min(next_at, *(line.look(now) for line in self._lines))


def _subject(fields: Mapping[str, str]) -> str:
    """What a question is about: the account, else the card, else the payment."""
    return fields.get("102") or fields.get("2") or fields.get("37") or ""
