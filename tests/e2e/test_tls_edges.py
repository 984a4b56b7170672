"""TLS over real sockets: what the kernel cuts and delays must not matter, and strangers take nobody's turn."""

import random
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest
import trio

from switch.flow.reply import Answered
from switch.net.listener import Listener
from switch.net.network import TcpNetwork
from switch.net.tls import Refusal
from tests.e2e.test_edges import SOON_S, dialled, until, until_closed
from tests.unit.net.kit import FRAMING, PLAIN, SEALED, Approver, Host, Kit, Replies, answer, management, request
from tests.unit.net.office import a_peer, dialling, gateway, office, switch

STRANGERS = 200


@pytest.fixture
async def kit() -> AsyncIterator[Kit]:
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            yield await Kit(nursery, TcpNetwork()).start()
            nursery.cancel_scope.cancel()


async def listening(kit: Kit, handshake_s: float = SOON_S) -> Listener:
    tls = switch().identity.accepting()
    limits: dict[str, Any] = {"connections_max": 2 * STRANGERS, "connections_per_peer_max": 2 * STRANGERS}
    return await kit.listener(Approver(), SEALED, tls=tls, handshake_s=handshake_s, **limits)


async def test_pipelined_requests_are_all_answered(kit: Kit) -> None:
    listener = await listening(kit)
    client = await kit.client(listener.port, SEALED, tls=dialling(gateway()))
    for stan in range(1, 1_001):
        client.send(request(stan))
    answers = [await client.hear() for _ in range(1_000)]
    assert [message.stan for message in answers] == [f"{stan:06d}" for stan in range(1, 1_001)]
    assert {message.response_code for message in answers} == {"00"}


async def test_a_link_and_its_peer_under_tls(kit: Kit) -> None:
    host = Host(kit, tls=office().certified(a_peer("core")).identity.accepting())
    await kit.nursery.start(host.serve)
    link = await kit.link(host.port, tls=switch().identity.dialling("core"))
    core = await host.signed_on()
    await link.wait_ready()
    replies = Replies()
    for _ in range(200):
        stan, moment = link.stamp()
        link.ask(request(int(stan), de7=moment), 5, replies)
    for _ in range(200):
        core.send(answer(await core.hear()))
    await until(lambda: len(replies) == 200)
    assert all(isinstance(reply, Answered) for reply in replies)
    await link.stop(SOON_S)
    assert (await core.hear()).network_code == "002"
    await core.ended.wait()


async def test_silence_and_garbage_in_many_handshakes_touch_nobody(kit: Kit) -> None:
    listener = await listening(kit, handshake_s=0.5)
    good = await kit.client(listener.port, SEALED, tls=dialling(gateway()))
    rng = random.Random(42)
    strangers = [dialled(listener) for _ in range(STRANGERS)]
    for turn, stranger in enumerate(strangers):
        if turn % 2:
            stranger.send(rng.randbytes(rng.randint(1, 300)))
    for turn in range(5):
        assert (await good.ask(request(turn + 1))).response_code == "00"
    await until(lambda: listener.connections == 1)
    counted = [kit.count("listener_events", "mobile", why) for why in (Refusal.FAILED, Refusal.TOO_SLOW)]
    assert sum(counted) == STRANGERS
    assert min(counted) >= STRANGERS // 4
    assert len(kit.reports) == 2
    for stranger in strangers:
        stranger.close()
    assert (await good.ask(request(99))).response_code == "00"


async def test_a_stranger_in_clear_is_cut_at_once(kit: Kit) -> None:
    listener = await listening(kit)
    stranger = dialled(listener)
    stranger.send(FRAMING.wrap(PLAIN.seal(management("001"))))
    await until_closed(stranger)
    stranger.close()
    assert kit.count("listener_events", "mobile", Refusal.FAILED) == 1


async def test_openssl_over_a_socket_of_its_own_is_understood_and_may_just_go(kit: Kit) -> None:
    """Not our own wire at the other end: blocking, and closed without a farewell."""
    listener = await listening(kit)
    frame = FRAMING.wrap(PLAIN.seal(management("001")))

    def talk() -> bytes:
        with gateway().identity.client.wrap_socket(dialled(listener), server_hostname="switch") as secure:
            for byte in frame:
                secure.send(bytes([byte]))
            return secure.recv(1_000)

    assert PLAIN.open((await trio.to_thread.run_sync(talk))[2:]).response_code == "00"
    await until(lambda: listener.connections == 0)
    assert kit.count("listener_closes", "mobile", "ended by peer") == 1


async def test_a_channel_that_does_not_read_is_closed_and_others_are_served(kit: Kit) -> None:
    listener = await listening(kit)
    good = await kit.client(listener.port, SEALED, tls=dialling(gateway()))
    stranger = await trio.to_thread.run_sync(secured, listener)
    stranger.setblocking(False)
    burst = b"".join(FRAMING.wrap(SEALED.seal(request(stan))) for stan in range(1, 500))
    closed = False
    with trio.fail_after(SOON_S):
        while not closed:
            try:
                stranger.send(burst)
            except ssl.SSLWantWriteError:
                pass
            except OSError:
                closed = True
            await trio.lowlevel.checkpoint()
    stranger.close()
    assert kit.count("listener_closes", "mobile", "slow reader") == 1
    assert (await good.ask(request(1))).response_code == "00"


def secured(listener: Listener) -> ssl.SSLSocket:
    plain = dialled(listener)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    secure = gateway().identity.client.wrap_socket(plain, server_hostname="switch")
    secure.send(FRAMING.wrap(PLAIN.seal(management("001"))))
    return secure
