"""A process that lives on a node until it is killed, and is started again after a while."""

from __future__ import annotations

from abc import ABC, abstractmethod

import trio

from simulators.world.fabric import Fabric
from simulators.world.fate import Fate
from simulators.world.node import Node
from simulators.world.trace import Trace

RESTART_S = (0.05, 4.0)


class Process(ABC):
    """Subclasses say how it lives. `kill` may be called from anywhere, also from within it: from that moment on nothing
    that it does has any effect outside."""

    def __init__(self, node: Node, fabric: Fabric, fate: Fate, trace: Trace) -> None:
        self.node = node
        self.lives = 0
        self._fabric = fabric
        self._fate = fate
        self._trace = trace
        self._scope = trio.CancelScope()

    @abstractmethod
    async def live(self) -> None:
        """From its start until cancelled."""

    @property
    def alive(self) -> bool:
        return self.node.alive

    async def keep(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        while True:
            self.lives += 1
            self.node.alive = True
            self._trace.add(f"{self.node.name} started")
            with trio.CancelScope() as self._scope:
                await self.live()
            await trio.sleep(self._fate.between(*RESTART_S))

    def kill(self) -> None:
        if self.node.alive:
            self._trace.add(f"{self.node.name} killed")
            self._fabric.kill(self.node)
            self._scope.cancel()
