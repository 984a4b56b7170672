"""Tables for people: no word is broken, whatever the terminal's width."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from switch.commands import tables
from switch.commands.tables import EDGES, GAPS, fit

WORDS = st.text(alphabet="abc019.,-", min_size=1, max_size=14)
CELLS = st.lists(WORDS, max_size=4).map(" ".join)
COLUMNS = st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6)


@given(COLUMNS, st.integers(10, 120))
def test_a_fitted_table_stays_in_its_room_and_breaks_no_word(columns: list[list[str]], room: int) -> None:
    fitted = fit(columns, room)
    if fitted is None:
        shortest = [max(len(word) for cell in cells for word in cell.split() or [""]) for cells in columns]
        assert sum(shortest) + (len(columns) - 1) * GAPS[-1] > room
        return
    widths, gap = fitted
    assert sum(widths) + (len(columns) - 1) * gap <= room
    for cells, width in zip(columns, widths, strict=True):
        assert all(len(word) <= width for cell in cells for word in cell.split())


@pytest.mark.parametrize("width", [36, 44, 48, 60, 200])
def test_ids_amounts_and_moments_are_whole_in_a_terminal_of_any_width(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    monkeypatch.setattr(tables, "_console", lambda: Console(file=out, width=width))
    row = ("20261129.3b4a5c7549", "amount differs", "-14,265.00", "2026-11-29 14:25:33")
    tables.show_rows("Cases", ("case", "break", "difference", "at"), [row])
    assert all(word in out.getvalue() for cell in row for word in cell.split())
    assert all(len(line) <= width for line in out.getvalue().splitlines())


def test_a_column_that_says_nothing_goes_before_a_table_is_told_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(tables, "_console", lambda: Console(file=out, width=34))
    tables.show_rows("Cases", ("case", "owner of it", "state"), [("20261129.3b4a5c7549", "", "dismissed")])
    said = out.getvalue()
    assert "20261129.3b4a5c7549 dismissed" in " ".join(said.split())
    assert "owner" not in said


def test_a_table_that_has_room_is_as_wide_as_its_cells() -> None:
    assert fit([["case", "20261129.3b4a5c7549"], ["state", "open"]], 80 - EDGES) == ([19, 5], GAPS[0])
