"""The whole bank, with everything that can go wrong, a hundred times over: whatever happens, no money is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from simulators.world.determinism import run_seeded
from simulators.world.outcome import Script
from simulators.world.rates import Level
from simulators.world.series import Series, run_series
from simulators.world.story import shrink, tell
from simulators.world.world import run_script
from switch.flow.actions import release
from tests.simulation.bugs import act_otherwise

SEEDS = range(1, 101)
LONG_SEEDS = range(1_001, 2_001)
WORKERS_SEEDS = range(2_001, 2_009)
NEW_YEAR_SEEDS = range(3_001, 3_013)
PAYMENTS = 50
CORES = os.cpu_count() or 1

UNREACHED_BY_ONE_OWNER = {
    "HELD + CoreApproved|CoreDeclined|CoreSilent|CoreUnreachable [biller_was_asked] stay",
    "UNCERTAIN + BillerApproved|FoundPaid [cancelled_and_undo_offered] undo_biller",
    "UNCERTAIN + CoreDeclined [always] decline_late",
    "UNCERTAIN + Reversed [other_reversal] answer_other_content",
    "UNDOING + Reversed [other_reversal] answer_other_content",
}
"""Rows for a stale second owner, for terms that changed while a payment was open, and for a partial reversal of a
payment with two legs, which is refused before it reaches the saga. Here is one owner, and bills are reversed whole."""


def series_of(seeds: range, payments: int = PAYMENTS, workers: int = 1, *, new_year: bool = False) -> Series:
    series = Series()
    scripts = [Script(seed, payments, workers=workers, new_year=new_year) for seed in seeds]
    for outcome in run_series(scripts, CORES):
        series.add(outcome)
    return series


def test_a_hundred_bad_days_lose_no_money_and_leave_nothing_open() -> None:
    series = series_of(SEEDS)
    assert series.failures == []
    assert series.payments == len(SEEDS) * PAYMENTS
    assert series.faults_never_met == []


def test_bad_days_of_two_workers_on_the_same_books_lose_no_money_and_leave_nothing_open() -> None:
    """Requests, repeats and reversals come to either, and either is killed while the other goes on."""
    series = series_of(WORKERS_SEEDS, workers=2)
    assert series.failures == []
    assert series.payments == len(WORKERS_SEEDS) * PAYMENTS


def test_the_night_in_which_the_pound_drops_two_zeros_loses_no_money() -> None:
    """Payments of either pound, reversals of the old in the new, and all that goes wrong on any other day."""
    series = series_of(NEW_YEAR_SEEDS, new_year=True)
    assert series.failures == []
    assert series.payments == len(NEW_YEAR_SEEDS) * PAYMENTS


def test_the_same_seed_is_the_same_run_in_another_process_with_other_hashes() -> None:
    report = {}
    for hash_seed in ("1", "2"):
        told = subprocess.run(
            [
                sys.executable,
                "-m",
                "switch.cli",
                "simulate",
                "--seed",
                "7",
                "--runs",
                "2",
                "--payments",
                "20",
                "--json",
            ],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        report[hash_seed] = json.loads(told.stdout.splitlines()[-1])["digest"]
    series = Series()
    for seed in (7, 8):
        series.add(run_script(Script(seed, 20)))
    assert report["1"] == report["2"] == series.digest


def test_another_seed_is_another_run() -> None:
    assert run_script(Script(1, 5)).digest != run_script(Script(2, 5)).digest


def test_a_shorter_plan_is_the_beginning_of_the_longer_one_and_no_faults_are_none() -> None:
    outcome = run_script(Script(3, 10, Level.NONE))
    assert (outcome.violations, outcome.faults) == ([], {})
    assert run_script(Script(3, 10, faults_max=0)).faults == {}


def test_a_failure_is_told_as_a_short_story_that_can_be_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A switch that releases what may be paid: the story names the seed and every event of the payment."""

    act_otherwise(monkeypatch, {"unsure": release})
    failed = next(o for o in (run_script(Script(seed, 12)) for seed in range(1, 60)) if o.violations)
    script = shrink(failed)
    story = list(tell(script))
    assert script.payments <= 12
    assert story[0].startswith(f"barada simulate --seed {script.seed}")
    assert any("-> RELEASING (" in line for line in story)
    assert any("killed" in line or "drop" in line or "HELD" in line for line in story)


def test_trio_keeps_the_private_names_that_determinism_hangs_on() -> None:
    """Another version of Trio may not; then this says so first."""
    from trio._core import _run

    assert isinstance(_run._ALLOW_DETERMINISTIC_SCHEDULING, bool)
    assert hasattr(_run._r, "seed")

    async def main(clock: object) -> float:
        import trio

        await trio.sleep(86_400)
        return trio.current_time()

    assert run_seeded(1, main) == 86_400


@pytest.mark.long
def test_a_thousand_bad_days_reach_every_row_of_the_saga() -> None:
    series = series_of(LONG_SEEDS)
    assert series.failures == []
    assert set(series.rows_never_reached) <= UNREACHED_BY_ONE_OWNER
    assert series.faults_never_met == []


@pytest.mark.long
@pytest.mark.parametrize("workers", [2, 3, 5])
def test_three_hundred_bad_days_of_several_workers_lose_no_money(workers: int) -> None:
    assert series_of(range(3_001, 3_301), workers=workers).failures == []
