"""The connections to a hardware security module: commands go out, answers come back to whoever asked.

Rule: asking never waits, and `done` hears exactly once: the answer, or None. While no connection is up the None comes
at once, and so it does beyond the number of commands that may be open; a command is never moved to another connection.
"""

import trio

from config.security_sections import HsmSettings
from switch.net.edge import Edge
from switch.net.hsm_line import NAME, HsmLine
from switch.net.open_commands import Told
from switch.net.sweeper import Sweeper

COMMANDS_OPEN_MAX = 64  # on one connection: what a payShield takes in before it stops reading
SWEEP_GRAIN_S = 0.01


class HsmLink:
    """The connections to the module of the configuration. Its `ask` is the payShield client's `Ask`."""

    def __init__(self, settings: HsmSettings, edge: Edge, *, commands_open_max: int = COMMANDS_OPEN_MAX) -> None:
        self._edge = edge
        self._commands_open_max = commands_open_max
        self._sweeper = Sweeper(self._sweep, SWEEP_GRAIN_S)
        self._lines = [HsmLine(settings, edge, self._on_change, self._sweeper.by) for _ in range(settings.connections)]
        self._up: list[HsmLine] = []
        self._some_up = trio.Event()

    @property
    def up(self) -> bool:
        """Whether a command asked now would be sent."""
        return bool(self._up)

    async def wait_up(self) -> None:
        """Until the module has said on some connection that it is in order. Callers own the timeout."""
        while not self.up:
            await self._some_up.wait()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the connections up until cancelled. Started at once: the module may be away."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._sweeper.run)
            for line in self._lines:
                nursery.start_soon(line.keep)
            task_status.started()

    def ask(self, command: bytes, done: Told) -> None:
        """Ask the module on the connection with the fewest commands open. Never waits."""
        line = min(self._up, key=HsmLine.commands_open, default=None)
        if line is None:
            self._refuse("away", done)
        elif line.commands_open() >= self._commands_open_max:
            self._refuse("too many commands open", done)
        else:
            line.ask(command, done)

    def _refuse(self, why: str, done: Told) -> None:
        self._edge.counters.add("hsm_events", why)
        done(None)

    def _on_change(self) -> None:
        was_up = self.up
        self._up = [line for line in self._lines if line.up]
        if self.up != was_up:
            self._edge.report("link ready" if self.up else "link down", peer=NAME)
        if self.up:
            self._some_up.set()
        elif was_up:
            self._some_up = trio.Event()

    def _sweep(self, now: float) -> float:
        return min(line.look(now) for line in self._lines)
