"""Many runs, on as many cores as there are: their outcomes in the order of their seeds, and what they come to together.

Rule: a run knows nothing of the process it is in, so the digest of a series is the same however it is spread.
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from simulators.world.coverage import ROWS
from simulators.world.outcome import Outcome, Script
from simulators.world.rates import EVERY_KIND
from simulators.world.violation import Violation
from simulators.world.world import run_script

RUNS_PER_TASK = 4


def run_series(scripts: Sequence[Script], jobs: int) -> Iterator[Outcome]:
    """The outcome of each, in order."""
    if jobs <= 1 or len(scripts) <= RUNS_PER_TASK:
        yield from map(run_script, scripts)
        return
    with multiprocessing.get_context("spawn").Pool(min(jobs, len(scripts))) as pool:
        for told in pool.imap(_run, scripts, chunksize=RUNS_PER_TASK):
            yield _decoder.decode(told)


def _run(script: Script) -> bytes:
    return msgspec.msgpack.encode(run_script(script))


_decoder = msgspec.msgpack.Decoder(Outcome)


class Failure(msgspec.Struct, frozen=True):
    seed: int
    violation: Violation


class Series:
    """Adds up the outcomes. `events` of a run are bounded, so is what is kept of it."""

    def __init__(self) -> None:
        self.runs = 0
        self.payments = 0
        self.events = 0
        self.simulated_s = 0.0
        self.failures: list[Failure] = []
        self.first_failed: Outcome | None = None
        self._hash = hashlib.sha256()
        self._faults: Counter[str] = Counter()
        self._transitions: Counter[str] = Counter()
        self._rows: Counter[str] = Counter()
        self._states: Counter[str] = Counter()
        self._told: Counter[str] = Counter()

    def add(self, outcome: Outcome) -> None:
        self.runs += 1
        self.payments += outcome.payments
        self.events += outcome.events
        self.simulated_s += outcome.simulated_s
        self._hash.update(bytes.fromhex(outcome.digest))
        self._faults.update(outcome.faults)
        self._transitions.update(outcome.transitions)
        self._rows.update(outcome.rows)
        self._states.update(outcome.states)
        self._told.update(outcome.told)
        self.failures += [Failure(outcome.script.seed, violation) for violation in outcome.violations]
        if outcome.violations and self.first_failed is None:
            self.first_failed = outcome

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    @property
    def rows_never_reached(self) -> list[str]:
        return [row for row in ROWS if row not in self._rows]

    @property
    def faults_never_met(self) -> list[str]:
        return [kind for kind in EVERY_KIND if kind not in self._faults]

    def report(self, wall_s: float) -> dict[str, Any]:
        """As one JSON object says it."""
        return {
            "violations": [
                {"seed": failure.seed, **msgspec.to_builtins(failure.violation)} for failure in self.failures
            ],
            "digest": self.digest,
            "payments_per_s": round(self.payments / wall_s, 1),
            "runs": self.runs,
            "payments": self.payments,
            "events": self.events,
            "simulated_s": round(self.simulated_s, 1),
            "coverage": {
                "faults": {kind: self._faults[kind] for kind in EVERY_KIND},
                "transitions": _sorted(self._transitions),
                "states": _sorted(self._states),
                "answers": _sorted(self._told),
                "rows_reached": len(ROWS) - len(self.rows_never_reached),
                "rows": len(ROWS),
                "rows_never_reached": self.rows_never_reached,
            },
        }


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))
