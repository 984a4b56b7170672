"""How fast a machine pays out at each hour of the week.

Rule: pure. How busy a machine is, is its own mean; how busy an hour of the week is, is the whole fleet's. One machine
alone has a handful of withdrawals in the same hour of four weeks: too few to tell an hour from chance. Hours of which
too little is known count as any other.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from switch.fleet.traffic import HOURS_OF_WEEK, Traffic, Window, observed_h

WITHDRAWALS_LEAST = 20 * HOURS_OF_WEEK  # of the whole fleet, before its hours are told apart
LOOKED_AHEAD_H = 30 * 24
FLAT = (1.0,) * HOURS_OF_WEEK


class Pace(msgspec.Struct, frozen=True):
    """Means over the window, and how much of a mean hour each hour of the week is."""

    withdrawals_per_hour: float
    minor_per_hour: float
    shape: tuple[float, ...] = FLAT

    def expected(self, first_hour: float, hours: float) -> float:
        """Withdrawals within so many hours, from an hour of the week on."""
        return self.withdrawals_per_hour * _weight(self.shape, first_hour, hours)

    def lasts_h(self, cash_minor: int, from_hour: float) -> float | None:
        """Hours until so much is paid out; None: more than a month, or nothing is ever paid out."""
        left = float(cash_minor)
        for ahead in range(LOOKED_AHEAD_H):
            part = 1 - from_hour % 1 if ahead == 0 else 1.0
            place = int(from_hour) + ahead
            paid = self.minor_per_hour * self.shape[place % HOURS_OF_WEEK] * part
            if paid >= left:
                started = ahead - from_hour % 1 if ahead else 0.0
                return round(started + part * (left / paid if paid else 0.0), 1)
            left -= paid
        return None


def shape_of(by_hour: Sequence[int]) -> tuple[float, ...]:
    """By hour of the week, 1 on average."""
    total = sum(by_hour)
    if total < WITHDRAWALS_LEAST:
        return FLAT
    return tuple(count * HOURS_OF_WEEK / total for count in by_hour)


def pace_of(traffic: Traffic, window: Window, shape: tuple[float, ...]) -> Pace:
    """Since it first paid out within the window."""
    if not traffic.withdrawals or traffic.first_at is None:
        return Pace(0.0, 0.0, shape)
    hours = observed_h(traffic.first_at, window.first, window.last)
    return Pace(traffic.withdrawals / hours, traffic.amount_minor / hours, shape)


def _weight(shape: Sequence[float], first_hour: float, hours: float) -> float:
    weeks, rest = divmod(hours, HOURS_OF_WEEK)
    total, at, left = weeks * sum(shape), first_hour % HOURS_OF_WEEK, rest
    while left > 1e-9:
        step = min(left, 1 - at % 1)
        total += shape[int(at) % HOURS_OF_WEEK] * step
        at, left = at + step, left - step
    return total
