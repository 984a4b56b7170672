"""What comes lately: never is a key called new that was there before, and nothing grows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.lately import Lately

keys = st.lists(st.binary(min_size=1, max_size=2), max_size=6)


@given(before=keys, pieces=st.lists(keys, max_size=30), asked=keys)
def test_a_key_that_was_there_is_never_new(before: list[bytes], pieces: list[list[bytes]], asked: list[bytes]) -> None:
    lately, known = Lately(max(before, default=b""), generation=8), set(before)
    for piece in pieces:
        assert not any(lately.is_new(key) for key in known)
        lately.add(piece)
        known.update(piece)
        assert len(lately._newer) + len(lately._older) <= 2 * (8 + 6)
    assert not any(lately.is_new(key) and key in known for key in asked)


def test_a_key_that_lags_behind_the_newest_a_little_is_new_without_a_look() -> None:
    lately = Lately(b"\x00", generation=100)
    lately.add([bytes([number]) for number in range(1, 90)])
    assert lately.is_new(b"\x50\x01")
    assert not lately.is_new(b"\x50")
