"""The night in which the pound drops two zeros: what the customers write, and when the bank's day turns.

Rule: pure. The calendars turn in the middle of the errands, the business day a little earlier or later: what comes in
between is refused, what was begun before is finished, or given back, after.
"""

from __future__ import annotations

import datetime as dt
import random

from msgspec.structs import replace

from config.sections import CurrencySettings
from ledger.scale import Scale
from simulators.world.errands import Errand

NEW_YEAR = "20260101"
CHANGE = CurrencySettings(new_from=NEW_YEAR, both_until="20260630")
SCALE = Scale(NEW_YEAR, CHANGE.old_per_new, "20260630")
EVE = dt.date(2025, 12, 31)
MIDNIGHT_S = 8.0  # after the run began; half of the errands come later
DUSK = dt.datetime(2025, 12, 31, 21, 0, tzinfo=dt.UTC) - dt.timedelta(seconds=MIDNIGHT_S)  # midnight is Damascus's


def eve_until_s(seed: int) -> float:
    """After the run began: from then on business days turn, the first of them soon (`cutovers`)."""
    return random.Random(f"{seed}:night").uniform(MIDNIGHT_S - 6, MIDNIGHT_S)


def units_on(mmdd: str) -> int:
    """Of the books in a minor unit of a day of this night, or soon after."""
    return SCALE.units(f"{EVE:%Y%m%d}" if mmdd == f"{EVE:%m%d}" else NEW_YEAR)


def in_pound_of(errand: Errand, day: str) -> Errand:
    """As a customer writes it on that day; errands are drawn in new pounds."""
    times = SCALE.old_per_new // SCALE.units(day)
    dispensed = errand.manner.dispensed_minor
    manner = replace(errand.manner, dispensed_minor=None if dispensed is None else dispensed * times)
    return replace(errand, amount_minor=errand.amount_minor * times, manner=manner)
