"""What becomes of the switch when twice as much is asked of it as goes through, and how soon it is itself again.

Rule: one schedule without a pause: half of saturation, twice saturation, half again. What was answered counts when it
was answered, how long it took when it was asked. What came of the overload is told, not judged: answers by code.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import trio

from simulators.bench.figures import result, triple, triples
from simulators.bench.latency import saturation
from simulators.bench.orders import Open, Outcome, Window
from simulators.bench.pay import Progress
from simulators.bench.pressed import Pressed, used_since
from simulators.bench.runs import APPROVED, run_figures
from simulators.bench.schedule import Phase
from switch.wire.codes import ResponseCode

OVER, UNDER = 2.0, 0.5
NORMAL_FACTOR = 2.0
CALM_WINDOWS = 2  # this many good windows in a row are normal again
TURNED_AWAY = (ResponseCode.UNAVAILABLE, ResponseCode.IN_PROGRESS)  # an enquiry, a payment


@dataclass(frozen=True)
class OverloadLoad:
    """Seconds before, during and after, and how long stragglers are awaited; `requests` of each run at saturation."""

    requests: int = 10_000
    before_s: float = 4.0
    over_s: float = 5.0
    after_s: float = 12.0
    drain_s: float = 15.0
    window_s: float = 0.5
    runs: int = 3
    warm_up: int = 5_000

    def order(self, most_per_s: float) -> Open:
        calm, over = most_per_s * UNDER, most_per_s * OVER
        phases = Phase(calm, self.before_s), Phase(over, self.over_s), Phase(calm, self.after_s)
        return Open(phases, self.drain_s, self.window_s)


async def measure(load: OverloadLoad, under: Pressed, ceiling_per_s: float, progress: Progress) -> dict[str, Any]:
    """The peak, and the figures of each overload."""
    saturated = await saturation(under, load.requests, load.runs, load.warm_up, progress)
    most_per_s = triple([run.throughput_per_s for run in saturated])["median"]
    found, codes = [], Counter[str]()
    for number in range(1, load.runs + 1):
        progress(f"run {number} of {load.runs} at {OVER:g} times {most_per_s:.0f} a second")
        outcome, cpu_us = await _overloaded(under, load, most_per_s)
        found.append(told(outcome, load, cpu_us, most_per_s))
        codes += outcome.codes
    recovered = [one.pop("recovered_after_s") for one in found]
    lasting = [seconds for seconds in recovered if seconds is not None]
    spoken = {
        **under.press.told(),
        "in_flight_at_saturation": under.press.connections * under.press.in_flight,
        "rate_per_s": most_per_s * OVER,
        "seconds": load.over_s,
        "seconds_after": load.after_s,
        "runs": load.runs,
        "generator_ceiling_per_s": ceiling_per_s,
    }
    figures = {
        **run_figures(saturated),
        "overload": {
            **triples(found),
            "answers": dict(codes),
            "recovered_after_s": triple(lasting) if len(lasting) == len(recovered) else None,
            "runs_that_recovered": len(lasting),
        },
    }
    return result("overload", spoken, figures)


async def _overloaded(under: Pressed, load: OverloadLoad, most_per_s: float) -> tuple[Outcome, int]:
    """What came of it, and the CPU of the phase in the middle."""
    used: list[Mapping[str, int]] = []
    order = load.order(most_per_s)

    async def note_cpu() -> None:
        begun = trio.current_time()
        for at_s in (load.before_s, load.before_s + load.over_s):
            await trio.sleep_until(begun + at_s)
            used.append(under.installation.cpu_us())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(note_cpu)
        outcome = await under.obey(order, load.before_s + load.over_s + load.after_s + load.drain_s + load.drain_s)
    return outcome, sum(used_since(*used).values())


def told(outcome: Outcome, load: OverloadLoad, cpu_us: int, most_per_s: float) -> dict[str, Any]:
    """The figures of one overload. `recovered_after_s` is None where it was not, as long as was watched."""
    over_s = load.before_s + load.over_s
    before = outcome.between(0, load.before_s)
    during = outcome.between(load.before_s, over_s)
    after = outcome.between(over_s, over_s + load.after_s)
    codes = sum((window.codes for window in during), Counter[str]())
    goodput_per_s = codes[APPROVED] / load.over_s
    return {
        "goodput_per_s": goodput_per_s,
        "goodput_share_of_peak": goodput_per_s / most_per_s,
        "share_turned_away": sum(codes[code] for code in TURNED_AWAY) / max(codes.total(), 1),
        "cpu_us_per_answer": cpu_us / max(codes.total(), 1),
        "p99_ms_before": normal_p99_us(before) / 1000,
        "unanswered": outcome.unanswered,
        "sent_late_ms": outcome.late.in_ms(),
        "recovered_after_s": recovered_after_s(after, normal_p99_us(before), load.window_s),
    }


def normal_p99_us(windows: Sequence[Window]) -> float:
    """The p99 of a usual window."""
    return statistics.median([window.latency.quantile_us(0.99) for window in windows])


def recovered_after_s(after: Sequence[Window], normal_us: float, window_s: float) -> float | None:
    """From when on, after the overload's end, all that was asked was approved, and within twice the usual p99."""
    calm = 0
    for number, window in enumerate(after):
        good = len(window.latency) == window.asked and window.latency.quantile_us(0.99) <= NORMAL_FACTOR * normal_us
        calm = calm + 1 if good else 0
        if calm == CALM_WINDOWS:
            return (number + 1 - CALM_WINDOWS) * window_s
    return None
