"""Keys that came lately: of most new keys it says that nobody had them before, without a look into the file.

Rule: exact, and bounded. Keys begin with the time. `floor` is the largest of a moment some thousand keys ago; every key
beyond it that came since is here. One that is beyond it and not here is new; of any other the file must be asked.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Generic, TypeVar

GENERATION = 16_384  # how far a key may lag behind the newest and still be told from an old one

K = TypeVar("K", str, bytes)


class Lately(Generic[K]):
    def __init__(self, largest: K, generation: int = GENERATION) -> None:
        self._generation = generation
        self._floor: K = largest
        self._next_floor: K = largest  # what the newer ones began at
        self._largest: K = largest
        self._older: set[K] = set()
        self._newer: set[K] = set()

    def is_new(self, key: K) -> bool:
        """True: no row has it. False: perhaps one has."""
        return key > self._floor and key not in self._newer and key not in self._older

    def add(self, keys: Collection[K]) -> None:
        """Every key that is written goes here."""
        self._newer.update(keys)
        self._largest = max(self._largest, max(keys, default=self._largest))
        if len(self._newer) >= self._generation:
            self._floor, self._next_floor = self._next_floor, self._largest
            self._older, self._newer = self._newer, set()
