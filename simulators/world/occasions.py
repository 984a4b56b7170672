"""What befalls whole machines in the course of a run: deaths, pauses, partitions, a full disk, a clock that jumps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import trio

from simulators.world.clocks import OFF_MOST_S, NodeClock
from simulators.world.fabric import Fabric
from simulators.world.fate import Fate
from simulators.world.ledger_node import LedgerNode
from simulators.world.node import Node
from simulators.world.peer_node import PeerNode
from simulators.world.rates import OCCASIONS
from simulators.world.switch_node import SwitchNode
from simulators.world.trace import Trace

PAUSE_S = (0.5, 7.0)
PARTED_S = (1.0, 9.0)
LONG_PARTED_S = (2.0, 25.0)  # where payments are given up early anyway
SLOW_S = (1.0, 6.0)
FULL_S = (0.5, 5.0)


class Occasions:
    """`channels` are nodes that nothing happens to but partitions."""

    def __init__(
        self,
        switches: Sequence[SwitchNode],
        ledger: LedgerNode,
        peers: Sequence[PeerNode],
        channels: Sequence[Node],
        fabric: Fabric,
        fate: Fate,
        trace: Trace,
        *,
        long: bool,
    ) -> None:
        self._parted_s = LONG_PARTED_S if long else PARTED_S
        self._switches = switches
        self._ledger = ledger
        self._peers = peers
        self._channels = channels
        self._fabric = fabric
        self._fate = fate
        self._trace = trace
        self._carriers: Mapping[str, Callable[[], None]] = {
            "kill switch": self.kill_switch,
            "kill ledger": ledger.kill,
            "kill peer": self._kill_peer,
            "pause peer": self._pause_peer,
            "partition": self._part,
            "partition one way": self._part_one_way,
            "slow ledger": lambda: ledger.slow_down(fate.between(*SLOW_S)),
            "full disk": self._fill_disk,
            "locked books": self._lock_books,
            "clock jump": self._jump,
        }
        self._full_until = self._locked_until = math.inf

    async def run(self) -> None:
        """Until cancelled: each kind at its own times."""
        async with trio.open_nursery() as nursery:
            for kind in OCCASIONS:
                nursery.start_soon(self._happen, kind)
            nursery.start_soon(self._mend_books)

    def kill_switch(self) -> None:
        """Of several, one."""
        self._one(self._switches).kill()

    def heal(self) -> None:
        """Everything is well again; the dead come back by themselves."""
        self._fabric.heal()
        self._ledger.heal()
        for peer in self._peers:
            peer.node.paused_until = 0.0

    async def _happen(self, kind: str) -> None:
        while True:
            pause_s = self._fate.pause_before(kind)
            await trio.sleep(pause_s) if pause_s < 1e6 else await trio.sleep_forever()
            if self._fate.befalls(kind):
                self._trace.add(f"occasion {kind}")
                self._carriers[kind]()

    def _kill_peer(self) -> None:
        self._fate.rng.choice(self._peers).kill()

    def _pause_peer(self) -> None:
        node = self._fate.rng.choice(self._peers).node
        node.paused_until = trio.current_time() + self._fate.between(*PAUSE_S)

    def _part(self) -> None:
        self._part_from_switch(both_ways=True)

    def _part_one_way(self) -> None:
        self._part_from_switch(both_ways=False)

    def _part_from_switch(self, *, both_ways: bool) -> None:
        other = self._fate.rng.choice([*(peer.node for peer in self._peers), *self._channels])
        node = self._one(self._switches).node
        ends = (node, other) if self._fate.rng.random() < 0.5 else (other, node)
        self._fabric.part(*ends, trio.current_time() + self._fate.between(*self._parted_s), both_ways=both_ways)

    def _fill_disk(self) -> None:
        self._ledger.store.fill_disk()
        self._full_until = trio.current_time() + self._fate.between(*FULL_S)

    def _lock_books(self) -> None:
        self._ledger.store.lock()
        self._locked_until = trio.current_time() + self._fate.between(*FULL_S)

    async def _mend_books(self) -> None:
        while True:
            await trio.sleep(0.5)
            if self._full_until <= trio.current_time():
                self._full_until = math.inf
                self._ledger.store.free_disk()
            if self._locked_until <= trio.current_time():
                self._locked_until = math.inf
                self._ledger.store.unlock()

    def _jump(self) -> None:
        clocks: list[NodeClock] = [self._switches[0].clock, *(peer.clock for peer in self._peers)]
        self._fate.rng.choice(clocks).offset_s = self._fate.between(-OFF_MOST_S, OFF_MOST_S)

    def _one(self, switches: Sequence[SwitchNode]) -> SwitchNode:
        """Any of them; nothing is drawn where there is no choice."""
        return switches[0] if len(switches) == 1 else self._fate.rng.choice(switches)
