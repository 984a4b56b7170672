"""Frames between the ledger process and its clients: cut anywhere, they come out whole."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.model import Committed, Refusal, Refused, Unavailable
from ledger.protocol import (
    ANSWER,
    FRAME_SIZE_MAX,
    GROUP,
    OUTCOMES,
    QUERY,
    Outcomes,
    ProtocolError,
    answer_body,
    answer_of,
    cut,
    decode_outcomes,
    encode,
    frame,
)
from ledger.queries import CurrentDay, GetPayment

frames = st.tuples(st.sampled_from([GROUP, QUERY, OUTCOMES, ANSWER]), st.integers(0, 2**64 - 1), st.binary(max_size=40))


@given(st.lists(frames, max_size=6), st.lists(st.integers(0, 200), max_size=6))
def test_frames_cut_anywhere_come_out_whole_and_in_order(sent: list[tuple[bytes, int, bytes]], cuts: list[int]) -> None:
    stream = b"".join(frame(*one) for one in sent)
    places = [0, *sorted(min(place, len(stream)) for place in cuts), len(stream)]
    buffer, received = bytearray(), []
    for start, end in pairwise(places):
        buffer += stream[start:end]
        received += cut(buffer)
    assert received == sent
    assert not buffer


@given(st.binary(max_size=60))
def test_any_bytes_are_frames_or_wait_or_are_refused(noise: bytes) -> None:
    try:
        received = cut(bytearray(noise))
    except ProtocolError:
        return
    assert sum(len(body) + 13 for _, _, body in received) <= len(noise)


def test_frame_too_long_is_refused_before_it_is_gathered() -> None:
    with pytest.raises(ProtocolError, match="a frame of"):
        cut(bytearray((FRAME_SIZE_MAX + 1).to_bytes(4, "big") + bytes(9)))


def test_outcomes_come_back_as_they_went() -> None:
    outcomes = Outcomes(
        7, [1, 2], [(3, Refused(Refusal.FUNDS, "transfers[0]")), (4, Committed(6)), (5, Unavailable("x"))]
    )
    assert decode_outcomes(encode(outcomes)) == outcomes


def test_answers_come_back_as_they_went_unavailable_ones_too() -> None:
    assert answer_of(CurrentDay(), answer_body("20260302")) == "20260302"
    assert answer_of(GetPayment(b""), answer_body(None)) is None
    assert answer_of(GetPayment(b""), answer_body(Unavailable("locked"))) == Unavailable("locked")
    with pytest.raises(msgspec.DecodeError):
        answer_of(CurrentDay(), b"\xc1")
