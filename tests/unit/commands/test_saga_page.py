"""The page about the saga says what the table does, of every row."""

from __future__ import annotations

import pytest

from switch.flow.payment import State
from switch.flow.saga import TABLE
from switch.reference.saga import STATES, saga_reference
from switch.reference.saga_cases import outcomes
from tests.unit.commands.conftest import ROOT, Barada


def test_the_committed_page_is_what_the_code_says() -> None:
    if (ROOT / "docs" / "saga.md").read_text(encoding="utf-8") != saga_reference():
        pytest.fail("docs/saga.md is not what the code says any more: run `make docs` and read the difference")


def test_every_row_of_the_table_happens_in_each_of_its_states() -> None:
    unseen = [
        f"{state.value}: {row.guard.__name__}, {row.action.__name__}"
        for place, row in enumerate(TABLE)
        for state in row.states
        if not outcomes().get((state, place))
    ]
    assert unseen == []


def test_every_state_has_its_words_and_its_place() -> None:
    assert list(STATES) == list(State)
    for state in State:
        assert f"### {state.value}\n" in saga_reference()


def test_the_page_says_what_was_seen() -> None:
    page = saga_reference()
    assert "| requested |  | hold | **HELD** | hold | ask the core |" in page
    assert "| core approved | one leg | post | **POSTED** | post | answer the channel |" in page
    assert "| operator post | paid or not | post | **POSTED** | post |" in page


def test_the_command_prints_the_page(barada: Barada) -> None:
    assert barada("reference", "saga").stdout == saga_reference()
