"""Peers' files in a directory: the right ones are read, line by line, and a fault names its file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ledger.scale import Scale
from switch.backoffice.files import days_beside, lines_beside, read_day, write_day
from switch.settlement.file import LINE_MAX, EndOfDay, FileError, file_name
from tests.unit.settlement.making import CORE, DAY, NEXT, line

OURS = ("100",)


def test_a_file_is_read_back_from_where_it_was_written(tmp_path: Path) -> None:
    file = EndOfDay(CORE, DAY, (line(1), line(2)))
    assert write_day(tmp_path, file).name == f"core-{DAY}.csv"
    assert read_day(tmp_path, CORE, DAY, OURS) == file
    assert [path.name for path in tmp_path.iterdir()] == [file_name(CORE, DAY)]


def test_a_file_that_could_not_be_written_leaves_the_one_before_it(tmp_path: Path) -> None:
    good, bad = EndOfDay(CORE, DAY, (line(1),)), EndOfDay(CORE, DAY, (line(1, payee="nobody"),))
    write_day(tmp_path, good)
    with pytest.raises(ValueError, match="payee"):
        write_day(tmp_path, bad)
    assert read_day(tmp_path, CORE, DAY, OURS) == good


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / file_name(CORE, DAY))
    with pytest.raises(FileError, match="not a regular file"):
        read_day(tmp_path, CORE, DAY, OURS)


def test_a_line_without_end_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / file_name(CORE, DAY)
    with path.open("wb") as file:
        file.truncate(10**9)  # a hole, not a gigabyte
    with pytest.raises(FileError, match=rf"{path.name}: line 1: longer than {LINE_MAX} bytes"):
        read_day(tmp_path, CORE, DAY, OURS)


def test_only_the_same_peers_files_of_near_days_stand_beside(tmp_path: Path) -> None:
    names = ("core-20261112.csv", "core-20261113.csv", "core-20261123.csv", "core-20261127.csv", "core-20261199.csv")
    for name in (*names, "more-core-20261121.csv", "power-20261121.csv", "core-20261121.txt", file_name(CORE, DAY)):
        (tmp_path / name).touch()
    assert days_beside(tmp_path, CORE, DAY) == ["20261113", "20261123"]


def test_beside_a_day_only_the_payments_that_are_asked_for_are_read(tmp_path: Path) -> None:
    later = line(1, day=NEXT)
    write_day(tmp_path, EndOfDay(CORE, NEXT, (later, line(2, day=NEXT))))
    assert list(lines_beside(tmp_path, CORE, DAY, {later.key}, OURS)) == [later]
    assert list(lines_beside(tmp_path, CORE, DAY, set(), OURS)) == []


@pytest.mark.parametrize(("scale", "units"), [(Scale("20260101", 100), 100), (Scale("20270101", 100), 1)])
def test_a_file_is_in_the_pound_of_its_day_and_read_in_units_of_the_books(
    tmp_path: Path, scale: Scale, units: int
) -> None:
    written = line(1, day=NEXT)
    write_day(tmp_path, EndOfDay(CORE, NEXT, (written,)))
    (read,) = read_day(tmp_path, CORE, NEXT, OURS, scale).lines
    assert read.amount_minor == written.amount_minor * units
    assert list(lines_beside(tmp_path, CORE, DAY, {written.key}, OURS, scale)) == [read]
