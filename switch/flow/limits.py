"""Ceilings: of one payment here, of a day in the books, where two workers can't both slip under one.

Which stand for a payment: the first configured limit that is for its service, channel and day, of the customer and of
the machine each; and what was ordered for this very customer, which stands in the customer's limit's place, figure by
figure. A day's figure is counted where it was written: under the channel that a limit names, else over all channels;
an ordered one over all. What is counted for a channel goes on being counted while an order stands in its place.

Rule: pure. A payment is counted under each ceiling of the day that stood when it was begun, and under no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from switch.flow.ceilings import Ceiling

OVER_AMOUNT = "61"
OVER_COUNT = "65"
BETWEEN_SCOPES = "\n"  # of one payment's: no scope has it


class Limit(msgspec.Struct, frozen=True):
    """As configured. `per_terminal`: of one machine, whoever stands before it; else of one customer. Days are YYYYMMDD,
    both inclusive; empty: no end. Amounts are units of the books: worth the same in either pound."""

    service: str
    channel: str | None = None
    amount_max: int | None = None
    per_day_amount_max: int | None = None
    per_day_count_max: int | None = None
    per_terminal: bool = False
    from_day: str = ""
    until_day: str = ""

    @property
    def counts_the_day(self) -> bool:
        return self.per_day_amount_max is not None or self.per_day_count_max is not None

    def holds_on(self, day: str) -> bool:
        return self.from_day <= day and (not self.until_day or day <= self.until_day)


class DayCeiling(msgspec.Struct, frozen=True):
    """What a day's use of one scope may come to; None: any, but it is counted."""

    scope: str
    amount_max: int | None = None
    count_max: int | None = None


class Bounds(msgspec.Struct, frozen=True):
    """All that stands for one payment."""

    amount_max: int | None = None
    days: tuple[DayCeiling, ...] = ()

    @property
    def scopes(self) -> str:
        """For the payment's record: where its use was counted, and is given back."""
        return BETWEEN_SCOPES.join([one.scope for one in self.days])


class Asked(msgspec.Struct, frozen=True):
    """Of what request the bounds are asked. `holder` is the customer: a subscriber or a card."""

    service: str
    channel: str
    day: str
    holder: str
    terminal: str = ""


UNBOUNDED = Bounds()
AS_CONFIGURED = Ceiling("")


def limit_for(limits: Sequence[Limit], asked: Asked, *, per_terminal: bool = False) -> Limit | None:
    """The first that names the service and this channel, or any channel, on this day."""
    for limit in limits:
        if (
            limit.service == asked.service
            and limit.per_terminal is per_terminal
            and limit.channel in (None, asked.channel)
            and limit.holds_on(asked.day)
        ):
            return limit
    return None


def bounds_for(limits: Sequence[Limit], own: Ceiling | None, asked: Asked) -> Bounds:
    """`own` is what was ordered for this customer and stands on this day, in units of the books too (`valued`)."""
    customer = limit_for(limits, asked)
    machine = limit_for(limits, asked, per_terminal=True)
    if customer is None and machine is None and own is None:
        return UNBOUNDED
    customer, machine, own = customer or Limit(asked.service), machine or Limit(asked.service), own or AS_CONFIGURED
    amounts = _or(own.amount_max, customer.amount_max), machine.amount_max
    return Bounds(
        min((most for most in amounts if most is not None), default=None),
        tuple(_days(customer, machine, own, asked)),
    )


def over_amount(bounds: Bounds, amount_minor: int) -> bool:
    """`amount_minor` in units of the books."""
    return bounds.amount_max is not None and amount_minor > bounds.amount_max


def usage_scope(service: str, holder: str) -> str:
    """What a day's usage is counted under: one service of one subscriber or card."""
    return f"{service}|{holder}"


def channel_scope(service: str, holder: str, channel: str) -> str:
    return f"{service}|{holder}|{channel}"


def terminal_scope(service: str, terminal: str) -> str:
    return f"{service}|terminal:{terminal}"


def terminal_name(acquirer: str, terminal: str) -> str:
    """Field 41 is a machine's name within its institution."""
    return f"{acquirer}:{terminal.rstrip(' ')}"


def _days(customer: Limit, machine: Limit, own: Ceiling, asked: Asked) -> Iterator[DayCeiling]:
    """In the order in which the books look: of the customer over all channels, of the channel, of the machine."""
    yield from _over_all(customer, own, asked)
    if customer.channel is not None and customer.counts_the_day:
        yield DayCeiling(
            channel_scope(asked.service, asked.holder, customer.channel),
            customer.per_day_amount_max if own.per_day_amount_max is None else None,
            customer.per_day_count_max if own.per_day_count_max is None else None,
        )
    if machine.counts_the_day:
        scope = terminal_scope(asked.service, asked.terminal)
        yield DayCeiling(scope, machine.per_day_amount_max, machine.per_day_count_max)


def _over_all(customer: Limit, own: Ceiling, asked: Asked) -> Iterator[DayCeiling]:
    amount_max, count_max = own.per_day_amount_max, own.per_day_count_max
    if customer.channel is None:
        amount_max = _or(amount_max, customer.per_day_amount_max)
        count_max = _or(count_max, customer.per_day_count_max)
    if amount_max is not None or count_max is not None:
        yield DayCeiling(usage_scope(asked.service, asked.holder), amount_max, count_max)


def _or(ordered: int | None, configured: int | None) -> int | None:
    return configured if ordered is None else ordered
