"""What a worker says to its supervisor: of every order, what became of it."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from contextlib import aclosing, closing
from typing import cast

import trio

from config.settings import demo_path, load
from switch.app import Switch
from switch.flow.orders import Action, AnyOrder, Order, Verdict
from switch.net.handing import carriers
from switch.observe.counters import Counters
from switch.observe.events import open_log
from switch.observe.severity import Reporter
from switch.running import Telling
from switch.workers.words import Start, Take, Told, talk_of_supervisor, talk_of_worker
from switch.workers.worker import FAILED, AsWorker

WITHIN_S = 10.0
SECRET = "4000001234567899"
ORDER = Order(payment="0" * 32, action=Action.RETRY, who="somebody", why="a test")


class Broken:
    """A switch with a bug."""

    def take(self, order: AnyOrder, tell: Callable[[Verdict], None]) -> None:
        raise ValueError(SECRET)


async def test_of_an_order_whose_handling_fails_it_is_said_that_it_failed() -> None:
    theirs, ours = (trio.SocketStream(trio.socket.from_stdlib_socket(end)) for end in socket.socketpair())
    supervisor, talk = talk_of_supervisor(theirs), talk_of_worker(ours)
    carrier, handed = carriers()
    written = io.StringIO()
    log = open_log("info", written, lambda: 0.0)
    telling = Telling(log, Counters(), Reporter(log))
    around = AsWorker(Start(load(demo_path()), 0, 2, None), talk, handed)
    with closing(carrier), closing(handed), trio.fail_after(WITHIN_S):
        async with theirs, ours, trio.open_nursery() as nursery:
            for task in (supervisor.write, talk.write):
                nursery.start_soon(task)
            nursery.start_soon(around.hear, talk.read())
            await around.serve(cast("Switch", Broken()), nursery, telling)
            supervisor.say(Take(7, ORDER))
            async with aclosing(supervisor.read()) as heard:
                said = await anext(heard)
            nursery.cancel_scope.cancel()
    assert said == Told(7, FAILED)
    assert telling.counters.get("edge_faults", "order failed") == 1
    assert "ValueError" in written.getvalue()
    assert SECRET not in written.getvalue()
