"""A fixed piece of work in pure Python, by which the cost of a payment is told without telling the machine's speed.

Rule: it never changes, or every figure in units of it must be taken anew. It does what a switch does all day, builds
small objects and finds old ones, over more memory than the nearest caches hold: a payment and it slow down together
when others use the machine.
"""

import time

ENTRIES = 40_000
STRIDE = 7_919  # prime, so that neighbours in time are not neighbours in memory
STEPS = 400
FIELDS = 8


class Yardstick:
    """Its memory is full from the start, so that each piece of work is like the last."""

    def __init__(self) -> None:
        self._number = 0
        self._kept: dict[int, tuple[dict[str, str] | None, dict[str, str], bytes]] = {}
        for _ in range(2 * ENTRIES // STEPS):
            self.work()

    def work(self) -> None:
        for _ in range(STEPS):
            self._number += 1
            key = self._number * STRIDE % ENTRIES
            old = self._kept.get(key)
            fields = {str(place): f"{self._number + place:06d}" for place in range(FIELDS)}
            self._kept[key] = None if old is None else old[1], fields, b"%012d" % self._number * 4

    def cpu_us(self, times: int) -> float:
        """CPU of this process for one piece of work, the mean of some."""
        started = time.process_time_ns()
        for _ in range(times):
            self.work()
        return (time.process_time_ns() - started) / times / 1000
