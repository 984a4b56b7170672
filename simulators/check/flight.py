"""What is on its way between the switch and its peers: one bit for each message that may be delivered.

Rule: EARLY was sent before the payment request's lifetime was over, LATE after it; that is all the saga asks of when.
"""

from __future__ import annotations

from enum import IntEnum, auto

from simulators.check.phases import Phase


class Flight(IntEnum):
    """Bits, but no IntFlag: what is done with them is done millions of times."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[int]) -> int:
        return 1 << count

    # to the core
    DEBIT = auto()
    ADVICE_EARLY = auto()
    ADVICE_LATE = auto()
    # from the core
    DEBITED = auto()
    DECLINED = auto()
    REVERSED_EARLY = auto()
    REVERSED_LATE = auto()
    UNKNOWN_EARLY = auto()
    UNKNOWN_LATE = auto()
    NOT_REVERSED = auto()
    # to the biller
    PAY = auto()
    QUERY_EARLY = auto()
    QUERY_LATE = auto()
    UNDO_EARLY = auto()
    UNDO_LATE = auto()
    # from the biller
    PAID = auto()
    REFUSED = auto()
    FOUND = auto()
    FOUND_REFUSED = auto()
    NOT_FOUND_EARLY = auto()
    NOT_FOUND_LATE = auto()
    UNDONE_EARLY = auto()
    UNDONE_LATE = auto()
    UNDO_UNKNOWN_EARLY = auto()
    UNDO_UNKNOWN_LATE = auto()
    STANDS = auto()


NOTHING = 0
MONEY = Flight.DEBIT | Flight.PAY
EARLY_REQUESTS = Flight.ADVICE_EARLY | Flight.QUERY_EARLY | Flight.UNDO_EARLY
LATE_REQUESTS = Flight.ADVICE_LATE | Flight.QUERY_LATE | Flight.UNDO_LATE
REQUESTS = MONEY | EARLY_REQUESTS | LATE_REQUESTS
REPLIES = sum(Flight) & ~REQUESTS


def sent(early: Flight, phase: int) -> int:
    """The bit of a message that leaves now; each late one follows its early one."""
    return early << 1 if phase >= Phase.LAPSED else early


def is_late(message: int, early: Flight) -> bool:
    return message != early


def on_time_passing(flight: int, now: int, core_drops_old: bool, biller_drops_old: bool) -> int:
    """What is left when `now` begins. A peer that needs no clock may run an old request for longer."""
    if now == Phase.LAPSED:
        dropped = Flight.DEBIT * core_drops_old | Flight.PAY * biller_drops_old
        return flight & ~dropped
    if now == Phase.OVERDUE:
        return flight & ~(MONEY | EARLY_REQUESTS)
    return NOTHING if now == Phase.FENCED else flight
