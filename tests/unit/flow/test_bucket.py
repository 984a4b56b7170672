"""So many at once, then one in every so many seconds."""

from switch.flow.bucket import Bucket


def test_so_many_pass_at_once_and_then_one_at_a_time() -> None:
    bucket = Bucket(3, 10.0, 100.0)
    assert [bucket.take(100.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(109.0), bucket.take(110.0), bucket.take(110.0)] == [False, True, False]
    assert [bucket.take(1_000_000.0) for _ in range(4)] == [True, True, True, False]


def test_a_clock_that_steps_back_gives_nothing() -> None:
    bucket = Bucket(1, 10.0, 100.0)
    assert bucket.take(100.0)
    assert not bucket.take(50.0)
    assert bucket.take(60.0)
