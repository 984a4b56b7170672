"""What peers promise, and how long things may take: the terms a payment is advanced under.

Rule: values made from configuration. What each promise buys is for the saga's guards to say.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from switch.flow.retry import BackOff


class Undo(StrEnum):
    NONE = "none"
    FORGETFUL = "forgetful"  # an undo that overtakes its payment is not remembered
    REMEMBERED = "remembered"


class Promises(msgspec.Struct, frozen=True):
    """What one peer offers. For the core, `undo` says whether it remembers a reversal that came first."""

    status_query: bool = False
    undo: Undo = Undo.NONE
    repeats: bool = False  # takes the same request again and runs it once
    says_unknown: bool = True  # answers 25 to an undo of what it does not know
    lifetime_s: float = 60.0  # after this it no longer runs a request it received late
    refusals: frozenset[str] = frozenset()  # R9: the codes that are a definite decline


class Terms(msgspec.Struct, frozen=True):
    core: Promises
    biller: Promises
    skew_s: float = 2.0
    retry_first_s: float = 1.0
    retry_most_s: float = 300.0
    give_up_after_s: float = 86_400.0

    @property
    def third_commit(self) -> bool:
        """R13: a biller that offers repeats and nothing else is asked only once the debit is on record."""
        return self.biller.repeats and not self.biller.status_query and self.biller.undo is Undo.NONE

    def pause_s(self, attempts: int) -> float:
        """The whole wait after so many attempts; whoever carries it out spreads it."""
        return BackOff(self.retry_first_s, self.retry_most_s).delay_s(attempts + 1, draw=0)
