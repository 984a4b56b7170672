"""One Trio run that is the same for the same seed, event for event.

Rule: Trio shuffles its tasks on purpose; two private names of it make the shuffle a seed's. They are pinned by the
version of Trio and by a test. Inside such a run there are no threads, sockets or wall clocks, and nothing may depend on
the order of a set of objects.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import trio
from trio._core import _run as trio_run
from trio.testing import MockClock

T = TypeVar("T")
FLAG = "_ALLOW_DETERMINISTIC_SCHEDULING"


def run_seeded(seed: int, main: Callable[[], Awaitable[T]]) -> T:
    """Run `main` on a clock that jumps over every wait."""
    shuffle: random.Random = trio_run._r
    before = trio_run._ALLOW_DETERMINISTIC_SCHEDULING, shuffle.getstate()
    setattr(trio_run, FLAG, True)
    shuffle.seed(seed)
    collecting = gc.isenabled()
    gc.disable()  # a collection in the middle costs much; what a run leaves behind goes at its end
    try:
        return trio.run(main, clock=MockClock(autojump_threshold=0))
    finally:
        setattr(trio_run, FLAG, before[0])
        shuffle.setstate(before[1])
        if collecting:
            gc.enable()
            gc.collect()
