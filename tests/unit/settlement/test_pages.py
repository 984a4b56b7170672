"""What is written for people about files, breaks and disputes names all that there is."""

from __future__ import annotations

import re
from pathlib import Path

from switch.settlement.case import Act, State
from switch.settlement.file import END, HEADER, LINE_MAX, SUM, file_name, read_file
from switch.settlement.line import COLUMNS
from switch.settlement.line import Kind as LineKind
from switch.settlement.match import BREAKS
from switch.settlement.resolution import DISPUTES

DOCS = Path(__file__).parents[3] / "docs"
FILES = (DOCS / "files.md").read_text(encoding="utf-8")
OPERATIONS = (DOCS / "operations.md").read_text(encoding="utf-8")


def test_the_example_of_the_layout_is_a_file_of_that_layout() -> None:
    (example,) = re.findall(r"```\n(day,.*?)```", FILES, re.DOTALL)
    file = read_file(example.encode().splitlines(keepends=True), "core", "20261122", ("100",))
    assert [line.kind for line in file.lines] == [LineKind.DEBIT, LineKind.REVERSAL]
    assert HEADER in FILES


def test_every_column_and_kind_of_line_is_explained() -> None:
    for column in COLUMNS:
        assert re.search(rf"^\| `{column}` \|", FILES, re.MULTILINE), column
    for kind in LineKind:
        assert f"`{kind}`" in FILES
    assert f"`{SUM}`" in FILES
    assert f"`{END}`" in FILES
    assert f"more than {LINE_MAX} bytes" in FILES
    assert file_name("PEER", "YYYYMMDD") in FILES


def test_every_break_state_and_act_is_explained() -> None:
    for term in (*BREAKS, *State):
        assert re.search(rf"^\| {term} \|", OPERATIONS, re.MULTILINE), term
    for act in set(Act) - {Act.FIND}:
        assert act.value in OPERATIONS
    assert f"`{DISPUTES}`" in OPERATIONS
