"""One machine of a run: alive or dead, perhaps paused, with the connections that it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulators.world.wire import FabricWire


class Node:
    """`on_send` is asked before every frame that leaves; True: the node died of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.paused_until = 0.0
        self.wires: dict[FabricWire, None] = {}
        self.on_send: Callable[[], bool] | None = None

    def __repr__(self) -> str:
        return f"<Node {self.name}>"
