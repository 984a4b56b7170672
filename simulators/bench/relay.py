"""What the edge costs: a listener and a link with nothing behind them; requests are asked on, answers passed back.

Rule: the process that is measured does only that; the channels and the host live in a child. CPU time of this process
is what counts. `bare` relays frames without reading them; `edge` decodes, judges, matches and encodes; `sealed` checks
and makes four AES-CMACs as well. `bare_tls` and `sealed_tls` are the same under TLS on both sides: four records a
request, unless several share one.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import trio

from config.choices import PeerKind
from config.hardening.process import harden
from config.sections import ListenerSettings, PeerSettings
from config.security_sections import TlsSettings
from switch.flow.admission import Mandate
from switch.flow.reply import Answered, Reply
from switch.net.clock import TrioClock
from switch.net.edge import Edge
from switch.net.exchange import Exchange
from switch.net.link import Link
from switch.net.listener import Listener
from switch.net.network import Port, TcpNetwork, Wire, keep_accepting
from switch.net.tls import Tls
from switch.net.tls_files import open_identity
from switch.net.transport import Flusher, FrameConnection
from switch.observe.counters import Counters
from switch.security.certificates.authority import Authority, Purpose
from switch.security.crypto.mac import AesCmac
from switch.wire.answer import answer_fields
from switch.wire.codes import ResponseCode
from switch.wire.dialect import dialect_named
from switch.wire.envelope import Envelope
from switch.wire.framing import framing_named
from switch.wire.message import Message

HOST = "127.0.0.1"
FRAMING = framing_named("length2")
MODES = ("bare", "bare_tls", "edge", "sealed", "sealed_tls")
LINES = 2
WARM_UP_S = 0.7
# fmt: off
REQUEST = {
    "t": "0200", "3": "311000", "4": "000000125000", "7": "1122101530", "12": "131530", "13": "1122", "22": "021",
    "25": "00", "26": "12", "32": "000123", "37": "BARADA000042", "41": "GW000001", "42": "DAMASCUS0000001",
    "48": "0101296390000000102002ar", "49": "760", "102": "10000000000001", "103": "10000000000002",
}
# fmt: on
"""About 230 bytes in ASCII, without 11 and the MAC."""


@dataclass(frozen=True)
class Setting:
    """One way to relay. `files` are a certificate's, empty without TLS; both processes come with it."""

    mode: str
    connections: int
    depth: int
    files: str = ""

    @property
    def bare(self) -> bool:
        return self.mode.startswith("bare")

    def envelope(self) -> Envelope:
        """One dialect for all; a key of zeros to 15 where there is a MAC."""
        mac = AesCmac(bytes(range(16))) if self.mode.startswith("sealed") else None
        return Envelope(dialect_named("iso87-ascii"), mac)

    def ends(self) -> tuple[Tls | None, Tls | None]:
        """For dialling and for accepting."""
        if not self.files:
            return None, None
        names = {key: f"{self.files}/{key}" for key in ("certificate", "key", "authorities")}
        identity = open_identity(TlsSettings(**names), datetime.now(UTC))
        return identity.dialling(HOST), identity.accepting()


def measure(connections: int = 50, depth: int = 1, seconds: float = 2.0) -> dict[str, float]:
    """For each mode the CPU microseconds of a relayed request, and how many there were a second, with `depth` requests
    open on each of the channels' connections."""
    figures: dict[str, float] = {}
    with TemporaryDirectory(prefix="barada-") as place:
        _certify(Path(place))
        for mode in MODES:
            setting = Setting(mode, connections, depth, place if mode.endswith("_tls") else "")
            figures[f"{mode}_cpu_us"], figures[f"{mode}_per_s"] = trio.run(_measure, setting, seconds)
    return figures


def _certify(directory: Path) -> None:
    now = datetime.now(UTC)
    authority = Authority.new("bench", now, 1)
    purpose = Purpose("bench", (HOST,), Mandate((REQUEST["32"],)).uris(), serves=True, dials=True)
    issued = authority.issue(purpose, now, 1)
    (directory / "authorities").write_bytes(authority.issued.certificate)
    (directory / "certificate").write_bytes(issued.certificate)
    (directory / "key").touch(0o600)
    (directory / "key").write_bytes(issued.key)


class Relay:
    """Asks on what comes in under a number of its own, and answers with what comes back."""

    def __init__(self) -> None:
        self.count = 0
        self.link: Link | None = None

    def on_request(self, exchange: Exchange) -> None:
        self.count += 1
        asked, link = exchange.request.fields, self.link
        assert link is not None
        stan, moment = link.stamp()
        link.ask({**asked, "7": moment, "11": stan}, 10, lambda reply: self._pass_back(exchange, reply))

    def _pass_back(self, exchange: Exchange, reply: Reply) -> None:
        assert isinstance(reply, Answered), reply
        exchange.answer(_answer(exchange.request, {"38": "123456"}))


class BareRelay:
    """The same without reading the frames: the first six bytes of each are its number."""

    def __init__(self) -> None:
        self.count = 0
        self.lines: list[FrameConnection] = []
        self._open: dict[bytes, tuple[FrameConnection, bytes]] = {}

    def ask_on(self, caller: FrameConnection, body: bytes) -> None:
        self.count += 1
        number = b"%06d" % (self.count % 1_000_000)
        self._open[number] = caller, body[:6]
        self.lines[self.count % len(self.lines)].send(number + body[6:])

    def pass_back(self, _prefix: bytes, body: bytes) -> None:
        caller, number = self._open.pop(body[:6])
        caller.send(number + body[6:])


async def _measure(setting: Setting, seconds: float) -> tuple[float, float]:
    arguments = setting.mode, str(setting.connections), str(setting.depth), setting.files
    command = [sys.executable, "-m", "simulators.bench.relay", *arguments]
    edge = Edge(TcpNetwork(), Flusher(), TrioClock(), Counters(), _no_report, random.Random(1))
    async with trio.open_nursery() as nursery:
        await nursery.start(edge.flusher.run)
        child = await nursery.start(_run_child, command)
        host_port = int(await _line(child.stdout))
        relay, port = await (_start_bare if setting.bare else _start_edge)(nursery, edge, setting, host_port)
        await child.stdin.send_all(b"%d\n" % port)
        await _line(child.stdout)  # every connection is up: what a handshake costs is another figure
        await trio.sleep(WARM_UP_S)
        count, cpu, started = relay.count, time.process_time(), time.perf_counter()
        await trio.sleep(seconds)
        count, cpu, wall = relay.count - count, time.process_time() - cpu, time.perf_counter() - started
        nursery.cancel_scope.cancel()
    return round(1e6 * cpu / count, 1), round(count / wall)


async def _run_child(command: list[str], *, task_status: trio.TaskStatus[trio.Process]) -> None:
    await trio.run_process(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, task_status=task_status)


async def _start_edge(nursery: trio.Nursery, edge: Edge, setting: Setting, host_port: int) -> tuple[Relay, int]:
    envelope, relay = setting.envelope(), Relay()
    dialling, accepting = setting.ends()
    peer = PeerSettings(name="host", kind=PeerKind.CORE, port=host_port, connections=LINES, requests_open_max=10_000)
    relay.link = Link(peer, envelope, FRAMING, edge, tls=dialling)
    await nursery.start(relay.link.run)
    await relay.link.wait_ready()
    settings = ListenerSettings(name="bench", port=0, acquirers=("000123",), connections_per_peer_max=1_000)
    listener = Listener(settings, envelope, FRAMING, relay, edge, tls=accepting)
    await nursery.start(listener.serve)
    return relay, listener.port


async def _start_bare(nursery: trio.Nursery, edge: Edge, setting: Setting, host_port: int) -> tuple[BareRelay, int]:
    relay = BareRelay()
    dialling, accepting = setting.ends()
    for _ in range(LINES):
        wire = await _under(dialling, await edge.network.dial(HOST, host_port))
        line = FrameConnection(wire, FRAMING, edge.flusher)
        nursery.start_soon(line.run, relay.pass_back)
        relay.lines.append(line)

    async def serve(wire: Wire) -> None:
        caller = FrameConnection(await _under(accepting, wire), FRAMING, edge.flusher)
        await caller.run(lambda _, body: relay.ask_on(caller, body))

    port = await edge.network.listen(HOST, 0)
    nursery.start_soon(keep_accepting, port, lambda wire: nursery.start_soon(serve, wire), _ignore)
    return relay, port.number


async def _under(tls: Tls | None, wire: Wire) -> Wire:
    return wire if tls is None else await tls.over(wire)


def _answer(request: Message, extra: dict[str, str] | None = None) -> dict[str, str]:
    return answer_fields(request, ResponseCode.APPROVED, language="en", business_date="1122", extra=extra)


async def _line(stream: trio.abc.ReceiveStream | None) -> bytes:
    assert stream is not None
    received = b""
    while not received.endswith(b"\n"):
        received += await stream.receive_some(1)
    return received


def _no_report(event: str, **fields: object) -> None:
    """Nobody reads a log here."""


def _ignore(_: OSError) -> None:
    """An accept that failed shows in the figures."""


class FarSide:
    """The child: a host that answers whatever it is asked, and channels that ask again as soon as they are answered."""

    def __init__(self, setting: Setting) -> None:
        self._bare = setting.bare
        self._connections, self._depth = setting.connections, setting.depth
        self._envelope = setting.envelope()
        self._dialling, self._accepting = setting.ends()
        self._flusher = Flusher()
        self._stan = 0

    async def run(self) -> None:
        async with trio.open_nursery() as nursery:
            await nursery.start(self._flusher.run)
            port = await TcpNetwork().listen(HOST, 0)
            nursery.start_soon(self._serve, nursery, port)
            print(port.number, flush=True)  # noqa: T201 - the parent reads it
            own = int(await trio.to_thread.run_sync(sys.stdin.readline))
            for _ in range(self._connections):
                connection = await self._connect(nursery, own)
                for _ in range(1 if not self._bare else self._depth):
                    connection.send(self._opening())
            print("connected", flush=True)  # noqa: T201 - likewise

    async def _serve(self, nursery: trio.Nursery, port: Port) -> None:
        async def serve(wire: Wire) -> None:
            connection = FrameConnection(await _under(self._accepting, wire), FRAMING, self._flusher)
            await connection.run(self._on_question(connection))

        await keep_accepting(port, lambda wire: nursery.start_soon(serve, wire), _ignore)

    async def _connect(self, nursery: trio.Nursery, port: int) -> FrameConnection:
        wire = await _under(self._dialling, await TcpNetwork().dial(HOST, port))
        connection = FrameConnection(wire, FRAMING, self._flusher)
        nursery.start_soon(connection.run, self._on_answer(connection))
        return connection

    def _on_question(self, connection: FrameConnection) -> Callable[[bytes, bytes], None]:
        def on_frame(_prefix: bytes, body: bytes) -> None:
            if not self._bare:
                body = self._envelope.seal(_answer(self._envelope.open(body)))
            connection.send(body)

        return on_frame

    def _on_answer(self, connection: FrameConnection) -> Callable[[bytes, bytes], None]:
        def on_frame(_prefix: bytes, body: bytes) -> None:
            signed_on = body.startswith(b"0810")
            for _ in range(self._depth if signed_on else 1):
                connection.send(body if self._bare else self._request())

        return on_frame

    def _opening(self) -> bytes:
        return (
            bytes(230)
            if self._bare
            else self._envelope.seal({"t": "0800", "7": "1122101530", "11": "000001", "70": "001"})
        )

    def _request(self) -> bytes:
        self._stan = self._stan % 999_999 + 1
        return self._envelope.seal({**REQUEST, "11": f"{self._stan:06d}"})


if __name__ == "__main__":
    harden()
    trio.run(FarSide(Setting(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])).run)
