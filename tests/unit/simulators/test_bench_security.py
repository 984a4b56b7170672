"""The security module's benchmark runs and says what it measured. How fast is for `barada bench`, not for a test."""

from __future__ import annotations

from simulators.bench.security import MACS, PINS, measure


def test_measures_each_pair_of_algorithms_and_each_step() -> None:
    figures = measure(rounds=1, messages=1)
    pairs = {f"{mac}_{pin}_us" for mac in MACS for pin in PINS}
    macs = {f"{mac}_{step}_us" for mac in MACS for step in ("verify_mac", "make_mac")}
    assert set(figures) == pairs | macs | {f"translate_pin_{pin}_us" for pin in PINS}
    assert all(figure > 0 for figure in figures.values())
