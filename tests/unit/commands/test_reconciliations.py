"""`barada reconciliations`: who is in balance, who is not, and who said nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from switch.wire.figures import Figures, figure_fields
from tests.unit.commands.conftest import Barada
from tests.unit.commands.test_payments import Office
from tests.unit.engine.bench import DAY, transfer
from tests.unit.engine.days import close, totals_of
from tests.unit.engine.test_peer_totals import look

OURS = Figures(transfers=1)


@pytest.fixture
def office(tmp_path: Path, barada: Barada, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(tmp_path, barada, monkeypatch)


def a_closed_day(office: Office, theirs: Figures = OURS) -> None:
    """One transfer; the mobile gateway has told its totals, the core has answered, the biller has not."""
    bench = office.bench
    bench.send(transfer())
    bench.core.say("00")
    close(bench)
    look(bench)
    bench.core.say("00", de66="1")
    bench.biller.fall_silent()
    bench.send(totals_of(theirs))


def outcomes(office: Office, *arguments: str) -> dict[str, str]:
    found = office.read("reconciliations", "list", *arguments)
    return {one["name"]: one["outcome"] for one in found["reconciliations"]}


def test_each_side_is_listed_and_silence_is_no_balance(office: Office) -> None:
    a_closed_day(office)
    assert outcomes(office) == {
        "000123": "in balance",
        **dict.fromkeys(("000124", "000125", "000126", "000127"), "nothing yet"),
        "core": "in balance",
        "power": "no answer",
        **dict.fromkeys(("cellular", "telecom", "university", "water"), "nothing yet"),
    }
    assert set(outcomes(office, "--unsettled")) == set(outcomes(office)) - {"000123", "core"}
    assert list(outcomes(office))[:5] == [f"00012{n}" for n in range(3, 8)]


def test_a_table_says_how_many_are_in_balance(office: Office) -> None:
    a_closed_day(office, replace(OURS, debits=1, debits_minor=500).netted())
    said = office.say("reconciliations", "list", "--day", DAY).output
    assert f"Reconciliations of {DAY}: 1 of 11 in balance" in said
    (row,) = (line for line in said.splitlines() if line.lstrip().startswith("000123"))
    assert "out of balance" in row
    assert "76 88 97" in row
    assert "5.00" in row


def test_the_figures_stand_beside_each_other(office: Office) -> None:
    theirs = replace(OURS, debits=1, debits_minor=500).netted()
    a_closed_day(office, theirs)
    found = office.read("reconciliations", "show", "000123")
    assert (found["outcome"], found["in_balance"], found["code"]) == ("out of balance", False, "95")
    assert found["differs"] == ["76", "88", "97"]
    assert set(found["ours"]) == set(figure_fields(OURS))
    assert (found["ours"]["88"], found["theirs"]["88"]) == (0, 500)
    said = office.say("reconciliations", "show", "000123").output
    (row,) = (line for line in said.splitlines() if line.lstrip().startswith("88"))
    assert row.split()[-3:] == ["0.00", "5.00", "differs"]


def test_what_is_not_judged_of_a_peer_is_not_told_as_a_difference(office: Office) -> None:
    """A debit that the core took and gave back is two entries there and none here."""
    bench = office.bench
    bench.send(transfer())
    bench.core.say("00")
    close(bench)
    look(bench)
    there = replace(OURS, debits=1, debit_reversals=1, debits_minor=500, debit_reversals_minor=500).netted()
    bench.core.say("00", de66="2", **{f"de{number}": value for number, value in figure_fields(there).items()})
    assert outcomes(office)["core"] == "in balance"
    said = office.say("reconciliations", "show", "core").output
    rows = {words[0]: line.rstrip() for line in said.splitlines() if (words := line.split())}
    assert all(rows[de].endswith("not judged alone") for de in ("76", "77", "88", "89"))
    assert "judged" not in rows["97"]


def test_a_channel_is_named_by_its_listener_too(office: Office) -> None:
    a_closed_day(office)
    found = office.read("reconciliations", "show", "mobile")
    assert (found["name"], found["listeners"]) == ("000123", ["mobile"])
    assert "channel mobile" in office.say("reconciliations", "list").output


def test_those_that_are_not_in_balance_are_counted_among_all(office: Office) -> None:
    a_closed_day(office)
    said = office.say("reconciliations", "list", "--unsettled").output
    assert f"Reconciliations of {DAY}: 2 of 11 in balance" in said
    assert "000123" not in said


def test_a_peer_that_was_silent_says_when_it_is_asked_again(office: Office) -> None:
    a_closed_day(office)
    found = office.read("reconciliations", "show", "power")
    assert (found["side"], found["attempts"], found["theirs"]) == ("peer", 1, None)
    assert found["next_at"] > found["at"]
    (row,) = (line for line in office.say("reconciliations", "list").output.splitlines() if " power " in line)
    assert row.split()[-1].endswith("s")


def test_while_no_day_is_closed_it_says_so(office: Office) -> None:
    said = office.say("reconciliations", "list")
    assert (said.exit_code, said.output) == (1, "Error: no business day is closed yet\n")
    office.bench.send(totals_of(Figures()))
    assert outcomes(office, "--day", DAY)["000123"] == "too early"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "--day", "20200101"), f"--day 20200101: no such business day; the newest: 20261123, {DAY}"),
        (("show", "nobody"), "nobody: allowed: 000123, 000124"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(office: Office, arguments: tuple[str, str], said: str) -> None:
    a_closed_day(office)
    result = office.say("reconciliations", *arguments)
    assert result.exit_code == 2
    assert said in result.output
