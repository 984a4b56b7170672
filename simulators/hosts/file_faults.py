"""What goes wrong in end-of-day files, drawn from a seed, and the list of what was planted where.

Rule: pure. Each fault hits a payment of its own that the file has one line of, so that what it must be found as is
known; the settlement that follows must find exactly these.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from switch.settlement.file import EndOfDay
from switch.settlement.line import Key, Line
from switch.settlement.match import Kind


class FileFault(StrEnum):
    DROP = "drop"  # a line is missing
    AMOUNT = "amount"  # a line has another amount
    UNKNOWN = "unknown"  # a line is about a payment that nobody made
    TWICE = "twice"  # a line is there twice


FOUND_AS = {
    FileFault.DROP: Kind.MISSING_THERE,
    FileFault.AMOUNT: Kind.AMOUNT_DIFFERS,
    FileFault.UNKNOWN: Kind.MISSING_HERE,
    FileFault.TWICE: Kind.TWICE,
}
MORE_MAX_MINOR = 50_000


class Planted(msgspec.Struct, frozen=True):
    """One fault: at which peer, in which payment, and what a settlement must call it."""

    peer: str
    key: Key
    fault: FileFault
    kind: Kind


def plant(file: EndOfDay, faults: Iterable[FileFault], seed: int | str) -> tuple[EndOfDay, tuple[Planted, ...]]:
    """The file with these faults in it, as far as it has lines for them."""
    rng = random.Random(f"{seed}:{file.peer}:{file.day}:files")
    lines, planted = list(file.lines), []
    free = _alone(lines)
    rng.shuffle(free)
    for fault in faults:
        if not free:
            break
        line = free.pop()
        changed = _changed(line, fault, rng, {one.key for one in lines})
        at = lines.index(line)
        lines[at : at + 1] = changed
        planted.append(Planted(file.peer, changed[-1].key if changed else line.key, fault, FOUND_AS[fault]))
    return EndOfDay(file.peer, file.day, tuple(lines)), tuple(planted)


def room_for_faults(file: EndOfDay) -> int:
    """How many faults the file has lines for."""
    return len(_alone(file.lines))


def _alone(lines: Sequence[Line]) -> list[Line]:
    """The lines that took money and are the only ones of their payment."""
    counts = Counter(line.key for line in lines)
    return [line for line in lines if counts[line.key] == 1 and not line.back]


def _changed(line: Line, fault: FileFault, rng: random.Random, known: set[Key]) -> list[Line]:
    """What stands in the line's place."""
    if fault is FileFault.DROP:
        return []
    if fault is FileFault.TWICE:
        return [line, line]
    if fault is FileFault.AMOUNT:
        return [replace(line, amount_minor=line.amount_minor + rng.randint(1, MORE_MAX_MINOR))]
    return [line, _unknown(line, rng, known)]


def _unknown(like: Line, rng: random.Random, known: set[Key]) -> Line:
    while True:
        line = replace(like, stan=f"{rng.randrange(10**6):06d}", reference=f"X{rng.randrange(10**11):011d}")
        if line.key not in known:
            return line
