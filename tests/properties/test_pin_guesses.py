"""However tries, verdicts and waits follow on each other, no more wrong ones reach the core than is agreed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from switch.flow.pin_guesses import PinGuesses

PAUSE = 10
TRY, RIGHT, WRONG = "try", "right", "wrong"

steps = st.lists(st.sampled_from((TRY, TRY, RIGHT, WRONG)) | st.integers(1, 25), max_size=80)


@given(steps=steps, wrong_max=st.integers(1, 4))
def test_in_any_window_at_most_the_agreed_number_and_one_a_pause(steps: list[str | int], wrong_max: int) -> None:
    guesses, now, unjudged = PinGuesses(wrong_max, PAUSE), 0, list[int]()
    not_right = list[int]()  # when those were let through that were wrong, or are not judged yet
    for step in steps:
        if isinstance(step, int):
            now += step
        elif step == TRY:
            if guesses.admits(b"card", now):
                unjudged.append(now)
        elif unjudged:
            at = unjudged.pop(0)
            guesses.settle(b"card", now, wrong=step == WRONG)
            not_right += [at] if step == WRONG else []
    not_right = sorted(not_right + unjudged)
    for index, first in enumerate(not_right):
        for count, last in enumerate(not_right[index:], 1):
            assert count <= wrong_max + (last - first) / PAUSE


@given(steps=steps)
def test_whoever_waits_long_enough_may_try_again(steps: list[str | int]) -> None:
    guesses, now, unjudged = PinGuesses(3, PAUSE), 0, 0
    for step in steps:
        if isinstance(step, int):
            now += step
        elif step == TRY:
            unjudged += guesses.admits(b"card", now)
        elif unjudged:
            unjudged -= 1
            guesses.settle(b"card", now, wrong=step == WRONG)
    for _ in range(unjudged):
        guesses.settle(b"card", now, wrong=True)
    assert guesses.admits(b"card", now + PAUSE)
