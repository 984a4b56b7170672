"""The simulation bites: each deliberate bug is found within a bounded number of seeds.

Rule: where a seed is known that finds what takes many, it is tried before the search begins. A change of the switch or
of the world may move it; then the search finds another, and takes its time. The long version searches from the first.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from simulators.world import world
from simulators.world.outcome import Script
from simulators.world.rates import Level
from switch.engine.patrol import Patrol
from switch.engine.restrictions import Restrictions
from switch.flow.orders import Verdict
from tests.simulation.bugs import BUGS, Bug, answer_90_where_another_day_is_open

SEEDS_MAX = 300
PAYMENTS = 30
QUIET_WITHIN_S = 300.0  # a bug that keeps payments open is found by then, and a run need not go on


def first_violation(seed: int, workers: int = 1) -> str:
    """What the simulation finds first with this seed, or nothing."""
    found = world.run_script(Script(seed, PAYMENTS, Level.HEAVY, hasty=True, workers=workers)).violations
    return f"{found[0].invariant} {found[0].text}" if found else ""


def search(bug: Bug, patch: pytest.MonkeyPatch, seeds: Iterable[int]) -> None:
    """Says in how many seeds it was found."""
    bug(patch)
    patch.setattr(world, "QUIET_WITHIN_S", QUIET_WITHIN_S)
    for tried, seed in enumerate(seeds, 1):
        found = first_violation(seed)
        if found:
            print(f"found in {tried} seeds, the last of them {seed}: {found}")
            return
    pytest.fail(f"not found in {SEEDS_MAX} seeds")


# Where only a rare order of events tells the bug from the right thing.
KNOWN = {
    "answer_90_where_another_day_is_open": 59,
    "answer_before_posting": 2,
    "ask_for_the_money_again_under_a_new_key": 4,
    "believe_a_forgetful_biller": 15,
    "believe_a_forgetful_core": 103,
    "believe_an_early_not_found": 75,
    "forget_the_tombstone": 81,
    "ignore_a_debit_that_came_after_its_reversal": 25,
    "match_by_the_end_of_the_stan_alone": 15,
    "release_after_a_restart": 9,
    "take_any_code_for_a_decline": 8,
    "undo_before_its_commit": 12,
}

each_bug = pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)


@each_bug
def test_the_simulation_finds(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    known = KNOWN.get(bug.__name__, 1)
    search(bug, monkeypatch, dict.fromkeys((known, *range(1, SEEDS_MAX + 1))))


@pytest.mark.long
@each_bug
def test_the_simulation_finds_it_without_being_told_where(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    search(bug, monkeypatch, range(1, SEEDS_MAX + 1))


@pytest.mark.long
def test_the_simulation_finds_workers_that_leave_lying_what_another_one_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patrol, "sweep", lambda _: None)
    monkeypatch.setattr(world, "QUIET_WITHIN_S", QUIET_WITHIN_S)
    assert any(first_violation(seed, workers=2) for seed in range(1, SEEDS_MAX + 1))


def test_the_simulation_finds_a_worker_that_does_not_follow_the_others_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Restrictions, "follow", lambda self, holder, tell: tell(Verdict(True, "followed")))
    assert any("block" in first_violation(seed, workers=2) for seed in range(1, SEEDS_MAX + 1))


def test_the_simulation_finds_a_worker_that_answers_90_for_a_day_that_another_one_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer_90_where_another_day_is_open(monkeypatch)
    seeds = dict.fromkeys((KNOWN["answer_90_where_another_day_is_open"], *range(1, SEEDS_MAX + 1)))
    assert any("90" in first_violation(seed, workers=3) for seed in seeds)
