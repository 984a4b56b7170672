"""What the payments say of each machine: what it paid out, what was refused there, and when last.

Rule: pure values, made by whoever read the books. A withdrawal that was given back in full is none.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

HOURS_OF_WEEK = 168
OBSERVED_LEAST_H = 24.0

# What a customer hears for reasons of their own: another machine, or more cash, would change nothing.
CUSTOMERS_OWN = frozenset({"14", "51", "54", "55", "57", "61", "62", "65", "75"})


class Refusals(msgspec.Struct, frozen=True):
    """`by_code` counts them; `last_at` is the newest one's moment."""

    by_code: Mapping[str, int] = {}
    last_at: float | None = None
    last_code: str = ""

    @property
    def count(self) -> int:
        return sum(self.by_code.values())

    @property
    def unserved(self) -> int:
        """Those that a machine in order, with cash and a line, would have served."""
        return sum(count for code, count in self.by_code.items() if code not in CUSTOMERS_OWN)


class Traffic(msgspec.Struct, frozen=True):
    """Of one machine within the window that was looked at."""

    withdrawals: int = 0
    amount_minor: int = 0  # less what was given back
    first_at: float | None = None
    last_at: float | None = None  # the newest success
    refusals: Refusals = Refusals()
    paid_since_count: Mapping[int, int] = {}  # amount → how often, since its cassettes were counted


NO_TRAFFIC = Traffic()


def observed_h(began: float, first: float, last: float) -> float:
    """What began an hour ago has no pace of a day yet."""
    whole = (last - first) / 3600
    return max(min((last - began) / 3600, whole), min(OBSERVED_LEAST_H, whole))


class Window(msgspec.Struct, frozen=True):
    """All machines' traffic from `first` to `last`; `by_hour` the whole fleet's withdrawals by hour of the week, local
    time, Monday 00 first."""

    first: float
    last: float
    machines: Mapping[str, Traffic]
    by_hour: tuple[int, ...] = (0,) * HOURS_OF_WEEK

    @property
    def observed_h(self) -> float:
        """Since anybody first had cash within the window; young books would else look as if nobody came for weeks."""
        began = min((one.first_at for one in self.machines.values() if one.first_at is not None), default=self.first)
        return observed_h(began, self.first, self.last)

    def of(self, terminal: str) -> Traffic:
        return self.machines.get(terminal, NO_TRAFFIC)
