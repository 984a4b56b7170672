"""Field 11 counts round its six digits, and field 7 is the moment in UTC."""

import random

from hypothesis import given
from hypothesis import strategies as st

from switch.flow.share import WORKERS_MAX, Share
from switch.net.stamps import STAN_MAX, Stamps


class Clock:
    def __init__(self) -> None:
        self.now = 1_790_000_000.9

    def wall(self) -> float:
        return self.now

    def mono(self) -> float:
        return self.now


class NearTheEnd(random.Random):
    def randrange(self, *_: object, **__: object) -> int:
        return 999_997


def test_trace_numbers_go_round_without_zero_and_pass_over_the_used() -> None:
    stamps = Stamps(Clock(), NearTheEnd(), {"000001"}.__contains__)
    assert [stamps.take()[0] for _ in range(4)] == ["999998", "999999", "000002", "000003"]


def test_the_moment_is_utc_and_follows_the_clock() -> None:
    clock = Clock()
    stamps = Stamps(clock, random.Random(1))
    assert stamps.take()[1] == "0921141320"
    clock.now += 0.1
    assert stamps.take()[1] == "0921141321"


def test_two_starts_in_one_second_begin_at_different_numbers() -> None:
    starts = {Stamps(Clock(), random.Random(seed)).take()[0] for seed in range(20)}
    assert len(starts) == 20


@given(st.integers(2, WORKERS_MAX), st.integers(0, 2**32))
def test_no_two_workers_ever_take_the_same_number(workers: int, seed: int) -> None:
    """Whatever each of them draws, and where the numbers go round, too."""
    for worker in range(workers):
        for rng in (random.Random(seed + worker), NearTheEnd()):
            stamps = Stamps(Clock(), rng, share=Share(worker, workers))
            taken = [int(stamps.take()[0]) for _ in range(20)]
            assert all(number % workers == worker and 0 < number <= STAN_MAX for number in taken)
            assert len(set(taken)) == len(taken)
