"""What a day's settlement leaves to the next one: differences that were excused because they are not decided yet.

Rule: pure. Kept in the ledger's register "settlements", a row a day, so that nothing that was excused is forgotten: the
next day judges it again, and what is still neither there nor explained is a break then.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ledger.model import RegisterRow, find_row, next_version
from switch.settlement.match import At, Finding, Why

REGISTER = "settlements"


class Carried(msgspec.Struct, frozen=True):
    at: At
    day: str  # the business day that it is of


def carried_over(findings: Iterable[Finding]) -> tuple[Carried, ...]:
    undecided = (Why.NOT_FINAL, Why.TO_COME)
    return tuple(Carried((one.peer, one.key), one.day) for one in findings if one.why in undecided)


def carried_into(day: str, rows: Iterable[RegisterRow]) -> tuple[Carried, ...]:
    """By the newest settlement of a day before this one."""
    before = [row for row in rows if row.key < day]
    return _decoder.decode(max(before, key=lambda row: row.key).body) if before else ()


def row_for(day: str, carried: tuple[Carried, ...], rows: Iterable[RegisterRow]) -> RegisterRow | None:
    """None: the register says so already."""
    known = find_row(rows, day)
    body = _encoder.encode(carried)
    if known is not None and known.body == body:
        return None
    return RegisterRow(REGISTER, day, next_version(known), body)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[Carried, ...])
