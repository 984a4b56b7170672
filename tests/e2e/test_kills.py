"""SIGKILL of any process at any moment, under traffic: what was acknowledged stays, nothing happens twice (I6).

`KILLS_SEED=n pytest tests/e2e/test_kills.py` plays the choices of another seed; processes and the kernel keep their own
mind, so a seed gives the same victims after the same pauses, not the same run.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import trio

from ledger.verify import verify
from simulators.channels.traffic import customers_for
from simulators.demo.agreement import look_when_quiet
from simulators.demo.opening import wait_until_open
from simulators.keys import keys_of
from simulators.options import people_today
from tests.e2e.kills.bank import VICTIMS, bank
from tests.e2e.kills.judge import findings, told
from tests.e2e.kills.load import PAYMENTS, Load
from tests.e2e.kills.witness import Witness

SEED = int(os.environ.get("KILLS_SEED", "7"))
CUSTOMERS = customers_for(PAYMENTS // 10)
BETWEEN_S = 0.2, 0.6
DOWN_S = 0.0, 0.4
FROZEN_S = 0.5, 4.0  # longer than anybody's patience at the long end
WITHIN_S = 120.0
FAULTS = "lose=0.01,stall=0.01,drop=0.01,late=0.01,late_s=1.5,duplicate=0.01,garbage=0.005,disconnect=0.005"


async def survive(
    directory: Path,
    seed: int,
    kills: int,
    faults: str = "",
    *,
    freezing: float = 0.0,
    workers: int = 1,
    may_die: Sequence[str] = VICTIMS,
) -> dict[str, int]:
    """So many kills under traffic, a part of them only freezes; afterwards everybody's books and beliefs must agree.
    How many cases ended how."""
    rng, witness, timeline = random.Random(f"{seed}:kills"), Witness(), list[tuple[float, str]]()
    people = "--seed", str(seed), "--customers", str(CUSTOMERS)
    async with bank(directory, people, faults, workers) as running:
        population = people_today(running.settings, keys_of(running.settings), seed, CUSTOMERS)
        await wait_until_open(running.settings, population, keys_of(running.settings))
        async with Load(running.settings, population, seed, witness).running():
            for victim in victims(rng, kills, may_die):
                await trio.sleep(rng.uniform(*BETWEEN_S))
                freezes = rng.random() < freezing
                timeline.append((time.time(), f"{victim} is {'frozen' if freezes else 'killed'}"))
                if freezes:
                    await running.freeze(victim, rng.uniform(*FROZEN_S))
                else:
                    await running.kill(victim, rng.uniform(*DOWN_S))
                timeline.append((time.time(), f"{victim} is up again"))
            await trio.sleep(BETWEEN_S[1])
        agreement = await look_when_quiet(running.settings, directory, population, keys_of(running.settings))
        ledger = Path(running.settings.ledger.database)
        found = findings(witness, ledger)
        assert not found, f"seed {seed}\n{told(found, timeline, directory)}\n{running.last_words()}"
        assert agreement.holds, f"seed {seed}: {agreement.problems()} {agreement.differences[:5]} {agreement.payments}"
        for name in files_of_books(directory):
            verification = verify(name)
            assert verification.clean, f"seed {seed}: {name}: {verification.findings[:5]}"
        statuses = await running.stop_all()
        assert set(statuses.values()) == {0}, f"seed {seed}: {statuses}"
    return witness.counts()


def files_of_books(directory: Path) -> list[Path]:
    """The ledger's, the core's and the billers'."""
    return sorted(directory.glob("*.db"))


def victims(rng: random.Random, kills: int, may_die: Sequence[str]) -> list[str]:
    """Everybody in turn, in another order each time."""
    chosen: list[str] = []
    while len(chosen) < kills:
        chosen += rng.sample(may_die, len(may_die))
    return chosen[:kills]


async def test_five_kills_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    with trio.fail_after(WITHIN_S):
        counts = await survive(tmp_path, SEED, 5)
    assert counts.get("00", 0) > 100, counts


@pytest.mark.long
async def test_twenty_that_freeze_and_go_on_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    """Half a connection: what was asked before arrives after everybody has given it up."""
    with trio.fail_after(3 * WITHIN_S):
        counts = await survive(tmp_path, SEED, 30, freezing=0.7)
    assert counts.get("00", 0) > 200, counts


@pytest.mark.long
@pytest.mark.parametrize("faults", ["", FAULTS], ids=["sound peers", "faulty peers"])
@pytest.mark.parametrize("seed", [11, 12])
async def test_a_hundred_kills_lose_nothing_and_do_nothing_twice(tmp_path: Path, seed: int, faults: str) -> None:
    """Twenty-five at a time."""
    with trio.fail_after(3 * WITHIN_S):
        counts = await survive(tmp_path, seed, 25, faults)
    assert counts.get("00", 0) > 400, counts
