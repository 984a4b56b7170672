"""One worker of the switch against two: how much more goes through, and what each request costs.

Rule: both switches are up and take turns, so that what else the machine does falls on both. Where the machine had no
processor left (`machine_idle`), only the CPU of a request tells anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulators.bench.figures import result, triple
from simulators.bench.pay import PayLoad, Progress, load_told
from simulators.bench.pressed import Pressed
from simulators.bench.runs import Run, run_figures

WORKERS = (1, 2)


async def measure(
    load: PayLoad, switches: tuple[Pressed, Pressed], ceiling_per_s: float, progress: Progress
) -> dict[str, Any]:
    """The figures by number of workers, and the ratios of two to one."""
    by_workers = dict(zip(WORKERS, switches, strict=True))
    runs: dict[int, list[Run]] = {workers: [] for workers in by_workers}
    progress("warming up")
    for under in switches:
        await under.closed(load.warm_up)
    for number in range(1, load.runs + 1):
        for workers, under in by_workers.items():
            progress(f"run {number} of {load.runs}, workers: {workers}")
            runs[workers].append(await under.closed(load.requests))
    one, two = runs.values()
    told = {**load_told(switches[0].press, load), "workers": list(WORKERS), "generator_ceiling_per_s": ceiling_per_s}
    figures = {
        **run_figures(two),
        "by_workers": {str(workers): run_figures(found) for workers, found in runs.items()},
        "throughput_ratio": _ratio(one, two, "throughput_per_s"),
        "cpu_ratio": _ratio(one, two, "cpu_us_per_transaction"),
    }
    return result("scale", told, figures)


def _ratio(ones: Sequence[Run], twos: Sequence[Run], figure: str) -> dict[str, float]:
    """Turn by turn."""
    return triple([two.figures()[figure] / one.figures()[figure] for one, two in zip(ones, twos, strict=True)])
