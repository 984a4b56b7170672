"""The page of figures: written from what is recorded, and nothing else."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from simulators.bench.commands import bench
from simulators.bench.record import LINES, PAGE, results_in
from simulators.bench.table import BEGIN, END, RECORDED, ROWS, rewritten

DOCS = Path(__file__).parents[3] / "docs"
BILL = {
    "commit": "abc",
    "at": "2026-03-02T10:00:00Z",
    "cpu_us_per_transaction": {"min": 99.44, "median": 1234.5, "max": 2000.0},
    "machine_idle": {"min": 0.0, "median": 0.25, "max": 0.5},
}


def test_the_page_is_what_its_recorded_results_make_of_it() -> None:
    page = (DOCS / PAGE).read_text(encoding="utf-8")
    assert rewritten(page, results_in(DOCS / LINES)) == page, "barada bench record --table-only"


def test_every_row_is_of_something_that_is_recorded_and_every_record_is_known() -> None:
    assert {row.name for row in ROWS} == set(RECORDED)
    assert set(results_in(DOCS / LINES)) <= set(RECORDED)


def test_every_command_of_the_page_is_one() -> None:
    page = (DOCS / PAGE).read_text(encoding="utf-8")
    for name, words in RECORDED.items():
        assert f"| {name} | `barada bench {' '.join(words)}` |" in page
        command, *options = words
        bench.commands[command].make_context(command, options)


def test_every_recorded_figure_is_found_where_its_row_looks_for_it() -> None:
    page = (DOCS / PAGE).read_text(encoding="utf-8")
    recorded = results_in(DOCS / LINES)
    for row in ROWS:
        if row.name in recorded and row.path[-1] != "recovered_after_s":  # which may be never
            assert f"| {row.name} | {row.what} | – |" not in page


def test_a_figure_stands_with_its_spread_its_goal_and_its_commit() -> None:
    page = rewritten(f"a\n{BEGIN}\nold\n{END}\nz", {"bill": BILL})
    assert (
        "| bill | saturated, CPU µs | 1,234 (99.4 – 2,000) | at most 200 | 0.25 (0 – 0.5) | abc, 2026-03-02 |" in page
    )
    assert "| balance | saturated, CPU µs | – | at most 80 | – | not recorded |" in page
    assert "old" not in page
    assert rewritten(page, {"bill": BILL}) == page


def test_a_page_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the table"):
        rewritten("nothing", {})


def test_only_what_the_page_tells_can_be_recorded() -> None:
    done = CliRunner().invoke(bench, ["record", "weather", "--docs", str(DOCS)])
    assert done.exit_code == 2
    assert "weather: allowed: codec, " in done.output
