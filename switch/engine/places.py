"""How many payments may be trying again at one peer at the same time.

Rule: a place is given up by the answer, or by time: whatever goes wrong in between, it can't be lost for good.
"""

from __future__ import annotations

SPARE_S = 5.0  # beyond the peer's timeout: for the commit before the question


class Places:
    """At most `places_max`. Those who find none come back later."""

    __slots__ = ("_hold_s", "_most", "_taken")

    def __init__(self, places_max: int, timeout_s: float) -> None:
        self._most = places_max
        self._hold_s = timeout_s + SPARE_S
        self._taken: dict[bytes, float] = {}  # until when; in the order of time

    def take(self, payment_id: bytes, now: float) -> bool:
        self._taken.pop(payment_id, None)
        while self._taken and self._taken[oldest := next(iter(self._taken))] <= now:
            del self._taken[oldest]
        if len(self._taken) >= self._most:
            return False
        self._taken[payment_id] = now + self._hold_s
        return True

    def leave(self, payment_id: bytes) -> None:
        self._taken.pop(payment_id, None)
