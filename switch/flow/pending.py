"""The questions that are open at a peer: which reply belongs to which, and which have waited too long.

Rule: pure; it neither sends nor calls. A question is found by MTI class, STAN and terminal as sent (ISO 8583 DE 11
with DE 41), on whatever connection the reply comes. With one constant timeout the order of insertion is the order
of the deadlines, so the oldest question is the next to expire and nothing is sorted; the few that were given less
time than their predecessors stand in a heap beside it. A question that went silent is remembered for a while: a
late reply is evidence, and its STAN must not be used again meanwhile.
"""

import heapq
import math
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from switch.flow.reply import Reply, essence

Key = tuple[str, str, str]

LATE_MAX = 50_000  # of a million STANs; the oldest are forgotten first

Line = TypeVar("Line")


class PendingQuestion(Generic[Line]):
    """One question as it was sent: over which line, from which byte of that line on, and who wants to know."""

    __slots__ = ("deadline", "done", "fields", "key", "line", "start")

    def __init__(
        self,
        key: Key,
        fields: Mapping[str, str],
        deadline: float,
        done: Callable[[Reply], None],
        line: Line,
        start: float,
    ) -> None:
        self.key = key
        self.fields = fields
        self.deadline = deadline
        self.done = done
        self.line = line
        self.start = start


def key_of(fields: Mapping[str, str]) -> Key:
    """The key of a question and of its reply."""
    return fields["t"][1], fields.get("11", ""), fields.get("41", "").rstrip(" ")


class Pending(Generic[Line]):
    """The open questions of one link, and those whose late reply is still of interest for `late_s`."""

    def __init__(self, late_s: float, late_max: int = LATE_MAX) -> None:
        self._late_s = late_s
        self._late_max = late_max
        self._open: dict[Key, PendingQuestion[Line]] = {}
        self._last_deadline = -math.inf
        self._hurried: list[tuple[float, int, PendingQuestion[Line]]] = []  # deadlines out of order
        self._hurried_count = 0
        self._late: dict[Key, tuple[float, PendingQuestion[Line]]] = {}
        self._stans: set[str] = set()

    def __len__(self) -> int:
        return len(self._open)

    def is_stan_used(self, stan: str) -> bool:
        return stan in self._stans

    def is_waiting(self, question: PendingQuestion[Line]) -> bool:
        """Whether this very question is still open."""
        return self._open.get(question.key) is question

    def add(self, question: PendingQuestion[Line]) -> bool:
        """False: a question of this key is open, and stays. A late one of the same key is forgotten."""
        key, deadline = question.key, question.deadline
        if key in self._open:
            return False
        if self._late:
            self._late.pop(key, None)
        self._open[key] = question
        self._stans.add(key[1])
        if deadline >= self._last_deadline:
            self._last_deadline = deadline
        else:
            self._hurried_count += 1
            heapq.heappush(self._hurried, (deadline, self._hurried_count, question))
        return True

    def find(self, key: Key) -> tuple[PendingQuestion[Line], bool] | None:
        """The question of a reply, and whether the reply is late."""
        question = self._open.get(key)
        if question is not None:
            return question, False
        late = self._late.get(key)
        return (late[1], True) if late is not None else None

    def settle(self, key: Key) -> None:
        """It is answered: forget it."""
        if self._open.pop(key, None) is None:
            self._late.pop(key, None)
        self._stans.discard(key[1])

    def expire(self, now: float) -> list[PendingQuestion[Line]]:
        """Those that have just gone silent, and out of memory go those that were silent for too long."""
        overdue = self._hurried_overdue(now)
        for question in self._open.values():
            if question.deadline > now:
                break
            overdue.append(question)
        self._silence(overdue, now)
        self._forget_late(now)
        return overdue

    def cut(self, line: Line, now: float) -> list[PendingQuestion[Line]]:
        """Those that were open on a line that broke; a reply may still come on another."""
        lost = [question for question in self._open.values() if question.line is line]
        self._silence(lost, now)
        return lost

    def next_deadline(self) -> float:
        """The moment to call `expire` at, or a little early; inf if nothing is open or remembered."""
        moments = [
            *(question.deadline for question in _first(self._open)),
            *(forgotten_at for forgotten_at, _ in _first(self._late)),
            *(deadline for deadline, _, _ in self._hurried[:1]),
        ]
        return min(moments, default=math.inf)

    def _hurried_overdue(self, now: float) -> list[PendingQuestion[Line]]:
        overdue = []
        while self._hurried and self._hurried[0][0] <= now:
            question = heapq.heappop(self._hurried)[2]
            if self._open.get(question.key) is question:
                del self._open[question.key]
                overdue.append(question)
        return overdue

    def _silence(self, questions: list[PendingQuestion[Line]], now: float) -> None:
        forgotten_at = now + self._late_s
        for question in questions:
            self._open.pop(question.key, None)
            question.fields = essence(question.fields)  # there may be many; the rest of a question is personal
            self._late[question.key] = forgotten_at, question

    def _forget_late(self, now: float) -> None:
        """The late ones stand in the order in which they went silent, hence in the order to forget them."""
        forgotten: list[Key] = []
        spare = len(self._late) - self._late_max
        for key, (forgotten_at, _) in self._late.items():
            if forgotten_at > now and len(forgotten) >= spare:
                break
            forgotten.append(key)
        for key in forgotten:
            self.settle(key)


T = TypeVar("T")


def _first(mapping: Mapping[Key, T]) -> list[T]:
    return [next(iter(mapping.values()))] if mapping else []
