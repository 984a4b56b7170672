"""What the tests of the edge share: a run with its edge, a client that speaks frames, and handlers.

Everything runs over memory pipes unless a test gives the kit TCP.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import trio

from config.choices import PeerKind
from config.sections import ListenerSettings, PeerSettings
from simulators.memory_network import MemoryNetwork
from switch.flow.overload import Gate
from switch.flow.reply import Reply
from switch.net.clock import TrioClock
from switch.net.edge import Cutover, Edge, nobodys_cutover
from switch.net.exchange import Exchange
from switch.net.link import Link
from switch.net.listener import Listener
from switch.net.network import Network, TcpNetwork, Wire
from switch.net.tls import HandshakeError, Tls
from switch.net.transport import Flusher, FrameConnection
from switch.security.crypto.mac import RetailMac
from switch.wire.answer import answer_fields
from switch.wire.codes import ResponseCode
from switch.wire.dialect import dialect_named
from switch.wire.envelope import Envelope
from switch.wire.framing import framing_named
from switch.wire.message import Message

EPOCH = 1_790_000_000.0
KEY = bytes(range(16))
ACQUIRER, TERMINAL = "000123", "GW000001"

PLAIN = Envelope(dialect_named("iso87-ascii"))
SEALED = Envelope(dialect_named("iso87-ascii"), RetailMac(KEY))
FRAMING = framing_named("length2")


class Tally:
    def __init__(self) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()

    def add(self, name: str, *labels: str) -> None:
        self.counts[name, *labels] += 1


def request(stan: int = 1, mti: str = "0200", **changes: str | None) -> dict[str, str]:
    """A balance inquiry of the gateway; changes are given as de41="…", None leaves a field out."""
    fields: dict[str, str | None] = {
        "t": mti,
        "3": "310000",
        "7": "1122101530",
        "11": f"{stan:06d}",
        "12": "131530",
        "13": "1122",
        "22": "012",
        "25": "00",
        "32": ACQUIRER,
        "37": f"REF{stan:09d}",
        "41": TERMINAL,
        "42": "MERCHANT0000001",
        "102": "10000000000001",
    }
    fields.update({de.removeprefix("de"): value for de, value in changes.items()})
    return {de: value for de, value in fields.items() if value is not None}


def management(code: str, stan: int = 900_001) -> dict[str, str]:
    return {"t": "0800", "7": "1122101530", "11": f"{stan:06d}", "70": code}


def answer(message: Message, code: ResponseCode = ResponseCode.APPROVED) -> dict[str, str]:
    return answer_fields(message, code, language="en", business_date="1122")


class Approver:
    """Answers 00 at once, and keeps what it saw."""

    def __init__(self) -> None:
        self.seen: list[Exchange] = []

    def on_request(self, exchange: Exchange) -> None:
        self.seen.append(exchange)
        exchange.answer(answer(exchange.request))


class Keeper:
    """Answers nothing until it is told to."""

    def __init__(self) -> None:
        self.seen: list[Exchange] = []

    def on_request(self, exchange: Exchange) -> None:
        self.seen.append(exchange)

    def answer_next(self) -> None:
        exchange = self.seen.pop(0)
        exchange.answer(answer(exchange.request))


class Client:
    """The other side of a wire: sends fields or bytes, hears messages. `ended` is set when we are cut."""

    def __init__(self, wire: Wire, flusher: Flusher, envelope: Envelope) -> None:
        self.wire = wire
        self.envelope = envelope
        self.connection = FrameConnection(wire, FRAMING, flusher)
        self.ended = trio.Event()
        self._put, self._heard = trio.open_memory_channel[Message](10_000)

    async def run(self) -> None:
        await self.connection.run(self._on_frame)
        self.ended.set()

    def _on_frame(self, _prefix: bytes, frame: bytes) -> None:
        self._put.send_nowait(self.envelope.open(frame, refusals_without_mac=True))

    def send(self, fields: dict[str, str]) -> None:
        self.connection.send(self.envelope.seal(fields))

    def send_body(self, body: bytes) -> None:
        self.connection.send(body)

    async def hear(self) -> Message:
        with trio.fail_after(600):
            return await self._heard.receive()

    def heard(self) -> list[Message]:
        messages = []
        while self._heard.statistics().current_buffer_used:
            messages.append(self._heard.receive_nowait())
        return messages

    async def ask(self, fields: dict[str, str]) -> Message:
        self.send(fields)
        return await self.hear()

    async def sign_on(self) -> None:
        assert (await self.ask(management("001"))).response_code == "00"


@dataclass
class Kit:
    """`settle` waits until nobody can run any more, without moving the clock."""

    nursery: trio.Nursery
    network: Network = field(default_factory=MemoryNetwork)
    tally: Tally = field(default_factory=Tally)
    reports: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    flusher: Flusher = field(default_factory=Flusher)
    cutover: Cutover = nobodys_cutover

    async def start(self) -> "Kit":
        await self.nursery.start(self.flusher.run)
        return self

    @property
    def edge(self) -> Edge:
        clock = TrioClock(EPOCH)
        rng, day, cutover = random.Random(7), lambda: "1122", self.cutover
        return Edge(self.network, self.flusher, clock, self.tally, self._report, rng, day, cutover=cutover)

    def count(self, *labels: str) -> int:
        return self.tally.counts[labels]

    async def listener(
        self,
        handler: Any,
        envelope: Envelope = PLAIN,
        *,
        tls: Tls | None = None,
        gate: Gate | None = None,
        **settings: Any,
    ) -> Listener:
        chosen: dict[str, Any] = {
            "name": "mobile", "port": 0, "acquirers": (ACQUIRER,), "terminals": ("GW000001", "ATM*"), **settings
        }  # fmt: skip
        listener = Listener(ListenerSettings(**chosen), envelope, FRAMING, handler, self.edge, tls=tls, gate=gate)
        await self.nursery.start(listener.serve)
        return listener

    async def link(self, port: int, envelope: Envelope = PLAIN, *, tls: Tls | None = None, **settings: Any) -> Link:
        chosen: dict[str, Any] = {
            "name": "core", "kind": PeerKind.CORE, "port": port, "connections": 1, "timeout_s": 5, **settings
        }  # fmt: skip
        link = Link(PeerSettings(**chosen), envelope, FRAMING, self.edge, tls=tls)
        await self.nursery.start(link.run)
        return link

    async def client(
        self, port: int, envelope: Envelope = PLAIN, *, signed_on: bool = True, tls: Tls | None = None
    ) -> Client:
        wire: Wire = await self.network.dial("127.0.0.1", port)
        if tls is not None:
            wire = await tls.over(wire)
        client = Client(wire, self.flusher, envelope)
        self.nursery.start_soon(client.run)
        if signed_on:
            await client.sign_on()
        return client

    async def settle(self) -> None:
        await trio.testing.wait_all_tasks_blocked()

    def _report(self, event: str, **fields: object) -> None:
        self.reports.append((event, fields))


class Host:
    """A peer that a link connects to: signs on whoever comes, keeps the questions for the test to answer."""

    def __init__(self, kit: Kit, envelope: Envelope = PLAIN, tls: Tls | None = None) -> None:
        self.kit = kit
        self.envelope = envelope
        self.tls = tls
        self.port = 0
        self.clients: list[Client] = []
        self._put, self._arrivals = trio.open_memory_channel[Client](100)

    async def serve(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        port = await self.kit.network.listen("127.0.0.1", self.port)
        self.port = port.number
        task_status.started()
        try:
            while True:
                wire = await port.accept()
                try:
                    secure = wire if self.tls is None else await self.tls.over(wire)
                except HandshakeError:
                    continue
                client = Client(secure, self.kit.flusher, self.envelope)
                self.clients.append(client)
                self.kit.nursery.start_soon(client.run)
                self._put.send_nowait(client)
        finally:
            port.close()

    async def connected(self) -> Client:
        """The next connection, not signed on yet."""
        with trio.fail_after(600):
            return await self._arrivals.receive()

    async def signed_on(self) -> Client:
        client = await self.connected()
        message = await client.hear()
        assert message.network_code == "001"
        client.send(answer(message))
        return client


class Replies(list[Reply]):
    """What `done` was told, in order."""

    def __call__(self, reply: Reply) -> None:
        self.append(reply)


def tcp_kit(nursery: trio.Nursery) -> Kit:
    return Kit(nursery, TcpNetwork())
