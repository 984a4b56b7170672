"""Ceilings: of one payment here, of a day in the books, where two workers can't both slip under one."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

OVER_AMOUNT = "61"
OVER_COUNT = "65"


class Limit(msgspec.Struct, frozen=True):
    """Amounts are units of the books, in whichever pound they were written down: worth the same on any day."""

    service: str
    channel: str | None = None
    amount_max: int | None = None
    per_day_amount_max: int | None = None
    per_day_count_max: int | None = None

    @property
    def counts_the_day(self) -> bool:
        return self.per_day_amount_max is not None or self.per_day_count_max is not None


def limit_for(limits: Sequence[Limit], service: str, channel: str) -> Limit | None:
    """The first that names the service and this channel, or any channel."""
    for limit in limits:
        if limit.service == service and limit.channel in (None, channel):
            return limit
    return None


def over_amount(limit: Limit, amount_minor: int) -> bool:
    """`amount_minor` in units of the books."""
    return limit.amount_max is not None and amount_minor > limit.amount_max


def usage_scope(service: str, holder: str) -> str:
    """What a day's usage is counted under: one service of one subscriber or card."""
    return f"{service}|{holder}"
