"""Opens and closes business days at any moment of a run, as an operator orders it, at whichever worker.

Rule: it has a chance of its own, so that what else befalls a run does not depend on it. Whether an order may be carried
out is the switch's to say; one that reaches a dead switch is lost.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import trio

from simulators.world.switch_node import SwitchNode
from switch.flow.orders import ChangeDay, DayAction, Verdict

EVERY_S = 4.0  # between two cutovers, on average
HASTY = 0.6  # of the days that ended are closed before all that was begun in them can have ended
HASTE_S = 1.0


class Cutovers:
    def __init__(self, switches: Sequence[SwitchNode], seed: int) -> None:
        self._switches = switches
        self._rng = random.Random(f"{seed}:days")

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await trio.sleep(self._rng.expovariate(1 / EVERY_S))
            self._order(DayAction.CUTOVER)
            if self._rng.random() < HASTY:
                await trio.sleep(self._rng.uniform(0, HASTE_S))
                self._order(DayAction.CLOSE)

    def _order(self, action: DayAction) -> None:
        node = self._rng.choice(self._switches)
        if node.switch is not None and node.alive:
            node.switch.take(ChangeDay(action, "operator", "the day is over"), _note)


def _note(verdict: Verdict) -> None:
    """Refused or done, the books show it."""
