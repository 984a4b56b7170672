"""What happened in a run, one compact line an event, and its digest.

Rule: a line holds moments, names, trace numbers, states and codes; never an account, a card or a PIN. The digest is of
every line; the lines themselves are kept only where a story is to be told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

GATHER = 256  # lines hashed together


class Trace:
    """`now` is Trio's clock. `keep`: remember the lines too."""

    def __init__(self, now: Callable[[], float], *, keep: bool = False) -> None:
        self._now = now
        self._hash = hashlib.sha256()
        self._gathered: list[str] = []
        self._kept: list[str] | None = [] if keep else None
        self.events = 0

    def add(self, text: str) -> None:
        self.events += 1
        gathered = self._gathered
        gathered.append(f"{self._now():.4f} {text}\n")
        if len(gathered) >= GATHER:
            self._flush()

    def digest(self) -> str:
        self._flush()
        return self._hash.hexdigest()

    def lines(self) -> list[str]:
        """What was kept, in order."""
        self._flush()
        return [line.rstrip("\n") for line in self._kept or ()]

    def _flush(self) -> None:
        self._hash.update("".join(self._gathered).encode())
        if self._kept is not None:
            self._kept += self._gathered
        self._gathered.clear()
