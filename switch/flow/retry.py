"""Back-off: how long to wait before the next attempt.

Rule: pure. The wait doubles from `first_s` to `most_s`, and the draw (0 to 1, from the caller's generator) takes
up to half of it away, so that peers that failed together do not come back together.
"""

from typing import NamedTuple

DOUBLINGS_MAX = 32  # beyond this the wait is `most_s` in any case, and the float stays small


class BackOff(NamedTuple):
    first_s: float
    most_s: float

    def delay_s(self, failures: int, draw: float) -> float:
        """The wait after so many failures in a row (1 is the first)."""
        whole = min(self.most_s, self.first_s * 2.0 ** min(max(failures - 1, 0), DOUBLINGS_MAX))
        return whole * (1 - draw / 2)
