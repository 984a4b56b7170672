"""Connections are spread evenly, never beyond what the listener allows, and never lost to a worker that has ended."""

from __future__ import annotations

import resource
import socket
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
import trio
from msgspec.structs import replace

from config.sections import ListenerSettings, Settings
from config.settings import demo_path, load
from switch.net import handing
from switch.net.handing import Arrival, HandedNetwork, HandedPort, carriers, hand_over
from switch.net.network import Port, SocketWire, Wire
from switch.observe.counters import Counters
from switch.workers.doorkeeper import BUSY_PAUSE_S, Doorkeeper, Room

HOST, WITHIN_S = "127.0.0.1", 10.0


LISTENER = ListenerSettings(
    name="mobile", host=HOST, port=0, acquirers=("000123",), connections_max=8, connections_per_peer_max=6
)


class Serving:
    """A worker as far as its doors go."""

    def __init__(self, number: int, doors: Doorkeeper) -> None:
        carrier, handed = carriers()
        self.room = doors.rooms[number] = Room(number, carrier)
        self.network = HandedNetwork(handed, self.room.leave)
        self._handed = handed
        self._port: Port | None = None

    async def open(self, nursery: trio.Nursery, port: int) -> None:
        self._port = await self.network.listen(HOST, port)
        await nursery.start(self.network.run)

    async def accept(self) -> Wire:
        assert self._port is not None
        return await self._port.accept()

    def stop(self) -> None:
        assert self._port is not None
        self._port.close()

    def die(self) -> None:
        self._handed.close()

    def close(self) -> None:
        self.room.carrier.close()
        self._handed.close()


class Hall:
    """Doors with two workers behind them."""

    def __init__(self, doors: Doorkeeper, port: int, workers: list[Serving], said: list[str]) -> None:
        self.doors = doors
        self.workers = workers
        self.said = said
        self._port = port

    def dial(self) -> socket.socket:
        return socket.create_connection((HOST, self._port), timeout=WITHIN_S)

    async def come_in(self, connections: int) -> list[socket.socket]:
        """That many connect and are handed over."""
        before = self.inside
        dialled = [self.dial() for _ in range(connections)]
        while self.inside < before + connections:  # noqa: ASYNC110 - the kernel tells nobody here
            await trio.sleep(0.001)
        return dialled

    @property
    def inside(self) -> int:
        return sum(len(worker.room) for worker in self.workers)

    @property
    def spread(self) -> list[int]:
        return [len(worker.room) for worker in self.workers]


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    said: list[str] = []

    def report(event: str, **fields: object) -> None:
        said.append(f"{event}: {fields.get('reason')}")

    settings = replace(load(demo_path()), listeners={"mobile": LISTENER})
    doors = Doorkeeper(settings, Counters(), report)
    ports = await doors.listen()
    workers = [Serving(number, doors) for number in range(2)]
    with trio.fail_after(WITHIN_S):
        async with trio.open_nursery() as nursery:
            for worker in workers:
                await worker.open(nursery, ports["mobile"])
            nursery.start_soon(doors.let_in)
            yield Hall(doors, ports["mobile"], workers, said)
            nursery.cancel_scope.cancel()
    doors.close()
    for worker in workers:
        worker.close()


async def test_each_worker_gets_one_of_a_gateways_two_connections(hall: Hall) -> None:
    for connection in await hall.come_in(2):
        connection.close()
    assert hall.spread == [1, 1]


async def test_what_is_handed_over_is_the_connection_itself(hall: Hall) -> None:
    with (await hall.come_in(1))[0] as dialled:
        wire = await hall.workers[0].accept()
        assert wire.peer == HOST
        dialled.sendall(b"question")
        await wire.wait_readable()
        assert wire.recv(100) == b"question"
        wire.send(b"answer")
        assert dialled.recv(100) == b"answer"
        wire.close()
        assert dialled.recv(100) == b"", "nobody else holds it open"


async def test_who_leaves_makes_room_at_the_worker_that_was_left(hall: Hall) -> None:
    dialled = await hall.come_in(4)
    wire = await hall.workers[1].accept()
    wire.close()
    wire.close()
    assert hall.spread == [2, 1]
    dialled += await hall.come_in(1)
    assert hall.spread == [2, 2]
    for connection in dialled:
        connection.close()


async def test_the_listeners_limit_is_one_for_all_workers(hall: Hall) -> None:
    dialled = await hall.come_in(6)
    with closing(hall.dial()) as one_too_many:
        one_too_many.setblocking(False)
        await trio.lowlevel.wait_readable(one_too_many)
        assert one_too_many.recv(1) == b""
    assert hall.spread == [3, 3]
    assert hall.said == ["connection refused: too many connections of one peer"]
    for connection in dialled:
        connection.close()


async def test_a_worker_that_has_just_ended_costs_no_connection(hall: Hall) -> None:
    hall.workers[0].die()
    for connection in await hall.come_in(3):
        connection.close()
    assert hall.spread == [0, 3]


async def test_a_worker_that_stops_by_itself_is_handed_no_more_and_costs_no_connection(hall: Hall) -> None:
    with closing((await hall.come_in(1))[0]) as before:
        wire = await hall.workers[0].accept()
        hall.workers[0].stop()
        for connection in await hall.come_in(3):
            connection.close()
        assert hall.spread == [1, 3]
        wire.send(b"answer")
        assert before.recv(100) == b"answer", "what it had it goes on with"
        wire.close()


async def test_a_burst_that_the_workers_are_too_busy_to_take_waits_for_them() -> None:
    many = 40
    roomy = replace(LISTENER, connections_max=many, connections_per_peer_max=many)
    doors = Doorkeeper(replace(load(demo_path()), listeners={"mobile": roomy}), Counters(), lambda *_, **__: None)
    ports = await doors.listen()
    with trio.fail_after(WITHIN_S):
        async with trio.open_nursery() as nursery:
            worker = Serving(0, doors)
            worker.room.carrier.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
            nursery.start_soon(doors.let_in)
            dialled = [socket.create_connection((HOST, ports["mobile"]), timeout=WITHIN_S) for _ in range(many)]
            while not len(worker.room):  # noqa: ASYNC110 - the kernel tells nobody here
                await trio.sleep(BUSY_PAUSE_S)
            await trio.sleep(2 * BUSY_PAUSE_S)
            assert len(worker.room) < many
            await worker.open(nursery, ports["mobile"])
            while len(worker.room) < many:  # noqa: ASYNC110 - the kernel tells nobody here
                await trio.sleep(BUSY_PAUSE_S)
            nursery.cancel_scope.cancel()
    doors.close()
    worker.close()
    for connection in dialled:
        connection.close()


async def test_while_nobody_serves_a_connection_is_closed_and_told_of(hall: Hall) -> None:
    hall.doors.rooms.clear()
    with closing(hall.dial()) as dialled:
        dialled.setblocking(False)
        await trio.lowlevel.wait_readable(dialled)
        assert dialled.recv(1) == b""
    assert hall.said == ["connection refused: nobody serves"]


async def test_a_port_that_another_process_has_is_not_shared(hall: Hall) -> None:
    taken: Settings = replace(load(demo_path()), listeners={"mobile": replace(LISTENER, port=hall._port)})
    with pytest.raises(OSError, match="Address already in use"):
        await Doorkeeper(taken, Counters(), lambda *_, **__: None).listen()


async def test_a_connection_for_which_a_worker_has_no_descriptor_is_told_of_and_not_counted_for_ever() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    left: list[int] = []
    carrier, handed = carriers()
    network = HandedNetwork(handed, left.append)
    with closing(carrier), closing(handed):
        port = await network.listen(HOST, 1)
        hand_over(SocketWire(socket.socket(), HOST), Arrival(HOST, 1, HOST, 7), carrier)
        async with trio.open_nursery() as nursery:
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            try:
                await nursery.start(network.run)
                with trio.fail_after(WITHIN_S), pytest.raises(OSError, match="Too many open files"):
                    await port.accept()
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            nursery.cancel_scope.cancel()
    assert left == [7]


async def test_what_a_full_port_turns_away_is_told_of_once_until_somebody_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handing, "BACKLOG", 2)
    port = HandedPort(1, lambda: None)
    wires = [SocketWire(socket.socket(), HOST) for _ in range(4)]
    assert [port.take(wire) for wire in wires] == [True, True, False, False]
    assert [await port.accept(), await port.accept()] == wires[:2]
    with pytest.raises(OSError, match="No buffer space"):
        await port.accept()
    assert port.take(wires[2])
    assert await port.accept() is wires[2]
    for wire in wires:
        wire.close()
