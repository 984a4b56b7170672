"""Text is cut at a character, and its size counts bytes."""

from __future__ import annotations

import pytest

from switch.wire.text import cut, fill


@pytest.mark.parametrize(("size", "left"), [(8, "دمشق"), (7, "دمش"), (6, "دمش"), (1, ""), (0, "")])
def test_arabic_is_cut_at_a_character(size: int, left: str) -> None:
    assert cut("دمشق", size) == left


def test_a_short_text_is_left_alone() -> None:
    assert cut("Damascus", 40) == "Damascus"


def test_a_fixed_field_is_filled_to_its_bytes() -> None:
    filled = fill("دمشق Damascus", 40)
    assert len(filled.encode()) == 40
    assert filled.strip() == "دمشق Damascus"
    assert len(fill("دمشق" * 9, 39).encode()) == 39


def test_what_a_charset_lacks_becomes_a_question_mark() -> None:
    assert cut("€5", 9, "latin-1") == "?5"
    assert fill("دمشق", 6, "cp1256") == "دمشق  "
