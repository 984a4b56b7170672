"""The master key: from its file, else from the environment, and in no error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from switch.security.keys.master import ENVIRONMENT, master_key
from switch.security.port import SecurityError

KEY = bytes(range(32))


def kept(directory: Path, text: bytes) -> str:
    path = directory / "master.key"
    path.write_bytes(text)
    path.chmod(0o600)
    return str(path)


@pytest.mark.parametrize("text", [KEY.hex(), KEY.hex().upper(), f"  {KEY.hex()}\n", KEY.hex(" ", 4)])
def test_it_is_read_from_its_file_or_from_the_environment(tmp_path: Path, text: str) -> None:
    assert master_key(kept(tmp_path, text.encode()), {}) == KEY
    assert master_key(None, {ENVIRONMENT: text}) == KEY


def test_the_file_wins_over_the_environment(tmp_path: Path) -> None:
    assert master_key(kept(tmp_path, KEY.hex().encode()), {ENVIRONMENT: "00" * 32}) == KEY


def test_a_file_that_is_named_and_missing_is_not_made_up_for(tmp_path: Path) -> None:
    with pytest.raises(SecurityError, match="No such file"):
        master_key(str(tmp_path / "gone"), {ENVIRONMENT: KEY.hex()})


def test_without_either_the_line_says_what_is_allowed() -> None:
    with pytest.raises(SecurityError, match=r"allowed: security\.master_key names a file, or BARADA_MASTER_KEY"):
        master_key(None, {})


UNFIT = [
    b"",
    KEY[:16].hex().encode(),
    KEY.hex().encode() + b"00",
    b"no key at all: 4711",
    "مفتاح".encode(),
    b"\xff" * 64,
]


@pytest.mark.parametrize("text", UNFIT, ids=range(len(UNFIT)))
@pytest.mark.parametrize("where", ["file", "environment"])
def test_what_is_no_key_is_not_repeated_anywhere(tmp_path: Path, text: bytes, where: str) -> None:
    file = kept(tmp_path, text) if where == "file" else None
    with pytest.raises(SecurityError) as caught:
        master_key(file, {ENVIRONMENT: os.fsdecode(text)})
    line = str(caught.value)
    assert line.endswith("no master key: allowed: 64 hexadecimal digits")
    assert not text or os.fsdecode(text)[:8] not in line
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
