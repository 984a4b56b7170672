"""The questions of one link on their way: numbered, sent, matched with their replies, given up in time.

Rule: `done` hears of a question exactly once, and a second time only by a late answer. It hears "unreachable" only
if no byte of the question was handed to the network. What can't be believed (a wrong MAC, another amount) is
counted, and the question stays open until it is silent.
"""

import math
from collections.abc import Callable
from functools import partial

from switch.flow.pending import Pending, PendingQuestion, key_of
from switch.flow.reply import Answered, Reply, Silent, Unreachable, fits
from switch.net.edge import Edge
from switch.net.stamps import Stamps
from switch.net.transport import FrameConnection
from switch.wire.dialect import UnencodableMessage
from switch.wire.envelope import Envelope, Sealed
from switch.wire.message import Message

NOT_SENT = math.inf
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
        self._now = edge.clock.mono
        self._on_deadline = on_deadline
        self._on_settled = on_settled
        self._pending: Pending[FrameConnection] = Pending(LATE_S)
        self.stamp = Stamps(edge.clock, edge.rng, self._pending.is_stan_used, edge.share).take

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
        deadline = self._now() + timeout_s
        question = PendingQuestion(key_of(fields), fields, deadline, done, connection, NOT_SENT)
        if not self._pending.add(question):  # a repeat of a question that is still open: its answer is on the way
            self._count("trace number open")
            done(Unreachable("a question with this trace number is open"))
            return
        try:
            if self._envelope.waits:
                self._envelope.sealed(fields, partial(self._send, question))
            else:
                self._send(question, self._envelope.seal(fields))
        except (UnencodableMessage, ValueError) as error:
            self._edge.fault("question failed", error, peer=self._name)
            self._not_sent(question, "the question could not be written")
        else:
            self._on_deadline(deadline)

    def _send(self, question: PendingQuestion[FrameConnection], frame: Sealed) -> None:
        """It has its MAC, perhaps only now. What was given up meanwhile is not sent any more."""
        if not self._pending.is_waiting(question):
            self._count("sealed too late")
        elif frame is None:
            self._not_sent(question, "nobody to make a MAC")
        else:
            question.start = question.line.queued
            question.line.send(frame)

    def _not_sent(self, question: PendingQuestion[FrameConnection], why: str) -> None:
        self._pending.settle(question.key)
        self._tell(question, Unreachable(why))

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
        for question in self._pending.cut(connection, self._now()):
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


def management(fields: dict[str, str], stamp: tuple[str, str]) -> dict[str, str]:
    """A request of network management (0800); `fields` has its 70."""
    stan, moment = stamp
    return {"t": "0800", "7": moment, "11": stan, **fields}
