"""A wire under TLS behaves as a socket does, and never says that bytes left which the other side can't have read."""

import itertools
import random
import ssl
from functools import cache
from typing import Any

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock

from simulators.memory_network import MemoryWire, memory_pipe
from switch.flow.reply import Silent, Unreachable
from switch.net.network import Wire
from switch.net.tls_wire import ALERTS_MAX, RAW_MAX, RECORD_MAX, TlsWire
from switch.net.transport import FrameConnection
from tests.unit.net.kit import FRAMING, Host, Kit, Replies, request
from tests.unit.net.office import a_peer, dialling, gateway, office, switch

ROOM = 1_000_000
LEGIBLE = 10 * RECORD_MAX


async def pair(pipe_max: int = ROOM, version: ssl.TLSVersion | None = None) -> tuple[TlsWire, TlsWire]:
    """A channel's end and the switch's, done with their handshake; the pipe between them holds so much each way."""
    far, near = memory_pipe("switch", "gateway", ROOM)
    secured: dict[str, TlsWire] = {}

    async def secure(name: str, wire: Wire) -> None:
        tls = switch().identity.accepting() if name == "near" else dialling(gateway())
        secured[name] = await tls.over(wire)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(secure, "near", near)
        nursery.start_soon(secure, "far", far)
    near.pipe_max = far.pipe_max = pipe_max
    return secured["far"], secured["near"]


def below(wire: TlsWire) -> MemoryWire:
    assert isinstance(wire._wire, MemoryWire)
    return wire._wire


def inbox(wire: TlsWire) -> bytearray:
    """What lies in the pipe for this end."""
    return below(wire)._inbox


def drain(wire: TlsWire) -> bytes:
    data = b""
    while True:
        try:
            data += wire.recv(65_536)
        except BlockingIOError:
            return data


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


class TestSending:
    async def test_what_fits_is_taken_at_once_whatever_its_size(self) -> None:
        near, far = await pair()
        for size in (1, RECORD_MAX - 1, RECORD_MAX, RECORD_MAX + 1, 5 * RECORD_MAX + 7):
            assert near.send(memoryview(noise(size))) == size
            assert drain(far) == noise(size)

    @pytest.mark.parametrize("pipe_max", [1, 7, 1_000, RECORD_MAX, 40_000])
    async def test_what_is_big_goes_in_parts_and_nothing_is_lost_doubled_or_out_of_order(self, pipe_max: int) -> None:
        near, far = await pair(pipe_max)
        data, received = noise(50_000 if pipe_max > 7 else 300), b""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[near.send(rest) :]
            except BlockingIOError:
                received += drain(far)
        assert received + drain(far) == data

    async def test_a_record_of_which_a_part_left_is_not_taken(self) -> None:
        near, far = await pair(100)
        with pytest.raises(BlockingIOError):
            near.send(b"x" * 300)
        assert len(inbox(far)) == 100
        with pytest.raises(BlockingIOError):
            far.recv(1_000)

    async def test_whole_records_before_one_that_left_in_part_are_taken(self) -> None:
        near, far = await pair(2 * RECORD_MAX)
        data = memoryview(noise(5 * RECORD_MAX))
        assert near.send(data) == RECORD_MAX
        assert drain(far) == data[:RECORD_MAX]
        assert near.send(data[RECORD_MAX:]) == 2 * RECORD_MAX
        assert drain(far) == data[RECORD_MAX : 3 * RECORD_MAX]

    async def test_a_record_that_left_in_part_is_not_sealed_again(self) -> None:
        near, far = await pair(100)
        data, received = b"x" * 300, 0
        for _ in range(3):
            with pytest.raises(BlockingIOError):
                near.send(data)
            received += len(inbox(far))
            drain(far)
        assert near.send(data) == 300
        received += len(inbox(far))
        assert drain(far) == data
        assert received < 300 + 50, "one record, however often it was tried"

    async def test_what_was_taken_before_a_fault_is_told_and_the_fault_comes_next(self) -> None:
        """Else a question in the first record would be held for one that never left."""
        near, far = await pair()
        send, calls = near._send_below, 0

        def breaks_after_one(data: bytes | memoryview) -> int:
            nonlocal calls
            calls += 1
            if calls > 1:
                raise BrokenPipeError
            return send(data)

        near._send_below = breaks_after_one
        data = memoryview(noise(3 * RECORD_MAX))
        assert near.send(data) == RECORD_MAX
        assert drain(far) == data[:RECORD_MAX]
        with pytest.raises(BrokenPipeError):
            near.send(data[RECORD_MAX:])


class TestClosing:
    async def test_the_farewell_is_an_end_and_so_is_its_absence(self) -> None:
        for say_farewell in (True, False):
            near, far = await pair()
            near.send(b"last words")
            (near if say_farewell else below(near)).close()
            assert (far.recv(100), far.recv(100), far.recv(100)) == (b"last words", b"", b"")

    async def test_after_half_a_record_a_close_says_nothing_that_would_complete_it(self) -> None:
        """What was not taken was called unreachable: it may not become legible afterwards."""
        near, far = await pair(100)
        with pytest.raises(BlockingIOError):
            near.send(b"x" * 300)
        part = bytes(inbox(far))
        below(near).pipe_max = ROOM
        near.close()
        assert bytes(inbox(far)) == part
        assert (drain(far), far.recv(1_000)) == (b"", b"")

    async def test_a_full_pipe_does_not_keep_it_from_closing(self) -> None:
        near, far = await pair(100)
        inbox(far).extend(bytes(100))
        near.close()
        assert len(inbox(far)) == 100

    async def test_once_closed_it_gives_and_takes_nothing(self) -> None:
        near, far = await pair()
        far.send(b"too late")
        assert near.recv(3) == b"too"
        near.close()
        near.close()
        for use in (lambda: near.recv(1), lambda: near.send(b"x")):
            with pytest.raises(OSError, match=r".") as caught:
                use()
            assert not isinstance(caught.value, BlockingIOError)
        with pytest.raises(trio.ClosedResourceError):
            await near.wait_readable()


class TestReceiving:
    async def test_what_came_right_behind_the_handshake_is_readable_at_once(self, clock: MockClock) -> None:
        """A peer may send its first message in one packet with the end of its handshake."""
        far, near = memory_pipe()
        hold = Holding(far)
        secured: list[TlsWire] = []

        async def accept() -> None:
            secured.append(await switch().identity.accepting().over(near))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(accept)
            channel = await dialling(gateway()).over(hold)
            channel.send(b"first words")
            hold.let_go()
        with trio.fail_after(1):
            await secured[0].wait_readable()
        assert secured[0].recv(100) == b"first words"

    async def test_no_more_is_given_than_was_asked_for_and_the_rest_is_readable_at_once(self, clock: MockClock) -> None:
        near, far = await pair()
        for _ in range(3):
            near.send(b"0123456789")
        received: list[bytes] = []
        while len(b"".join(received)) < 30:
            with trio.fail_after(1):
                await far.wait_readable()
            received.append(far.recv(7))
        assert b"".join(received) == b"0123456789" * 3
        assert max(map(len, received)) == 7

    async def test_one_recv_takes_a_bounded_part_of_what_lies_below(self) -> None:
        near, far = await pair()
        near.send(noise(LEGIBLE))
        lay = len(inbox(far))
        far.recv(LEGIBLE)
        assert lay - len(inbox(far)) == RAW_MAX

    @pytest.mark.parametrize("at", [0, 7, 40, -1])
    async def test_a_changed_byte_cuts_and_what_came_before_it_is_still_good(self, at: int) -> None:
        near, far = await pair()
        near.send(b"good")
        good = len(inbox(far))
        near.send(b"changed" * 10)
        inbox(far)[good + at if at >= 0 else at] ^= 1
        near.send(b"after")
        assert far.recv(1_000) == b"good"
        for _ in range(2):
            with pytest.raises(ssl.SSLError):
                far.recv(1_000)

    async def test_a_fault_is_told_to_the_other_side(self) -> None:
        near, far = await pair()
        inbox(far).extend(b"no record at all")
        with pytest.raises(ssl.SSLError):
            far.recv(100)
        with pytest.raises(ssl.SSLError, match="ALERT"):
            near.recv(100)

    async def test_who_provokes_alerts_without_end_is_cut(self) -> None:
        class Renegotiating:
            """Each byte that comes is a wish to negotiate anew, which is refused by an alert."""

            def __init__(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> None:
                self.incoming, self.outgoing = incoming, outgoing

            def read(self, _size: int) -> bytes:
                for _ in self.incoming.read():
                    self.outgoing.write(bytes(31))
                raise ssl.SSLWantReadError

        near, far = memory_pipe()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls: Any = Renegotiating(incoming, outgoing)
        wire = TlsWire(near, tls, incoming, outgoing, gateway().certificate)
        for size in (1, ALERTS_MAX // 31):
            far.send(bytes(size))
            with pytest.raises(OSError, match=r"^$|alerts") as caught:
                wire.recv(100)
            assert isinstance(caught.value, BlockingIOError) == (size == 1)


@cache
def lasting_pair() -> tuple[TlsWire, TlsWire]:
    """One for many examples, which leave it as they found it."""
    return trio.run(pair)


class TestFrames:
    @given(
        st.lists(st.binary(min_size=1, max_size=2_000), max_size=12),
        st.booleans(),
        st.lists(st.integers(1, 3_000), min_size=1),
    )
    def test_the_pieces_in_which_bytes_arrive_do_not_matter(
        self, bodies: list[bytes], together: bool, sizes: list[int]
    ) -> None:
        near, far = lasting_pair()
        frames = [FRAMING.wrap(body) for body in bodies]
        for sent in filter(None, [b"".join(frames)] if together else frames):
            near.send(sent)
        sealed = bytes(inbox(far))
        inbox(far).clear()
        buffer, found = bytearray(), []
        for size in itertools.cycle(sizes):
            if not sealed:
                break
            inbox(far).extend(sealed[:size])
            sealed = sealed[size:]
            buffer += drain(far)
            found += [body for _, body in FRAMING.cut(buffer)]
        assert found == bodies
        assert not buffer

    async def test_a_connection_carries_frames_both_ways_through_a_narrow_pipe(
        self, clock: MockClock, kit: Kit
    ) -> None:
        near, far = await pair(500)
        bodies = [noise(size, size) for size in (1, 400, 3_000, 4_096, 5, 900)]
        heard: dict[str, list[bytes]] = {"near": [], "far": []}
        for name, wire in (("near", near), ("far", far)):
            connection = FrameConnection(wire, FRAMING, kit.flusher)
            kit.nursery.start_soon(connection.run, lambda _, body, name=name: heard[name].append(body))
            for body in bodies:
                connection.send(body)
        with trio.fail_after(60):
            while heard != {"near": bodies, "far": bodies}:
                await kit.settle()

    async def test_a_question_of_which_half_a_record_left_is_unreachable(self, clock: MockClock, kit: Kit) -> None:
        """R10: the peer can't have read any of it. Had the record left whole, it would be silent."""
        core = office().certified(a_peer("core"))
        for room, said in ((50, Unreachable), (ROOM, Silent)):
            host = Host(kit, tls=core.identity.accepting())
            await kit.nursery.start(host.serve)
            link = await kit.link(host.port, tls=switch().identity.dialling("core"))
            client = await host.signed_on()
            await link.wait_ready()
            assert isinstance(client.wire, TlsWire)
            client.connection.pause()
            await kit.settle()
            below(client.wire)._other.pipe_max = room
            replies = Replies()
            link.ask(request(7), 5, replies)
            await kit.settle()
            assert 0 < len(inbox(client.wire)) <= room
            below(client.wire).close()
            await kit.settle()
            assert [type(reply) for reply in replies] == [said]
            await link.stop(0)


class Holding(MemoryWire):
    """A wire that keeps what is sent, but for the first flight, until it is told to let go."""

    def __init__(self, inner: MemoryWire) -> None:
        self.__dict__ = inner.__dict__
        self._flights = 0
        self._held = b""

    def send(self, data: bytes | memoryview) -> int:
        self._flights += 1
        if self._flights == 1:
            return super().send(data)
        self._held += data
        return len(data)

    def let_go(self) -> None:
        super().send(self._held)
