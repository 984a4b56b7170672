"""Which machine to put back to work, and where: the problem, and its answer in the terms of the fleet.

Rule: pure. A machine stands in one district at most, as its first, second, third… new machine; each of these places
relieves less than the one before it. Where R withdrawals an hour go unserved, one that could serve C serves R·C/(R+C)
of them: people who look for it find it only in part, and what it serves the next one can't. A machine serves its place
by its worth (its score). `assigning` finds the assignment with the most relief; it knows nothing of machines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from config.fleet_sections import Fleet
from switch.fleet.demand import Demand
from switch.fleet.rehabilitation import Prospect

PLACES_MAX = 6  # of new machines in one district


class Candidate(msgspec.Struct, frozen=True):
    terminal: str
    worth: float
    home: str  # its district
    cost_minor: int  # of its repair


class Place(msgspec.Struct, frozen=True):
    """The `nth` new machine of a district, and what a sound one would relieve there an hour."""

    district: str
    nth: int
    relief_per_hour: float


class Problem(msgspec.Struct, frozen=True):
    candidates: tuple[Candidate, ...]
    places: tuple[Place, ...]
    move_cost_minor: int = 0
    budget_minor: int | None = None
    machines_max: int | None = None

    def relief(self, candidate: Candidate, place: Place) -> float:
        return candidate.worth * place.relief_per_hour

    def cost_minor(self, candidate: Candidate, place: Place) -> int:
        return candidate.cost_minor + (self.move_cost_minor if candidate.home != place.district else 0)


Pairs = Sequence[tuple[int, int]]  # a candidate's number and its place's


class Assignment(msgspec.Struct, frozen=True):
    terminal: str
    district: str
    nth: int
    moved: bool
    relief_per_hour: float
    cost_minor: int


class Plan(msgspec.Struct, frozen=True):
    """The most relief first. `left_out` could be put back to work too, but not within the limits."""

    assignments: tuple[Assignment, ...]
    relief_per_hour: float
    unserved_per_hour: float  # before it
    cost_minor: int
    left_out: tuple[str, ...]


def problem_of(
    fleet: Fleet,
    demand: Demand,
    prospects: Sequence[Prospect],
    *,
    budget_minor: int | None = None,
    machines_max: int | None = None,
) -> Problem:
    candidates = tuple(
        Candidate(one.terminal, one.worth, fleet.atms[one.terminal].district, one.cost_minor)
        for one in prospects
        if one.possible
    )
    unserved = {one.name: one.unserved_per_hour for one in demand.districts}
    places = tuple(places_of(unserved, demand.capacity_per_hour, min(PLACES_MAX, len(candidates))))
    return Problem(candidates, places, fleet.move.cost_minor, budget_minor, machines_max)


def places_of(unserved: Mapping[str, float], capacity: float, most: int) -> Iterator[Place]:
    for district, unserved_per_hour in unserved.items():
        rest = unserved_per_hour
        for nth in range(1, most + 1):
            relief = rest * capacity / (rest + capacity) if rest > 0 and capacity > 0 else 0.0
            if relief > 0:
                yield Place(district, nth, relief)
            rest -= relief


def plan_of(problem: Problem, pairs: Pairs, unserved_per_hour: float) -> Plan:
    """In words of the fleet what was found."""
    found = [_assignment(problem, *pair) for pair in pairs]
    found.sort(key=lambda one: (-one.relief_per_hour, one.terminal))
    used = {one.terminal for one in found}
    return Plan(
        tuple(found),
        sum(one.relief_per_hour for one in found),
        unserved_per_hour,
        sum(one.cost_minor for one in found),
        tuple(one.terminal for one in problem.candidates if one.terminal not in used),
    )


def relief_of(problem: Problem, pairs: Pairs) -> float:
    return sum(problem.relief(problem.candidates[one], problem.places[place]) for one, place in pairs)


def greedy(problem: Problem) -> list[tuple[int, int]]:
    """The most relief first, as long as it is allowed: what somebody with a list would do."""
    ways = [(one, place) for one in range(len(problem.candidates)) for place in range(len(problem.places))]
    ways.sort(key=lambda way: -relief_of(problem, [way]))
    taken: list[tuple[int, int]] = []
    used: set[int] = set()
    filled: set[int] = set()
    for one, place in ways:
        if one not in used and place not in filled and fits(problem, [*taken, (one, place)]):
            taken.append((one, place))
            used.add(one)
            filled.add(place)
    return taken


def fits(problem: Problem, pairs: Pairs) -> bool:
    """Within the budget and the number of machines."""
    if problem.machines_max is not None and len(pairs) > problem.machines_max:
        return False
    cost = sum(problem.cost_minor(problem.candidates[one], problem.places[place]) for one, place in pairs)
    return problem.budget_minor is None or cost <= problem.budget_minor


def _assignment(problem: Problem, one: int, place: int) -> Assignment:
    candidate, where = problem.candidates[one], problem.places[place]
    return Assignment(
        candidate.terminal,
        where.district,
        where.nth,
        candidate.home != where.district,
        problem.relief(candidate, where),
        problem.cost_minor(candidate, where),
    )
