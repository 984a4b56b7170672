"""A question that a channel asks: sent once or more, and what comes back to it.

Rule: a question is matched by MTI, 11, 7 and 41 (`awaited_key`); silence is no answer, and no answer is never taken for
a decline. When to stop asking is the caller's to say.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

import trio

from switch.wire.message import Message
from switch.wire.mti import answer_mti, repeat_of

UNREAD_MAX = 8

Key = tuple[str, str, str, str]


class Patience(NamedTuple):
    """How long a channel waits for an answer, and before it asks again: after the first pause, then twice that…"""

    answer_within_s: float = 30.0
    first_repeat_after_s: float = 5.0
    repeat_after_max_s: float = 320.0  # a longer pause is not made: it gives up


class Line(Protocol):
    """A connection that is signed on."""

    def send(self, fields: Mapping[str, str]) -> None: ...


class Asker(Protocol):
    """Whose questions they are."""

    @property
    def counts(self) -> Counter[str]: ...
    @property
    def patience(self) -> Patience: ...
    async def ready_line(self) -> Line: ...
    def question(self, fields: Mapping[str, str]) -> AbstractContextManager["Question"]: ...


def awaited_key(request: Mapping[str, str]) -> Key:
    """What the answer to `request` will carry: MTI, 11, 7, 41."""
    return answer_mti(request["t"]), request["11"], request["7"], request.get("41", "").rstrip()


class Question:
    """A request that was sent, perhaps more than once, and what comes back to it."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._send, self._receive = trio.open_memory_channel[Message | None](UNREAD_MAX)
        self.line: Line | None = None

    async def ask(self, fields: Mapping[str, str]) -> Message | None:
        """Send `fields` and wait for an answer; None is silence, or a connection that broke."""
        with trio.move_on_after(self._asker.patience.answer_within_s):
            self.line = await self._asker.ready_line()
            self.line.send(fields)
            return await self._receive.receive()
        self.line = None
        return None

    async def hear(self, within_s: float) -> Message | None:
        """Wait for an answer that comes without asking again."""
        with trio.move_on_after(within_s):
            while (answer := await self._receive.receive()) is None:
                pass
            return answer
        return None

    def tell(self, answer: Message | None) -> None:
        """An answer came, or (None) the connection that owed it broke. More than a few unread ones are dropped."""
        try:
            self._send.send_nowait(answer)
        except trio.WouldBlock:
            self._asker.counts["unread"] += 1


async def persist(asker: Asker, fields: Mapping[str, str], ends: Callable[[Message | None], bool]) -> Message | None:
    """Ask, then repeat the request (x2x1) after 5, 10, 20… seconds until its answer `ends` it; the last answer."""
    pause_s = asker.patience.first_repeat_after_s
    repeat = {**fields, "t": repeat_of(fields["t"])}
    with asker.question(fields) as question:
        answer = await question.ask(fields)
        while not ends(answer) and pause_s <= asker.patience.repeat_after_max_s:
            answer = await question.hear(pause_s)
            if not ends(answer):
                answer = await question.ask(repeat)
            pause_s *= 2
    return answer
