"""When requests leave that do not wait for answers.

Rule: pure. The moments are evenly spaced and known beforehand, so that a slow answer delays no later request and the
wait behind it is counted (else the slowest moments would be those least often measured).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phase:
    """So many requests a second, for so long."""

    rate_per_s: float
    seconds: float

    @property
    def requests(self) -> int:
        return round(self.rate_per_s * self.seconds)


def moments_ns(phases: Sequence[Phase]) -> Iterator[int]:
    """The moment of each request after the beginning, one phase after the other."""
    begun_s = 0.0
    for phase in phases:
        for number in range(phase.requests):
            yield round((begun_s + number / phase.rate_per_s) * 1e9)
        begun_s += phase.seconds
