"""The end-of-day files of all simulated peers, as a bank would find them in the morning.

Rule: each is written from its host's own books; whoever wants faults in them is told of every one.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import msgspec

from config.settings import Settings
from simulators.build import biller_peers, core_of
from simulators.demo.agreement import CORE_BOOKS
from simulators.hosts.end_of_day import end_of_day
from simulators.hosts.file_faults import FileFault, Planted, plant, room_for_faults
from switch.backoffice.files import write_day
from switch.settlement.file import EndOfDay
from switch.terms import scale_of

Faults = Mapping[FileFault, int]


class Written(msgspec.Struct, frozen=True):
    files: tuple[Path, ...]
    planted: tuple[Planted, ...]


def write_files(
    settings: Settings, directory: Path, day: str, out: Path, faults: Faults | None = None, seed: int = 0
) -> Written:
    """Of the peers whose books are in `directory`. BooksError if some can't be read, OSError if files can't be."""
    out.mkdir(parents=True, exist_ok=True)
    files = [_file_of(settings, peer, directory, day) for peer in (core_of(settings).name, *biller_peers(settings))]
    wanted = _dealt(files, faults or {}, seed)
    paths: list[Path] = []
    planted: list[Planted] = []
    for file in files:
        changed, found = plant(file, wanted[file.peer], seed)
        paths.append(write_day(out, changed))
        planted += found
    return Written(tuple(paths), tuple(planted))


def parse_faults(text: str) -> dict[FileFault, int]:
    """Numbers from words such as "drop=2,twice=1"; ValueError says what is wrong."""
    found = {}
    for word in filter(None, text.split(",")):
        name, _, number = word.strip().partition("=")
        if name not in set(FileFault):
            raise ValueError(f"{name}: allowed: {', '.join(FileFault)}")
        if not (number.isascii() and number.isdigit()):
            raise ValueError(f"{name}={number}: allowed: how many, such as {name}=1")
        found[FileFault(name)] = int(number)
    return found


def _file_of(settings: Settings, peer: str, directory: Path, day: str) -> EndOfDay:
    is_core = peer == core_of(settings).name
    books = directory / (CORE_BOOKS if is_core else f"{peer}.db")
    return end_of_day(books, peer, day, is_core=is_core, scale=scale_of(settings))


def _dealt(files: list[EndOfDay], faults: Faults, seed: int) -> dict[str, list[FileFault]]:
    """Which peer's file gets which faults: the fuller a file, the more of them, and none more than it has lines for."""
    rng = random.Random(f"{seed}:which files")
    room = {file.peer: room_for_faults(file) for file in files}
    wanted: dict[str, list[FileFault]] = defaultdict(list)
    for fault in (fault for fault, count in faults.items() for _ in range(count) if any(room.values())):
        (peer,) = rng.choices(list(room), weights=list(room.values()))
        room[peer] -= 1
        wanted[peer].append(fault)
    return wanted
