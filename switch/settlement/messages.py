"""Who reconciled the day by message (0500, 0520), as the ledger's register "reconciliations" has it.

Rule: pure, and optional: a day on which nobody did, or a row that is not of the shape that is read here, takes nothing
from the rest of a settlement. What the register says is shown, never recomputed.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec

from ledger.model import RegisterRow

REGISTER = "reconciliations"
PEER = "peers."  # how the institution begins where the switch sent its own totals to a peer


class Result(StrEnum):
    """DE 66, in words."""

    NONE = "no answer"
    BALANCED = "in balance"
    OUT_OF_BALANCE = "out of balance"
    TOO_EARLY = "too early"
    UNREADABLE = "unreadable"


class _Row(msgspec.Struct, frozen=True, array_like=True):
    """The beginning of a row's body; what follows is its owner's."""

    day: str
    acquirer: str
    institution: str
    currency: str
    result: str
    code: str = ""
    ours: Any = None
    theirs: Any = None
    differs: tuple[str, ...] = ()


class ByMessage(msgspec.Struct, frozen=True):
    """`who` is an acquirer's institution, or a peer's name. `differs` are the data elements that do not agree."""

    who: str
    is_peer: bool
    currency: str
    result: Result
    differs: tuple[str, ...] = ()


_RESULTS = {"": Result.NONE, "1": Result.BALANCED, "2": Result.OUT_OF_BALANCE, "3": Result.TOO_EARLY}
_decoder = msgspec.msgpack.Decoder(_Row)


def prefix_of(day: str) -> str:
    """How the keys of a day's rows begin."""
    return f"{day}|"


def by_message(rows: Iterable[RegisterRow]) -> tuple[ByMessage, ...]:
    return tuple(map(_read, rows))


def _read(row: RegisterRow) -> ByMessage:
    try:
        kept = _decoder.decode(row.body)
    except msgspec.DecodeError:
        return ByMessage(row.key, False, "", Result.UNREADABLE)
    is_peer = kept.institution.startswith(PEER)
    who = kept.institution.removeprefix(PEER) if is_peer else kept.acquirer
    return ByMessage(who, is_peer, kept.currency, _RESULTS.get(kept.result, Result.UNREADABLE), kept.differs)
