"""What is due when: one heap for every payment's next action, instead of a timer for each.

Every payment is looked at once when its channel's patience ends, and nearly all of them are finished by then. They come
in the order of their moments, so they stand in a queue beside the heap, which would have to be sorted for nothing.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush


class Agenda:
    """An entry may be outdated by the time it is due; whoever takes it looks at the payment."""

    __slots__ = ("_heap", "_queue")

    def __init__(self) -> None:
        self._heap: list[tuple[float, bytes]] = []
        self._queue: deque[tuple[float, bytes]] = deque()

    def add(self, at: float, payment_id: bytes) -> None:
        heappush(self._heap, (at, payment_id))

    def add_next(self, at: float, payment_id: bytes) -> None:
        """For moments that come in their order. One that does not (the clock was set back) is sorted in."""
        queue = self._queue
        if queue and at < queue[-1][0]:
            heappush(self._heap, (at, payment_id))
        else:
            queue.append((at, payment_id))

    def due(self, now: float) -> list[bytes]:
        """The payments whose time has come, each taken off."""
        heap, queue, found = self._heap, self._queue, []
        while heap and heap[0][0] <= now:
            found.append(heappop(heap)[1])
        while queue and queue[0][0] <= now:
            found.append(queue.popleft()[1])
        return found

    def __len__(self) -> int:
        return len(self._heap) + len(self._queue)
