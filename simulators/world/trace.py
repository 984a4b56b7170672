"""What happened in a run, one compact line an event, and its digest.

Rule: a line holds moments, names, trace numbers, states and codes; never an account, a card or a PIN. The digest is of
every line; the lines themselves are kept only where a story is to be told, with details that cost too much otherwise.
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

    @property
    def keeps(self) -> bool:
        return self._kept is not None

    def add(self, text: str, detail: str = "") -> None:
        """`detail` is kept with the line, and is no part of the digest."""
        self.events += 1
        gathered, line = self._gathered, f"{self._now():.4f} {text}"
        gathered.append(line)
        if self._kept is not None:
            self._kept.append(f"{line} {detail}" if detail else line)
        if len(gathered) >= GATHER:
            self._flush()

    def digest(self) -> str:
        self._flush()
        return self._hash.hexdigest()

    def lines(self) -> list[str]:
        """What was kept, in order."""
        return list(self._kept or ())

    def _flush(self) -> None:
        self._hash.update("\n".join([*self._gathered, ""]).encode())
        self._gathered.clear()
