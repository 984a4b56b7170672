"""How often a card's PIN, or a subscriber's activation code, was wrong of late, at whatever terminal that was.

The core counts tries in a row and a right one wipes them: whoever guesses twice between any two uses by the owner is
never stopped by it. Here a right one wipes nothing, wrong ones are forgotten with time alone, one every `pause_s`.

Rule: pure; the time is an argument. Wrong tries and those that the core has not judged yet are `wrong_max` at most, so
that of the tries let through in any time T no more than wrong_max + T / pause_s are wrong, however many machines are
used at once. Beyond HOLDERS_MAX, whoever was last wrong the longest ago is forgotten. Only what the core itself judged
wrong is remembered, which a number that is made up never is: to have one card forgotten, somebody must have so many
other cards' PINs refused after it.
"""

from __future__ import annotations

HOLDERS_MAX = 65_536


class PinGuesses:
    """By holder, which is a keyed fingerprint: the tries that are at the core, and those that were wrong."""

    __slots__ = ("_asked", "_holders_max", "_pause_s", "_wrong", "_wrong_max")

    def __init__(self, wrong_max: int, pause_s: float, holders_max: int = HOLDERS_MAX) -> None:
        self._wrong_max = wrong_max
        self._pause_s = pause_s
        self._holders_max = holders_max
        self._asked: dict[bytes, int] = {}
        self._wrong: dict[bytes, tuple[int, float]] = {}  # how many, and when one was last forgotten; the latest last

    def admits(self, holder: bytes, now: float) -> bool:
        """Whether a try may go to the core now; one that may must be settled. `now` never goes back."""
        asked = self._asked.get(holder, 0)
        if asked + self._remembered(holder, now)[0] >= self._wrong_max:
            return False
        self._asked[holder] = asked + 1
        return True

    def settle(self, holder: bytes, now: float, *, wrong: bool) -> None:
        """What became of a try that was admitted. One that nobody judged told nobody anything: it was not wrong."""
        asked = self._asked.pop(holder) - 1
        if asked:
            self._asked[holder] = asked
        if wrong:
            self._remember(holder, now)

    def _remember(self, holder: bytes, now: float) -> None:
        count, since = self._remembered(holder, now)
        self._wrong.pop(holder, None)  # to come last again
        while len(self._wrong) >= self._holders_max:
            del self._wrong[next(iter(self._wrong))]
        self._wrong[holder] = count + 1, since

    def _remembered(self, holder: bytes, now: float) -> tuple[int, float]:
        count, since = self._wrong.get(holder, (0, now))
        pauses = int((now - since) / self._pause_s)
        return (count - pauses, since + pauses * self._pause_s) if pauses < count else (0, now)
