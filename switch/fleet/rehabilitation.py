"""Which of the broken machines can be put back to work: a score out of a hundred, and why it is what it is.

Rule: pure, and transparent: it begins with 100, each thing against the machine takes its points away and says so. The
score is also what the machine is taken to be worth afterwards: one with 60 serves 60 % of what a sound one would.
A destroyed machine has no score at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from config.fleet_sections import AtmSettings, Condition, Line, Power
from switch.fleet.standing import Episode

POSSIBLE_FROM = 40
AGE_FREE_YEARS, AGE_POINTS, AGE_MOST = 5, 4, 40
HISTORY_S = 90 * 86_400.0
FAULT_MOST, AGAIN_FROM, AGAIN_POINTS = 30, 3, 10
DEAREST_POINTS = 15
GRAVE = frozenset({"FATAL", "ERROR", "CRITICAL", "SEVERE", "SUSPEND", "3", "4"})
SLIGHT = frozenset({"INFO", "ROUTINE", "1"})
FAULT_POINTS_GRAVE, FAULT_POINTS_OTHER = 5, 2
POWER_POINTS = {Power.GRID: 0, Power.SOLAR: 3, Power.GENERATOR: 5, Power.UNSTABLE: 15, Power.NONE: 30}
LINE_POINTS = {Line.FIBRE: 0, Line.COPPER: 3, Line.MOBILE: 5, Line.UNSTABLE: 15, Line.NONE: 25}


class Reason(msgspec.Struct, frozen=True):
    points: int  # taken away
    words: str


class Prospect(msgspec.Struct, frozen=True):
    """What there is to say of putting one machine back to work."""

    terminal: str
    possible: bool
    score: int
    cost_minor: int
    reasons: tuple[Reason, ...]

    @property
    def worth(self) -> float:
        return self.score / 100


class Costs(msgspec.Struct, frozen=True):
    """Of this machine's class, and of the dearest."""

    own_minor: int
    dearest_minor: int


def prospect_of(atm: AtmSettings, history: Sequence[Episode], costs: Costs, today: date, now: float) -> Prospect:
    if atm.condition is Condition.DESTROYED:
        return Prospect(atm.name, False, 0, costs.own_minor, (Reason(100, "destroyed"),))
    reasons = tuple(
        reason
        for reason in (
            *_age(atm, today),
            *_place(atm),
            *_faults(history, now),
            *_again(history, now),
            *_cost(costs),
        )
        if reason.points
    )
    score = max(0, 100 - sum(reason.points for reason in reasons))
    return Prospect(atm.name, score >= POSSIBLE_FROM, score, costs.own_minor, reasons)


def _age(atm: AtmSettings, today: date) -> Iterator[Reason]:
    years = max(0, (today - atm.installed).days) // 365
    points = min(AGE_MOST, max(0, years - AGE_FREE_YEARS) * AGE_POINTS)
    yield Reason(points, f"{years} years old")


def _place(atm: AtmSettings) -> Iterator[Reason]:
    power, line = atm.power, atm.line
    yield Reason(POWER_POINTS[power], "no power there" if power is Power.NONE else f"power: {power.value}")
    yield Reason(LINE_POINTS[line], "no line there" if line is Line.NONE else f"line: {line.value}")


def _faults(history: Sequence[Episode], now: float) -> Iterator[Reason]:
    lately = _lately(history, now)
    points = sum(_points_of(one.fault.severity) for one in lately)
    yield Reason(min(FAULT_MOST, points), f"{len(lately)} fault{'s' * (len(lately) != 1)} within 90 days")


def _again(history: Sequence[Episode], now: float) -> Iterator[Reason]:
    """What comes back after each repair was not repaired."""
    counted = Counter(one.fault.component for one in _lately(history, now))
    for component, times in counted.most_common(1):
        if times >= AGAIN_FROM:
            yield Reason(AGAIN_POINTS, f"{component.lower()} again and again ({times} times)")


def _cost(costs: Costs) -> Iterator[Reason]:
    share = costs.own_minor / costs.dearest_minor if costs.dearest_minor else 0.0
    yield Reason(round(DEAREST_POINTS * share), "dear to repair" if share > 0.5 else "some cost")


def _points_of(severity: str) -> int:
    if severity in SLIGHT:
        return 0
    return FAULT_POINTS_GRAVE if severity in GRAVE else FAULT_POINTS_OTHER


def _lately(history: Sequence[Episode], now: float) -> list[Episode]:
    return [one for one in history if (one.until or now) >= now - HISTORY_S]
