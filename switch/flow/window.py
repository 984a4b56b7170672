"""Says something at once, and the same thing again only when a window of time has passed.

Rule: for what others can make happen as often as they like, such as being refused: all of it is counted, one line of it
is logged. Pure: the time is an argument. A key should be made of words of ours; what a peer can make up freely shares
one key once there are KEYS_MAX of them, so that it can fill neither the memory nor the log.
"""

from collections.abc import Hashable

KEYS_MAX = 1_024
_OTHERS = object()


class OncePerWindow:
    """By key: when its window ends, and how often it was kept quiet."""

    __slots__ = ("_quiet", "_window_s")

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._quiet: dict[Hashable, tuple[float, int]] = {}  # in the order in which the windows end

    def suppressed(self, key: Hashable, now: float) -> int | None:
        """How often it was kept quiet since it was last said, if it may be said now; None if it may not. `now` is in
        seconds and never goes back."""
        if key not in self._quiet and not self._has_room(now):
            key = _OTHERS
        until, count = self._quiet.get(key, (now, 0))
        if now < until:
            self._quiet[key] = until, count + 1
            return None
        self._quiet.pop(key, None)  # to come last again
        self._quiet[key] = now + self._window_s, 0
        return count

    def _has_room(self, now: float) -> bool:
        """Windows that are over make room, oldest first."""
        while len(self._quiet) >= KEYS_MAX:
            oldest = next(iter(self._quiet))
            if now < self._quiet[oldest][0]:
                return False
            del self._quiet[oldest]
        return True
