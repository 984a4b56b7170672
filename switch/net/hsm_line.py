"""One connection to a hardware security module: dialled, diagnosed, tried when quiet, dialled again when it ends.

Rule: a connection is up once the module has said on it that it is in order (command NC), and not before. What belongs
together is told by the header, which the module sends back as it came; an answer that comes too late is dropped, since
whoever asked was told that there is none. A connection on which nothing was heard since a silent command was sent is
closed: whatever stands behind it stands still.
"""

import math
from collections.abc import Callable

import trio

from config.security_sections import HsmSettings
from switch.flow.retry import BackOff
from switch.net.edge import Edge
from switch.net.open_commands import OpenCommand, OpenCommands, Told
from switch.net.transport import FrameConnection
from switch.security.payshield.answer import outcome
from switch.security.payshield.commands import DIAGNOSE
from switch.security.payshield.refusals import word_of
from switch.security.payshield.values import diagnosis_in
from switch.security.port import SecurityError
from switch.wire.framing import framing_named

NAME = "hsm"
BACK_OFF = BackOff(first_s=0.5, most_s=30.0)
DIAL_WITHIN_S = 10.0
DIAGNOSE_AFTER_S = 10.0  # of quiet
FRAMING = framing_named("length2")


class HsmLine:
    """`on_change` is told when this line comes up or goes down, `on_deadline` when it wants to be looked at."""

    def __init__(
        self, settings: HsmSettings, edge: Edge, on_change: Callable[[], None], on_deadline: Callable[[float], None]
    ) -> None:
        self.up = False
        self._settings = settings
        self._edge = edge
        self._on_change = on_change
        self._on_deadline = on_deadline
        self._connection: FrameConnection | None = None
        self._commands = OpenCommands(settings.header_length)
        self._was_up = False

    def commands_open(self) -> int:
        return len(self._commands)

    async def keep(self) -> None:
        """Stay connected until cancelled; what is open then is told that there is no answer."""
        failures = 0
        while True:
            failures = 0 if await self._connect_and_serve(tell=failures == 0) else failures + 1
            await trio.sleep(BACK_OFF.delay_s(failures, self._edge.rng.random()))

    def ask(self, command: bytes, done: Told) -> None:
        """Send a command. Never waits; for a line that is up."""
        assert self._connection is not None
        self._send(self._connection, command, done)

    def look(self, now: float) -> float:
        """Do what is due on this connection; returns when to look again."""
        connection = self._connection
        if connection is None or connection.closed:
            return math.inf
        for command in self._commands.expire(now):
            if connection.heard_at <= command.sent_at:
                self._close(connection, "silent")
            self._count("silent")
            self._tell(command.done, None)
        return min(self._commands.next_deadline(), self._try_if_quiet(connection, now))

    def _try_if_quiet(self, connection: FrameConnection, now: float) -> float:
        """Ask NC when nothing was heard for a while and nothing is open; returns when to look again."""
        due_at = connection.heard_at + DIAGNOSE_AFTER_S
        if len(self._commands) or connection.closed:
            return math.inf
        if now < due_at:
            return due_at
        self._send(connection, DIAGNOSE, self._on_diagnosed)
        return self._commands.next_deadline()

    async def _connect_and_serve(self, *, tell: bool) -> bool:
        """One connection from dialling to its end; whether it was up in between. Only the first of several failures in
        a row is told; all are counted."""
        self._was_up = False
        try:
            with trio.fail_after(DIAL_WITHIN_S):
                wire = await self._edge.network.dial(self._settings.host, self._settings.port)
        except (OSError, UnicodeError, trio.TooSlowError) as error:
            self._count("dial failed")
            if tell:
                self._edge.report("dial failed", peer=NAME, error=str(error) or "timed out")
            return False
        self._connection = connection = FrameConnection(wire, FRAMING, self._edge.flusher)
        try:
            self._send(connection, DIAGNOSE, self._on_diagnosed)
            reason = await connection.run(self._on_frame)
            self._edge.counters.add("hsm_closes", reason)
            if tell:
                self._edge.report("link cut", peer=NAME, reason=reason)
        finally:
            self._close(connection, "stopped")
            for command in self._commands.cut():
                self._tell(command.done, None)
        return self._was_up

    def _send(self, connection: FrameConnection, command: bytes, done: Told) -> None:
        now = trio.current_time()
        deadline = now + self._settings.timeout_s
        connection.send(self._commands.add(OpenCommand(now, deadline, done)) + command)
        self._on_deadline(deadline)

    def _on_frame(self, _prefix: bytes, frame: bytes) -> None:
        header, body = frame[: self._settings.header_length], frame[self._settings.header_length :]
        command = self._commands.settle(header)
        if command is not None:
            self._edge.counters.add("hsm_answers", word_of(body[2:4]))
            self._tell(command.done, body)
        else:
            self._count("late" if self._commands.settle_late(header) else "unmatched")

    def _on_diagnosed(self, body: bytes | None) -> None:
        """The module says that it is in order, or it does not: silence has closed the connection by now."""
        in_order = not isinstance(outcome("NC", body, diagnosis_in), SecurityError)
        if in_order and not self.up:
            self.up = self._was_up = True
            self._on_change()
        elif not in_order and self._connection is not None:
            self._close(self._connection, "not in order")

    def _close(self, connection: FrameConnection, reason: str) -> None:
        """From here on nobody is asked over this connection; what is open is told when its end is noticed."""
        connection.close(reason)
        if self.up:
            self.up = False
            self._on_change()

    def _tell(self, done: Told, body: bytes | None) -> None:
        try:
            done(body)
        except Exception as error:
            self._edge.fault("answer failed", error, peer=NAME)

    def _count(self, what: str) -> None:
        self._edge.counters.add("hsm_events", what)
