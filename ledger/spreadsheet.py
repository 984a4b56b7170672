"""Comma-separated values, for a spreadsheet or a program, a line at a time.

Rule: pure. A text that a spreadsheet would take for a formula gets an apostrophe before it; a number never does.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

Cell = str | int | float | None  # None: an empty cell

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    out = _Lines()
    writer = csv.writer(out, lineterminator="\n")
    for row in (header, *rows):
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
        yield out.take()


def harmless(text: str) -> str:
    """As text, whatever a spreadsheet thinks."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


class _Lines:
    """A file of the line that was written last."""

    def __init__(self) -> None:
        self._line = ""

    def write(self, text: str) -> None:
        self._line += text

    def take(self) -> str:
        line, self._line = self._line, ""
        return line
