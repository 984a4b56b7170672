"""The peers' end-of-day files in a directory: PEER-YYYYMMDD.csv each.

Rule: a file is read line by line, never more of a line than one may have, and a fault names the file and the line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Set
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import replace

from ledger.scale import UNCHANGED, Scale
from switch.settlement.file import LINE_MAX, EndOfDay, FileError, file_name, file_text, read_file
from switch.settlement.line import Key, Line
from switch.wire.dates import compact, from_compact, is_day

BEFORE_DAYS, AFTER_DAYS = 9, 4  # how far from a day its payments may stand at a peer: a payment's life, a long holiday
_NAME = re.compile(r"(?P<peer>[A-Za-z0-9_-]+)-(?P<day>[0-9]{8})\.csv")


Prefixes = tuple[str, ...] | None  # how the bank's accounts begin, for the core's files; None: a biller's
Payees = frozenset[str] | None  # whom a biller's file may name; None: whoever


def read_day(
    directory: Path, peer: str, day: str, prefixes: Prefixes, scale: Scale = UNCHANGED, payees: Payees = None
) -> EndOfDay:
    """With amounts in units of the books. FileError if it is not there, or not whole."""
    path = directory / file_name(peer, day)
    try:
        with _open(path) as file:
            return _in_books(read_file(_lines(file), peer, day, prefixes, payees), scale.units(day))
    except FileError as fault:
        raise FileError(f"{path}: {fault}") from None
    except FileNotFoundError:
        raise FileError(f"{path}: {peer} has not handed in its file of that day, or it lies elsewhere") from None
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from None


def days_beside(directory: Path, peer: str, day: str) -> list[str]:
    """The other days near this one of which the peer's file is there."""
    middle = from_compact(day)
    first, last = compact(middle - timedelta(BEFORE_DAYS)), compact(middle + timedelta(AFTER_DAYS))
    names = filter(None, (_NAME.fullmatch(entry.name) for entry in os.scandir(directory)))
    found = {name["day"] for name in names if name["peer"] == peer}
    return sorted(other for other in found if first <= other <= last and other != day and is_day(other))


def lines_beside(
    directory: Path,
    peer: str,
    day: str,
    keys: Set[Key],
    prefixes: Prefixes,
    scale: Scale = UNCHANGED,
    payees: Payees = None,
) -> Iterator[Line]:
    """What the peer's files of other days have of these payments."""
    for other in days_beside(directory, peer, day) if keys else ():
        found = read_day(directory, peer, other, prefixes, scale, payees)
        yield from (line for line in found.lines if line.key in keys)


def write_day(directory: Path, file: EndOfDay) -> Path:
    """Whole or not at all: whoever looks sees no half of it."""
    path = directory / file_name(file.peer, file.day)
    part = path.with_suffix(".part")
    with part.open("w", encoding="ascii", newline="") as out:
        out.writelines(file_text(file))
    part.replace(path)
    return path


def _in_books(file: EndOfDay, units: int) -> EndOfDay:
    """A file is in the pound of its day."""
    if units == 1:
        return file
    return replace(file, lines=tuple(replace(one, amount_minor=one.amount_minor * units) for one in file.lines))


@contextmanager
def _open(path: Path) -> Iterator[BinaryIO]:
    """A regular file: a pipe or a device may never end."""
    if path.exists() and not path.is_file():
        raise FileError("not a regular file")
    with path.open("rb") as file:
        yield file


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LINE_MAX + 2):
        yield line
