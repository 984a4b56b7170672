"""Finds each movement of the ledger its like at a peer, and what is left of either side then.

Rule: pure. Alike are movements of the same direction, amount and currency; those of the same business day find each
other first, so that what happens every day is never told apart by its order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from switch.settlement.line import Line


class Movement(msgspec.Struct, frozen=True):
    """Of the ledger: a posting, or what was given back of one (`back`), in the business day that it names."""

    back: bool
    amount_minor: int
    currency: str
    day: str


class Pairs(msgspec.Struct):
    """What is left of either side, and what of theirs found its like."""

    ours: list[Movement]
    theirs: list[Line]
    paired: list[Line]
    across: bool = False  # some of the pairs stand in different days


def pair(ours: Iterable[Movement], theirs: Iterable[Line]) -> Pairs:
    """Each of ours with one of theirs that is its like: of the same day first, then of any."""
    pairs = Pairs(list(ours), list(theirs), [])
    for same_day in (True, False):
        for movement in tuple(pairs.ours):
            like = next((line for line in pairs.theirs if _alike(movement, line, same_day=same_day)), None)
            if like is not None:
                pairs.ours.remove(movement)
                pairs.theirs.remove(like)
                pairs.paired.append(like)
                pairs.across = pairs.across or not same_day
    return pairs


def _alike(movement: Movement, line: Line, *, same_day: bool) -> bool:
    return (
        movement.back is line.back
        and movement.amount_minor == line.amount_minor
        and movement.currency == line.currency
        and (movement.day == line.day or not same_day)
    )


def take_back(left: list[Line]) -> bool:
    """Takes away each movement there that was given back there, whole."""
    found = False
    for line in [line for line in left if not line.back]:
        back = next((one for one in left if one.back and _cancels(line, one)), None)
        if back is not None:
            left.remove(line)
            left.remove(back)
            found = True
    return found


def _cancels(line: Line, back: Line) -> bool:
    return line.amount_minor == back.amount_minor and line.currency == back.currency and line.payee == back.payee


def twice(pairs: Pairs) -> bool:
    """What is left of theirs is all the same again as what was paired."""
    known = {(line.back, line.amount_minor, line.currency) for line in pairs.paired}
    return bool(pairs.theirs) and all((line.back, line.amount_minor, line.currency) in known for line in pairs.theirs)


def net(moved: Sequence[Movement] | Sequence[Line], currency: str) -> int:
    """What was taken less what was given back, of one currency: others can't be added to it."""
    return sum(-one.amount_minor if one.back else one.amount_minor for one in moved if one.currency == currency)
