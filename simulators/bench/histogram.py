"""How long answers took, many of them, in little space.

Rule: pure. A time is counted in a bucket no wider than a 64th of it, and a quantile is the bucket's upper edge: a
figure may be up to 1.6 % too high, never too low.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

PRECISION_BITS = 6
EXACT_BELOW = 2 << PRECISION_BITS  # each whole number below has a bucket of its own
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99_9": 0.999}


class Histogram:
    """Whole microseconds, counted by bucket."""

    def __init__(self, counts: Mapping[int, int] | None = None, highest_us: int = 0) -> None:
        self.counts: Counter[int] = Counter(counts)
        self.highest_us = highest_us

    def __len__(self) -> int:
        return self.counts.total()

    def add(self, us: int) -> None:
        """Count one time; below 0 is 0."""
        us = max(us, 0)
        self.counts[bucket_of(us)] += 1
        self.highest_us = max(self.highest_us, us)

    def quantile_us(self, share: float) -> int:
        """The time within which this share of all were done; 0 where there were none."""
        left = math.ceil(len(self) * share)
        for bucket in sorted(self.counts):
            left -= self.counts[bucket]
            if left <= 0:
                return min(upper_edge_of(bucket), self.highest_us)
        return 0

    def in_ms(self) -> dict[str, float]:
        """The usual quantiles, and the longest."""
        return {name: self.quantile_us(share) / 1000 for name, share in QUANTILES.items()} | {
            "max": self.highest_us / 1000
        }

    def told(self) -> dict[str, object]:
        """As JSON has it: see `heard`."""
        return {"counts": {str(bucket): count for bucket, count in self.counts.items()}, "highest_us": self.highest_us}


def heard(words: Mapping[str, object]) -> Histogram:
    """A histogram that another process told."""
    counts, highest_us = words["counts"], words["highest_us"]
    assert isinstance(counts, dict)
    assert isinstance(highest_us, int)
    return Histogram({int(bucket): count for bucket, count in counts.items()}, highest_us)


def together(histograms: Iterable[Histogram]) -> Histogram:
    """As if all had been counted in one."""
    one = Histogram()
    for each in histograms:
        one.counts.update(each.counts)
        one.highest_us = max(one.highest_us, each.highest_us)
    return one


def bucket_of(us: int) -> int:
    """Its highest bits, and how many were left out."""
    dropped = max(us.bit_length() - PRECISION_BITS - 1, 0)
    return (dropped << PRECISION_BITS) + (us >> dropped)


def upper_edge_of(bucket: int) -> int:
    """The longest time that is counted in a bucket."""
    if bucket < EXACT_BELOW:
        return bucket
    dropped = (bucket >> PRECISION_BITS) - 1
    return ((bucket - (dropped << PRECISION_BITS) + 1) << dropped) - 1
