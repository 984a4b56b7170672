"""What one run of a load was: what was answered, how soon, and the CPU that it took.

Rule: pure. CPU is that of the switch's processes and its ledger's. Only what was approved counts as a transaction: what
was turned away is cheap, and would flatter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulators.bench.figures import triples
from simulators.bench.orders import Outcome

APPROVED = "00"


@dataclass(frozen=True)
class Run:
    """`idle` is the share of all processors that nobody used meanwhile: near 0, the machine was the limit."""

    outcome: Outcome
    cpu_us: Mapping[str, int]
    idle: float

    @property
    def approved(self) -> int:
        return self.outcome.codes[APPROVED]

    @property
    def all_approved(self) -> bool:
        return not self.outcome.unanswered and set(self.outcome.codes) <= {APPROVED}

    @property
    def throughput_per_s(self) -> float:
        return self.approved / self.outcome.elapsed_s

    def cpu_us_each(self, *processes: str) -> float:
        return sum(self.cpu_us[name] for name in processes or self.cpu_us) / max(self.approved, 1)

    def figures(self) -> dict[str, Any]:
        """By itself; `run_figures` makes triples of several."""
        return {
            "throughput_per_s": self.throughput_per_s,
            "cpu_us_per_transaction": self.cpu_us_each(),
            "switch_cpu_us": self.cpu_us_each("switch"),
            "ledger_cpu_us": self.cpu_us_each("ledger"),
            "latency_ms": self.outcome.latency.in_ms(),
            "machine_idle": self.idle,
        } | ({"sent_late_ms": self.outcome.late.in_ms()} if len(self.outcome.late) else {})


def run_figures(runs: Sequence[Run]) -> dict[str, Any]:
    """Minimum, median and maximum of the runs, and how often all of them together were answered what."""
    codes = sum((run.outcome.codes for run in runs), Counter())
    return triples([run.figures() for run in runs]) | {
        "answers": dict(codes),
        "unanswered": sum(run.outcome.unanswered for run in runs),
    }
