"""Deadlines, many of them, with one sleeping task.

Rule: nobody else in `switch.net` sleeps until a deadline. A deadline that is met costs nothing: the sweeper wakes at
the earliest that it was told of, looks at what is really due, and is told the next moment in return.
"""

import math
from collections.abc import Callable

import trio


class Sweeper:
    """`sweep(now)` does what is due and returns the next moment; it is called at most once every `grain_s`."""

    def __init__(self, sweep: Callable[[float], float], grain_s: float) -> None:
        self._sweep = sweep
        self._grain_s = grain_s
        self._not_before = -math.inf
        self._wake_at = -math.inf
        self._scope: trio.CancelScope | None = None

    def by(self, moment: float) -> None:
        """Sweep at this moment, or sooner."""
        if moment < self._wake_at:
            self._wake_at = max(moment, self._not_before)
            if self._scope is not None:
                self._scope.deadline = self._wake_at

    async def run(self) -> None:
        while True:
            now = trio.current_time()
            self._not_before = now + self._grain_s
            self._wake_at = max(self._sweep(now), self._not_before)
            with trio.CancelScope(deadline=self._wake_at) as self._scope:
                await trio.sleep_forever()
