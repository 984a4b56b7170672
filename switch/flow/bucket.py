"""How many may pass: so many at once, then one in every so many seconds.

Rule: pure; the moment is an argument. Nothing is kept of who was told no.
"""

from __future__ import annotations


class Bucket:
    __slots__ = ("_at", "_every_s", "_left", "_most")

    def __init__(self, at_once: int, every_s: float, now: float) -> None:
        self._most = at_once
        self._every_s = every_s
        self._left = float(at_once)
        self._at = now

    def take(self, now: float) -> bool:
        self._left = min(self._most, self._left + max(0.0, now - self._at) / self._every_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
