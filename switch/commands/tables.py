"""Tables for people. Rule: nothing is interpreted as markup, and a pipe gets whole lines however wide."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 200
NUMBERS = frozenset(
    (
        *("amount", "attempts", "since", "left", "payments open", "carried over", "posted", "given back", "number"),
        *("our amount", "their amount", "our net", "their net"),
        *("count", "received", "disputes", "net", "difference", "age"),
        *("cash", "lasts", "cost", "score"),
        *("people", "broken", "paid/h", "refused/h", "people each", "unserved/h", "relief/h"),
    )
)


def show_rows(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(title=Text(title, "bold"), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in NUMBERS else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    _print(table)


def show_facts(title: str, facts: Iterable[tuple[str, str]]) -> None:
    """What and its words; what has none is left out."""
    table = Table(title=Text(title, "bold"), title_justify="left", box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, words in facts:
        if words:
            table.add_row(Text(name), Text(words))
    _print(table)


def whole(minor: int) -> str:
    """Without the decimals, for what is counted in notes."""
    return f"{minor // 100:,}"


def _print(table: Table) -> None:
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)
