"""Any bytes at all on a listener: no crash, no leak, no effect on another connection."""

import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from tests.unit.net.kit import FRAMING, PLAIN, SEALED, Approver, Kit, management, request

WHOLE = [PLAIN.seal(management("001")), PLAIN.seal(request()), SEALED.seal(request(mti="0420"))]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A message with some of its bytes changed, cut off or doubled."""
    body = bytearray(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(body) - 1))
        body[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(body[: draw(st.integers(0, len(body)))])


framed = st.one_of(st.binary(max_size=60), damaged()).map(FRAMING.wrap)
streams = st.lists(st.one_of(framed, framed, framed, st.binary(max_size=20)), max_size=8).map(b"".join)


@settings(max_examples=200, deadline=None)
@given(streams, st.lists(st.integers(1, 40), min_size=1, max_size=5), st.booleans())
def test_any_bytes_cost_at_most_their_own_connection(stream: bytes, pieces: list[int], sealed: bool) -> None:
    envelope = SEALED if sealed else PLAIN

    async def run() -> None:
        async with trio.open_nursery() as nursery:
            kit = await Kit(nursery).start()
            listener = await kit.listener(Approver(), envelope)
            good = await kit.client(listener.port, envelope)
            bad = await kit.network.dial("127.0.0.1", listener.port)
            rest, turn = stream, 0
            while rest and listener.connections == 2:
                size = pieces[turn % len(pieces)]
                bad.send(rest[:size])
                await kit.settle()
                rest, turn = rest[size:], turn + 1
            assert (await good.ask(request(7))).response_code == "00"
            bad.close()
            await kit.settle()
            assert listener.connections == 1
            assert not listener.requests_open
            assert not kit.reports
            nursery.cancel_scope.cancel()

    trio.run(run, clock=MockClock(autojump_threshold=0))
