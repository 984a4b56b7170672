"""Counts of what happens, cheap enough to stand in the path of every message.

Rule: a name and a few labels, all words of ours (an endpoint, a service, a code), never what a peer can make
up freely: each combination is kept for ever. Should one slip in, SERIES_MAX bounds the harm.
"""

from collections.abc import Mapping
from typing import Protocol

SERIES_MAX = 4096
OVERFLOW = ("counters_overflow",)

Series = tuple[str, ...]


class Counted(Protocol):
    def snapshot(self) -> Mapping[Series, int]:
        """All counts as they are now, in the order in which they first appeared."""


class Counters:
    """Counts by name and labels. For one thread; they only grow, and start at zero with the process."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[Series, int] = {}

    def add(self, name: str, *labels: str, by: int = 1) -> None:
        """Counts one more (or `by` more) of this name with these labels."""
        key = (name, *labels)
        counts = self._counts
        if key in counts:
            counts[key] += by
        elif len(counts) < SERIES_MAX:
            counts[key] = by
        else:
            counts[OVERFLOW] = counts.get(OVERFLOW, 0) + by

    def get(self, name: str, *labels: str) -> int:
        """The count of exactly this name and these labels."""
        return self._counts.get((name, *labels), 0)

    def total(self, name: str) -> int:
        """The count of this name, whatever the labels."""
        return sum(count for series, count in self._counts.items() if series[0] == name)

    def snapshot(self) -> dict[Series, int]:
        """All counts as they are now, in the order in which they first appeared."""
        return dict(self._counts)
