"""Ids in the order of time: 48 bits of milliseconds, 16 bits that count within one, 64 bits drawn at random.

Rule: of a payment's, the last eight bits are not drawn: they say which worker began it, and number its transfers.
"""

from __future__ import annotations

import random

from switch.flow.clock import Clock
from switch.flow.share import ALONE, Share


class TimeOrderedIds:
    """One per process. `rng` is `random.SystemRandom()`, or a seeded one where a run is to be replayed."""

    def __init__(self, clock: Clock, rng: random.Random, share: Share = ALONE) -> None:
        self._clock = clock
        self._rng = rng
        self._mark = share.mark
        self._last = 0

    def payment_id(self) -> bytes:
        """Marked as this worker's. The low four bits are zero: they number the payment's transfers."""
        return self._next() + self._mark(self._rng.getrandbits(64)).to_bytes(8)

    def group_id(self) -> bytes:
        return self._next() + self._rng.getrandbits(64).to_bytes(8)

    def _next(self) -> bytes:
        """Never the same twice, and never smaller, even if the clock steps back."""
        self._last = max(self._last + 1, int(self._clock.wall() * 1000) << 16)
        return self._last.to_bytes(8)
