"""A payShield on a port: takes connections, and answers what comes over them with a simulated module.

Rule: framing is `switch.net`'s own, what a command means is `simulators.payshield`'s; this file carries, and is slow,
silent or gone when it is told to be. A message too short for its header and a command's code gets no answer: there is
nothing to send back.
"""

from __future__ import annotations

from enum import Enum, auto

import trio

from simulators.payshield.module import NOT_A_COMMAND, SimulatedPayShield
from switch.net.edge import Edge
from switch.net.network import Wire, keep_accepting
from switch.net.transport import FrameConnection
from switch.wire.framing import framing_named

NAME = "hsm"
CODE_LENGTH = 2
FRAMING = framing_named("length2", 65_535)


class Manner(Enum):
    """What the module does with a command."""

    ANSWERS = auto()
    IS_SILENT = auto()
    CUTS = auto()


class HsmServer:
    """`manner` and `delay_s` may be changed at any time, for tests: they hold for the commands that come then."""

    def __init__(self, module: SimulatedPayShield, header_length: int, edge: Edge) -> None:
        self.manner = Manner.ANSWERS
        self.delay_s = 0.0
        self.port = 0
        self._module = module
        self._header_length = header_length
        self._edge = edge
        self._nursery: trio.Nursery | None = None

    async def serve(
        self, host: str, port: int, *, task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Listen until cancelled; starts with the real port. An OSError says why the port can't be had."""
        listening = await self._edge.network.listen(host, port)
        self.port = listening.number
        try:
            async with trio.open_nursery() as self._nursery:
                task_status.started(self.port)
                await keep_accepting(listening, self._take, self._accept_failed)
        finally:
            listening.close()

    def _take(self, wire: Wire) -> None:
        assert self._nursery is not None
        self._nursery.start_soon(self._attend, FrameConnection(wire, FRAMING, self._edge.flusher))

    async def _attend(self, connection: FrameConnection) -> None:
        await connection.run(lambda _prefix, frame: self._on_command(connection, frame))

    def _on_command(self, connection: FrameConnection, frame: bytes) -> None:
        header, body = frame[: self._header_length], frame[self._header_length :]
        if self.manner is Manner.CUTS:
            connection.abort("told to")
        elif self.manner is Manner.ANSWERS and len(body) >= CODE_LENGTH:
            self._answer(connection, header + self._answer_to(body))

    def _answer_to(self, body: bytes) -> bytes:
        try:
            return self._module.answer(body)
        except Exception as error:
            self._edge.fault("command failed", error, peer=NAME)
            return NOT_A_COMMAND

    def _answer(self, connection: FrameConnection, answer: bytes) -> None:
        if self.delay_s <= 0 or self._nursery is None:
            connection.send(answer)
        else:
            self._nursery.start_soon(self._send_later, connection, answer, self.delay_s)

    async def _send_later(self, connection: FrameConnection, answer: bytes, delay_s: float) -> None:
        await trio.sleep(delay_s)
        connection.send(answer)

    def _accept_failed(self, error: OSError) -> None:
        self._edge.report("accept failed", peer=NAME, error=error.strerror)
