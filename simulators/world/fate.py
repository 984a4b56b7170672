"""What goes wrong in a run, and when: every draw in one place, every fault counted.

Rule: the same seed gives the same draws. `calm` ends it: from then on nothing goes wrong any more. `faults_max` lets a
failing run be told again with fewer faults: after that many the rest is calm.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping

from simulators.world.rates import FRAME_FAULTS


class Fate:
    def __init__(self, seed: str, rates: Mapping[str, float], faults_max: int | None = None) -> None:
        self.rng = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.is_calm = False
        self._rates = rates
        self._left = faults_max
        self._ladder: list[tuple[float, str]] = []
        below = 0.0
        for kind in FRAME_FAULTS:
            below += rates[kind]
            self._ladder.append((below, kind))
        self._ladder_top = below

    def calm(self) -> None:
        self.is_calm = True

    def frame_fault(self) -> str:
        """What happens to a frame; "" almost always."""
        drawn = self.rng.random()
        if drawn >= self._ladder_top or self.is_calm:
            return ""
        kind = next(kind for below, kind in self._ladder if drawn < below)
        return kind if self._spend(kind) else ""

    def strikes(self, kind: str) -> bool:
        """Whether it happens at this very moment."""
        if self.is_calm or self.rng.random() >= self._rates[kind]:
            return False
        return self._spend(kind)

    def pause_before(self, kind: str) -> float:
        """Seconds until the next occasion of this kind; inf: never in this run."""
        rate = self._rates[kind] / 60
        return self.rng.expovariate(rate) if rate > 0 else float("inf")

    def befalls(self, kind: str) -> bool:
        """The occasion has come."""
        return not self.is_calm and self._spend(kind)

    def between(self, least: float, most: float) -> float:
        return self.rng.uniform(least, most)

    def _spend(self, kind: str) -> bool:
        if self._left is not None:
            if self._left <= 0:
                return False
            self._left -= 1
        self.counts[kind] += 1
        return True
