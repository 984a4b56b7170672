"""Times in little space: what a quantile may be wrong by, and that nothing is lost on the way to another process."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from simulators.bench.histogram import EXACT_BELOW, Histogram, bucket_of, heard, together, upper_edge_of

TIMES = st.integers(0, 60_000_000)
MANY = st.lists(TIMES, min_size=1, max_size=200)


def counted(times: list[int]) -> Histogram:
    found = Histogram()
    for us in times:
        found.add(us)
    return found


@given(TIMES)
def test_a_bucket_is_no_wider_than_a_64th_of_its_times(us: int) -> None:
    edge = upper_edge_of(bucket_of(us))
    assert us <= edge <= us + us // 64
    assert bucket_of(edge) == bucket_of(us)
    assert bucket_of(edge + 1) == bucket_of(us) + 1


@given(st.integers(0, EXACT_BELOW - 1))
def test_short_times_are_exact(us: int) -> None:
    assert upper_edge_of(bucket_of(us)) == us


@given(MANY, st.floats(0.001, 1))
def test_a_quantile_is_at_most_a_64th_too_high_and_never_too_low(times: list[int], share: float) -> None:
    exact = sorted(times)[math.ceil(len(times) * share) - 1]
    assert exact <= counted(times).quantile_us(share) <= min(exact + exact // 64, max(times))


@given(st.lists(MANY, max_size=5))
def test_together_is_as_if_counted_in_one(parts: list[list[int]]) -> None:
    one = together(map(counted, parts))
    whole = counted([us for part in parts for us in part])
    assert (one.counts, one.highest_us) == (whole.counts, whole.highest_us)


@given(MANY)
def test_what_is_heard_is_what_was_told(times: list[int]) -> None:
    before = counted(times)
    after = heard(json.loads(json.dumps(before.told())))
    assert (after.counts, after.highest_us) == (before.counts, before.highest_us)


def test_without_times_there_is_no_wait() -> None:
    assert set(Histogram().in_ms().values()) == {0}


def test_an_answer_before_its_moment_took_no_time() -> None:
    assert counted([-5]).quantile_us(0.5) == 0
