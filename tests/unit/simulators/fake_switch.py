"""A listener that answers as a test tells it to, on a network in memory, and a channel that talks to it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import trio

from simulators.channels.channel import Channel
from simulators.channels.terminal import Terminal
from simulators.memory_network import MemoryNetwork
from switch.net.transport import Flusher, FrameConnection
from switch.security.crypto.mac import AesCmac
from switch.wire.answer import answer_fields
from switch.wire.codes import ResponseCode
from switch.wire.dialect import dialect_named
from switch.wire.envelope import Envelope
from switch.wire.framing import framing_named
from switch.wire.message import Message

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAMASCUS = ZoneInfo("Asia/Damascus")
TERMINAL = Terminal("000123", "GW000001", "BARADA", "760")
ENVELOPE = Envelope(dialect_named("iso87-ascii"), AesCmac(bytes(16)))
FRAMING = framing_named("length2")

Respond = Callable[[Message], dict[str, str] | None]


def answer_with(code: str, request: Message) -> dict[str, str]:
    return answer_fields(request, ResponseCode(code), language="en", business_date="1122")


def in_turn(*codes: str) -> Respond:
    """The first request is answered with the first code and so on; an empty code is silence."""
    left = list(codes)

    def respond(request: Message) -> dict[str, str] | None:
        code = left.pop(0)
        return answer_with(code, request) if code else None

    return respond


class FakeSwitch:
    """`heard` is every request in order, network management apart; `respond` gives the answer, or None for silence."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.heard: list[tuple[float, Message]] = []
        self.managed: list[str] = []
        self.network = MemoryNetwork()
        self.connections: list[FrameConnection] = []
        self._flusher = Flusher()

    @property
    def mtis(self) -> list[str]:
        return [message.mti for _, message in self.heard]

    async def run(self, *, task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED) -> None:
        async with trio.open_nursery() as nursery:
            await nursery.start(self._flusher.run)
            port = await self.network.listen("localhost", 0)
            task_status.started(port.number)
            while True:
                connection = FrameConnection(await port.accept(), FRAMING, self._flusher)
                self.connections.append(connection)
                nursery.start_soon(connection.run, self._on_frame_of(connection))

    def send(self, fields: dict[str, str]) -> None:
        self.connections[-1].send(ENVELOPE.seal(fields))

    def _on_frame_of(self, connection: FrameConnection) -> Callable[[bytes, bytes], None]:
        def on_frame(_prefix: bytes, body: bytes) -> None:
            answer = self._answer(ENVELOPE.open(body))
            if answer is not None:
                connection.send(ENVELOPE.seal(answer))

        return on_frame

    def _answer(self, message: Message) -> dict[str, str] | None:
        if message.mti == "0800":
            self.managed.append(message["70"])
            return answer_with("00", message)
        if message.mti == "0810":
            self.managed.append(message["39"])
            return None
        self.heard.append((trio.current_time(), message))
        return self.respond(message)


@asynccontextmanager
async def channel_to(switch: FakeSwitch, connections: int = 1) -> AsyncIterator[Channel]:
    """A channel with its connections signed on."""
    async with trio.open_nursery() as nursery:
        number = await nursery.start(switch.run)
        address = ("localhost", number)
        channel = Channel(
            address,
            ENVELOPE,
            FRAMING,
            TERMINAL,
            DAMASCUS,
            connections=connections,
            net=switch.network,
            now=lambda: NOON,
        )
        await nursery.start(channel.run)
        yield channel
        nursery.cancel_scope.cancel()
