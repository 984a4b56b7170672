"""Ceilings that were ordered for one customer and one service, each with the days on which it stands.

Of those whose days include a day, the newest stands on it: the one with the latest first day, of equal ones the one
that was ordered last. So an order from today on stands whatever was there, and what was planned ahead still comes.
A figure that an order leaves out is as configured; one without any figure puts the configured ones back.

Where the currency dropped zeros, the amounts are in the pound of the first day, as they were ordered, and worth the
same on every later one.

Rule: pure. They are kept in the order of their precedence, the strongest last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from ledger.scale import Scale

KEPT_MAX = 32  # the journal has those that were before, too


class Ceiling(msgspec.Struct, frozen=True, array_like=True):
    """Days are YYYYMMDD, both inclusive; no `until_day`: until another one. Amounts are minor units of `from_day`."""

    from_day: str
    until_day: str = ""
    amount_max: int | None = None
    per_day_amount_max: int | None = None
    per_day_count_max: int | None = None
    at: float = 0.0
    who: str = ""
    why: str = ""

    @property
    def counts_the_day(self) -> bool:
        return self.per_day_amount_max is not None or self.per_day_count_max is not None

    def holds_on(self, day: str) -> bool:
        return self.from_day <= day and (not self.until_day or day <= self.until_day)


def effective(ceilings: Sequence[Ceiling], day: str) -> Ceiling | None:
    """The one that stands on a day."""
    for ceiling in reversed(ceilings):
        if ceiling.holds_on(day):
            return ceiling
    return None


def valued(ceiling: Ceiling, scale: Scale) -> Ceiling:
    """With its amounts in units of the books."""
    units = scale.units(ceiling.from_day)
    most, of_a_day = times(ceiling.amount_max, units), times(ceiling.per_day_amount_max, units)
    return replace(ceiling, amount_max=most, per_day_amount_max=of_a_day)


def times(most_minor: int | None, units: int) -> int | None:
    """A ceiling in units of the books; None is none in either."""
    return None if most_minor is None else most_minor * units


def added(ceilings: Sequence[Ceiling], new: Ceiling, today: str) -> tuple[Ceiling, ...] | None:
    """With a new one, in its place. Beyond KEPT_MAX the oldest goes that can't stand again; None: all of them can."""
    after = sorted([*ceilings, new], key=lambda one: one.from_day)  # stable: of equal days the last ordered comes last
    if len(after) > KEPT_MAX:
        alive = list(still_standing(after, today))
        outlived = next((one for one in after if not any(one is other for other in alive)), None)
        if outlived is None:
            return None
        after = [one for one in after if one is not outlived]
    return tuple(after)


def still_standing(ceilings: Sequence[Ceiling], today: str) -> Iterator[Ceiling]:
    """Those that may stand today or on a later day, the strongest first."""
    for ceiling in reversed(ceilings):
        if ceiling.until_day and ceiling.until_day < today:
            continue
        yield ceiling
        if not ceiling.until_day and ceiling.from_day <= today:
            return  # whatever is weaker is hidden by it for good
