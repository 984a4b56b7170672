"""The fleet in the pound of today, where the currency dropped zeros and kept its number.

Rule: pure. What comes from the books is divided by the units of today (`ledger.scale`); notes that were counted under
the old pound are worth so much less of the new one. Both come out whole, since no machine dispenses less than a pound.
"""

from __future__ import annotations

from collections import Counter

from msgspec.structs import replace

from ledger.scale import whole
from switch.fleet.standing import Standing
from switch.fleet.traffic import Traffic, Window


def window_in(window: Window, units: int) -> Window:
    """`units` are the books' in a minor unit of today."""
    machines = {terminal: _traffic_in(one, units) for terminal, one in window.machines.items()}
    return replace(window, machines=machines) if units > 1 else window


def counted_in(standing: Standing, old_per_new: int) -> Standing:
    """`old_per_new` is what a minor unit of today is worth of one of the day on which its cassettes were counted."""
    cassettes = [replace(one, denomination_minor=one.denomination_minor // old_per_new) for one in standing.cassettes]
    return replace(standing, cassettes=tuple(cassettes)) if old_per_new > 1 else standing


def _traffic_in(traffic: Traffic, units: int) -> Traffic:
    paid: Counter[int] = Counter()
    for minor, times in traffic.paid_since_count.items():
        paid[whole(minor, units)] += times
    return replace(traffic, amount_minor=whole(traffic.amount_minor, units), paid_since_count=paid)
