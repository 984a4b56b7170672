"""What every bench prints: what was measured, under what load, where, when, and of which commit.

Rule: a figure is the minimum, the median and the maximum of its runs; the last line of standard output is one object.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from simulators.bench.machine import commit, machine

Triple = dict[str, float]


def triple(values: Iterable[float]) -> Triple:
    """Of the runs: minimum, median, maximum."""
    found = list(values)
    return {"min": min(found), "median": statistics.median(found), "max": max(found)}


def triples(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Runs that told the same figures, as one with a triple for each number; what is no number must be the same."""
    return {name: _one([run[name] for run in runs]) for name in runs[0]}


def _one(values: list[Any]) -> Any:
    if isinstance(values[0], Mapping):
        return triples(values)
    if isinstance(values[0], int | float) and not isinstance(values[0], bool):
        return triple(values)
    assert all(value == values[0] for value in values), values
    return values[0]


def repeated(measure: Callable[[], Mapping[str, float]], runs: int, throughput: str, cpu: str) -> dict[str, Any]:
    """Triples of a bench that tells bare numbers; two of them under the names that all benches have, too."""
    found = triples([measure() for _ in range(runs)])
    return {"throughput_per_s": found[throughput], "cpu_us_per_transaction": found[cpu], **found}


def result(bench: str, load: Mapping[str, Any], figures: Mapping[str, Any]) -> dict[str, Any]:
    """The whole object, as it is printed."""
    told: dict[str, Any] = rounded(
        {"bench": bench, "load": load, **figures, "machine": machine(), "commit": commit(), "at": _now()}
    )
    return told


def rounded(value: Any) -> Any:
    """Figures to the second decimal: there is no more in them."""
    if isinstance(value, Mapping):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    return round(value, 2) if isinstance(value, float) else value


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
