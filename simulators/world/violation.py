"""Something that must always be true, and was not."""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class Violation(msgspec.Struct, frozen=True):
    """`invariant` by its number in the design; `payment` (an id in hex, or "") and the moment are where to look."""

    invariant: str
    text: str
    payment: str = ""
    at_s: float = 0.0


class Violations:
    """What was found, each said once. `on_first` is told when there is something."""

    def __init__(self) -> None:
        self.on_first: Callable[[], None] = _go_on
        self.found: list[Violation] = []
        self._said: set[tuple[str, str]] = set()

    def add(self, invariant: str, text: str, payment: bytes = b"", at_s: float = 0.0) -> None:
        if (text, payment.hex()) not in self._said:
            self._said.add((text, payment.hex()))
            self.found.append(Violation(invariant, text, payment.hex(), at_s))
            self.on_first()


def _go_on() -> None:
    """A run goes on: what follows from the first fault may say more of it."""
