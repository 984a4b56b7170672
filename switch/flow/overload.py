"""How much the switch takes on at a time: a number of requests in all, and a part of it for each listener.

Rule: it counts, and decides nothing else. What is said to whom there is no room for is `services/turned_away`'s.
"""

from __future__ import annotations

import math

SHARE_OF_ONE = 0.75  # of what may be in progress in all: how much of it one listener may have


class Gate:
    """`open` counts the requests that were let in by all listeners and have not ended."""

    __slots__ = ("open", "open_max")

    def __init__(self, open_max: float = math.inf) -> None:
        self.open = 0
        self.open_max = open_max


class Door:
    """What one listener lets in: never all that there is room for, so that no channel shuts the others out."""

    __slots__ = ("_gate", "_open_max", "open")

    def __init__(self, gate: Gate) -> None:
        self.open = 0
        self._gate = gate
        self._open_max = max(1.0, gate.open_max * SHARE_OF_ONE)

    @property
    def has_room(self) -> bool:
        return self.open < self._open_max and self._gate.open < self._gate.open_max

    def enter(self) -> None:
        self.open += 1
        self._gate.open += 1

    def leave(self) -> None:
        self.open -= 1
        self._gate.open -= 1
