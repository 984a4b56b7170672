"""What a run came to: plain data, so that it crosses processes."""

from __future__ import annotations

import msgspec

from simulators.world.rates import Level
from simulators.world.violation import Violation


class Script(msgspec.Struct, frozen=True):
    """All that decides a run. `faults_max`: only so many faults, the first ones. `hasty`: it ends at a violation.
    `workers`: how many switches share the ports and the books. `new_year`: the night in which the pound drops two
    zeros."""

    seed: int
    payments: int
    level: Level = Level.HEAVY
    faults_max: int | None = None
    hasty: bool = False
    workers: int = 1
    new_year: bool = False


class Outcome(msgspec.Struct, frozen=True):
    script: Script
    digest: str
    payments: int
    events: int
    simulated_s: float
    violations: list[Violation]
    faults: dict[str, int]
    transitions: dict[str, int]
    rows: dict[str, int]
    states: dict[str, int]
    told: dict[str, int]
    lines: list[str] = []
    names: dict[str, tuple[str, str]] = {}
