"""A day settled beside a real ledger process: cases are kept, money moves once, and the books verify afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from config.settings import demo_path, load
from ledger.verify import verify
from switch.backoffice.files import write_day
from switch.backoffice.settle import peers_of
from switch.cli import main
from switch.settlement.file import EndOfDay
from tests.unit.settlement.books import Ledger
from tests.unit.settlement.making import DAY

WITHIN_S = 30


class Desk:
    def __init__(self, place: Path) -> None:
        self.database, self._place = place / "l.db", place
        self._set = [f"--set=ledger.database={self.database}", f"--set=ledger.socket={place / 'l.sock'}"]

    def say(self, group: str, command: str, *arguments: str) -> Result:
        return CliRunner().invoke(main, [group, command, *self._set, *arguments], catch_exceptions=False)

    def settle(self) -> dict[str, Any]:
        done = self.say(
            "settlement", "run", "--day", DAY, "--files", str(self._place), "--out", str(self._place), "--json"
        )
        found: dict[str, Any] = json.loads(done.stdout)
        return {**found, "exit_code": done.exit_code}

    def order(self, act: str, case: str) -> Result:
        return self.say("disputes", act, case, "--who", "amal", "--why", "seen in both books", "--yes")

    @contextmanager
    def served(self) -> Iterator[None]:
        serve = [sys.executable, "-m", "ledger.commands", "serve", "--owned"]
        files = ["--database", str(self.database), "--socket", str(self._place / "l.sock")]
        with subprocess.Popen([*serve, *files], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            try:
                assert process.stdout.readline() == "ready\n"
                yield
            finally:
                process.stdin.close()
                assert process.wait(WITHIN_S) == 0


def test_a_break_is_settled_once_in_the_books_and_the_books_verify(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l.db")
    ledger.pay(5000, two_legs=False)
    ledger.open_next()
    ledger.store.close()
    desk = Desk(tmp_path)
    for peer in peers_of(load(demo_path())):
        write_day(tmp_path, EndOfDay(peer, DAY, ()))
    with desk.served():
        found = desk.settle()
        assert (found["exit_code"], found["unsettled"]) == (1, 1)
        (case,) = (one["case"] for one in found["cases"])
        assert desk.order("take", case).exit_code == 0
        assert desk.order("resolve", case).exit_code == 0
        assert desk.order("resolve", case).exit_code == 1
        again = desk.settle()
        assert (again["exit_code"], again["unsettled"]) == (0, 0)
    assert verify(desk.database).clean
    away = desk.order("take", case)
    assert (away.exit_code, "allowed: nothing" in away.stderr) == (1, True)
