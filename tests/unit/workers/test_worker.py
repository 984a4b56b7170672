"""What a worker says to its supervisor: that it lives, and of every order what became of it."""

from __future__ import annotations

import io
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, closing
from pathlib import Path
from typing import cast

import pytest
import trio

from config.settings import demo_path, load
from switch.app import Switch
from switch.flow.orders import Action, AnyOrder, Order, Verdict
from switch.net.handing import carriers
from switch.observe.counters import Counters
from switch.observe.events import open_log
from switch.observe.severity import Reporter
from switch.running import Telling
from switch.workers.words import Counts, Follow, Start, Take, Told, ToSupervisor, talk_of_supervisor, talk_of_worker
from switch.workers.worker import FAILED, AsWorker

WITHIN_S = 10.0
SECRET = "4000001234567899"
ORDER = Order(payment="0" * 32, action=Action.RETRY, who="somebody", why="a test")


class Broken:
    """A switch with a bug."""

    def take(self, order: AnyOrder, tell: Callable[[Verdict], None]) -> None:
        raise ValueError(SECRET)


class Bench:
    """A worker's surroundings, and the supervisor's end of what it says."""

    def __init__(self, nursery: trio.Nursery, directory: Path) -> None:
        pair, (carrier, handed) = socket.socketpair(), carriers()
        ends = [trio.SocketStream(trio.socket.from_stdlib_socket(end)) for end in pair]
        self.supervisor, talk = talk_of_supervisor(ends[0]), talk_of_worker(ends[1])
        self.written = io.StringIO()
        log = open_log("info", self.written, lambda: 0.0)
        self.telling = Telling(log, Counters(), Reporter(log))
        settings = load(demo_path(), {"ledger.socket": str(directory / "nobody.sock")})
        self.around = AsWorker(Start(settings, 0, 2, None), talk, handed)
        self.nursery = nursery
        self._open = *pair, carrier, handed
        for task in (self.supervisor.write, talk.write):
            nursery.start_soon(task)
        nursery.start_soon(self.around.hear, talk.read())

    async def next_words(self) -> ToSupervisor:
        async with aclosing(self.supervisor.read()) as heard:
            return await anext(heard)

    def close(self) -> None:
        for one in self._open:
            one.close()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    with trio.fail_after(WITHIN_S):
        async with trio.open_nursery() as nursery:
            with closing(Bench(nursery, tmp_path)) as bench:
                yield bench
                nursery.cancel_scope.cancel()


async def test_it_shows_signs_of_life_before_the_books_answer(bench: Bench) -> None:
    bench.nursery.start_soon(bench.around.open_books, bench.nursery, bench.telling)
    assert isinstance(await bench.next_words(), Counts)
    assert isinstance(await bench.next_words(), Counts)


class Followed:
    """A switch that is told what another worker carried out."""

    def __init__(self) -> None:
        self.engine = self.restrictions = self
        self.holders: list[str] = []

    def follow(self, holder: str, tell: Callable[[Verdict], None]) -> None:
        self.holders.append(holder)
        tell(Verdict(True, "followed"))


async def test_what_another_worker_carried_out_is_followed_and_said_so(bench: Bench) -> None:
    switch = Followed()
    await bench.around.serve(cast("Switch", switch), bench.nursery, bench.telling)
    bench.supervisor.say(Follow(8, "subscriber:963900000001"))
    assert await bench.next_words() == Told(8, Verdict(True, "followed"))
    assert switch.holders == ["subscriber:963900000001"]


async def test_of_an_order_whose_handling_fails_it_is_said_that_it_failed(bench: Bench) -> None:
    await bench.around.serve(cast("Switch", Broken()), bench.nursery, bench.telling)
    bench.supervisor.say(Take(7, ORDER))
    assert await bench.next_words() == Told(7, FAILED)
    assert bench.telling.counters.get("edge_faults", "order failed") == 1
    assert "ValueError" in bench.written.getvalue()
    assert SECRET not in bench.written.getvalue()
