"""What the load generator is told to do, and what it tells of it: one line of JSON each.

Rule: both ends of the line are described here, and nothing else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from simulators.bench.histogram import Histogram, heard, together
from simulators.bench.schedule import Phase


@dataclass(frozen=True)
class Closed:
    """So many requests, `in_flight` open on each connection: the next leaves when one is answered."""

    requests: int
    in_flight: int


@dataclass(frozen=True)
class Open:
    """Requests by schedule. After it answers are awaited for `drain_s`; they are told by windows of `window_s`."""

    phases: Sequence[Phase]
    drain_s: float = 10.0
    window_s: float = 1.0


@dataclass
class Window:
    """A slice of time: the requests whose moment it has and how long the approved ones took, and what was answered in
    it, whenever that was asked."""

    asked: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    latency: Histogram = field(default_factory=Histogram)


@dataclass(frozen=True)
class Outcome:
    """What became of an order; `late` is how long after its moment each request left: the generator's own fault."""

    elapsed_s: float
    window_s: float
    windows: Sequence[Window]
    unanswered: int
    late: Histogram

    @property
    def codes(self) -> Counter[str]:
        return sum((window.codes for window in self.windows), Counter())

    @property
    def latency(self) -> Histogram:
        return together(window.latency for window in self.windows)

    def between(self, begin_s: float, end_s: float) -> Sequence[Window]:
        """The windows that begin in that time."""
        return self.windows[round(begin_s / self.window_s) : round(end_s / self.window_s)]

    def told(self) -> str:
        windows = [{"asked": one.asked, "codes": one.codes, "latency": one.latency.told()} for one in self.windows]
        return json.dumps(
            {
                "elapsed_s": self.elapsed_s,
                "window_s": self.window_s,
                "windows": windows,
                "unanswered": self.unanswered,
                "late": self.late.told(),
            }
        )


def order_told(order: Closed | Open) -> str:
    return json.dumps(asdict(order))


def order_in(line: str) -> Closed | Open:
    words: dict[str, Any] = json.loads(line)
    if "phases" not in words:
        return Closed(**words)
    return Open(**words | {"phases": [Phase(**phase) for phase in words["phases"]]})


def outcome_in(words: Mapping[str, Any]) -> Outcome:
    windows = [Window(one["asked"], Counter(one["codes"]), heard(one["latency"])) for one in words["windows"]]
    return Outcome(words["elapsed_s"], words["window_s"], windows, words["unanswered"], heard(words["late"]))
