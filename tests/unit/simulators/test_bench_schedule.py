"""When requests leave: as many as the rate says, evenly, and known beforehand."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from simulators.bench.schedule import Phase, moments_ns

PHASES = st.lists(st.builds(Phase, st.floats(10, 2_000), st.floats(0.1, 2)), min_size=1, max_size=3)


@given(PHASES)
def test_moments_never_go_back_and_end_with_the_last_phase(phases: list[Phase]) -> None:
    found = list(moments_ns(phases))
    assert found == sorted(found)
    assert len(found) == sum(phase.requests for phase in phases)
    slowest_s = 1 / min(phase.rate_per_s for phase in phases)
    assert not found or found[-1] < (sum(phase.seconds for phase in phases) + slowest_s) * 1e9


@given(st.floats(10, 2_000))
def test_moments_of_a_phase_are_evenly_spaced(rate_per_s: float) -> None:
    found = list(moments_ns([Phase(rate_per_s, 1)]))
    assert found[0] == 0
    assert all(abs(after - before - 1e9 / rate_per_s) <= 1 for before, after in pairwise(found))


def test_a_phase_begins_when_the_one_before_it_is_over() -> None:
    assert list(moments_ns([Phase(2, 1), Phase(4, 0.5)])) == [0, 500_000_000, 1_000_000_000, 1_250_000_000]
