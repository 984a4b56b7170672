"""Which of the rules that live outside the saga's table are switched off in a world."""

from __future__ import annotations

import msgspec


class RulesOff(msgspec.Struct, frozen=True):
    """All on, unless said. What lives in the table is taken out of the table (`removals`)."""

    overlapping_events: bool = False  # R6: events are heard while a commit is out
    shared_stans: bool = False  # R8: an early copy's answer passes for a late one's
    unreachable_though_sent: bool = False  # R10
    unfenced_operator: bool = False  # R11
    blind_operator: bool = False  # R11
    loose_tombstone: bool = False  # R12: not under the original's key
