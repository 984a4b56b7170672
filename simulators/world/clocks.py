"""Everybody's own clock: Trio's time, off by a little that may change.

Rule: two clocks of the bank never differ by more than the skew that the switch was told to expect.
"""

from __future__ import annotations

import trio

OFF_MOST_S = 0.9  # each way; twice this stays below the skew in the settings


class NodeClock:
    def __init__(self, epoch: float, offset_s: float = 0.0) -> None:
        self._epoch = epoch
        self.offset_s = offset_s

    def wall(self) -> float:
        return self._epoch + trio.current_time() + self.offset_s

    def mono(self) -> float:
        return trio.current_time()
