"""A secret in the environment: read once, then nobody finds it, in the process or in its children."""

from __future__ import annotations

import sys
from pathlib import Path

from config.hardening.environment import taken
from tests.unit.config.hardening.child import run

NAME, SECRET = "BARADA_TEST_SECRET", "0123456789ABCDEF" * 4
BLOCK = "print(open('/proc/self/environ', 'rb').read().count(SECRET))\n"
TAKES = f"import os\nfrom config.hardening.environment import taken\nSECRET, NAME = b'{SECRET}', '{NAME}'\n"


def test_it_is_given_once() -> None:
    environment = {NAME: SECRET, "OTHER": "stays"}
    assert [taken(NAME, environment), taken(NAME, environment)] == [SECRET, None]
    assert environment == {"OTHER": "stays"}


def test_afterwards_it_is_not_in_the_block_that_the_process_was_started_with(tmp_path: Path) -> None:
    done = run(
        TAKES + BLOCK + f"print(taken(NAME, os.environ) == SECRET.decode(), NAME in os.environ)\n{BLOCK}",
        tmp_path,
        {NAME: SECRET},
    )
    assert done.stdout.split() == ["1", "True", "False", "0"]


def test_a_child_does_not_inherit_it(tmp_path: Path) -> None:
    counts = f"import os; print(len(os.environ.get('{NAME}', '')))"
    child = f"import subprocess\nsubprocess.run([{sys.executable!r}, '-c', {counts!r}])"
    assert run(child, tmp_path, {NAME: SECRET}).stdout == "64\n"
    assert run(f"{TAKES}taken(NAME, os.environ)\n{child}", tmp_path, {NAME: SECRET}).stdout == "0\n"


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    assert run(f"{TAKES}print(taken(NAME, os.environ))", tmp_path).stdout == "None\n"
