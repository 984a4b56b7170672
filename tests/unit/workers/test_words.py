"""What a worker is told at its start is all that the supervisor has, and nothing of it shows."""

from __future__ import annotations

import msgspec

from config.settings import demo_path, load, without_key_changes
from switch.workers.words import Start, ToWorker, encoded

SECRET = "5A" * 32


def start() -> Start:
    settings = load(demo_path(), {**without_key_changes(load(demo_path())), "switch.workers": 2})
    return Start(settings, 1, 2, SECRET)


def test_the_settings_cross_whole() -> None:
    assert msgspec.json.decode(encoded(start()), type=ToWorker) == start()


def test_one_line_holds_it() -> None:
    assert encoded(start()).count(b"\n") == 1


def test_the_master_key_is_in_no_repr() -> None:
    assert SECRET not in repr(start())
