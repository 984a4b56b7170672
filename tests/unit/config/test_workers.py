"""What several workers may not share is refused in one line, and what is counted for all is divided among them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import demo_path, load, without_key_changes
from config.workers import TRIES_OF_EACH, part_of_one
from switch.flow.share import WORKERS_MAX
from tests.unit.config.test_settings import refusal

STEADY = without_key_changes(load(demo_path()))
SEVERAL: dict[str, object] = {**STEADY, "switch.workers": 2}


def test_one_worker_is_what_a_file_that_says_nothing_gets() -> None:
    assert load(demo_path()).switch.workers == 1


def test_several_are_fit_to_run_where_no_key_changes() -> None:
    assert load(demo_path(), SEVERAL).switch.workers == 2


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (
            {"listeners.atm.kek": "atm-kek"},
            "listeners.atm.kek: 'atm-kek': allowed beside switch.workers = 2: no kek; keys change with one worker only",
        ),
        (
            {"peers.core.kek": "core-kek"},
            "peers.core.kek: 'core-kek': allowed beside switch.workers = 2: no kek; keys change with one worker only",
        ),
        (
            {"keys.bdk": {"use": "dukpt", "algorithm": "tdes"}},
            "keys.bdk.use: 'dukpt': allowed beside switch.workers = 2: any but dukpt",
        ),
        (
            {"ledger.mode": "inline"},
            'ledger.mode: "inline": allowed beside switch.workers = 2: "process", which all of them speak to',
        ),
        (
            {"security.wrong_pins_max": 5},
            "security.wrong_pins_max: 5: allowed beside switch.workers = 2: 6 and more, 3 for each",
        ),
        (
            {"switch.in_progress_max": 1},
            "switch.in_progress_max: 1: allowed beside switch.workers = 2: 2 and more, one for each",
        ),
        (
            {"peers.core.requests_open_max": 1},
            "peers.core.requests_open_max: 1: allowed beside switch.workers = 2: 2 and more, one for each",
        ),
        ({"switch.workers": 0}, "switch.workers: 0: allowed: a whole number from 1 to 16"),
        ({"switch.workers": WORKERS_MAX + 1}, "switch.workers: 17: allowed: a whole number from 1 to 16"),
    ],
)
def test_what_they_may_not_share_is_refused_in_one_line(overrides: dict[str, object], said: str) -> None:
    assert refusal(demo_path(), SEVERAL | overrides) == said


@given(st.integers(1, WORKERS_MAX), st.integers(TRIES_OF_EACH * WORKERS_MAX, 200), st.integers(WORKERS_MAX, 1000))
def test_together_they_let_no_more_wrong_pins_pass_than_one_does_and_ask_no_more(
    workers: int, tries: int, questions: int
) -> None:
    given_ = {
        "switch.workers": workers,
        "switch.in_progress_max": questions,
        "security.wrong_pins_max": tries,
        "peers.core.requests_open_max": questions,
    }
    whole = load(demo_path(), {**STEADY, **given_})
    part = part_of_one(whole)
    assert part.security.wrong_pins_max * workers <= whole.security.wrong_pins_max
    per_second = workers / part.security.wrong_pins_pause_s
    assert per_second == pytest.approx(1 / whole.security.wrong_pins_pause_s)
    assert 1 <= part.peers["core"].requests_open_max == part.switch.in_progress_max == questions // workers


def test_alone_a_worker_has_all_of_it() -> None:
    settings = load(demo_path())
    assert part_of_one(settings) == settings
