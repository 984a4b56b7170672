"""One Trio run that is the same for the same seed, event for event.

Rule: Trio shuffles its tasks on purpose; two private names of it make the shuffle a seed's. They, and what its mock
clock calls when all tasks wait, are pinned by the version of Trio and by a test. Inside such a run there are no
threads, sockets or wall clocks, and nothing may depend on the order of a set of objects.
"""

from __future__ import annotations

import gc
import math
import random
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import trio
from trio._core import _run as trio_run
from trio.testing import MockClock

T = TypeVar("T")
FLAG = "_ALLOW_DETERMINISTIC_SCHEDULING"


class Clockwork(Protocol):
    """What happens by itself, without a task: `deliver` is called when its time has come and every task waits."""

    next_at: float

    def deliver(self, now: float) -> None: ...


class WorldClock:
    """Jumps to whatever comes next, a task's deadline or the clockwork's. No task has to sleep for a frame."""

    def __init__(self) -> None:
        self.clockwork: Clockwork | None = None
        self.clock = MockClock(autojump_threshold=0)  # the only kind that Trio lets jump, and it is final
        self._now = 0.0
        setattr(self.clock, "current_time", self.now)  # noqa: B010
        setattr(self.clock, "_autojump", self.jump)  # noqa: B010

    def now(self) -> float:
        return self._now

    def jump(self) -> None:
        """Every task waits."""
        next_at: float = trio_run.GLOBAL_RUN_CONTEXT.runner.deadlines.next_deadline()
        work = self.clockwork
        if work is not None:
            next_at = min(next_at, work.next_at)
        if next_at == math.inf:
            raise RuntimeError("everybody waits, and nothing will ever happen")
        self._now = max(self._now, next_at)
        if work is not None and work.next_at <= self._now:
            work.deliver(self._now)


def run_seeded(seed: int, main: Callable[[WorldClock], Awaitable[T]]) -> T:
    """Run `main` on a clock that jumps over every wait."""
    shuffle: random.Random = trio_run._r
    before = trio_run._ALLOW_DETERMINISTIC_SCHEDULING, shuffle.getstate()
    setattr(trio_run, FLAG, True)
    shuffle.seed(seed)
    collecting, clock = gc.isenabled(), WorldClock()
    gc.disable()  # in the middle it costs much; what a run leaves behind is young at its end, and goes then
    try:
        return trio.run(main, clock, clock=clock.clock)
    finally:
        setattr(trio_run, FLAG, before[0])
        shuffle.setstate(before[1])
        if collecting:
            gc.enable()
            gc.collect(0)
