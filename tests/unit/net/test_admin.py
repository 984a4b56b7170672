"""Operators' orders over the owner's socket: who may come, what is taken, what is said to everything else."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from switch.flow.orders import Action, AnyOrder, ChangeKeys, Order, Verdict
from switch.net.admin import DECIDE_WITHIN_S, LINE_MAX, READ_WITHIN_S, SESSIONS_MAX, Admin
from switch.net.local_socket import listen_locally
from switch.observe.counters import Counters

ORDER = {"about": "payment", "payment": "0" * 32, "action": "retry", "who": "lina", "why": "the biller is back"}


class Desk:
    """Takes orders as the engine does; a test may leave them undecided, or fail."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.orders: list[AnyOrder] = []
        self.tells: list[Callable[[Verdict], None]] = []
        self.answer: Verdict | None = Verdict(True, "so be it")
        self.fault: Exception | None = None
        self.counters = Counters()
        self.reports: list[tuple[str, dict[str, object]]] = []

    def take(self, order: AnyOrder, tell: Callable[[Verdict], None]) -> None:
        self.orders.append(order)
        self.tells.append(tell)
        if self.fault is not None:
            raise self.fault
        if self.answer is not None:
            tell(self.answer)

    async def open(self, nursery: trio.Nursery) -> Desk:
        admin = Admin(self.path, self.take, self.counters, lambda event, **fields: self.reports.append((event, fields)))
        await nursery.start(admin.serve)
        return self

    async def say(self, *lines: bytes) -> list[dict[str, Any]]:
        """What comes back until the switch closes, or until each line is answered."""
        found: list[dict[str, Any]] = []
        async with await trio.open_unix_socket(self.path) as stream:
            for line in lines:
                await stream.send_all(line)
            pending = b""
            async for data in stream:
                *whole, pending = (pending + data).split(b"\n")
                found += [json.loads(one) for one in whole]
                if len(found) == len(lines):
                    break
        return found


def line(**changes: object) -> bytes:
    return json.dumps(ORDER | changes).encode() + b"\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "admin.sock")


async def test_an_order_is_a_line_and_its_verdict_another(desk: Desk, nursery: trio.Nursery) -> None:
    await desk.open(nursery)
    said = await desk.say(line(), line(action="close"))
    assert said == [{"done": True, "words": "so be it"}] * 2
    assert [order.action for order in desk.orders if isinstance(order, Order)] == [Action.RETRY, Action.CLOSE]
    assert desk.orders[0].who == "lina"


async def test_an_order_about_keys_is_a_line_too(desk: Desk, nursery: trio.Nursery) -> None:
    await desk.open(nursery)
    said = await desk.say(b'{"about": "keys", "endpoint": "peers.core", "who": "lina", "why": "as planned"}\n')
    assert said == [{"done": True, "words": "so be it"}]
    assert desk.orders == [ChangeKeys("peers.core", "lina", "as planned")]


async def test_a_refusal_says_until_when(desk: Desk, nursery: trio.Nursery) -> None:
    await desk.open(nursery)
    desk.answer = Verdict(False, "not yet", until=1700000000.0)
    assert await desk.say(line()) == [{"done": False, "words": "not yet", "until": 1700000000.0}]


@pytest.mark.parametrize(
    "wrong",
    [
        b"retry\n",
        b"[]\n",
        b"\xff\xfe\n",
        line(payment="1234"),
        line(about="keys"),
        line(about="nothing"),
        b'{"about": "keys", "endpoint": "core", "who": "lina", "why": "as planned"}\n',
        b'{"payment": "' + b"0" * 32 + b'", "action": "retry", "who": "lina", "why": "about what?"}\n',
        line(payment="0" * 32 + "\n"),
        line(action="steal"),
        line(amount=1),
        b"x" * (LINE_MAX + 1),
        line(why="y" * LINE_MAX),
    ],
)
async def test_what_is_no_order_is_told_so_and_closed(desk: Desk, nursery: trio.Nursery, wrong: bytes) -> None:
    await desk.open(nursery)
    said = await desk.say(wrong)
    assert len(said) == 1
    assert said[0]["words"].startswith("not an order: ")
    assert not said[0]["done"]
    assert desk.orders == []
    assert (await desk.say(line()))[0]["done"]


async def test_what_may_be_a_secret_is_not_said_back(desk: Desk, nursery: trio.Nursery) -> None:
    await desk.open(nursery)
    (said,) = await desk.say(line(action="4000001234567899"))
    assert said == {"done": False, "words": "not an order"}


async def test_who_says_nothing_is_closed(desk: Desk, nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    await desk.open(nursery)
    async with await trio.open_unix_socket(desk.path) as stream:
        await stream.send_all(b'{"payment":')
        with trio.fail_after(READ_WITHIN_S * 2):
            assert await stream.receive_some() == b""
    assert desk.counters.get("admin_events", "cut") == 1


async def test_an_order_that_is_not_decided_in_time_is_said_to_be_so(
    desk: Desk, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    await desk.open(nursery)
    desk.answer = None
    with trio.fail_after(DECIDE_WITHIN_S * 2):
        said = await desk.say(line())
    assert said == [{"done": False, "words": "it is not decided yet: look at the payment again"}]
    desk.tells[0](Verdict(True, "at last"))


async def test_a_bug_met_by_one_order_ends_only_its_session(desk: Desk, nursery: trio.Nursery) -> None:
    await desk.open(nursery)
    desk.fault = ValueError("4000001234567899")
    assert await desk.say(line()) == []
    desk.fault = None
    assert (await desk.say(line()))[0]["done"]
    (event, fields) = desk.reports[0]
    assert (event, fields["error"]) == ("order failed", "ValueError")
    assert "4000001234567899" not in str(fields)


async def test_many_sessions_wait_for_each_other(desk: Desk, nursery: trio.Nursery) -> None:
    await desk.open(nursery)
    desk.answer = None
    async with trio.open_nursery() as children:
        for _ in range(SESSIONS_MAX + 1):
            children.start_soon(desk.say, line())
        await trio.testing.wait_all_tasks_blocked(0.05)
        assert len(desk.tells) == SESSIONS_MAX
        desk.answer = Verdict(True, "so be it")
        for tell in desk.tells:
            tell(desk.answer)
    assert len(desk.orders) == SESSIONS_MAX + 1


async def test_the_socket_is_its_owners_only_and_goes_with_the_switch(desk: Desk) -> None:
    async with trio.open_nursery() as nursery:
        await desk.open(nursery)
        assert os.stat(desk.path).st_mode & 0o777 == 0o600
        nursery.cancel_scope.cancel()
    with pytest.raises(OSError, match="No such file"):
        os.stat(desk.path)


def test_a_socket_left_by_a_killed_switch_is_replaced_and_a_served_one_is_not(tmp_path: Path) -> None:
    path = str(tmp_path / "admin.sock")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(path)
    with listen_locally(path), pytest.raises(OSError, match="in use by another process") as caught:
        listen_locally(path)
    assert caught.value.filename == path


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    path.write_text("precious")
    with pytest.raises(OSError, match="no socket"):
        listen_locally(str(path))
    assert path.read_text() == "precious"


async def test_a_second_switch_on_the_same_socket_says_so(desk: Desk, nursery: trio.Nursery) -> None:
    await desk.open(nursery)
    with pytest.raises(OSError, match="in use"):
        await Admin(desk.path, desk.take, desk.counters, lambda event, **fields: None).serve()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [(line(who=""), "who: allowed: 1 to 64 characters"), (line(why="x" * 301), "why: allowed: 1 to 300 characters")],
)
async def test_what_is_wrong_with_an_order_is_told_by_name_and_closed(
    desk: Desk, nursery: trio.Nursery, wrong: bytes, words: str
) -> None:
    await desk.open(nursery)
    assert await desk.say(wrong) == [{"done": False, "words": words}]
    assert desk.orders == []
