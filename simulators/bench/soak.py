"""A million payments: whether memory or descriptors grow, how large the books become, how soon a restart serves.

Rule: growth counts from the end of the first tenth on, when caches and pools are full. The restart is a stop in good
order and a start on the full database: until it serves, and until payments are approved again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import trio

from simulators.bench.figures import result
from simulators.bench.pay import Progress
from simulators.bench.pressed import Pressed
from simulators.bench.runs import Run, run_figures
from simulators.bench.usage import Held, held_by

STEPS = 100


@dataclass(frozen=True)
class SoakLoad:
    """`within_s` is when no more are begun, however many are left."""

    payments: int = 1_000_000
    within_s: float = 3_600.0
    warm_up: int = 5_000
    step_least: int = 1_000  # payments between two samples


@dataclass(frozen=True)
class Sample:
    """What was held after so many payments."""

    payments: int
    held: dict[str, Held]


async def measure(load: SoakLoad, under: Pressed, ceiling_per_s: float, progress: Progress) -> dict[str, Any]:
    """The figures; with fewer payments where the time was up."""
    progress("warming up")
    await under.closed(load.warm_up)
    runs, samples = await _soaked(under, load, progress)
    progress("restarting")
    books_bytes = sum(file.stat().st_size for file in under.directory.glob("ledger.db*"))
    served_s, approved_s = await under.restart()
    told = {
        **under.press.told(),
        "in_flight": under.press.connections * under.press.in_flight,
        "payments": samples[-1].payments,
        "payments_wanted": load.payments,
        "runs": len(runs),
        "generator_ceiling_per_s": ceiling_per_s,
    }
    figures = {
        **run_figures(runs),
        **growth(samples, load.payments),
        "books_bytes": books_bytes,
        "books_bytes_per_payment": books_bytes / (samples[-1].payments + load.warm_up),
        "restart_s": served_s,
        "restart_until_approved_s": approved_s,
    }
    return result("soak", told, figures)


async def _soaked(under: Pressed, load: SoakLoad, progress: Progress) -> tuple[list[Run], list[Sample]]:
    runs, samples = list[Run](), list[Sample]()
    until, paid, step = trio.current_time() + load.within_s, 0, max(load.payments // STEPS, load.step_least)
    while paid < load.payments and trio.current_time() < until:
        runs.append(await under.closed(min(step, load.payments - paid)))
        paid += runs[-1].approved
        samples.append(Sample(paid, {name: held_by(pids) for name, pids in under.installation.pids().items()}))
        progress(f"{paid:,} of {load.payments:,} payments, {_in_words(samples[-1])}")
    return runs, samples


def growth(samples: Sequence[Sample], payments: int) -> dict[str, Any]:
    """By process: resident memory and descriptors after the first tenth and at the end, and the growth between; None
    where the time was up before."""
    first = next((one for one in samples if one.payments * 10 >= payments), samples[-1])
    last = samples[-1]
    return {
        "resident": {name: _resident(first.held[name], last.held[name], first is last) for name in first.held},
        "descriptors": {
            name: {"first": first.held[name].descriptors, "last": last.held[name].descriptors} for name in first.held
        },
    }


def _resident(first: Held, last: Held, too_short: bool) -> dict[str, float | None]:
    grown = None if too_short else 100 * (last.resident_bytes - first.resident_bytes) / first.resident_bytes
    return {"first_bytes": first.resident_bytes, "last_bytes": last.resident_bytes, "growth_percent": grown}


def _in_words(sample: Sample) -> str:
    return ", ".join(
        f"{name} {held.resident_bytes / 1e6:.0f} MB {held.descriptors or '?'} descriptors"
        for name, held in sample.held.items()
    )
