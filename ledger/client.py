"""The books on the other side of a Unix socket: what the switch talks to.

Rule: as little as possible in the switch's process. A group is encoded once, all groups of a loop turn leave in one
send, outcomes are handed out by the one task that reads. No task per group.

A group is kept until it is answered and sent again on the next connection: the ledger knows it by its id. While the
ledger is away, new groups wait for `patience_s`; after that, those that never left and those that come are Unavailable
(they certainly never happen), and those that did leave wait on: nobody knows their outcome.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from typing import Any, Protocol

import msgspec
import trio

from ledger.books import Books, Done
from ledger.model import Committed, Group, Unavailable
from ledger.protocol import (
    ANSWER,
    GROUP,
    OUTCOMES,
    QUERY,
    ProtocolError,
    answer_of,
    cut,
    decode_outcomes,
    frame,
)
from ledger.queries import Query

WAITING_MAX = 10_000
READ_SIZE = 256 * 1024
RETRY_FIRST_S, RETRY_MOST_S = 0.02, 1.0

_AWAY = Unavailable("the ledger is away")
_FULL = Unavailable("too many groups wait for the ledger")

Answered = Callable[[Any], None]


class Pipe(Protocol):
    """A connection to the ledger that never blocks, as a socket does it: BlockingIOError instead of waiting."""

    def recv(self, size: int, /) -> bytes: ...
    def send(self, data: bytes | memoryview, /) -> int: ...
    async def wait_readable(self) -> None: ...
    async def wait_writable(self) -> None: ...
    def close(self) -> None: ...


class UnixPipe(socket.socket):
    """A Unix socket under Trio."""

    async def wait_readable(self) -> None:
        await trio.lowlevel.wait_readable(self)

    async def wait_writable(self) -> None:
        await trio.lowlevel.wait_writable(self)


def unix_pipe(path: str) -> UnixPipe | None:
    """Connected, or None while nobody serves there."""
    connection = UnixPipe(socket.AF_UNIX)
    connection.setblocking(False)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        return None
    return connection


class RemoteBooks(Books):
    """Everything here is called in the Trio thread that runs `run`. `connect` gives a pipe to `path`, or None."""

    def __init__(
        self,
        path: str,
        *,
        patience_s: float = 2.0,
        waiting_max: int = WAITING_MAX,
        connect: Callable[[str], Pipe | None] = unix_pipe,
    ) -> None:
        self._path = path
        self._connect_to = connect
        self._patience_s = patience_s
        self._waiting_max = waiting_max
        self._next_ticket = 1
        self._sent_through = 0  # the last group of which a byte may have left
        self._groups: dict[int, tuple[bytes, Done]] = {}
        self._queries: dict[int, tuple[Query, Answered]] = {}
        self._unsent: list[bytes] = []
        self._connected = False
        self._accepting = True
        self._sleeper: trio.lowlevel.Task | None = None

    @property
    def connected(self) -> bool:
        return self._connected

    @property
    def waiting(self) -> int:
        """Groups whose outcome is not known yet."""
        return len(self._groups)

    @property
    def oldest(self) -> int | None:
        """The ticket that waits longest while the ledger is connected: one that stays tells of a ledger that hangs."""
        tickets = (*islice(self._groups, 1), *islice(self._queries, 1))
        return min(tickets, default=None) if self._connected else None

    def submit(self, group: Group, done: Done) -> None:
        if not self._accepting:
            done(_AWAY)
        elif len(self._groups) >= self._waiting_max:
            done(_FULL)
        else:
            ticket = self._take_ticket()
            data = frame(GROUP, ticket, _encode(group))
            self._groups[ticket] = (data, done)
            self._send(data)

    def ask(self, query: Query, done: Answered) -> None:
        if not self._connected:
            done(_AWAY)
            return
        ticket = self._take_ticket()
        self._queries[ticket] = (query, done)
        self._send(frame(QUERY, ticket, _encode(query)))

    def _take_ticket(self) -> int:
        ticket = self._next_ticket
        self._next_ticket = ticket + 1
        return ticket

    def _send(self, data: bytes) -> None:
        """With whatever else this loop turn sends."""
        if not self._connected:
            return  # it goes out with the others that wait, after the reconnect
        self._unsent.append(data)
        if self._sleeper is not None:
            sleeper, self._sleeper = self._sleeper, None
            trio.lowlevel.reschedule(sleeper)

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Stay connected until cancelled; started once the ledger was reached. What waits then stays unknown."""
        started = False
        while True:
            with closing(await self._connect()) as connection:
                if not started:
                    started = True
                    task_status.started()
                await self._talk(connection)
            self._lost()

    async def _connect(self) -> Pipe:
        retry_s = RETRY_FIRST_S
        give_up_at = trio.current_time() + self._patience_s
        while True:
            connection = self._connect_to(self._path)
            if connection is not None:
                return connection
            left_s = give_up_at - trio.current_time()
            if self._accepting and left_s <= 0:
                self._give_up()
            await trio.sleep(min(retry_s, max(left_s, RETRY_FIRST_S)) if self._accepting else retry_s)
            retry_s = min(2 * retry_s, RETRY_MOST_S)

    def _give_up(self) -> None:
        self._accepting = False
        for ticket in [ticket for ticket in self._groups if ticket > self._sent_through]:
            self._groups.pop(ticket)[1](_AWAY)

    async def _talk(self, connection: Pipe) -> None:
        """Until the ledger goes away."""
        self._connected = self._accepting = True
        self._unsent = [data for data, _ in self._groups.values()]
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write, connection)
                nursery.start_soon(self._read, connection)
        except* (OSError, ProtocolError, EOFError):
            pass
        finally:
            self._connected = False

    def _lost(self) -> None:
        self._unsent.clear()
        queries, self._queries = self._queries, {}
        for _, done in queries.values():
            done(_AWAY)

    async def _write(self, connection: Pipe) -> None:
        while True:
            if not self._unsent:
                await self._sleep()
            data, self._unsent = b"".join(self._unsent), []
            self._sent_through = self._next_ticket - 1
            rest = memoryview(data)[_send(connection, data) :]
            while rest:
                await connection.wait_writable()
                rest = rest[_send(connection, rest) :]

    async def _sleep(self) -> None:
        self._sleeper = trio.lowlevel.current_task()

        def abort(_: Callable[[], None]) -> trio.lowlevel.Abort:
            self._sleeper = None
            return trio.lowlevel.Abort.SUCCEEDED

        await trio.lowlevel.wait_task_rescheduled(abort)

    async def _read(self, connection: Pipe) -> None:
        buffer = bytearray()
        while True:
            await connection.wait_readable()
            data = connection.recv(READ_SIZE)
            if not data:
                raise EOFError
            buffer += data
            for kind, ticket, body in cut(buffer):
                if kind == OUTCOMES:
                    self._hand_out(body)
                elif kind == ANSWER:
                    self._answer(ticket, body)

    def _hand_out(self, body: bytes) -> None:
        outcomes = decode_outcomes(body)
        committed = Committed(outcomes.sequence)
        take = self._groups.pop
        for ticket in outcomes.committed:
            take(ticket)[1](committed)
        for ticket, outcome in outcomes.others:
            take(ticket)[1](outcome)

    def _answer(self, ticket: int, body: bytes) -> None:
        query, done = self._queries.pop(ticket)
        done(answer_of(query, body))


def _send(connection: Pipe, data: bytes | memoryview) -> int:
    try:
        return connection.send(data)
    except BlockingIOError:
        return 0


_encode = msgspec.msgpack.Encoder().encode
