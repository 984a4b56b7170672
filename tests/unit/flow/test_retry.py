from switch.flow.retry import BackOff

BACK_OFF = BackOff(first_s=0.5, most_s=30)


def test_the_wait_doubles_up_to_its_most() -> None:
    assert [BACK_OFF.delay_s(failures, 0) for failures in range(9)] == [0.5, 0.5, 1, 2, 4, 8, 16, 30, 30]


def test_the_draw_takes_up_to_half_of_it_away() -> None:
    assert BACK_OFF.delay_s(3, 1) == 1
    assert BACK_OFF.delay_s(3, 0.5) == 1.5


def test_years_of_failures_do_not_overflow() -> None:
    assert BACK_OFF.delay_s(10**9, 0) == 30
