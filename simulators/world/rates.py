"""How often what goes wrong: the levels that a run may ask for, and a run's own mixture of them.

Rule: pure. Every run multiplies each kind's rate by a factor of its own, often zero: a fault that is always there hides
what only happens without it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

MIXTURE = (0.0, 0.3, 1.0, 1.0, 3.0)


class Level(StrEnum):
    NONE = "none"
    LIGHT = "light"
    HEAVY = "heavy"


# Of a frame, by its kind of fault.
FRAME_FAULTS = MappingProxyType(
    {"drop": 0.02, "delay": 0.02, "duplicate": 0.015, "reorder": 0.02, "garble": 0.006, "cut": 0.004}
)
# Of a commit, a frame or a word of a peer, at the moment itself.
STRIKES = MappingProxyType(
    {
        "kill switch at send": 0.0012,
        "kill switch at commit": 0.003,
        "kill ledger before commit": 0.0015,
        "kill ledger after commit": 0.0015,
        "kill peer before commit": 0.001,
        "kill peer after commit": 0.002,
        "peer refuses": 0.02,
        "peer refuses a repeat": 0.08,
        "peer says unknown": 0.08,
    }
)
# Occasions: how many in a minute of the run.
OCCASIONS = MappingProxyType(
    {
        "kill switch": 1.2,
        "kill ledger": 1.0,
        "kill peer": 1.5,
        "pause peer": 1.5,
        "partition": 1.2,
        "partition one way": 1.2,
        "slow ledger": 1.2,
        "full disk": 0.8,
        "locked books": 0.8,
        "clock jump": 1.0,
    }
)
EVERY_KIND = (*FRAME_FAULTS, *STRIKES, *OCCASIONS)
_FACTORS = {Level.NONE: 0.0, Level.LIGHT: 0.25, Level.HEAVY: 1.0}


def mixture(level: Level, rng: random.Random) -> Mapping[str, float]:
    """This run's rate of every kind."""
    factor = _FACTORS[level]
    table = {**FRAME_FAULTS, **STRIKES, **OCCASIONS}
    return {kind: rate * factor * rng.choice(MIXTURE) for kind, rate in table.items()}
