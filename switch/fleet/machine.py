"""One machine as it is now, from what it reported, what was paid out there, and what the register says.

Rule: pure: the moment is an argument. The newest sign decides: a machine that paid out after it had called itself out
of service is in service. Why a state was concluded is said in words, so that nobody has to guess what was known.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from config.fleet_sections import AtmSettings, Condition
from switch.fleet.cash import cash_minor, left_in
from switch.fleet.pace import Pace
from switch.fleet.report import Cassette, DeviceState, Fault
from switch.fleet.standing import Episode, Standing
from switch.fleet.traffic import Traffic

QUIET_FROM = 6.0  # by chance nobody comes where six are expected once in four hundred times


class State(StrEnum):
    IN_SERVICE = "in service"
    NO_CASH = "no cash"
    QUIET = "quiet"  # it says that it is in service, but nobody has had cash for too long
    SUPERVISOR = "supervisor"
    OUT_OF_SERVICE = "out of service"
    SILENT = "silent"
    DESTROYED = "destroyed"
    UNHEARD = "never heard of"


WORKING = frozenset({State.IN_SERVICE, State.QUIET})
BROKEN = frozenset({State.OUT_OF_SERVICE, State.SILENT, State.UNHEARD})


class Found(msgspec.Struct, frozen=True):
    """A state, since when (None: not known), and from what it was concluded."""

    state: State
    since: float | None
    why: str


class Machine(msgspec.Struct, frozen=True):
    terminal: str
    found: Found
    cassettes: tuple[Cassette, ...]
    cash_minor: int | None  # None: its cassettes were never counted
    cash_lasts_h: float | None  # None: for more than a month, or there is no pace, or no count
    pace: Pace
    traffic: Traffic
    faults: tuple[Fault, ...]  # those that it has now
    last_fault: Episode | None
    heard_at: float | None
    counted_at: float | None
    filled_at: float | None
    paper: str = ""
    firmware: str = ""


class Known(msgspec.Struct, frozen=True):
    """All that is known of one machine."""

    terminal: str
    standing: Standing
    traffic: Traffic
    pace: Pace
    history: tuple[Episode, ...] = ()
    registered: AtmSettings | None = None


class Now(msgspec.Struct, frozen=True):
    """The moment, its hour of the week in local time, and what is asked for."""

    at: float
    hour_of_week: float
    currency: str
    silent_after_s: float


def look_at(known: Known, now: Now) -> Machine:
    standing, report = known.standing, known.standing.report
    left = left_in(standing.cassettes, known.traffic.paid_since_count, now.currency)
    cash = cash_minor(left, now.currency) if standing.counted_at else None
    return Machine(
        known.terminal,
        found_of(known, cash, now),
        left,
        cash,
        known.pace.lasts_h(cash, now.hour_of_week) if cash is not None else None,
        known.pace,
        known.traffic,
        report.faults if report is not None else (),
        max(known.history, key=lambda one: one.since, default=None),
        standing.heard_at or None,
        standing.counted_at or None,
        standing.filled_at,
        report.paper if report is not None else "",
        report.firmware if report is not None else "",
    )


def found_of(known: Known, cash: int | None, now: Now) -> Found:
    """In this order; the first that holds."""
    report, paid_at = known.standing.report, known.traffic.last_at or 0.0
    sign_at = max(known.standing.heard_at, paid_at, known.traffic.refusals.last_at or 0.0)
    silent = now.at - sign_at > now.silent_after_s
    condition = known.registered.condition if known.registered is not None else Condition.SOUND
    if silent and condition is Condition.DESTROYED:
        return Found(State.DESTROYED, sign_at or None, "the register says so")
    if not sign_at:
        if condition is Condition.REPAIRABLE:
            return Found(State.OUT_OF_SERVICE, None, "the register says repairable, and nothing was ever heard of it")
        return Found(State.UNHEARD, None, "no report and no withdrawal yet")
    if report is not None and report.state is not DeviceState.IN_SERVICE and paid_at <= known.standing.heard_at:
        return Found(_SAID[report.state], known.standing.since, "it said so")
    if silent:
        return Found(State.SILENT, sign_at, "nothing was heard of it since")
    if cash == 0:
        return Found(State.NO_CASH, max(paid_at, known.standing.counted_at), "its cassettes are empty")
    if _is_quiet(known, paid_at, now):
        return Found(State.QUIET, paid_at, "it says that it is in service, but nobody has had cash since")
    if report is None or report.state is not DeviceState.IN_SERVICE:
        return Found(State.IN_SERVICE, paid_at or sign_at, "it pays out")
    return Found(State.IN_SERVICE, known.standing.since, "it said so")


_SAID = {DeviceState.OUT_OF_SERVICE: State.OUT_OF_SERVICE, DeviceState.SUPERVISOR: State.SUPERVISOR}


def _is_quiet(known: Known, paid_at: float, now: Now) -> bool:
    if not paid_at:
        return False
    hours = (now.at - paid_at) / 3600
    return known.pace.expected(now.hour_of_week - hours, hours) >= QUIET_FROM
