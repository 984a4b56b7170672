"""Lines of Markdown: headings, tables, lists and blocks, as the published reference is written.

Rule: knows nothing of messages. Everything is an iterator of lines, and every piece ends with an empty one.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

Lines = Iterator[str]

_WIDTH = 110
_PIECES = re.compile(r"\n(?=\n|- |\d+\. )")
_MARKER = re.compile(r"- |\d+\. ")
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


def heading(level: int, text: str) -> Lines:
    yield from ("#" * level + f" {text}", "")


def prose(text: str) -> Lines:
    """Paragraphs and lists from a constant of the source, wrapped anew once their values are filled in."""
    for piece in _PIECES.split(inspect.cleandoc(text)):
        if not piece or piece.startswith("\n"):
            yield ""
        marker = _MARKER.match(piece)
        indent = " " * (marker.end() if marker is not None else 0)
        words = " ".join(piece.split())
        yield from textwrap.wrap(
            words, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
    yield ""


def bullets(items: Iterable[str]) -> Lines:
    yield from prose("\n".join(f"- {item}" for item in items))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Lines:
    yield _row(head)
    yield "|" + "---|" * len(head)
    yield from map(_row, rows)
    yield ""


def block(lines: Iterable[str]) -> Lines:
    yield from ("```text", *lines, "```", "")


def code(text: str) -> str:
    return f"`{text}`"


def bold(text: str) -> str:
    """A response code: in code font it would be taken for a data element."""
    return f"**{text}**"


def listed(texts: Iterable[str]) -> str:
    """`7`, `11`, `70`; a dash where there is nothing."""
    return ", ".join(map(code, texts)) or "–"


def anchor(title: str) -> str:
    """The place of a heading in its own page, as forges make it."""
    return _NOT_IN_ANCHORS.sub("", title.lower()).replace(" ", "-")


def contents(lines: Iterable[str]) -> Lines:
    """Links to the second-level headings among these lines."""
    titles = (line.removeprefix("## ") for line in lines if line.startswith("## "))
    yield from bullets(f"[{title}](#{anchor(title)})" for title in titles)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
