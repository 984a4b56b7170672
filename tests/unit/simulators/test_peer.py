"""The door of a simulated peer, with a real link on the other side of a network in memory."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from config.choices import PeerKind
from config.sections import PeerSettings
from simulators.hosts.faults import Fault, FaultRates, Faults, parse_rates
from simulators.hosts.peer import PeerServer
from simulators.memory_network import MemoryNetwork
from switch.flow.reply import Answered, Reply, Silent
from switch.net.clock import TrioClock
from switch.net.edge import Edge
from switch.net.link import Link
from switch.net.transport import Flusher
from switch.observe.counters import Counters
from switch.security.crypto.mac import RetailMac
from switch.wire.envelope import Envelope
from switch.wire.framing import framing_named
from switch.wire.message import Message
from tests.unit.simulators.asking import DIALECT, NOON, Clock, Fields, n12, open_core, rich, special

SEALED = Envelope(DIALECT, RetailMac(bytes(range(16))))
FRAMING = framing_named("length2")
CURRENT = rich().accounts[0].number
START = rich().accounts[0].opening_minor


class Line:
    """A core behind its door, and a link that asks it."""

    def __init__(self, nursery: trio.Nursery, path: Path) -> None:
        self.nursery = nursery
        self.core, self.store = open_core(path, Clock())
        self.counters = Counters()
        self.edge = Edge(
            MemoryNetwork(),
            Flusher(),
            TrioClock(NOON.timestamp()),
            self.counters,
            lambda event, **fields: None,
            random.Random(7),
        )
        self.link: Link

    async def open(self, **rates: float) -> None:
        settings = PeerSettings(name="core", kind=PeerKind.CORE, port=8600, connections=1, timeout_s=5)
        await self.nursery.start(self.edge.flusher.run)
        faults = Faults(FaultRates(**rates), 7)
        server = PeerServer(settings, self.core, SEALED, FRAMING, self.edge, faults=faults)
        await self.nursery.start(server.serve, "127.0.0.1", 8600)
        self.link = Link(settings, SEALED, FRAMING, self.edge)
        await self.nursery.start(self.link.run)
        await self.link.wait_ready()

    def transfer(self) -> Fields:
        stan, moment = self.link.stamp()
        return {
            "t": "0200",
            "3": "420000",
            "4": n12(1000),
            "7": moment,
            "11": stan,
            "12": "120000",
            "13": "1122",
            "32": "760001",
            "37": f"REF{stan:>09}",
            "41": "GW000001",
            "42": "MERCHANT       ",
            "49": "760",
            "48": f"01012{rich().subscriber}",
            "102": CURRENT,
            "103": special("poor_account", "account"),
        }

    async def ask(self, fields: Fields, hear: int = 1) -> list[Reply]:
        """What the link said about a question, until it said that much or half a minute passed."""
        replies: list[Reply] = []
        enough = trio.Event()

        def done(reply: Reply) -> None:
            replies.append(reply)
            if len(replies) == hear:
                enough.set()

        self.link.ask(fields, 5, done)
        with trio.move_on_after(30):
            await enough.wait()
        return replies

    @property
    def moved(self) -> int:
        return START - self.core.journal.balance(f"customer:{CURRENT}")


@pytest.fixture
def clock(autojump_clock: MockClock) -> MockClock:
    """A clock that jumps over every wait. pytest-trio takes one only from the test's own arguments."""
    return autojump_clock


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    async with trio.open_nursery() as nursery:
        made = Line(nursery, tmp_path)
        yield made
        nursery.cancel_scope.cancel()
    made.store.close()


def code(reply: Reply) -> str | None:
    assert isinstance(reply, Answered)
    return reply.message.response_code


async def test_a_link_signs_on_and_its_question_is_answered_under_the_mac(clock: MockClock, line: Line) -> None:
    await line.open()
    (reply,) = await line.ask(line.transfer())
    assert isinstance(reply, Answered)
    assert reply.message.response_code == "00"
    assert "128" in reply.message
    assert line.moved == 1000


async def test_a_lost_request_is_silent_and_moves_nothing(clock: MockClock, line: Line) -> None:
    await line.open(lose=1)
    assert isinstance((await line.ask(line.transfer()))[0], Silent)
    assert line.moved == 0


async def test_a_dropped_answer_is_silent_and_the_money_has_moved(clock: MockClock, line: Line) -> None:
    await line.open(drop=1)
    assert isinstance((await line.ask(line.transfer()))[0], Silent)
    assert line.moved == 1000


@pytest.mark.parametrize(("fault", "moved_meanwhile"), [("late", 1000), ("stall", 0)])
async def test_a_late_answer_comes_after_the_silence(
    clock: MockClock, line: Line, fault: str, moved_meanwhile: int
) -> None:
    await line.open(late_s=8, **{fault: 1})
    waiting: list[Reply] = []
    line.link.ask(line.transfer(), 5, waiting.append)
    await trio.sleep(6)
    assert isinstance(waiting[0], Silent)
    assert line.moved == moved_meanwhile
    await trio.sleep(6)
    late = waiting[1]
    assert isinstance(late, Answered)
    assert late.late
    assert line.moved == 1000


async def test_a_duplicate_answer_is_heard_once(clock: MockClock, line: Line) -> None:
    await line.open(duplicate=1)
    assert [code(reply) for reply in await line.ask(line.transfer(), hear=2)] == ["00"]
    assert line.counters.get("link_events", "core", "unmatched") == 1


async def test_garbage_does_not_end_the_connection(clock: MockClock, line: Line) -> None:
    await line.open(garbage=1)
    assert isinstance((await line.ask(line.transfer()))[0], Silent)
    assert line.link.ready


async def test_a_disconnect_makes_the_question_silent_and_the_link_comes_back(clock: MockClock, line: Line) -> None:
    await line.open(disconnect=1)
    assert isinstance((await line.ask(line.transfer()))[0], Silent)
    with trio.fail_after(60):
        await line.link.wait_ready()
    assert line.moved == 1000


async def test_a_drawn_decline_is_as_final_as_any_other(clock: MockClock, line: Line) -> None:
    await line.open(decline=1)
    asked = line.transfer()
    assert code((await line.ask(asked))[0]) == "51"
    assert code((await line.ask(asked | {"t": "0201"}))[0]) == "51"
    assert line.moved == 0


@pytest.mark.parametrize("fault", ["wrong_stan", "wrong_terminal", "wrong_amount"])
async def test_an_answer_to_another_question_is_no_answer_and_yet_it_was_carried_out(
    clock: MockClock, line: Line, fault: str
) -> None:
    await line.open(**{fault: 1})
    assert [type(reply) for reply in await line.ask(line.transfer())] == [Silent]
    assert line.moved == 1000


async def test_requests_wait_their_latency(clock: MockClock, line: Line) -> None:
    await line.open(latency_from_ms=200, latency_to_ms=300)
    started = trio.current_time()
    await line.ask(line.transfer())
    assert 0.2 <= trio.current_time() - started <= 0.31


def draws(faults: Faults, mti: str = "0200", count: int = 200) -> list[Any]:
    return [faults.draw(Message({"t": mti})) for _ in range(count)]


def test_the_same_seed_draws_the_same_faults() -> None:
    rates = FaultRates(drop=0.1, late=0.1, decline=0.1, latency_to_ms=50)
    assert draws(Faults(rates, 1)) == draws(Faults(rates, 1))
    assert draws(Faults(rates, 1)) != draws(Faults(rates, 2))
    assert {draw.fault for draw in draws(Faults(rates, 1))} == {None, Fault.DROP, Fault.LATE, Fault.DECLINE}


@pytest.mark.parametrize("mti", ["0100", "0201", "0420", "0600"])
def test_only_a_first_request_for_money_is_declined_by_chance(mti: str) -> None:
    assert all(draw.fault is None for draw in draws(Faults(FaultRates(decline=1), 1), mti))


def test_rates_are_read_from_words() -> None:
    assert parse_rates("drop=0.5, late=0.25 late_s=3") == FaultRates(drop=0.5, late=0.25, late_s=3)
    assert parse_rates("") == FaultRates()


@pytest.mark.parametrize("text", ["slow=1", "drop=x", "drop=2", "drop=0.6,late=0.6", "latency_from_ms=5"])
def test_impossible_rates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"allowed|fault"):
        parse_rates(text)
