"""Frames are cut whole, bounded before they are waited for, and answered with the prefix that they came with."""

from __future__ import annotations

import pytest

from switch.wire.framing import BadLength, Frame, FrameTooLong, Framing, FramingError, framing_named

BODY = b"0800" + b"\x00" * 8

NAMES = (
    *("length2", "length2-inclusive", "length2-tpdu", "length2-inclusive-tpdu", "length2-header:ISO026000070"),
    *("ascii4", "ascii4-inclusive", "ascii4-tpdu", "ascii4-header:ISO", "bcd2", "bcd2-inclusive", "bcd2-tpdu"),
)


@pytest.fixture(params=NAMES)
def framing(request: pytest.FixtureRequest) -> Framing:
    return framing_named(request.param, frame_size_max=64)


def bodies(frames: list[Frame]) -> list[bytes]:
    return [body for _, body in frames]


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("length2", b"\x00\x0c" + BODY),
        ("length2-inclusive", b"\x00\x0e" + BODY),
        ("length2-tpdu", b"\x00\x11\x60\x00\x00\x00\x00" + BODY),
        ("length2-header:ISO026000070", b"\x00\x18ISO026000070" + BODY),
        ("ascii4", b"0012" + BODY),
        ("ascii4-inclusive", b"0016" + BODY),
        ("bcd2", b"\x00\x12" + BODY),
        ("bcd2-inclusive-tpdu", b"\x00\x19\x60\x00\x00\x00\x00" + BODY),
    ],
)
def test_each_framing_on_the_wire(name: str, wire: bytes) -> None:
    framing = framing_named(name)
    assert framing.wrap(BODY) == wire
    assert bodies(framing.cut(bytearray(wire))) == [BODY]


def test_bytes_that_come_one_by_one_make_the_same_frames(framing: Framing) -> None:
    wire = framing.wrap(BODY) + framing.keep_alive + framing.wrap(b"x" * 64) + framing.wrap(BODY)
    buffer, found = bytearray(), []
    for byte in wire:
        buffer.append(byte)
        found += bodies(framing.cut(buffer))
    assert found == [BODY, b"", b"x" * 64, BODY]
    assert not buffer


def test_several_frames_at_once_are_cut_in_their_order_and_the_rest_is_left(framing: Framing) -> None:
    rest = framing.wrap(BODY)[:-1]
    buffer = bytearray(framing.wrap(b"one") + framing.wrap(b"two") + rest)
    assert bodies(framing.cut(buffer)) == [b"one", b"two"]
    assert buffer == rest


def test_a_keep_alive_is_an_empty_frame(framing: Framing) -> None:
    buffer = bytearray(framing.keep_alive * 2)
    assert framing.cut(buffer) == [(b"", b""), (b"", b"")]
    assert not buffer


def test_a_zero_length_is_a_keep_alive_where_lengths_count_themselves_too() -> None:
    assert framing_named("length2-inclusive").cut(bytearray(b"\x00\x00\x00\x02")) == [(b"", b""), (b"", b"")]


def test_a_message_as_long_as_is_allowed_passes_and_one_byte_more_does_not(framing: Framing) -> None:
    assert bodies(framing.cut(bytearray(framing.wrap(b"x" * 64)))) == [b"x" * 64]
    with pytest.raises(FrameTooLong, match="65 bytes is announced, 64 are allowed"):
        framing.cut(bytearray(framing.wrap(b"x" * 65)))


def test_a_long_message_is_refused_by_its_length_alone() -> None:
    for name, length in (("length2", b"\xff\xff"), ("ascii4", b"9999"), ("bcd2", b"\x99\x99")):
        with pytest.raises(FrameTooLong):
            framing_named(name).cut(bytearray(length))


def test_the_usual_largest_message_is_4096_bytes() -> None:
    assert bodies(framing_named("length2").cut(bytearray(b"\x10\x00" + b"x" * 4096))) == [b"x" * 4096]
    with pytest.raises(FrameTooLong):
        framing_named("length2").cut(bytearray(b"\x10\x01"))


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("ascii4", b"00x2"),
        ("ascii4", b"GET "),
        ("ascii4", b" 012"),
        ("ascii4", b"-001"),
        ("ascii4", "٠٠١٢".encode()[:4]),
        ("bcd2", b"\x0a\x00"),
        ("bcd2", b"\x00\x1f"),
        ("length2-inclusive", b"\x00\x01"),
        ("ascii4-inclusive", b"0003"),
        ("length2-tpdu", b"\x00\x04"),
        ("length2-header:ISO026000070", b"\x00\x0b"),
        ("length2-header:ISO026000070", b"\x00\x0cISO016000070"),
    ],
)
def test_what_is_no_length_and_no_header_of_ours_is_refused(name: str, wire: bytes) -> None:
    with pytest.raises(BadLength):
        framing_named(name).cut(bytearray(wire))


def test_frames_before_a_fault_come_with_it_and_leave_the_buffer() -> None:
    framing = framing_named("ascii4")
    buffer = bytearray(framing.wrap(b"one") + framing.wrap(b"two") + b"junk and more")
    with pytest.raises(FramingError) as caught:
        framing.cut(buffer)
    assert bodies(caught.value.frames) == [b"one", b"two"]
    assert buffer == b"junk and more"


def test_a_fault_carries_nothing_of_the_stream() -> None:
    with pytest.raises(BadLength) as caught:
        framing_named("ascii4").cut(bytearray(b"x4000001234567899"))
    assert "4000" not in str(caught.value)


def test_an_answer_goes_back_where_the_question_came_from() -> None:
    framing = framing_named("length2-tpdu")
    ((prefix, body),) = framing.cut(bytearray(b"\x00\x08\x60\x12\x34\x56\x78abc"))
    assert (prefix, body) == (b"\x60\x12\x34\x56\x78", b"abc")
    assert framing.reply_prefix(prefix) == b"\x60\x56\x78\x12\x34"
    assert framing.wrap(b"xyz", framing.reply_prefix(prefix)) == b"\x00\x08\x60\x56\x78\x12\x34xyz"


def test_a_literal_header_is_given_back_unchanged() -> None:
    framing = framing_named("length2-header:ISO026000070")
    ((prefix, _),) = framing.cut(bytearray(framing.wrap(BODY)))
    assert framing.reply_prefix(prefix) == prefix == b"ISO026000070"
    assert framing.wrap(BODY, prefix) == framing.wrap(BODY)


def test_an_answer_longer_than_its_length_can_say_is_our_mistake() -> None:
    for name in ("ascii4", "bcd2"):
        with pytest.raises(ValueError, match="four digits"):
            framing_named(name).wrap(b"x" * 10_000)
    with pytest.raises(ValueError, match="two bytes"):
        framing_named("length2").wrap(b"x" * 65_536)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "length4",
        "length2-tpdu-inclusive",
        "length2-tpdu-header:ISO",
        "length2-header:",
        "ascii4-ISO",
        "bcd2-header:é",
    ],
)
def test_an_unknown_framing_is_refused_with_what_is_allowed(name: str) -> None:
    with pytest.raises(ValueError, match=r"length2 \| ascii4 \| bcd2"):
        framing_named(name)


def test_a_framing_shows_its_name() -> None:
    assert repr(framing_named("length2")) == "<Framing length2>"
