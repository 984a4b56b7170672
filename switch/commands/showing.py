"""Explained messages for whoever reads them: a table on a terminal, plain lines in a pipe, JSON for a program.

Rule: this file lays out and decides nothing. What it gets is masked already, and goes out without being interpreted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import click
import msgspec

from switch.commands.explaining import Explained, Line

_COLUMNS = ("field", "name", "at", "length", "value", "meaning")
_NUMBERS = ("at", "length")


def show(title: str, explained: Explained) -> None:
    """One message on the standard output, under its title."""
    rows = [_row(line) for line in explained.lines]
    if sys.stdout.isatty():
        _show_table(title, rows)
    else:
        click.echo(title)
        for text in _aligned([_COLUMNS, *rows] if rows else []):
            click.echo(f"  {text}")
    for text in endings(explained):
        click.echo(f"  {text}")


def endings(explained: Explained) -> Iterable[str]:
    """What is to be said after the fields of a message that broke off."""
    fault = explained.fault
    if fault is not None:
        yield f"cannot be read from byte {fault.at} of {explained.size}, field {fault.field}: {fault.why}"
    if explained.unread:
        yield f"promised by the bitmap but not read: {' '.join(explained.unread)}"


def as_object(explained: Explained) -> dict[str, Any]:
    """The message for JSON."""
    built: dict[str, Any] = msgspec.to_builtins(explained)
    return {"size": built["size"], "fields": built["lines"], "fault": built["fault"], "unread": built["unread"]}


def show_object(what: dict[str, Any]) -> None:
    """One JSON object on a line of its own."""
    click.echo(msgspec.json.encode(what).decode())


def _row(line: Line) -> tuple[str, ...]:
    texts = msgspec.to_builtins(msgspec.structs.asdict(line))
    return tuple("" if texts[column] is None else str(texts[column]) for column in _COLUMNS)


def _aligned(rows: list[tuple[str, ...]]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if name in _NUMBERS else cell.ljust(width)
            for name, cell, width in zip(_COLUMNS, row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()


def _show_table(title: str, rows: list[tuple[str, ...]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    styles = {"field": "bold", "value": "cyan", "at": "dim", "length": "dim"}
    table = Table(title=Text(title, "bold"), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in _COLUMNS:
        justify: Any = "right" if name in _NUMBERS else "left"
        table.add_column(name, style=styles.get(name), justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)
