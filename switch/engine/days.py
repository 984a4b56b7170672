"""Which business days are open, as the books said a moment ago.

Rule: the books own the days; this only asks them, about once a second and whenever a commit hits a closed one. Whoever
heeds the day is told when another one has been opened, by whichever worker.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ledger.model import BusinessDay, Unavailable
from switch.engine.ports import Tools
from switch.flow.days import DAYS_ASKED_MAX, Days, known_days

Then = Callable[[bool], None]


class KnownDays:
    """`now` is what was heard last."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._heeding: list[Callable[[str], None]] = []
        self.now = Days()

    def begin(self, day: str) -> None:
        """The current day is known; of the others the books are asked."""
        self.now = Days(day)
        self.learn(_nothing)

    def heed(self, heeding: Callable[[str], None]) -> None:
        """`heeding` is told each day that opens from now on."""
        self._heeding.append(self._tools.guarded("day told", heeding))

    def learn(self, then: Then) -> None:
        """Ask the books; `then` hears whether they have answered."""
        self._tools.books.days(self._tools.guarded("days", partial(self._heard, then)), DAYS_ASKED_MAX)

    def _heard(self, then: Then, found: list[BusinessDay] | Unavailable) -> None:
        if isinstance(found, Unavailable):
            then(False)
        else:
            self._take(known_days(found))
            then(True)

    def _take(self, days: Days) -> None:
        """An answer that was overtaken by a newer one says nothing: the current day never goes back."""
        before = self.now.current
        if days.current < before:
            return
        self.now = days
        if before and days.current > before:
            for heeding in self._heeding:
                heeding(days.current)


def _nothing(_: bool) -> None:
    """Nobody waits for it."""
