"""The newest groups' ids: what a client may send again after a broken connection.

Rule: bounded, and read back from the journal at the start. Two generations, the older dropped whole: taking the oldest
off a dict one by one gets slower the longer it goes on.
"""

from __future__ import annotations

import sqlite3

from ledger import journal

GENERATION = 16_384
"""More than one client may have unanswered. Several at once may have more: what is forgotten here is still known by its
payment or its transfers, only slower."""


class RecentGroups:
    def __init__(self, newest: dict[bytes, int], generation: int = GENERATION) -> None:
        self._generation = generation
        self._older: dict[bytes, int] = {}
        self._newer = newest

    @classmethod
    def read(cls, connection: sqlite3.Connection, generation: int = GENERATION) -> RecentGroups:
        return cls(journal.recent_groups(connection, generation), generation)

    def find(self, group: bytes) -> int | None:
        """The batch that holds the group."""
        return self._newer.get(group) or self._older.get(group)

    def add(self, groups: dict[bytes, int]) -> None:
        self._newer.update(groups)
        if len(self._newer) >= self._generation:
            self._older, self._newer = self._newer, {}
