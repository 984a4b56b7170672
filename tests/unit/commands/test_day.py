"""`barada day`: what is shown of the books, and what an order says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.unit.commands.conftest import Barada
from tests.unit.commands.test_payments import StandIn
from tests.unit.engine.bench import Bench, reversal_of, transfer

DONE = {"done": True, "words": "20261123 is open; what was begun before ends in its own day"}


class Office:
    """Books with a day that has ended in them, and the command line upon them."""

    def __init__(self, tmp_path: Path, barada: Barada, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bench = Bench(tmp_path)
        self.socket = str(tmp_path / "ledger-admin.sock")
        self._barada = barada
        self._files = [f"--set=ledger.database={tmp_path / 'ledger.db'}", f"--set=ledger.socket={tmp_path}/ledger.sock"]
        monkeypatch.setattr("switch.commands.books.time.time", self.bench.clock.wall)

    def say(self, command: str, *arguments: str, stdin: str | None = None) -> Result:
        return self._barada("day", command, *self._files, *arguments, stdin=stdin)

    def read(self, *arguments: str) -> list[dict[str, Any]]:
        result = self.say("show", "--json", *arguments)
        assert result.exit_code == 0, result.output
        found: list[dict[str, Any]] = json.loads(result.stdout)["days"]
        return found


@pytest.fixture
def office(tmp_path: Path, barada: Barada, monkeypatch: pytest.MonkeyPatch) -> Office:
    office = Office(tmp_path, barada, monkeypatch)
    bench = office.bench
    for stan in ("000001", "000002"):
        bench.send(transfer(stan))
        bench.core.say("00")
    bench.send(transfer("000003"))
    bench.cut_over()
    bench.send(reversal_of(transfer("000001")))
    return office


@pytest.fixture
def switch(office: Office) -> Iterator[StandIn]:
    stand_in = StandIn(office.socket, json.dumps(DONE).encode() + b"\n")
    yield stand_in
    stand_in.close()


def test_the_days_are_shown_with_who_opened_them_and_what_is_open(office: Office) -> None:
    newest, ended = office.read()
    assert (newest["day"], newest["state"], newest["still_open"]) == ("20261123", "open", 0)
    assert newest["changes"] == {"open": {"who": "hala", "why": "end of day", "carried_over": 0}}
    assert (ended["day"], ended["still_open"]) == ("20261122", 2)
    said = office.say("show").stdout
    assert "opened by hala: end of day" in said
    assert "20261122" in said


def test_a_closed_day_says_how_much_was_carried_over(office: Office) -> None:
    office.bench.close_day()
    closed = office.read()[1]
    assert (closed["state"], closed["changes"]["closed"]["carried_over"]) == ("closed", 2)


def test_a_day_is_shown_with_its_totals(office: Office) -> None:
    (ended,) = office.read("20261122")
    posted = {"day": "20261122", "heading": "000123|transfer|core|", "currency": "760"}
    assert ended["totals"] == [posted | {"posted_minor": 100_000, "posted": 2, "back_minor": 0, "back": 0}]
    assert "1,000.00" in office.say("show", "20261122").stdout


def test_a_day_that_is_not_in_the_books_is_one_line(office: Office) -> None:
    result = office.say("show", "20200101")
    assert result.exit_code == 1
    assert result.stderr == "Error: 20200101: the books have no such day: allowed: one of `barada day show`\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--day", "2026", "--why", "x"), "allowed: a day as YYYYMMDD"), (("--why", ""), "why: allowed: 1 to 300 ")],
)
def test_an_order_that_can_not_be_read_says_what_is_allowed(
    office: Office, arguments: tuple[str, ...], said: str
) -> None:
    refused = office.say("cutover", *arguments, "--yes")
    assert (refused.exit_code, said in refused.stderr) == (2, True)


def test_an_order_says_what_happened(office: Office, switch: StandIn) -> None:
    result = office.say("cutover", "--who", "lina", "--why", "the day is over", "--yes")
    assert (result.exit_code, result.stdout) == (0, f"{DONE['words']}\n")
    told = {"about": "day", "action": "cutover", "day": "", "who": "lina", "why": "the day is over"}
    assert switch.orders == [told]


def test_an_order_asks_first_for_it_can_not_be_taken_back(office: Office, switch: StandIn) -> None:
    refused = office.say("close", "--why", "balanced", stdin="n\n")
    assert refused.exit_code == 1
    assert "It can't be taken back" in refused.stderr
    assert switch.orders == []


@pytest.mark.parametrize(
    "wrong", [["--day", "23.11.2026"], ["--day", "2026112"], ["--why", " "], ["--why", "4000 0000 0000 0002"]]
)
def test_a_wrong_order_is_wrong_usage(office: Office, switch: StandIn, wrong: list[str]) -> None:
    assert office.say("cutover", "--yes", "--why", "as planned", *wrong).exit_code == 2
    assert switch.orders == []


def test_a_switch_that_does_not_run_is_one_line(office: Office) -> None:
    result = office.say("cutover", "--why", "as planned", "--yes")
    assert result.stderr == f"Error: the switch is not running: nobody listens on {office.socket}\n"
