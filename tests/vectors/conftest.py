"""Closes a run with a table of the known answers, by family: how many there are and how many were given."""

from collections import Counter
from collections.abc import Iterator

import pytest

OUTCOMES = ("passed", "failed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts = Counter(tried(terminalreporter))
    if not counts:
        return
    terminalreporter.section("known answers")
    terminalreporter.write_line(row("family", "positive", "passed", "negative", "refused"))
    for family in sorted({family for family, *_ in counts}):
        terminalreporter.write_line(row(family, *figures(counts, family)))
    totals = [
        sum(column) for column in zip(*(figures(counts, name) for name in {key[0] for key in counts}), strict=True)
    ]
    terminalreporter.write_line(row("all", *totals))


def tried(terminalreporter: pytest.TerminalReporter) -> Iterator[tuple[str, bool, bool]]:
    """Family, whether negative, whether it passed, for each vector of the run."""
    for outcome in OUTCOMES:
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties:
                if name == "vector":
                    yield (*value, outcome == "passed")


def figures(counts: Counter[tuple[str, bool, bool]], family: str) -> list[int]:
    """Positive, passed, negative, refused."""
    right = [counts[family, negative, True] for negative in (False, True)]
    every = [right[negative] + counts[family, negative, False] for negative in (False, True)]
    return [every[0], right[0], every[1], right[1]]


def row(family: str, *columns: object) -> str:
    return f"{family:<30}" + "".join(f"{column:>10}" for column in columns)
