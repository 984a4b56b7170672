"""How much the switch takes on at a time, and whom it turned away while it had enough.

Rule: pure. A request is turned away before anything was begun, so nothing is half done. It is remembered for a while: a
copy that the network had delayed, or a repeat that crossed its answer, must not run after its channel was told that it
did not. A repeat of what was not turned away may be under way: it is told to wait (09), never no. A reversal is always
let in: it makes room.
"""

from __future__ import annotations

import math

from switch.wire.codes import ResponseCode
from switch.wire.message import Message

FIRST_SENDINGS = frozenset({"0100", "0200", "0600"})
REPEATS = frozenset({"0101", "0201", "0601"})
REMEMBERED_S = 300.0  # longer than a channel goes on repeating by itself
REMEMBERED_MAX = 100_000  # and then as many again: some 50 MB at most, whatever is thrown at the switch

Mark = tuple[str | None, ...]


class Gate:
    """`open` counts the requests that were let in and have not ended, of all listeners."""

    __slots__ = ("_newer", "_older", "_open_max", "_remembered_s", "_since", "open")

    def __init__(self, open_max: float = math.inf, remembered_s: float = REMEMBERED_S) -> None:
        self.open = 0
        self._open_max = open_max
        self._remembered_s = remembered_s
        self._since = 0.0  # when the first of the newer was turned away
        self._newer: set[Mark] = set()
        self._older: set[Mark] = set()

    @property
    def at_ease(self) -> bool:
        """There is room and nobody to remember: whoever comes may go on."""
        return self.open < self._open_max and not self._newer and not self._older

    def refuses(self, request: Message, now: float) -> ResponseCode | None:
        """None: it may go on. `now` is in seconds of a clock that never goes back."""
        mti = request.mti
        if mti not in FIRST_SENDINGS and mti not in REPEATS:
            return None
        self._forget(now)
        marks = _marks_of(request)
        if not self._newer.isdisjoint(marks) or not self._older.isdisjoint(marks):
            return ResponseCode.UNAVAILABLE
        if self.open < self._open_max:
            return None
        if mti in REPEATS:
            return ResponseCode.IN_PROGRESS
        self._remember(marks, now)
        return ResponseCode.UNAVAILABLE

    def _remember(self, marks: tuple[Mark, Mark], now: float) -> None:
        if len(self._newer) >= REMEMBERED_MAX:
            self._older, self._newer = self._newer, set()
        if not self._newer:
            self._since = now
        self._newer.update(marks)

    def _forget(self, now: float) -> None:
        """In two steps, so that each is remembered for the whole time."""
        while now - self._since >= self._remembered_s and (self._newer or self._older):
            self._older, self._newer, self._since = self._newer, set(), self._since + self._remembered_s


def _marks_of(request: Message) -> tuple[Mark, Mark]:
    """By what a request is known again: as sent, and by its reference where a repeat's field 7 is stamped anew."""
    fields = request.fields
    whose = fields["t"][1], fields.get("32"), fields.get("41")
    return (*whose, fields.get("7"), fields.get("11")), (*whose, fields.get("13"), fields.get("37"))
