"""The books' benchmark runs and says what it measured. How fast is for `barada bench`, not for a test."""

from __future__ import annotations

from pathlib import Path

from simulators.bench.books import growth, measure, restart, statement


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


def test_growth_is_measured_at_every_size_and_compared(tmp_path: Path) -> None:
    figures = growth((200, 400), tmp_path, customers=10, sample=200)
    assert set(figures) == {"at_200", "at_400", "ratio"}
    assert all(figure > 0 for figure in figures.values())


def test_statement_measures_the_balance_and_two_pages(tmp_path: Path) -> None:
    figures = statement(400, tmp_path, runs=2)
    assert set(figures) == {"balance_ms", "newest_page_ms", "page_half_way_ms"}


def test_restart_is_of_books_that_a_kill_left(tmp_path: Path) -> None:
    figures = restart(200, tmp_path)
    assert figures["entries_applied_again"] > 0
    assert figures["ready_s"] > 0
