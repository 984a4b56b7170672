"""What several workers count is one sum that never shrinks, whoever ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from switch.observe.counters import Counters, Series
from switch.workers.sums import Sums

ANSWERS: Series = ("answers", "transfer", "00")


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5), st.booleans()), max_size=40))
def test_the_sum_is_all_that_was_told_and_never_shrinks(steps: list[tuple[int, int, bool]]) -> None:
    """Each step: a worker counts some more and tells of it, and perhaps ends."""
    sums, counted, told, before = Sums(Counters()), dict.fromkeys(range(3), 0), 0, 0
    for worker, more, ends in steps:
        counted[worker] += more
        told += more
        sums.take(worker, {ANSWERS: counted[worker]})
        if ends:
            sums.keep(worker)
            counted[worker] = 0
        now = sums.snapshot().get(ANSWERS, 0)
        assert now == told >= before
        before = now


def test_the_supervisors_own_are_in_it() -> None:
    own = Counters()
    sums = Sums(own)
    own.add("listener_events", "mobile", "accept failed")
    sums.take(1, {("listener_events", "mobile", "accept failed"): 2})
    assert sums.snapshot() == {("listener_events", "mobile", "accept failed"): 3}
