"""What an operator orders in a dispute, who sees the core's and the biller's books (R11).

Rule: whether the switch obeys is the saga's to say; here stands only what somebody who looks would not order.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulators.check import happenings as h
from simulators.check.minds import Facts
from simulators.check.situation import BillerBook, CoreBook, Situation
from switch.flow.payment import State


def orders(now: Situation, facts: Facts, *, blind: bool = False) -> Iterator[h.Happening]:
    yield h.RETRY
    paid, debited = now.biller == BillerBook.PAID, now.core == CoreBook.DEBITED
    if blind or (paid and debited):
        yield h.POST
    if blind or not paid:
        yield h.RELEASE
    if blind or _core_is_right(now, facts):
        yield h.CLOSE


def core_owes(now: Situation, facts: Facts) -> bool:
    """The core refused, or did not answer, and has what it should give back."""
    return now.core == CoreBook.DEBITED and facts.disputed_from in (State.RELEASING, State.REVERSED)


def _core_is_right(now: Situation, facts: Facts) -> bool:
    if facts.disputed_from is State.REVERSED:
        return now.core == (CoreBook.PART_REVERSED if facts.in_part else CoreBook.REVERSED)
    return now.core != CoreBook.DEBITED
