"""The simulation bites: each deliberate bug is found within a bounded number of seeds, and none without one."""

from __future__ import annotations

import pytest

from simulators.world.outcome import Script
from simulators.world.rates import Level
from simulators.world.world import run_script
from tests.simulation.bugs import BUGS, Bug

SEEDS_MAX = 60
PAYMENTS = 40


def seeds_until_found(seeds_max: int) -> tuple[int, str] | None:
    """How many seeds it took, and what was wrong."""
    for tried in range(1, seeds_max + 1):
        found = run_script(Script(tried, PAYMENTS, Level.HEAVY)).violations
        if found:
            return tried, str(found[0])
    return None


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_the_simulation_finds(
    bug: Bug, monkeypatch: pytest.MonkeyPatch, record_property: pytest.FixtureRequest
) -> None:
    bug(monkeypatch)
    found = seeds_until_found(SEEDS_MAX)
    assert found is not None, f"{bug.__name__}: not found in {SEEDS_MAX} seeds"
    print(f"{bug.__name__}: found in {found[0]} seeds: {found[1]}")
