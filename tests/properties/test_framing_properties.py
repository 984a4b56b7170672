"""Whatever the pieces in which a stream arrives, the frames are the same; any bytes end in frames or in a fault."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from switch.wire.framing import FramingError, framing_named

NAMES = (
    "length2",
    "length2-inclusive",
    "ascii4",
    "bcd2",
    "length2-tpdu",
    "ascii4-inclusive-tpdu",
    "length2-header:ISO0",
)

names = st.sampled_from(NAMES)


@given(names, st.lists(st.binary(max_size=80)), st.data())
def test_the_pieces_do_not_matter(name: str, bodies: list[bytes], data: st.DataObject) -> None:
    framing = framing_named(name, frame_size_max=80)
    stream = b"".join(framing.wrap(body) if body else framing.keep_alive for body in bodies)
    buffer, found = bytearray(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        buffer += stream[:size]
        stream = stream[size:]
        found += [body for _, body in framing.cut(buffer)]
    assert found == bodies
    assert not buffer


@given(names, st.binary(max_size=200))
def test_any_bytes_are_cut_or_refused_and_what_waits_is_bounded(name: str, junk: bytes) -> None:
    framing = framing_named(name, frame_size_max=50)
    buffer = bytearray(junk)
    try:
        frames = framing.cut(buffer)
    except FramingError as error:
        frames = error.frames
    else:
        assert len(buffer) < 4 + 5 + 50
    assert all(len(body) <= 50 for _, body in frames)
    assert junk.endswith(bytes(buffer))


@given(names.filter(lambda name: "tpdu" in name), st.binary(min_size=5, max_size=5), st.binary(min_size=1, max_size=50))
def test_an_answer_to_the_answer_goes_where_the_question_went(name: str, prefix: bytes, body: bytes) -> None:
    framing = framing_named(name)
    assert framing.reply_prefix(framing.reply_prefix(prefix)) == prefix
    assert framing.cut(bytearray(framing.wrap(body, prefix))) == [(prefix, body)]
