"""What all workers have counted, as one.

Rule: a sum never shrinks. What a worker that ended had counted is kept, and its successor begins at zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from switch.observe.counters import Counted, Series


class Sums:
    """`own` are the supervisor's counters."""

    def __init__(self, own: Counted) -> None:
        self._own = own
        self._kept: Counter[Series] = Counter()
        self._latest: dict[int, Mapping[Series, int]] = {}

    def take(self, worker: int, counts: Mapping[Series, int]) -> None:
        """All that it has counted since it began."""
        self._latest[worker] = counts

    def keep(self, worker: int) -> None:
        """It ended."""
        self._kept.update(self._latest.pop(worker, {}))

    def snapshot(self) -> Mapping[Series, int]:
        total: Counter[Series] = Counter(self._own.snapshot())
        total.update(self._kept)
        for counts in self._latest.values():
            total.update(counts)
        return total
