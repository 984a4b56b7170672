"""The compiled codec and pyiso8583 give the same result, or the same error in the same words."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import iso8583
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switch.wire.codec import Codec
from switch.wire.specs import DIALECTS, specification
from tests.properties.codec_cases import (
    damaged_documents,
    damaged_frames,
    document,
    outcome,
)

DATA_ELEMENTS = [str(de) for de in range(2, 129) if de != 65]
DOCUMENTS_PER_SHAPE = 28
CASES_LEAST = 100_000

shapes = st.tuples(
    st.sampled_from(DIALECTS),
    st.lists(st.sampled_from(DATA_ELEMENTS), unique=True, max_size=40).map(tuple),
    st.integers(0, 2**64 - 1),
)


class Comparison:
    """A codec for every dialect, and how many cases it was compared on.

    A shape is compiled when it is met `meetings` times. With two, a shape that damage made once goes to pyiso8583 at
    once and costs no compiling; with one, damaged shapes too are given to compiled code.
    """

    def __init__(self, meetings: int) -> None:
        self.cases = 0
        self.codecs = {name: Codec(specification(name, "utf-8"), meetings=meetings) for name in DIALECTS}

    def shape(self, dialect: str, keys: tuple[str, ...], seed: int) -> None:
        """Compares documents of one shape, and what is left of them after all kinds of damage."""
        rng, codec = random.Random(seed), self.codecs[dialect]
        spec: Any = codec.spec
        for _ in range(DOCUMENTS_PER_SHAPE):
            sound = document(rng, spec, keys)
            frame = bytes(iso8583.encode(dict(sound), spec)[0])
            self.encode(codec, [sound, *damaged_documents(rng, sound)])
            self.decode(codec, [frame, *damaged_frames(rng, frame)])

    def encode(self, codec: Codec, documents: Iterable[dict[Any, Any]]) -> None:
        for fields in documents:
            theirs = outcome(lambda fields: bytes(iso8583.encode(fields, codec.spec)[0]), dict(fields))
            assert outcome(codec.encode, dict(fields)) == theirs, fields
            self.cases += 1

    def decode(self, codec: Codec, frames: Iterable[bytes]) -> None:
        for frame in frames:
            theirs = outcome(lambda frame: iso8583.decode(frame, codec.spec)[0], frame)
            assert outcome(codec.decode, frame) == theirs, frame
            self.cases += 1


def compare(examples: int, meetings: int = 2) -> int:
    comparison = Comparison(meetings)

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(shapes)
    def check(shape: tuple[str, tuple[str, ...], int]) -> None:
        comparison.shape(*shape)

    check()
    return comparison.cases


def test_results_and_errors_are_those_of_pyiso8583() -> None:
    assert compare(examples=250) >= CASES_LEAST


def test_shapes_met_but_once_give_the_same_when_compiled() -> None:
    assert compare(examples=12, meetings=1) > 0


@pytest.mark.long
def test_results_and_errors_are_those_of_pyiso8583_ten_times_over() -> None:
    assert compare(examples=3000) >= 10 * CASES_LEAST


@given(st.sampled_from(DIALECTS), st.binary(max_size=120))
def test_any_bytes_at_all_decode_as_in_pyiso8583(dialect: str, frame: bytes) -> None:
    comparison = Comparison(meetings=1)
    comparison.decode(comparison.codecs[dialect], [frame, b"0200" + frame, b"\x02\x00" + frame])


@given(st.sampled_from(DIALECTS), st.dictionaries(st.text(max_size=3), st.text(max_size=20), max_size=6))
def test_any_dictionary_at_all_encodes_as_in_pyiso8583(dialect: str, fields: dict[str, str]) -> None:
    comparison = Comparison(meetings=1)
    comparison.encode(comparison.codecs[dialect], [fields, {**fields, "t": "0200"}])
