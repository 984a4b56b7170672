"""Terminals' serial numbers: each is used once, over a restart too; only its own request may show one again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from switch.security.crypto.ksn import Ksn
from switch.security.keys.ksn_book import KsnBook
from switch.security.port import ModuleAwayError, SecurityError

MINE, ANOTHER = "000124|ATM00001|1125|REF1", "000124|ATM00001|1125|REF2"


def ksn(counter: int, device: str = "FFFF9876543210E") -> Ksn:
    return Ksn.parse(f"{device}{counter:05X}")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "keys.json.ksn")


def test_a_number_is_taken_once_and_then_only_greater_ones() -> None:
    book = KsnBook()
    assert book.accept(ksn(2), MINE)
    assert not book.accept(ksn(2), ANOTHER)
    assert not book.accept(ksn(1), ANOTHER)
    assert book.accept(ksn(3), ANOTHER)
    assert book.accept(ksn(1, "FFFF9876543220E"), ANOTHER), "another terminal counts for itself"


def test_the_same_request_may_show_its_number_again_and_nobody_else() -> None:
    book = KsnBook()
    assert book.accept(ksn(2), MINE)
    assert book.accept(ksn(2), MINE), "a PIN change has two blocks; a repeat is the same request"
    assert not book.accept(ksn(2), "")
    assert book.accept(ksn(3), "")
    assert not book.accept(ksn(3), ""), "nobody's request is no one's repeat"
    assert not book.accept(ksn(2), MINE), "once a greater one came it is old for its own request too"


def test_it_all_holds_for_who_opens_the_file_again(path: str) -> None:
    book = KsnBook(path)
    assert book.accept(ksn(1), ANOTHER)
    assert book.accept(ksn(2), MINE)
    assert book.accept(ksn(7, "FFFF9876543220E"), ANOTHER)
    for _ in range(2):
        again = KsnBook(path)
        assert again.accept(ksn(2), MINE)
        assert not again.accept(ksn(2), ANOTHER)
        assert not again.accept(ksn(7, "FFFF9876543220E"), MINE)
    assert KsnBook(path).accept(ksn(3), ANOTHER)
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_the_file_has_one_line_a_terminal_after_it_was_opened_and_says_nothing_of_a_request(path: str) -> None:
    book = KsnBook(path)
    for counter in range(1, 6):
        assert book.accept(ksn(counter), MINE)
    KsnBook(path)
    text = Path(path).read_text()
    assert len(text.splitlines()) == 1
    assert not any(part in text for part in MINE.split("|"))


def test_a_line_that_a_kill_cut_short_is_passed_over(path: str) -> None:
    assert KsnBook(path).accept(ksn(2), MINE)
    with open(path, "a") as file:
        file.write(f"{ksn(9).device} 9")
    assert KsnBook(path).accept(ksn(3), ANOTHER)


@pytest.mark.parametrize("taken", [0, 10])
def test_a_number_that_could_not_be_written_down_is_not_used_and_spoils_no_other(
    path: str, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    book, write = KsnBook(path), os.write

    def full(descriptor: int, data: bytes) -> int:
        if not taken:
            raise OSError(28, os.strerror(28))
        return write(descriptor, data[:taken])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(ModuleAwayError):
            book.accept(ksn(2), MINE)
    assert book.accept(ksn(4, "FFFF9876543220E"), MINE)
    again = KsnBook(path)
    assert not again.accept(ksn(4, "FFFF9876543220E"), ANOTHER)
    assert again.accept(ksn(2), MINE)


def test_a_file_that_cannot_be_had_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SecurityError, match="allowed: a file of serial numbers of its own"):
        KsnBook(str(tmp_path / "gone" / "ksn"))
    with pytest.raises(SecurityError, match="allowed: a file of serial numbers of its own"):
        KsnBook(str(tmp_path))
