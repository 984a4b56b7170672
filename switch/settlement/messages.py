"""Who reconciled the day by message (0500, 0520), as the ledger's register "reconciliations" has it.

Rule: pure, and optional: a day on which nobody did, or a row that can't be read, takes nothing from the rest of a
settlement. What the register says is shown, never recomputed.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ledger.model import RegisterRow
from switch.flow.reconciliation import WORDS, Result, from_body

UNREADABLE = "unreadable"


class ByMessage(msgspec.Struct, frozen=True):
    """`who` is an acquirer's institution, or a peer's name; `result` is None where the row can't be read. `differs` are
    the data elements that do not agree."""

    who: str
    is_peer: bool
    currency: str
    result: Result | None
    differs: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """In English, for tables and programs."""
        return UNREADABLE if self.result is None else WORDS[self.result]


def by_message(rows: Iterable[RegisterRow]) -> tuple[ByMessage, ...]:
    return tuple(map(_read, rows))


def _read(row: RegisterRow) -> ByMessage:
    try:
        kept = from_body(row.body)
    except msgspec.DecodeError:
        return ByMessage(row.key, False, "", None)
    return ByMessage(kept.peer or kept.acquirer, bool(kept.peer), kept.currency, kept.result, kept.differs)
