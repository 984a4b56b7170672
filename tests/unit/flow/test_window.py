"""The same thing is said once per window, with how often it was kept quiet."""

import pytest

from switch.flow.window import KEYS_MAX, OncePerWindow


def test_the_first_is_said_and_the_rest_of_the_window_is_counted() -> None:
    window = OncePerWindow(60)
    assert window.suppressed("mobile", 100) == 0
    assert [window.suppressed("mobile", now) for now in (100, 130, 159.9)] == [None] * 3
    assert window.suppressed("mobile", 160) == 3
    assert window.suppressed("mobile", 161) is None
    assert window.suppressed("mobile", 1_000) == 1


def test_each_key_has_a_window_of_its_own() -> None:
    window = OncePerWindow(60)
    assert window.suppressed(("mobile", "too slow"), 0) == 0
    assert window.suppressed(("mobile", "not trusted"), 30) == 0
    assert window.suppressed(("mobile", "too slow"), 60) == 0
    assert window.suppressed(("mobile", "not trusted"), 60) is None


def test_keys_that_a_peer_makes_up_share_one_and_take_none_from_those_that_are_known() -> None:
    window = OncePerWindow(60)
    assert window.suppressed("known", 0) == 0
    said = [window.suppressed(key, 1) for key in range(3 * KEYS_MAX)]
    assert said.count(0) == KEYS_MAX  # with the one that all the others share
    assert window.suppressed("known", 2) is None


@pytest.mark.parametrize("again_s", [60, 61])
def test_windows_that_are_over_make_room(again_s: float) -> None:
    window = OncePerWindow(60)
    for key in range(KEYS_MAX):
        window.suppressed(key, 0)
    assert window.suppressed("new", 59) == 0  # as one of the others
    assert window.suppressed("newer", 59) is None
    assert window.suppressed("newest", again_s) == 0
    assert window.suppressed("newest of all", again_s) == 0
