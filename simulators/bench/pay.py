"""What a bill payment or a balance enquiry costs the switch and its ledger: CPU from the operating system.

Rule: everything on, as in production: a payment is two legs, six MACs and two durable commits, an enquiry one leg and
four MACs. A figure is given with its load: as much as goes through, or requests at a rate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulators.bench.figures import result
from simulators.bench.pressed import Press, Pressed
from simulators.bench.runs import Run, run_figures

Progress = Callable[[str], None]


@dataclass(frozen=True)
class PayLoad:
    """Requests in a run, and at what rate; None: the next as soon as one is answered."""

    requests: int = 20_000
    rate_per_s: float | None = None
    runs: int = 3
    warm_up: int = 5_000


async def measure(load: PayLoad, under: Pressed, ceiling_per_s: float, progress: Progress) -> dict[str, Any]:
    """The figures of `load.runs` runs after a warm-up, as they are printed."""
    progress("warming up")
    await under.closed(load.warm_up)
    runs = []
    for number in range(1, load.runs + 1):
        progress(f"run {number} of {load.runs}")
        runs.append(await _run(under, load))
    return result("pay", {**load_told(under.press, load), "generator_ceiling_per_s": ceiling_per_s}, run_figures(runs))


def load_told(press: Press, load: PayLoad) -> dict[str, Any]:
    """The load point."""
    pace = (
        {"in_flight": press.connections * press.in_flight}
        if load.rate_per_s is None
        else {"rate_per_s": load.rate_per_s}
    )
    return {**press.told(), **pace, "transactions_per_run": load.requests, "runs": load.runs}


async def _run(under: Pressed, load: PayLoad) -> Run:
    if load.rate_per_s is None:
        return await under.closed(load.requests)
    return await under.paced(load.rate_per_s, load.requests / load.rate_per_s)
