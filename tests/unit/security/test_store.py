"""The key store: what `put` has taken survives, and what it could not write has not happened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from switch.security.keys.private_file import write_private
from switch.security.keys.store import EarlierKey, FileKeyStore, StagedKey, StoredKey, encoded, get_stored, read_keys
from switch.security.port import SecurityError

FULL = StoredKey(
    "D0112M3TC00E0000AB",
    "A1B2C3",
    next=StagedKey("D0112M3TC00E0000CD", "D4E5F6", "B0096M3TC00E0000EF"),
    earlier=(EarlierKey("D0112M3TC00E000012", "0A0B0C", 1_790_000_060.5),),
    retired=("00" * 16, "11" * 16),
)
PLAIN = StoredKey("D0112P0TB00E0000AB", "112233")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A store with one key."""
    place = str(tmp_path / "keys.json")
    write_private(place, encoded({"plain": PLAIN}))
    return place


def test_what_was_put_is_read_again_by_who_opens_the_file(path: str) -> None:
    store = FileKeyStore(path)
    store.put("full", FULL)
    assert store.get("full") == FULL
    store.close()
    assert FileKeyStore(path).all() == read_keys(path) == {"plain": PLAIN, "full": FULL}
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_a_key_that_is_not_there_is_none_or_a_line_that_says_where_keys_come_from(path: str) -> None:
    store = FileKeyStore(path)
    assert store.get("gone") is None
    with pytest.raises(SecurityError, match=r"keys\.gone: not in the key store: allowed: a key that `barada keys`"):
        get_stored(store, "gone")


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"a": 1}', b'{"a": {"token": 1, "kcv": ""}}', b'{"a": {"kcv": "x"}}', b'{"\xff": 1}']
)
def test_what_is_no_key_store_is_refused_in_one_line(path: str, text: bytes) -> None:
    write_private(path, text)
    with pytest.raises(SecurityError) as caught:
        FileKeyStore(path)
    assert str(caught.value) == f"{path}: not a key store: allowed: a file that `barada keys` wrote"


def test_a_store_that_others_may_read_is_refused(path: str) -> None:
    os.chmod(path, 0o640)
    with pytest.raises(SecurityError, match="mode 640"):
        FileKeyStore(path)


def test_a_full_disk_leaves_the_old_keys_in_memory_and_on_disk(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileKeyStore(path)

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(SecurityError, match="No space left"):
            store.put("plain", FULL)
    assert store.get("plain") == read_keys(path)["plain"] == PLAIN
    store.put("plain", FULL)
    assert read_keys(path)["plain"] == FULL


def test_one_process_at_a_time_may_change_a_store_and_who_only_reads_is_not_in_the_way(path: str) -> None:
    store = FileKeyStore(path)
    with pytest.raises(SecurityError) as caught:
        FileKeyStore(path)
    assert str(caught.value) == f"{path}: in use by another process"
    assert read_keys(path) == {"plain": PLAIN}
    store.close()
    FileKeyStore(path).close()


def test_a_store_that_is_refused_is_not_kept_from_others(path: str) -> None:
    write_private(path, b"{")
    for _ in range(2):
        with pytest.raises(SecurityError, match="not a key store"):
            FileKeyStore(path)
