"""What is reported reaches whoever must act on it: at the right level, under a name that the tables know."""

import ast
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from switch.observe.counters import OVERFLOW
from switch.observe.events import open_log
from switch.observe.metrics import LABELS
from switch.observe.severity import ERRORS, WARNINGS, Reporter

SWITCH = Path(__file__).parents[3] / "switch"


def first_words(*calls: str) -> Iterator[str]:
    """The text that a call of one of these names begins with, wherever the switch makes one."""
    for path in SWITCH.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in calls:
                constants = (of.value for of in ast.walk(node.args[0]) if isinstance(of, ast.Constant))
                yield from (value for value in constants if isinstance(value, str))


def test_every_event_that_has_a_level_is_reported_somewhere() -> None:
    assert set(first_words("report", "_report", "fault", "tell")) >= ERRORS | WARNINGS
    assert not ERRORS & WARNINGS


def test_every_counter_has_a_meaning_and_every_meaning_a_counter() -> None:
    assert {*first_words("add"), *OVERFLOW} == set(LABELS)


@pytest.mark.parametrize(("level", "seen"), [("info", 3), ("warning", 2), ("error", 1)])
def test_an_alarm_passes_every_level(level: str, seen: int) -> None:
    file = io.StringIO()
    report = Reporter(open_log(level, file, lambda: 0.0))
    for event in ("alarm", "link down", "link ready"):
        report(event)
    events = [json.loads(line)["event"] for line in file.getvalue().splitlines()]
    assert events == ["alarm", "link down", "link ready"][:seen]
