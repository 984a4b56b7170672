"""What every part of the switch may tell those who watch over it: counts, and events by name.

Rule: given as arguments, like the clock. Neither waits nor fails, and neither is ever told what a message held.
"""

from typing import Protocol


class Counters(Protocol):
    def add(self, name: str, *labels: str) -> None: ...


class Report(Protocol):
    """Tells operators of an event. Only the fields that the log allows are shown."""

    def __call__(self, event: str, **fields: object) -> None: ...
