"""Thousands of strangers at the door of a switch that runs for real, under TLS: customers are served meanwhile."""

import random
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
import trio

from config.settings import Channel, ListenerSettings, demo_path
from simulators.channels.channel import Channel as Connected
from simulators.channels.gateways import Gateway
from simulators.channels.mobile_gateway import settle
from simulators.channels.subscriber_requests import SubscriberRequest
from simulators.channels.traffic import reserved
from simulators.demo.installation import Installation, installed
from simulators.options import people_today
from simulators.people.population import Customer

A_FEW, ATTEMPTS = 5_000, 10_000
OPEN_MAX = 400  # of ours at a time: more than the listener takes, fewer than a process may hold
ADDRESSES = 8  # of loopback: the limit of one address is not the only one
PEOPLE = ("--seed", "7", "--customers", "20")
SLOWEST_ANSWER_S = 5.0
WITHIN_S = 60.0

Stranger = Callable[[socket.socket, random.Random], None]


def silent(_: socket.socket, __: random.Random) -> None:
    """Half a connection: it says nothing."""


def garbage(stranger: socket.socket, rng: random.Random) -> None:
    stranger.send(rng.randbytes(rng.randint(1, 600)))


def half_a_hello(stranger: socket.socket, rng: random.Random) -> None:
    """The beginning of a handshake, and no more of it: what a slow loris sends."""
    stranger.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[: rng.randint(1, 11)])


def oversize(stranger: socket.socket, _: random.Random) -> None:
    """A TLS record longer than any may be."""
    stranger.send(b"\x17\x03\x03\xff\xff" + bytes(2_000))


STRANGERS: tuple[Stranger, ...] = (silent, garbage, half_a_hello, oversize)


def flood(address: tuple[str, int], attempts: int) -> int:
    """Every attempt; how many got as far as a connection."""
    rng, open_ones, connected = random.Random(7), deque[socket.socket](), 0
    with ExitStack() as ours:
        for attempt in range(attempts):
            stranger = ours.enter_context(socket.socket())
            open_ones.append(stranger)
            stranger.settimeout(1.0)
            stranger.bind((f"127.0.0.{2 + attempt % ADDRESSES}", 0))
            try:
                stranger.connect(address)
                connected += 1
                STRANGERS[attempt % len(STRANGERS)](stranger, rng)
            except OSError:
                pass  # refused, or cut: that is what they are for
            if len(open_ones) > OPEN_MAX:
                open_ones.popleft().close()
    return connected


class Counter:
    """A gateway of the bank's that goes on asking."""

    def __init__(self, channel: Connected, gateway: Gateway, person: Customer) -> None:
        self._channel = channel
        self._gateway = gateway
        self._person = person
        self.served = 0
        self.slowest_s = 0.0

    async def serve(self) -> None:
        while True:
            await self.transfer()

    async def transfer(self) -> None:
        request = SubscriberRequest(self._gateway.terminal(1), self._channel.stamp(), self._person.subscriber)
        first, second = self._person.accounts[:2]
        began = time.monotonic()
        answer = await settle(self._channel, request.transfer(first, second.number, 100, own=True))
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        assert answer is not None
        assert answer.response_code == "00"
        self.served += 1


def listener_of(installation: Installation) -> ListenerSettings:
    return next(one for one in installation.settings.listeners.values() if one.channel is Channel.MOBILE)


@pytest.mark.parametrize("attempts", [A_FEW, pytest.param(ATTEMPTS, marks=pytest.mark.long)])
async def test_thousands_of_strangers_keep_no_customer_from_being_served(
    attempts: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with trio.fail_after(WITHIN_S):
        async with installed(demo_path(), tmp_path, PEOPLE) as installation:
            keys, listener = installation.keys(), listener_of(installation)
            assert listener.tls is not None, "under TLS, as the demo is"
            people = people_today(installation.settings, keys, 7, 20)
            person = next(one for one in reserved(people) if one.activated and len(one.accounts) > 1)
            gateway = Gateway(installation.settings, listener, keys)
            async with gateway.connected(2) as channel, trio.open_nursery() as nursery:
                counter = Counter(channel, gateway, person)
                while not await is_open(counter):  # noqa: ASYNC110 - asked again, not only looked at
                    await trio.sleep(0.05)
                nursery.start_soon(counter.serve)
                began, before = time.monotonic(), counter.served
                connected = await trio.to_thread.run_sync(flood, (listener.host, listener.port), attempts)
                took_s, served = time.monotonic() - began, counter.served - before
                nursery.cancel_scope.cancel()
            log = (tmp_path / "switch.log").read_text()
    with capsys.disabled():
        print(
            f"\n{attempts} attempts, {connected} connected, in {took_s:.1f} s; "
            f"{served} payments meanwhile, the slowest in {counter.slowest_s * 1000:.0f} ms"
        )
    assert served >= 20
    assert counter.slowest_s < SLOWEST_ANSWER_S
    assert 0 < log.count('"connection refused"') < 200, "told once per window, reason and address"
    assert "engine fault" not in log
    assert "frame failed" not in log


async def is_open(counter: Counter) -> bool:
    """Whether the switch has found its core."""
    try:
        await counter.transfer()
    except AssertionError:
        return False
    return True
