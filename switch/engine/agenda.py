"""What is due when: one heap for every payment's next action, instead of a timer for each."""

from __future__ import annotations

from heapq import heappop, heappush


class Agenda:
    """An entry may be outdated by the time it is due; whoever takes it looks at the payment."""

    __slots__ = ("_heap",)

    def __init__(self) -> None:
        self._heap: list[tuple[float, bytes]] = []

    def add(self, at: float, payment_id: bytes) -> None:
        heappush(self._heap, (at, payment_id))

    def due(self, now: float) -> list[bytes]:
        """The payments whose time has come, each taken off."""
        heap, found = self._heap, []
        while heap and heap[0][0] <= now:
            found.append(heappop(heap)[1])
        return found

    def __len__(self) -> int:
        return len(self._heap)
