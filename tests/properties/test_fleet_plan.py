"""The plan against every assignment that there is, on fleets small enough to try them all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from switch.fleet.assigning import assign
from switch.fleet.plan import Candidate, Place, Problem, fits, greedy, places_of, relief_of

HOMES = ("mazzeh", "midan", "barzeh")
rates = st.floats(0, 50, allow_nan=False)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    candidates = tuple(
        Candidate(f"ATM{number:05d}", draw(st.integers(0, 100)) / 100, home, draw(st.integers(0, 5)) * 100_000_00)
        for number, home in enumerate(draw(st.lists(st.sampled_from(HOMES), max_size=4)))
    )
    unserved = {home: draw(rates) for home in HOMES[: draw(st.integers(1, 3))]}
    places = tuple(places_of(unserved, draw(rates), draw(st.integers(1, 2))))
    budget = draw(st.none() | st.integers(0, 20).map(lambda many: many * 100_000_00))
    return Problem(candidates, places, 50_000_00, budget, draw(st.none() | st.integers(0, 4)))


def every_assignment(problem: Problem, first: int = 0) -> Iterator[list[tuple[int, int]]]:
    if first == len(problem.candidates):
        yield []
        return
    for rest in every_assignment(problem, first + 1):
        yield rest
        used = {place for _, place in rest}
        yield from ([(first, place), *rest] for place in range(len(problem.places)) if place not in used)


def best_of_all(problem: Problem) -> float:
    return max(relief_of(problem, pairs) for pairs in every_assignment(problem) if fits(problem, pairs))


def almost(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-6 * max(1.0, abs(other))


@given(problems())
@settings(max_examples=150, deadline=None)
@example(
    Problem(
        (Candidate("A", 1.0, "midan", 300), Candidate("B", 0.7, "midan", 200), Candidate("C", 0.7, "midan", 200)),
        (Place("midan", 1, 10.0), Place("barzeh", 1, 10.0)),
        budget_minor=400,
    )
)
def test_no_assignment_relieves_more_than_the_plan(problem: Problem) -> None:
    assert almost(relief_of(problem, assign(problem)), best_of_all(problem))


@given(problems())
@settings(max_examples=150, deadline=None)
def test_the_plan_keeps_the_limits_and_uses_everything_once(problem: Problem) -> None:
    pairs = assign(problem)
    assert fits(problem, pairs)
    assert len({one for one, _ in pairs}) == len({place for _, place in pairs}) == len(pairs)
    assert relief_of(problem, pairs) >= relief_of(problem, greedy(problem)) - 1e-9


@given(st.dictionaries(st.sampled_from(HOMES), st.floats(0.01, 50), min_size=1), st.floats(0.01, 50), st.integers(1, 6))
def test_each_further_machine_of_a_district_relieves_less_and_none_more_than_goes_unserved(
    unserved: dict[str, float], capacity: float, most: int
) -> None:
    for district, in_all in unserved.items():
        reliefs = [one.relief_per_hour for one in places_of(unserved, capacity, most) if one.district == district]
        assert all(later < earlier for earlier, later in pairwise(reliefs))
        assert sum(reliefs) <= in_all + 1e-9
        assert all(relief <= capacity for relief in reliefs)
