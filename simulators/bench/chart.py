"""A chart of latency against rate, as a PNG.

Rule: drawn from the printed figures alone. The library is an extra of ours: who draws no chart needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

LINES = {"p50": "#1b6ca8", "p99": "#c0392b"}
OFFSET: Any = {"textcoords": "offset points"}
TICKS_MS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


def must_be_drawable() -> None:
    """Raises ClickException where the library is missing: better before the measurement than after it."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise click.ClickException("--chart: matplotlib is missing: pip install 'barada[bench]'") from None


def draw(figures: Mapping[str, Any], file: Path) -> None:
    """What `bench latency` told: the median of the runs at each rate, between their minimum and maximum."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    rates = [rate["rate_per_s"] for rate in figures["rates"]]
    figure = Figure(figsize=(9, 5.5), dpi=120, layout="constrained")
    axes = figure.subplots()
    shown = []
    for name, colour in LINES.items():
        found = [rate["latency_ms"][name] for rate in figures["rates"]]
        axes.fill_between(rates, [t["min"] for t in found], [t["max"] for t in found], color=colour, alpha=0.15, lw=0)
        axes.plot(rates, [t["median"] for t in found], color=colour, marker="o", label=name)
        axes.annotate(_milliseconds(found[-1]["median"]), (rates[-1], found[-1]["median"]), (7, -4), **OFFSET)
        shown += [t[edge] for t in found for edge in ("min", "max")]
    most = figures["throughput_per_s"]["median"]
    axes.axvline(most, color="grey", linestyle="--", linewidth=1)
    axes.annotate(
        f"saturation, {most:,.0f}/s",
        (most, 1),
        (-6, -6),
        xycoords=("data", "axes fraction"),
        **OFFSET,
        ha="right",
        va="top",
    )
    axes.set_yscale("log")
    axes.set_ylim(max(min(shown), 0.01) / 1.5, max(shown) * 2)
    axes.yaxis.set_major_locator(FixedLocator(TICKS_MS))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda ms, _: f"{ms:g}"))
    axes.set_xlim(0, most * 1.08)
    axes.set_xlabel("requests a second, whatever is answered")
    axes.set_ylabel("milliseconds until the answer, from when it was due")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="upper left", title="median of the runs, shaded to their extremes")
    axes.set_title(_title(figures))
    figure.savefig(file, format="png")


def _milliseconds(ms: float) -> str:
    return f"{ms:,.0f} ms" if ms >= 10 else f"{ms:.1f} ms"


def _title(figures: Mapping[str, Any]) -> str:
    load, machine = figures["load"], figures["machine"]
    service = {"bill": "Bill payment", "balance": "Balance enquiry"}[load["service"]]
    where = f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}, {figures['commit'] or '?'}"
    return f"{service}: latency against rate, {load['connections']} connections\n{where}"
