"""What a transaction costs the switch by itself: one process, peers and channels in memory, books that commit at once.

Rule: all that the switch does is the real thing, from the bytes that come in to the bytes that leave; what stands round
it answers before the call returns, and its CPU is taken off. No other process competes for the core, so a step of work
on the switch shows here that drowns in the noise of `pay`. The kernel's part is missing, so `pay` is what counts.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import trio

from config.settings import Settings, load
from ledger.books import Books, Done
from ledger.model import Committed, Group
from ledger.protocol import GROUP, frame
from ledger.queries import ListDays, ListRegister, OpenPayments, Query
from simulators.bench.patches import frames_in
from simulators.bench.requests import Asked, Requests
from simulators.bench.stub import Stub
from simulators.channels.terminal import network
from simulators.keys import KeyCase, invented_keys
from switch.app import build
from switch.net.clock import TrioClock
from switch.net.network import Wire
from switch.observe.counters import Counters
from switch.running import spare_the_collector

CONFIG = Path(__file__).with_name("bench.toml")
PEERS = {1: "core", 2: "power"}  # by the ports that they are given
CONNECTIONS, IN_FLIGHT = 50, 4
WARM_UP, TRANSACTIONS, RUNS = 2_000, 1_000, 20
APPROVED = "00"
LENGTH = 2  # bytes before each frame

_encode = msgspec.msgpack.Encoder().encode


def measure(asked: Asked = Asked.BILL, *, transactions: int = TRANSACTIONS, runs: int = RUNS) -> list[float]:
    """CPU microseconds of a transaction in each of many short runs: what disturbs falls on some of them."""
    return trio.run(_measure, asked, transactions, runs)


async def _measure(asked: Asked, transactions: int, runs: int) -> list[float]:
    settings = load(CONFIG, {f"peers.{name}.port": port for port, name in PEERS.items()})
    outside, books, counters = Outside(settings, invented_keys(settings), asked), InstantBooks(), Counters()
    switch = build(
        settings,
        books=books,
        network=outside,
        clock=TrioClock(),
        rng=random.Random(1),
        security=outside.keys.security,
        counters=counters,
        report=_unsaid,
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.run)
        await nursery.start(switch.serve, "20260302")
        await outside.sign_on(CONNECTIONS)
        await outside.transact(WARM_UP)
        spare_the_collector()
        figures = [await outside.transact(transactions) for _ in range(runs)]
        nursery.cancel_scope.cancel()
    answers = [labels for labels in counters.snapshot() if labels[0] in ("answers", "refused")]
    assert all(labels[-1] == APPROVED for labels in answers), answers
    return figures


class Outside:
    """The network of the switch, with all who are on it."""

    def __init__(self, settings: Settings, keys: KeyCase, asked: Asked) -> None:
        self.keys = keys
        self._stubs = {port: Stub(settings, name, keys.copy()) for port, name in PEERS.items()}
        self._requests = Requests(settings, keys.copy(), asked)
        self._arrive, self._arrivals = trio.open_memory_channel[Wire](CONNECTIONS)
        self._channels: list[HereWire] = []
        self._signed_on = 0
        self._left = self._answered = self._expected = 0
        self._done = trio.Event()
        self.spent_ns = 0  # by what is not the switch

    async def dial(self, host: str, port: int) -> Wire:
        return HereWire(host, partial(self._answer, self._stubs[port]), self)

    async def listen(self, host: str, port: int) -> Outside:
        return self

    @property
    def number(self) -> int:
        """Of the one port."""
        return 1

    async def accept(self) -> Wire:
        return await self._arrivals.receive()

    def close(self) -> None:
        """Nobody else comes."""

    async def sign_on(self, connections: int) -> None:
        for _ in range(connections):
            channel = HereWire("127.0.0.1", self._hear, self)
            self._channels.append(channel)
            await self._arrive.send(channel)
            body = self._requests.envelope.seal(network("001", self._requests.terminal, self._requests.stamp()))
            channel.give(len(body).to_bytes(LENGTH) + body)
        with trio.fail_after(10):
            while self._signed_on < connections:  # noqa: ASYNC110 - once, before anything is measured
                await trio.sleep(0.01)

    async def transact(self, transactions: int) -> float:
        """So many, `IN_FLIGHT` on each connection; CPU microseconds of the switch for each."""
        self._left = self._expected = transactions
        self._answered, self._done = 0, trio.Event()
        started, self.spent_ns = time.thread_time_ns(), 0
        for channel in self._channels:
            for _ in range(IN_FLIGHT):
                self._ask_on(channel)
        await self._done.wait()
        return (time.thread_time_ns() - started - self.spent_ns) / transactions / 1000

    def _ask_on(self, channel: HereWire) -> None:
        if self._left:
            self._left -= 1
            channel.give(self._requests.next()[0])

    def _answer(self, stub: Stub, wire: HereWire, frames: list[bytes]) -> None:
        wire.give(b"".join([stub.answer(one) for one in frames if one]))

    def _hear(self, channel: HereWire, frames: list[bytes]) -> None:
        for body in frames:
            if body.startswith(b"0810"):
                self._signed_on += 1
                continue
            self._answered += 1
            self._ask_on(channel)
        if self._answered and self._answered == self._expected:
            self._done.set()


class HereWire:
    """A connection whose other side is a function: what is sent is heard at once."""

    def __init__(self, peer: str, heard: Callable[[HereWire, list[bytes]], None], outside: Outside) -> None:
        self.peer = peer
        self._heard = heard
        self._outside = outside
        self._coming: list[bytes] = []
        self._sent = bytearray()
        self._reader: trio.lowlevel.Task | None = None

    def give(self, data: bytes) -> None:
        """To be received by the switch."""
        self._coming.append(data)
        if self._reader is not None:
            trio.lowlevel.reschedule(self._reader)
            self._reader = None

    def recv(self, size: int) -> bytes:
        if not self._coming:
            raise BlockingIOError
        data = b"".join(self._coming)
        self._coming.clear()
        return data

    def send(self, data: bytes | memoryview) -> int:
        started = time.thread_time_ns()
        self._sent += data
        self._heard(self, frames_in(self._sent))
        self._outside.spent_ns += time.thread_time_ns() - started
        return len(data)

    async def wait_readable(self) -> None:
        if self._coming:
            await trio.lowlevel.checkpoint()
            return
        self._reader = trio.lowlevel.current_task()
        await trio.lowlevel.wait_task_rescheduled(self._unpark)

    async def wait_writable(self) -> None:
        await trio.lowlevel.checkpoint()

    def close(self) -> None:
        """It ends with the run."""

    def _unpark(self, _: trio.lowlevel.RaiseCancelT) -> trio.lowlevel.Abort:
        self._reader = None
        return trio.lowlevel.Abort.SUCCEEDED


class InstantBooks(Books):
    """Takes a group as the real ones' client does, and says in the next turn of the loop that it is committed."""

    def __init__(self) -> None:
        self._waiting: list[tuple[bytes, Done]] = []
        self._sequence = 0
        self._sleeper: trio.lowlevel.Task | None = None

    def submit(self, group: Group, done: Done) -> None:
        self._waiting.append((frame(GROUP, len(self._waiting), _encode(group)), done))
        if self._sleeper is not None:
            trio.lowlevel.reschedule(self._sleeper)
            self._sleeper = None

    def ask(self, query: Query, done: Callable[[list[object]], None]) -> None:
        assert isinstance(query, OpenPayments | ListDays | ListRegister), query
        done([])

    async def run(self) -> None:
        while True:
            if not self._waiting:
                self._sleeper = trio.lowlevel.current_task()
                await trio.lowlevel.wait_task_rescheduled(lambda _: trio.lowlevel.Abort.SUCCEEDED)
            await trio.lowlevel.checkpoint()
            waiting, self._waiting = self._waiting, []
            self._sequence += 1
            committed = Committed(self._sequence)
            for _, done in waiting:
                done(committed)


def _unsaid(event: str, **fields: object) -> None:
    """Nobody reads a log here."""
