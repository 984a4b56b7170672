"""Whether a ceiling may be ordered as it was, and the words for what it does.

Rule: pure; the open business day is an argument. A ceiling never works backwards: what was approved stays approved.
"""

from __future__ import annotations

from collections.abc import Sequence

from switch.flow.ceilings import KEPT_MAX, Ceiling, added, effective
from switch.flow.limits import Limit
from switch.flow.orders import SetCeiling, Verdict
from switch.wire.dates import is_day

NOT_COUNTED_YET = "what was done today before this order is not counted: nothing counted it"


def ceiling_of(order: SetCeiling, today: str, at: float) -> Ceiling:
    figures = order.amount_max, order.per_day_amount_max, order.per_day_count_max
    return Ceiling(order.from_day or today, order.until_day, *figures, at, order.who, order.why)


def unfit_ceiling(ceiling: Ceiling, today: str) -> str | None:
    """Why its days can't be; None if they can."""
    for name, day in (("from", ceiling.from_day), ("until", ceiling.until_day)):
        if day and not is_day(day):
            return f"{name} {day}: allowed: a day as YYYYMMDD"
    if ceiling.from_day < today:
        return f"from {ceiling.from_day}: allowed: the open business day, {today}, or a later one"
    if ceiling.until_day and ceiling.until_day < ceiling.from_day:
        return f"until {ceiling.until_day}: allowed: {ceiling.from_day}, when it begins, or a later day"
    return None


def with_ceiling(known: Sequence[Ceiling], new: Ceiling, today: str) -> tuple[Ceiling, ...] | str:
    """All of them, or why it can't be added."""
    after = added(known, new, today)
    return f"{KEPT_MAX} ceilings are planned already: nothing was done" if after is None else after


def done_words(new: Ceiling, before: Sequence[Ceiling], limits: Sequence[Limit], service: str, today: str) -> Verdict:
    """What stands now. A day's figure where nothing counted the day over all channels counts from the order on."""
    until = f" until {new.until_day}" if new.until_day else ""
    words = f"it stands from {new.from_day}{until}"
    counted = effective(before, today)
    counts = (counted is not None and counted.counts_the_day) or _counts_all_channels(limits, service, today)
    if new.counts_the_day and new.from_day == today and not counts:
        words = f"{words}; {NOT_COUNTED_YET}"
    return Verdict(True, words)


def _counts_all_channels(limits: Sequence[Limit], service: str, today: str) -> bool:
    """Whether every payment of the service is counted today, whatever it comes through: by the first limit, or none."""
    own = (one for one in limits if one.service == service and not one.per_terminal and one.holds_on(today))
    first = next(own, None)
    return first is not None and first.channel is None and first.counts_the_day
