"""The edges over real sockets: what the kernel does must not matter, and what a stranger does even less."""

import random
import resource
import socket
import struct
from collections.abc import AsyncIterator

import pytest
import trio
import trio.lowlevel

from switch.flow.reply import Answered
from switch.net.listener import UNWELCOME, Listener
from switch.net.network import TcpNetwork, keep_accepting
from switch.net.transport import FrameConnection
from tests.unit.net.kit import (
    FRAMING,
    PLAIN,
    SEALED,
    Approver,
    Host,
    Keeper,
    Kit,
    Replies,
    answer,
    management,
    request,
)

SOON_S = 10  # real seconds; nothing here takes one unless it is broken


@pytest.fixture
async def kit() -> AsyncIterator[Kit]:
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            yield await Kit(nursery, TcpNetwork()).start()
            nursery.cancel_scope.cancel()


def dialled(listener: Listener) -> socket.socket:
    """A plain blocking socket of a stranger."""
    sock = socket.create_connection(("127.0.0.1", listener.port), timeout=SOON_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


async def until_closed(sock: socket.socket) -> bytes:
    """What still comes until the other side closes or resets."""
    return await trio.to_thread.run_sync(_read_all, sock)


def _read_all(sock: socket.socket) -> bytes:
    received = b""
    try:
        while data := sock.recv(65_536):
            received += data
    except ConnectionResetError:
        pass
    return received


async def test_pipelined_requests_are_all_answered(kit: Kit) -> None:
    listener = await kit.listener(Approver(), SEALED)
    client = await kit.client(listener.port, SEALED)
    for stan in range(1, 1_001):
        client.send(request(stan))
    answers = [await client.hear() for _ in range(1_000)]
    assert [message.stan for message in answers] == [f"{stan:06d}" for stan in range(1, 1_001)]
    assert {message.response_code for message in answers} == {"00"}


async def test_a_request_may_come_byte_by_byte(kit: Kit) -> None:
    listener = await kit.listener(Approver())
    stranger = dialled(listener)
    for byte in FRAMING.wrap(PLAIN.seal(management("001"))) + FRAMING.wrap(PLAIN.seal(request(5))):
        stranger.send(bytes([byte]))
        await trio.lowlevel.checkpoint()
    with stranger.makefile("rb") as stream:
        sizes = []
        for _ in range(2):
            header = await trio.to_thread.run_sync(stream.read, 2)
            body = await trio.to_thread.run_sync(stream.read, int.from_bytes(header, "big"))
            sizes.append(PLAIN.open(body).mti)
    stranger.close()
    assert sizes == ["0810", "0210"]


async def test_an_oversize_length_closes_at_once(kit: Kit) -> None:
    listener = await kit.listener(Approver())
    stranger = dialled(listener)
    stranger.send(b"\xff\xff")
    assert await until_closed(stranger) == b""
    stranger.close()


async def test_200_connections_of_garbage_do_not_touch_another(kit: Kit) -> None:
    listener = await kit.listener(Approver(), connections_max=300, connections_per_peer_max=300)
    good = await kit.client(listener.port)
    rng = random.Random(42)
    strangers = [dialled(listener) for _ in range(200)]
    for turn in range(5):
        for stranger in strangers:
            try:
                stranger.send(rng.randbytes(rng.randint(1, 300)))
            except OSError:
                continue
        assert (await good.ask(request(turn + 1))).response_code == "00"
    for stranger in strangers:
        if rng.random() < 0.5:  # the other half is cut off by a reset
            stranger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stranger.close()
    assert (await good.ask(request(99))).response_code == "00"
    await until(lambda: listener.connections == 1)
    assert kit.reports
    assert {event for event, _ in kit.reports} == {"connection refused"}, "each stranger's own fault, and none of ours"
    assert len(kit.reports) <= len(UNWELCOME), "and each is told of once"


async def test_a_channel_that_does_not_read_is_closed_and_others_are_served(kit: Kit) -> None:
    listener = await kit.listener(Approver())
    good = await kit.client(listener.port)
    stranger = dialled(listener)
    stranger.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    stranger.setblocking(False)
    stranger.send(FRAMING.wrap(PLAIN.seal(management("001"))))
    burst = b"".join(FRAMING.wrap(PLAIN.seal(request(stan))) for stan in range(1, 500))
    closed, rest = False, b""
    with trio.fail_after(SOON_S):
        while not closed:
            rest = rest or burst
            try:
                rest = rest[stranger.send(rest) :]
            except BlockingIOError:
                pass
            except OSError:
                closed = True
            await trio.lowlevel.checkpoint()
    stranger.close()
    assert kit.count("listener_closes", "mobile", "slow reader") == 1
    assert (await good.ask(request(1))).response_code == "00"


async def test_64_open_requests_stop_the_reading_of_that_connection_only(kit: Kit) -> None:
    handler = Keeper()
    listener = await kit.listener(handler)
    busy, other = await kit.client(listener.port), await kit.client(listener.port)
    for stan in range(1, 201):
        busy.send(request(stan))
    await until(lambda: len(handler.seen) == 64)
    other.send(request(999))
    await until(lambda: len(handler.seen) == 65)
    assert handler.seen.pop().request.stan == "000999"
    answered = 0
    while answered < 200:
        while handler.seen:
            handler.answer_next()
        await busy.hear()
        answered += 1
        assert len(handler.seen) <= 64


async def test_a_graceful_stop_answers_what_is_open_and_signs_off(kit: Kit) -> None:
    host = Host(kit, SEALED)
    await kit.nursery.start(host.serve)
    link = await kit.link(host.port, SEALED)
    core = await host.signed_on()
    await link.wait_ready()
    handler = Keeper()
    listener = await kit.listener(handler)
    client = await kit.client(listener.port)
    client.send(request(1))
    await until(lambda: len(handler.seen) == 1)
    replies = Replies()
    stan, moment = link.stamp()
    link.ask(request(int(stan), de7=moment), 5, replies)
    asked = await core.hear()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(listener.stop, SOON_S)
        nursery.start_soon(link.stop, SOON_S)
        await trio.lowlevel.checkpoint()
        core.send(answer(asked))
        handler.answer_next()
    assert (await client.hear()).response_code == "00"
    assert (await core.hear()).network_code == "002"
    await client.ended.wait()
    await core.ended.wait()
    assert isinstance(replies[0], Answered)
    with pytest.raises(ConnectionRefusedError):
        dialled(listener)


async def test_want_of_descriptors_is_waited_out_and_others_are_served(kit: Kit) -> None:
    listener = await kit.listener(Approver())
    good = await kit.client(listener.port)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    stranger = socket.socket()
    highest = stranger.fileno()
    fillers: list[socket.socket] = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, before[1]))
        fillers = fill_descriptors()
        stranger.connect(("127.0.0.1", listener.port))
        await until(lambda: kit.count("listener_events", "mobile", "accept failed") > 0)
        spent = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        await trio.sleep(0.5)
        assert kit.count("listener_events", "mobile", "accept failed") < 6
        assert sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - spent < 0.25
        assert (await good.ask(request(1))).response_code == "00"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
        for filler in fillers:
            filler.close()
    await until(lambda: listener.connections == 2)
    stranger.close()


def fill_descriptors() -> list[socket.socket]:
    """Take every descriptor that is left."""
    taken = []
    try:
        while True:
            taken.append(socket.socket())
    except OSError:
        return taken


async def test_a_port_in_use_says_so(kit: Kit) -> None:
    listener = await kit.listener(Approver())
    with pytest.raises(OSError, match="in use"):
        await TcpNetwork().listen("127.0.0.1", listener.port)


async def test_a_closed_port_ends_the_accepting(kit: Kit) -> None:
    port = await TcpNetwork().listen("127.0.0.1", 0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keep_accepting, port, lambda wire: wire.close(), print)
        await trio.lowlevel.checkpoint()
        port.close()


async def test_nothing_is_left_after_a_thousand_connections(kit: Kit) -> None:
    listener = await kit.listener(Approver())
    for _ in range(1_000):
        wire = await kit.network.dial("127.0.0.1", listener.port)
        FrameConnection(wire, FRAMING, kit.flusher).close()
    await until(lambda: listener.connections == 0)
    assert (await (await kit.client(listener.port)).ask(request())).response_code == "00"


async def until(condition: object) -> None:
    """Let the loop turn until it holds; the test's own deadline is the fixture's."""
    assert callable(condition)
    with trio.fail_after(SOON_S):
        while not condition():  # noqa: ASYNC110 - a counter has no event
            await trio.sleep(0.001)
