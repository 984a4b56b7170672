"""Every payment has one owner among the workers, who can be told by its id, however many there are."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from switch.flow.payment import Part, transfer_id
from switch.flow.share import ALONE, WORKERS_MAX, Share
from switch.net.ids import TimeOrderedIds
from tests.unit.engine.bench import HandClock


@st.composite
def shares(draw: st.DrawFn) -> Share:
    workers = draw(st.integers(1, WORKERS_MAX))
    return Share(draw(st.integers(0, workers - 1)), workers)


@given(shares(), st.integers(0, 2**32))
def test_a_payment_that_a_worker_begins_is_its_own_and_so_are_its_transfers(share: Share, seed: int) -> None:
    payment_id = TimeOrderedIds(HandClock(), random.Random(seed), share).payment_id()
    assert share.owns(payment_id)
    assert payment_id[-1] & 0xF == 0
    assert all(share.owns(transfer_id(payment_id, part)) for part in Part)


@given(shares(), st.integers(1, WORKERS_MAX), st.integers(0, 2**32))
def test_after_a_change_of_their_number_each_payment_still_has_one_owner(share: Share, workers: int, seed: int) -> None:
    payment_id = TimeOrderedIds(HandClock(), random.Random(seed), share).payment_id()
    assert [Share(worker, workers).owns(payment_id) for worker in range(workers)].count(True) == 1


def test_whoever_is_alone_owns_everything() -> None:
    assert ALONE.owns(b"\xff" * 16)
