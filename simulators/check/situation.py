"""One instant of the modelled world, small enough to keep millions of."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from simulators.check.flight import NOTHING

GONE = -1  # of a memory: lost, or nobody's


class CoreBook(IntEnum):
    """What the core's books say of the payment."""

    UNKNOWN = 0
    DEBITED = 1
    DECLINED = 2
    REVERSED = 3
    PART_REVERSED = 4
    BARRED = 5  # reversed before it came, and remembered


class BillerBook(IntEnum):
    UNKNOWN = 0
    PAID = 1
    REFUSED = 2
    UNDONE = 3
    BARRED = 4
    PAID_TWICE = 5


class Hold(IntEnum):
    """What the switch's own ledger has of it."""

    NONE = 0
    HELD = 1
    POSTED = 2
    VOIDED = 3
    GIVEN_BACK = 4
    PART_GIVEN_BACK = 5


class Situation(NamedTuple):
    """Payments are numbers that `minds` gives; answers are codes. A memory that is `stale` is of an older version."""

    phase: int = 0
    stored: int = 0
    owner: int = 0
    owner_stale: bool = False
    former: int = GONE
    former_stale: bool = False
    core: int = CoreBook.UNKNOWN
    biller: int = BillerBook.UNKNOWN
    hold: int = Hold.NONE
    flight: int = NOTHING
    told: str = ""  # A, as the channel may have heard it
    told_reversal: str = ""  # R
    pending: int = GONE  # only where R6 is off: a commit that is out while other events are heard
    broken: str = ""  # the promise that the last step broke
