"""The books' benchmark runs and says what it measured. How fast is for `barada bench`, not for a test."""

from __future__ import annotations

from pathlib import Path

from simulators.bench.books import measure


def test_measures_every_batch_size_and_a_payment(tmp_path: Path) -> None:
    figures = measure(tmp_path, seconds=0.01)
    assert set(figures) == {
        "transfers_per_s_batch_1",
        "transfers_per_s_batch_10",
        "transfers_per_s_batch_100",
        "transfers_per_s_batch_1000",
        "payment_cpu_us_batch_50",
    }
    assert all(figure > 0 for figure in figures.values())
