"""Frames over a wire: gathered on the way out, cut on the way in, and nobody waits for a slow reader."""

import pytest
import trio
from trio.testing import MockClock

from simulators.memory_network import MemoryWire, memory_pipe
from switch.net.transport import FrameConnection
from tests.unit.net.kit import FRAMING, Kit


class Recorder:
    """A connection over one end of a pipe; the test holds the other end."""

    def __init__(self, kit: Kit, pipe_max: int = 1_000_000, backlog_max: int = 1_000_000) -> None:
        near, self.far = memory_pipe(pipe_max=pipe_max)
        self.sends: list[int] = []
        self.bodies: list[bytes] = []
        self.ended = trio.Event()
        self.reason = ""
        self.connection = FrameConnection(Counting(near, self.sends), FRAMING, kit.flusher, backlog_max=backlog_max)
        kit.nursery.start_soon(self._run)

    async def _run(self) -> None:
        self.reason = await self.connection.run(lambda _, body: self.bodies.append(body))
        self.ended.set()


class Counting(MemoryWire):
    """A wire that notes how much each send took."""

    def __init__(self, inner: MemoryWire, sends: list[int]) -> None:
        self.__dict__ = inner.__dict__
        self._sends = sends

    def send(self, data: bytes | memoryview) -> int:
        taken = super().send(data)
        self._sends.append(taken)
        return taken


def drain(wire: MemoryWire) -> bytes:
    data = b""
    while True:
        try:
            data += wire.recv(65_536)
        except BlockingIOError:
            return data


async def test_all_frames_of_a_turn_leave_in_one_send(clock: MockClock, kit: Kit) -> None:
    recorder = Recorder(kit)

    async def some_task(body: bytes) -> None:
        recorder.connection.send(body)

    async with trio.open_nursery() as nursery:
        for n in range(50):
            nursery.start_soon(some_task, b"%04d" % n)
    await kit.settle()
    assert recorder.sends == [50 * 6]
    assert sorted(drain(recorder.far)[2::6]) == sorted(b"0" * 50)


async def test_frames_leave_in_the_order_they_were_sent(clock: MockClock, kit: Kit) -> None:
    recorder = Recorder(kit, pipe_max=7)
    bodies = [b"%05d" % n for n in range(100)]
    received = b""
    for body in bodies:
        recorder.connection.send(body)
        await kit.settle()
        received += drain(recorder.far)
    while recorder.connection.backlog:
        await kit.settle()
        received += drain(recorder.far)
    assert received == b"".join(FRAMING.wrap(body) for body in bodies)


async def test_frames_are_cut_however_the_bytes_arrive(clock: MockClock, kit: Kit) -> None:
    recorder = Recorder(kit)
    stream = b"".join(FRAMING.wrap(b"%d" % n * 3) for n in range(20))
    for at in range(len(stream)):
        recorder.far.send(stream[at : at + 1])
        await kit.settle()
    recorder.far.send(stream)
    await kit.settle()
    assert recorder.bodies == [b"%d" % n * 3 for n in range(20)] * 2


async def test_a_reader_that_does_not_read_is_closed_when_its_backlog_is_full(clock: MockClock, kit: Kit) -> None:
    recorder = Recorder(kit, pipe_max=1_000, backlog_max=10_000)
    for _ in range(12):
        recorder.connection.send(b"x" * 998)
        await kit.settle()
    assert recorder.reason == "slow reader"
    assert recorder.connection.handed == 1_000
    recorder.connection.send(b"nobody hears this")


async def test_a_paused_connection_neither_reads_nor_hands_on(clock: MockClock, kit: Kit) -> None:
    recorder = Recorder(kit)
    await kit.settle()
    recorder.connection.pause()
    recorder.far.send(FRAMING.wrap(b"first"))
    await kit.settle()
    assert not recorder.bodies
    assert len(recorder.far._other._inbox) == 7
    recorder.connection.resume()
    await kit.settle()
    assert recorder.bodies == [b"first"]


async def test_a_paused_connection_can_be_closed(clock: MockClock, kit: Kit) -> None:
    recorder = Recorder(kit)
    recorder.connection.pause()
    await kit.settle()
    recorder.connection.close("enough")
    await recorder.ended.wait()
    assert recorder.reason == "enough"


async def test_what_was_sent_before_a_close_still_leaves(clock: MockClock, kit: Kit) -> None:
    recorder = Recorder(kit)
    recorder.connection.send(b"last words")
    recorder.connection.close()
    await recorder.ended.wait()
    assert drain_to_end(recorder.far) == FRAMING.wrap(b"last words")


async def test_finish_waits_for_a_slow_reader(clock: MockClock, kit: Kit) -> None:
    recorder = Recorder(kit, pipe_max=10)
    recorder.connection.send(b"x" * 38)
    finished = trio.Event()

    async def finish() -> None:
        await recorder.connection.finish()
        finished.set()

    kit.nursery.start_soon(finish)
    received = b""
    for _ in range(3):
        await kit.settle()
        assert not finished.is_set()
        received += recorder.far.recv(10)
    await kit.settle()
    assert finished.is_set()
    assert received + recorder.far.recv(10) == FRAMING.wrap(b"x" * 38)


async def test_the_other_sides_end_is_not_a_fault(clock: MockClock, kit: Kit) -> None:
    recorder = Recorder(kit)
    recorder.far.send(FRAMING.wrap(b"one") + b"\0")
    recorder.far.close()
    await recorder.ended.wait()
    assert (recorder.bodies, recorder.reason) == ([b"one"], "ended by peer")


async def test_handed_says_whether_a_frame_can_have_left(clock: MockClock, kit: Kit) -> None:
    recorder = Recorder(kit, pipe_max=10)
    first = recorder.connection.queued
    recorder.connection.send(b"x" * 18)
    second = recorder.connection.queued
    recorder.connection.send(b"y" * 18)
    assert recorder.connection.handed <= first
    await kit.settle()
    assert recorder.connection.handed == 10 > first
    assert recorder.connection.handed <= second


async def test_a_callback_that_fails_is_loud(clock: MockClock, kit: Kit) -> None:
    near, far = memory_pipe()
    connection = FrameConnection(near, FRAMING, kit.flusher)

    def broken(_prefix: bytes, _body: bytes) -> None:
        raise RuntimeError("a bug")

    far.send(FRAMING.wrap(b"one"))
    with pytest.raises(RuntimeError, match="a bug"):
        await connection.run(broken)
    assert connection.closed == "stopped"


def drain_to_end(wire: MemoryWire) -> bytes:
    return b"".join(iter(lambda: wire.recv(65_536), b""))
