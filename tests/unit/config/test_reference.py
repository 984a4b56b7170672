"""The configuration reference says something about every key, and the demo's file is a start for a bank."""

import re

import msgspec

from config.reference import reference
from config.settings import LISTED, NAMED, SINGLE, demo_path


def test_the_reference_lists_every_key_with_type_default_and_meaning() -> None:
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    kinds = [*SINGLE.values(), *NAMED.values(), *LISTED.values()]
    keys = [field.name for kind in kinds for field in msgspec.structs.fields(kind) if field.name != "name"]
    assert len(rows) == len(keys) > 60
    for key, row in zip(keys, rows, strict=True):
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert cells[0] == f"`{key}`"
        assert len(cells) == 4
        assert all(cells)


def test_the_reference_speaks_the_files_language_not_pythons() -> None:
    assert not any(word in reference() for word in ("None", "True", "False", "<", "'s'"))


def test_the_demos_file_explains_every_section_and_holds_no_key() -> None:
    text = demo_path().read_text(encoding="utf-8")
    for section in (*SINGLE, *NAMED, *LISTED):
        assert f"[{section}" in text
    assert not re.search(r"[0-9A-Fa-f]{16}", text)
    assert '"soft" keys work in the switch\'s own memory: for trying out' in " ".join(text.split())
