"""Fields 11 and 7 of the questions that we ask: the trace number, and the moment of transmission in UTC."""

import random
import time
from collections.abc import Callable

from switch.flow.clock import Clock
from switch.flow.share import ALONE, Share

STAN_MAX = 999_999  # ISO 8583 DE 11, n6; 000000 is left out, some hosts take it for "none"


def never_used(_: str) -> bool:
    return False


class Stamps:
    """Trace numbers in order, from a drawn start: a restart within the same second begins elsewhere. One for which
    `is_used` is true is passed over. Several workers are one terminal to a peer, which may not use a number twice in a
    second: each takes those that are its own number modulo how many there are."""

    def __init__(
        self,
        clock: Clock,
        rng: random.Random,
        is_used: Callable[[str], bool] = never_used,
        share: Share = ALONE,
    ) -> None:
        self._clock = clock
        self._is_used = is_used
        self._step = share.workers
        self._first = share.worker or share.workers
        drawn = rng.randrange(STAN_MAX)
        self._last = drawn - drawn % share.workers + share.worker
        self._second = -1
        self._moment = ""

    def take(self) -> tuple[str, str]:
        """(stan, transmitted_at)"""
        while True:
            self._last += self._step
            if self._last > STAN_MAX:
                self._last = self._first
            stan = f"{self._last:06d}"
            if not self._is_used(stan):
                second = int(self._clock.wall())
                return stan, self._moment if second == self._second else self._in(second)

    def _in(self, second: int) -> str:
        """DE 7, MMDDhhmmss; made once a second."""
        self._second = second
        self._moment = time.strftime("%m%d%H%M%S", time.gmtime(second))
        return self._moment
