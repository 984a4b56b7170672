"""The real switch in the simulated network, with the real client of the books, killed and started again at any moment:
alone, or one worker of several.

Rule: built by `switch.app.build` like the one that runs; what it is given (network, clock, pipe to the ledger) is the
world's. A kill takes its memory and its connections. What it had submitted reaches the ledger or not.
"""

from __future__ import annotations

import random

import trio

from ledger.books import Books
from ledger.client import RemoteBooks
from ledger.model import Unavailable
from simulators.keys import invented_keys
from simulators.world.clocks import NodeClock
from simulators.world.coverage import WatchedSaga
from simulators.world.fabric import Fabric, View
from simulators.world.fate import Fate
from simulators.world.ledger_node import LedgerNode
from simulators.world.node import Node
from simulators.world.process import Process
from simulators.world.scene import Scene, one_dialect
from simulators.world.trace import Trace
from simulators.world.violation import Violations
from switch.app import Switch, build
from switch.flow.share import ALONE, Share
from switch.observe.counters import Counters

SWEEP_EVERY_S = 0.4
ASK_AGAIN_S = 0.5
BUGS = ("engine fault", "frame failed", "question failed", "request failed", "reply failed", "answer failed")


class SwitchNode(Process):
    def __init__(
        self,
        scene: Scene,
        seed: int,
        ledger: LedgerNode,
        clock: NodeClock,
        saga: WatchedSaga,
        fabric: Fabric,
        fate: Fate,
        trace: Trace,
        violations: Violations,
        share: Share = ALONE,
    ) -> None:
        name = "switch" if share.workers == 1 else f"switch-{share.worker}"
        super().__init__(Node(name), fabric, fate, trace)
        self.share = share
        self.clock = clock
        self.switch: Switch | None = None
        self.reports: list[str] = []
        self._scene = scene
        self._seed = seed
        self._ledger = ledger
        self._saga = saga
        self._violations = violations
        self._keys = invented_keys(scene.settings)
        self.node.on_send = self._struck

    async def live(self) -> None:
        books = RemoteBooks("ledger", connect=lambda _: self._ledger.connect(self.node))
        async with trio.open_nursery() as nursery:
            await nursery.start(books.run)
            day = await _business_day(books)
            self.switch = build(
                self._scene.settings,
                books=books,
                network=View(self._fabric, self.node),
                clock=self.clock,
                rng=random.Random(f"{self._seed}:{self.node.name}:{self.lives}"),
                security=self._keys.copy(trio.current_time).security,
                counters=Counters(),
                report=self._report,
                advance=self._saga.advance,
                sweep_every_s=SWEEP_EVERY_S,
                dialect_of=one_dialect,
                share=self.share,
            )
            await nursery.start(self.switch.serve, day)

    def _struck(self) -> bool:
        """Before a frame leaves."""
        if self._fate.strikes("kill switch at send"):
            self.kill()
            return True
        return False

    def _report(self, event: str, **fields: object) -> None:
        told = f"{event} " + " ".join(f"{name}={value!r}" for name, value in fields.items())
        self.reports.append(told)
        if event in BUGS and self.node.alive:
            self._violations.add("I10", told, at_s=trio.current_time())


async def _business_day(books: Books) -> str:
    """As a process that ends and is started again until the ledger answers."""
    while True:
        found: list[str | Unavailable] = []
        asked = trio.Event()

        def done(day: str | Unavailable, found: list[str | Unavailable] = found, asked: trio.Event = asked) -> None:
            found.append(day)
            asked.set()

        books.current_day(done)
        await asked.wait()
        if isinstance(found[0], str):
            return found[0]
        await trio.sleep(ASK_AGAIN_S)
