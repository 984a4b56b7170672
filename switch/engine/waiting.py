"""Callers that wait for the books: answered 09 when they have waited as long as a channel may.

Rule: who has an answer is let go at the next sweep, not when its time is up: a channel that asks as fast as it is
answered would else have all that it asked in half a minute kept.
"""

from __future__ import annotations

from collections import deque

from switch.engine.caller import Caller
from switch.engine.ports import Tools
from switch.flow.payment import IN_PROGRESS


class Waiting:
    """The earliest deadline first: they are all as patient."""

    __slots__ = ("_callers", "_tools")

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._callers: deque[tuple[float, Caller, str]] = deque()

    def add(self, caller: Caller, day: str) -> None:
        """`day` is what the answer will name, YYYYMMDD."""
        self._callers.append((self._tools.clock.wall() + self._tools.answer_within_s, caller, day))

    def sweep(self) -> None:
        """09 to whoever has waited too long: the books hang, and the repeat will find out."""
        now, callers = self._tools.clock.wall(), self._callers
        while callers and (callers[0][1].answered or callers[0][0] <= now):
            _, caller, day = callers.popleft()
            caller.answer(IN_PROGRESS, day)
