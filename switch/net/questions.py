"""The questions of one link on their way: numbered, sent, matched with their replies, given up in time.

Rule: `done` hears of a question exactly once, and a second time only by a late answer. It hears "unreachable" only
if no byte of the question was handed to the network. What can't be believed (a wrong MAC, another amount) is
counted, and the question stays open until it is silent.
"""

from collections.abc import Callable

import trio

from switch.flow.pending import Pending, PendingQuestion, key_of
from switch.flow.reply import Answered, Reply, Silent, Unreachable, fits
from switch.net.edge import Edge
from switch.net.stamps import Stamps
from switch.net.transport import FrameConnection
from switch.wire.dialect import UnencodableMessage
from switch.wire.envelope import Envelope
from switch.wire.message import Message

LATE_S = 60.0  # how long a late answer is still told apart from one that nobody asked for


class Questions:
    """`on_deadline` is told of every new deadline, `on_settled` when questions are not open any more."""

    def __init__(
        self,
        name: str,
        envelope: Envelope,
        edge: Edge,
        on_deadline: Callable[[float], None],
        on_settled: Callable[[], None],
    ) -> None:
        self._name = name
        self._envelope = envelope
        self._edge = edge
        self._on_deadline = on_deadline
        self._on_settled = on_settled
        self._pending: Pending[FrameConnection] = Pending(LATE_S)
        self.stamp = Stamps(edge.clock, edge.rng, self._pending.is_stan_used).take

    def __len__(self) -> int:
        return len(self._pending)

    def ask(
        self,
        connection: FrameConnection,
        fields: dict[str, str],
        timeout_s: float,
        done: Callable[[Reply], None],
    ) -> None:
        """Send a question over this connection. Never waits; `done` may be called before this returns."""
        key = key_of(fields)
        if self._pending.is_open(key):  # a repeat of a question that is still open: its answer is on the way
            self._count("trace number open")
            done(Unreachable("a question with this trace number is open"))
            return
        try:
            frame = self._envelope.seal(fields)
        except (UnencodableMessage, ValueError) as error:
            self._edge.fault("question failed", error, peer=self._name)
            done(Unreachable("the question could not be written"))
            return
        deadline = trio.current_time() + timeout_s
        self._pending.add(PendingQuestion(key, fields, deadline, done, connection, connection.queued))
        connection.send(frame)
        self._on_deadline(deadline)

    def on_reply(self, message: Message) -> None:
        """An answer came, on whatever connection."""
        key = key_of(message.fields)
        found = self._pending.find(key)
        if found is None:
            return self._count("unmatched")
        question, late = found
        if not fits(question.fields, message):
            return self._count("mismatched")
        self._pending.settle(key)
        if late:
            self._count("late")
        return self._tell(question, Answered(message, late))

    def sweep(self, now: float) -> float:
        """Give up what has waited too long; returns the next moment."""
        for question in self._pending.expire(now):
            self._count("silent")
            self._tell(question, Silent("no answer in time"))
        return self._pending.next_deadline()

    def cut(self, connection: FrameConnection) -> None:
        """A connection ended with these questions open."""
        for question in self._pending.cut(connection, trio.current_time()):
            if connection.handed <= question.start:
                self._tell(question, Unreachable("the connection ended before the question left"))
            else:
                self._count("silent")
                self._tell(question, Silent("the connection ended"))

    def _tell(self, question: PendingQuestion[FrameConnection], reply: Reply) -> None:
        try:
            question.done(reply)
        except Exception as error:
            self._edge.fault("reply failed", error, peer=self._name)
        self._on_settled()

    def _count(self, what: str) -> None:
        self._edge.counters.add("link_events", self._name, what)


def management(code: str, stamp: tuple[str, str]) -> dict[str, str]:
    """A request of network management (0800)."""
    stan, moment = stamp
    return {"t": "0800", "7": moment, "11": stan, "70": code}
