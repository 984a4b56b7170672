"""Private files: what somebody else could have read or written is not used, and none of ours is ever open to others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from switch.security.keys.private_file import read_private, write_private
from switch.security.port import SecurityError

SECRET = b"00112233445566778899AABBCCDDEEFF"
NOBODY = 65534


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_bytes(SECRET)
    path.chmod(0o600)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(SecurityError) as caught:
        read_private(path)
    assert SECRET.decode() not in str(caught.value)
    assert caught.value.__cause__ is None
    return str(caught.value)


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o700])
def test_what_its_owner_alone_may_read_is_read(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert read_private(file) == SECRET
    assert read_private(str(file)) == SECRET


@pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001])
def test_any_bit_for_group_or_others_is_refused(file: Path, bit: int) -> None:
    file.chmod(0o600 | bit)
    assert refusal(file) == f"{file}: mode {0o600 | bit:03o}: allowed: a file that its owner alone may read (chmod 600)"


def test_a_link_to_a_private_file_is_refused(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    assert "allowed: a file that its owner alone may read" in refusal(link)


def pipe(path: Path) -> None:
    os.mkfifo(path, 0o600)


def directory(path: Path) -> None:
    path.mkdir(0o700)


def nothing(path: Path) -> None:
    """Nobody made it."""


@pytest.mark.parametrize("make", [directory, pipe, nothing])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "what"
    make(path)
    assert refusal(path).startswith(f"{path}: ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_file_is_refused_and_roots_is_not(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chown(file, NOBODY, NOBODY)
    assert "belongs to another user" in refusal(file)
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    assert read_private(file) == SECRET
    os.chown(file, 0, 0)
    assert read_private(file) == SECRET


def test_no_descriptor_is_left_open(file: Path, tmp_path: Path) -> None:
    directory(tmp_path / "directory")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        read_private(file)
        refusal(tmp_path / "directory")
    assert len(os.listdir("/proc/self/fd")) == before


def test_what_is_written_is_its_owners_alone_from_the_first_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    write, place = os.fsync, tmp_path / "new" / "secret"

    def look(descriptor: int) -> None:
        seen.append(os.fstat(descriptor).st_mode & 0o077 if not os.path.isdir(f"/proc/self/fd/{descriptor}") else 0)
        write(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    before = os.umask(0)
    try:
        write_private(place, SECRET)
    finally:
        os.umask(before)
    assert seen == [0, 0], "the file, then its directory"
    assert read_private(place) == SECRET
    assert place.stat().st_mode & 0o777 == 0o600


def test_a_file_is_replaced_whole_and_an_open_one_becomes_private(file: Path) -> None:
    file.chmod(0o644)
    write_private(file, b"new")
    assert read_private(file) == b"new"


def test_a_link_is_replaced_not_followed(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    write_private(link, b"new")
    assert (read_private(file), read_private(link)) == (SECRET, b"new")


def test_an_existing_file_stays_where_replacing_was_not_wanted(file: Path) -> None:
    with pytest.raises(SecurityError, match="exists already: allowed: another name"):
        write_private(file, b"new", replace=False)
    assert read_private(file) == SECRET
    fresh = file.with_name("fresh")
    write_private(fresh, b"new", replace=False)
    assert read_private(fresh) == b"new"


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_write_that_fails_leaves_what_was_there_and_nothing_beside_it(
    file: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patched:
        if step == "write":
            patched.setattr("switch.security.keys.private_file._write_synced", full)
        else:
            patched.setattr(os, step, full)
        with pytest.raises(SecurityError, match="No space left on device"):
            write_private(file, b"new")
    assert read_private(file) == SECRET
    assert [path.name for path in file.parent.iterdir()] == ["secret"]


def test_what_a_killed_process_left_is_in_nobodys_way(file: Path) -> None:
    left = file.with_name(f".{file.name}.{os.getpid()}")
    left.write_bytes(b"half")
    write_private(file, b"new")
    assert read_private(file) == b"new"
    assert not left.exists()


def test_a_place_that_cannot_be_had_is_one_line(file: Path) -> None:
    with pytest.raises(SecurityError) as caught:
        write_private(file / "deeper", b"new")
    assert "\n" not in str(caught.value)
