"""Tables for people. Rule: nothing is interpreted as markup, no amount, moment or id is broken, and a pipe gets whole
lines however wide.

Where a terminal is too narrow for a table its columns come closer, then cells break between words, then columns that
say nothing go; where that is not enough either, each row is told on lines of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 200
GAPS = (3, 2, 1)  # between two columns: as a table likes to be, and what it is content with
EDGES = 2
NUMBERS = frozenset(
    (
        *("amount", "tries", "since", "left", "payments open", "carried over", "posted", "given back", "number"),
        *("our amount", "their amount", "our net", "their net"),
        *("count", "received", "disputes", "net", "difference", "age", "again in"),
        *("cash", "lasts", "cost", "score"),
        *("people", "broken", "paid/h", "refused/h", "people each", "unserved/h", "relief/h"),
    )
)


def show_rows(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    lines, console = [tuple(row) for row in rows], _console()
    room = console.width - EDGES
    cells = [(columns[n], *(row[n] for row in lines)) for n in range(len(columns))]
    fitted = fit(cells, room)
    if fitted is None:
        cells = [column for column in cells if any(column[1:])]
        fitted = fit(cells, room)
    if fitted is None:
        _show_records(title, columns, lines, console)
    else:
        console.print(_table(title, cells, *fitted))


def _table(title: str, cells: Sequence[Sequence[str]], widths: Sequence[int], gap: int) -> Table:
    """`cells` are columns, each with its name first."""
    table = Table(title=Text(title, "bold"), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.padding = (0, gap // 2, 0, gap // 3)
    for (column, *_), width in zip(cells, widths, strict=True):
        justify: JustifyMethod = "right" if column in NUMBERS else "left"
        table.add_column(column, justify=justify, overflow="fold", width=width)
    for row in zip(*(column[1:] for column in cells), strict=True):
        table.add_row(*map(Text, row))
    return table


def fit(columns: Sequence[Sequence[str]], room: int) -> tuple[list[int], int] | None:
    """How wide each column is, of these cells, and the gap between two; None if that would break a word."""
    most = [max(map(cell_len, cells)) for cells in columns]
    least = [max(cell_len(word) for cell in cells for word in (cell.split() or ("",))) for cells in columns]
    gaps = len(columns) - 1
    gap = next((gap for gap in GAPS if sum(most) + gaps * gap <= room), None)
    if gap is not None:
        return most, gap
    gap = next((gap for gap in GAPS if sum(least) + gaps * gap <= room), None)
    return None if gap is None else (_narrowed(most, least, room - gaps * gap), gap)


def _narrowed(widths: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """The widest that can give way does, until all fit."""
    now = list(widths)
    while sum(now) > room:
        widest = max((n for n in range(len(now)) if now[n] > least[n]), key=lambda n: now[n])
        now[widest] -= 1
    return now


def _show_records(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], console: Console) -> None:
    console.print(Text(title, "bold"))
    for row in rows:
        console.print()
        console.print(_facts(zip(columns, row, strict=True)))
    console.print()


def show_facts(title: str, facts: Iterable[tuple[str, str]]) -> None:
    """What and its words; what has none is left out."""
    table = _facts(facts)
    table.title, table.title_justify = Text(title, "bold"), "left"
    _console().print(table)


def _facts(facts: Iterable[tuple[str, str]]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, words in facts:
        if words:
            table.add_row(Text(name), Text(words))
    return table


def whole(minor: int) -> str:
    """Without the decimals, for what is counted in notes."""
    return f"{minor // 100:,}"


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
