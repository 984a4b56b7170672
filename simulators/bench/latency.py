"""How long answers take at rates from a tenth to nine tenths of what goes through at most, and what each costs.

Rule: the most is measured in the same run, for it is another on every machine and at every hour. Latency counts from
the moment that a request was due; the peers answer at once, so that all of it is the switch's, the machine's or the
generator's own (`sent_late_ms`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulators.bench.figures import result, triple
from simulators.bench.pay import Progress
from simulators.bench.pressed import Pressed
from simulators.bench.runs import Run, run_figures

HALF = 0.5
SHARES = (0.1, 0.25, 0.4, HALF, 0.6, 0.75, 0.9)


@dataclass(frozen=True)
class LatencyLoad:
    """`requests` of each run at saturation, and `seconds` of each at a rate."""

    requests: int = 10_000
    seconds: float = 4.0
    shares: Sequence[float] = SHARES
    runs: int = 3
    warm_up: int = 5_000


async def measure(load: LatencyLoad, under: Pressed, ceiling_per_s: float, progress: Progress) -> dict[str, Any]:
    """The figures of each rate, in turns, so that what else the machine does falls on all of them alike."""
    saturated = await saturation(under, load.requests, load.runs, load.warm_up, progress)
    most_per_s = triple([run.throughput_per_s for run in saturated])["median"]
    paced: dict[float, list[Run]] = {share: [] for share in load.shares}
    for number in range(1, load.runs + 1):
        for share, runs in paced.items():
            progress(f"run {number} of {load.runs} at {share:.0%} of {most_per_s:.0f} a second")
            runs.append(await under.paced(most_per_s * share, load.seconds))
    rates = [{"share": share, "rate_per_s": most_per_s * share, **run_figures(runs)} for share, runs in paced.items()]
    told = {
        **under.press.told(),
        "in_flight_at_saturation": under.press.connections * under.press.in_flight,
        "seconds_per_rate": load.seconds,
        "runs": load.runs,
        "generator_ceiling_per_s": ceiling_per_s,
    }
    at_half = [run.outcome.latency.in_ms()["p99"] for run in paced.get(HALF, [])]
    figures = {
        **run_figures(saturated),
        "p99_ms_at_half_of_saturation": triple(at_half) if at_half else None,
        "rates": rates,
    }
    return result("latency", told, figures)


async def saturation(under: Pressed, requests: int, runs: int, warm_up: int, progress: Progress) -> list[Run]:
    """Runs of as much as goes through."""
    progress("warming up")
    await under.closed(warm_up)
    found = []
    for number in range(1, runs + 1):
        progress(f"saturated, run {number} of {runs}")
        found.append(await under.closed(requests))
    return found
