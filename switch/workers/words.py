"""What the supervisor and a worker say to each other: one JSON object a line, each way.

Rule: the first line that a worker reads has its settings and, where no file has it, the master key: no argument and no
environment ever does. It reads its lines from its standard input, which ends with the supervisor.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Generic, TypeVar

import msgspec
import trio

from config.sections import Settings
from switch.flow.orders import AnyOrder, Verdict

LINE_MAX = 4 * 1024 * 1024  # of all counters, with room
WAITING_MAX = 100_000  # lines that the other side has not read


class Start(msgspec.Struct, frozen=True, tag=True):
    """The settings are the worker's own part of them, with the ports that are listened on."""

    settings: Settings
    worker: int
    workers: int
    master_key: str | None

    def __repr__(self) -> str:
        return f"<Start worker {self.worker} of {self.workers}>"


class Take(msgspec.Struct, frozen=True, tag=True):
    """An operator's order about a payment of this worker's."""

    ticket: int
    order: AnyOrder


class Follow(msgspec.Struct, frozen=True, tag=True):
    """Another worker may have carried out an order about this customer: read anew what was ordered."""

    ticket: int
    holder: str

    def __repr__(self) -> str:
        return f"<Follow {self.ticket}>"


class Serving(msgspec.Struct, frozen=True, tag=True):
    """Connections may come."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """It can't start; `why` is one line."""

    why: str


class Told(msgspec.Struct, frozen=True, tag=True):
    """What became of an order."""

    ticket: int
    verdict: Verdict


class Left(msgspec.Struct, frozen=True, tag=True):
    """A connection that was handed over has ended."""

    ticket: int


class Counts(msgspec.Struct, frozen=True, tag=True):
    """All of its counters; also the sign that it lives."""

    series: list[tuple[tuple[str, ...], int]]


ToWorker = Start | Take | Follow
ToSupervisor = Serving | Failed | Told | Left | Counts

Words = TypeVar("Words")


def encoded(words: ToWorker | ToSupervisor) -> bytes:
    return msgspec.json.encode(words) + b"\n"


class Talk(Generic[Words]):
    """Both directions. `say` never waits; what can't be sent any more is forgotten, since the other side has ended."""

    def __init__(self, stream: trio.SocketStream, heard: msgspec.json.Decoder[Words]) -> None:
        self._stream = stream
        self._decode = heard.decode
        self._say, self._said = trio.open_memory_channel[ToWorker | ToSupervisor](WAITING_MAX)

    def say(self, words: ToWorker | ToSupervisor) -> None:
        self._say.send_nowait(words)

    async def write(self) -> None:
        """Send what is said, until cancelled or the other side has ended."""
        try:
            async for words in self._said:
                await self._stream.send_all(encoded(words))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            await trio.sleep_forever()  # whoever reads sees the end

    async def read(self) -> AsyncGenerator[Words, None]:
        """Until the other side ends."""
        pending = b""
        try:
            async for data in self._stream:
                *whole, pending = (pending + data).split(b"\n")
                for line in whole:
                    yield self._decode(line)
                if len(pending) > LINE_MAX:
                    return
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return

    def close(self) -> None:
        """The other side sees the end."""
        self._stream.socket.close()


def talk_of_worker(stream: trio.SocketStream) -> Talk[ToWorker]:
    return Talk(stream, msgspec.json.Decoder(ToWorker))


def talk_of_supervisor(stream: trio.SocketStream) -> Talk[ToSupervisor]:
    return Talk(stream, msgspec.json.Decoder(ToSupervisor))
