"""Wrong PINs of one holder are let through as often as is agreed, then once a pause."""

from __future__ import annotations

import pytest

from switch.flow.pin_guesses import PinGuesses

MINE, OTHER = b"mine", b"other"
PAUSE_S = 600


def guesses(holders_max: int = 10) -> PinGuesses:
    return PinGuesses(3, PAUSE_S, holders_max)


def guess(of: PinGuesses, holder: bytes, now: float, *, wrong: bool = True) -> bool:
    """One try that is judged at once; False: it was not let through."""
    if not of.admits(holder, now):
        return False
    of.settle(holder, now, wrong=wrong)
    return True


@pytest.mark.parametrize(
    ("moments", "let_through"),
    [
        pytest.param([0, 0, 0, 0], [True, True, True, False], id="as many as are agreed"),
        pytest.param([0, 1, 2, 599, 600, 601], [True, True, True, False, True, False], id="then one a pause"),
        pytest.param([0, 1, 2, 1200, 1200, 1200], [True, True, True, True, True, False], id="pauses add up"),
        pytest.param([0, 0, 0, 1800, 1800, 1800, 1800], [*[True] * 6, False], id="to no more than at first"),
        pytest.param([0, 590, 590, 600, 601, 1199, 1200], [*[True] * 4, False, False, True], id="one by one"),
    ],
)
def test_wrong_tries_are_let_through(moments: list[float], let_through: list[bool]) -> None:
    of = guesses()
    assert [guess(of, MINE, now) for now in moments] == let_through


def test_a_right_pin_wipes_nothing_and_counts_for_nothing() -> None:
    of = guesses()
    assert all(guess(of, MINE, 0, wrong=False) for _ in range(50))
    assert [guess(of, MINE, 0, wrong=wrong) for wrong in (True, True, False, False, True, False)] == [
        *[True] * 5,
        False,
    ]


def test_the_owner_is_not_slowed_further_by_the_try_that_he_is_let() -> None:
    of = guesses()
    for _ in range(3):
        guess(of, MINE, 0)
    assert [guess(of, MINE, PAUSE_S, wrong=False) for _ in range(5)] == [True] * 5


def test_tries_that_nobody_has_judged_yet_count_as_wrong() -> None:
    of = guesses()
    assert [of.admits(MINE, 0) for _ in range(4)] == [True, True, True, False]
    of.settle(MINE, 1, wrong=False)
    assert [of.admits(MINE, 1), of.admits(MINE, 1)] == [True, False]


def test_time_alone_does_not_judge_them() -> None:
    of = guesses()
    assert all(of.admits(MINE, 0) for _ in range(3))
    assert not of.admits(MINE, 100 * PAUSE_S)


def test_one_holder_is_slowed_and_no_other() -> None:
    of = guesses()
    assert [guess(of, MINE, 0) for _ in range(4)] == [True, True, True, False]
    assert guess(of, OTHER, 0)


def test_beyond_so_many_holders_whoever_was_last_wrong_the_longest_ago_is_forgotten() -> None:
    of = guesses(holders_max=2)
    for _ in range(3):
        guess(of, MINE, 0)
    guess(of, OTHER, 1)
    guess(of, b"a third", 2)
    assert guess(of, MINE, 3), "it was the oldest"


def test_card_numbers_that_are_made_up_have_nobody_forgotten() -> None:
    of = guesses(holders_max=2)
    for _ in range(3):
        guess(of, MINE, 0)
    for number in range(100):
        guess(of, f"{number}".encode(), 1, wrong=False)
    assert not of.admits(MINE, 2)


def test_whoever_is_guessed_at_all_the_time_is_not_the_one_to_be_forgotten() -> None:
    of = guesses(holders_max=2)
    guess(of, MINE, 0)
    guess(of, OTHER, 1)
    guess(of, MINE, 2)
    guess(of, b"a third", 3)
    assert [guess(of, MINE, 4), guess(of, MINE, 4)] == [True, False]
