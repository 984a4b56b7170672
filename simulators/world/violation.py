"""Something that must always be true, and was not."""

from __future__ import annotations

import msgspec


class Violation(msgspec.Struct, frozen=True):
    """`invariant` by its number in the design; `payment` (an id in hex, or "") and the moment are where to look."""

    invariant: str
    text: str
    payment: str = ""
    at_s: float = 0.0


class Violations:
    """What was found, each said once."""

    def __init__(self) -> None:
        self.found: list[Violation] = []
        self._said: set[tuple[str, str]] = set()

    def add(self, invariant: str, text: str, payment: bytes = b"", at_s: float = 0.0) -> None:
        if (text, payment.hex()) not in self._said:
            self._said.add((text, payment.hex()))
            self.found.append(Violation(invariant, text, payment.hex(), at_s))
