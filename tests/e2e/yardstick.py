"""A fixed piece of work in pure Python, by which the cost of a payment is told without telling the machine's speed.

Rule: it never changes, or every figure in units of it must be taken anew. It does what a switch does all day: it builds
small objects and finds old ones. It is done on several processors at once, for so are payments, and two processors that
share a core are slower together than one of them alone. As a program it does so many pieces as each line of its input
says.
"""

import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from simulators.demo.children import Child, start
from simulators.demo.installation import next_words

ENTRIES = 2_000
STRIDE = 7_919  # prime, so that neighbours in time are not neighbours in memory
STEPS = 400
FIELDS = 8
PROCESSES_MOST = 4  # as many as have something to do for a payment


class Work:
    """Its memory is full from the start, so that each piece of work is like the last."""

    def __init__(self) -> None:
        self._number = 0
        self._kept: dict[int, tuple[dict[str, str] | None, dict[str, str], bytes]] = {}
        for _ in range(2 * ENTRIES // STEPS):
            self.do()

    def do(self) -> None:
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
            self.do()
        return (time.process_time_ns() - started) / times / 1000


class Yardstick:
    """The processes that do it."""

    def __init__(self, children: list[Child]) -> None:
        self._children = children

    async def cpu_us(self, times: int) -> float:
        """CPU of one piece of work while all of them do so many; the mean."""
        for child in self._children:
            child.send(str(times))
        told: list[float] = [(await next_words(child))["cpu_us"] for child in self._children]
        return sum(told) / len(told)


@asynccontextmanager
async def yardstick(directory: Path) -> AsyncIterator[Yardstick]:
    """As many processes as there are processors, up to four."""
    children: list[Child] = []
    try:
        while len(children) < min(len(os.sched_getaffinity(0)), PROCESSES_MOST):
            children.append(start(f"yardstick-{len(children)}", [__file__], directory, talks=True))
        yield Yardstick(children)
    finally:
        for child in children:
            await child.stop()


if __name__ == "__main__":
    work = Work()
    for line in sys.stdin:
        print(json.dumps({"cpu_us": work.cpu_us(int(line))}), flush=True)
