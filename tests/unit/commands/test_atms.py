"""`barada atms`: what the books, the reports and the register say together, and what an operator's count does."""

from __future__ import annotations

import csv
import io
import json
import socket
import sqlite3
import sys
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from click.testing import Result

from config.fleet_sections import Fleet
from ledger.reader import open_reader
from simulators.bench.cash_books import JAMMED_EVERY, REFUSED_EVERY, fill
from simulators.fleet.drawing import draw_fleet
from simulators.fleet.writing import toml_of
from switch.commands.atm_reading import window_of
from switch.fleet.traffic import Window
from switch.flow.orders import Replenish, Verdict
from tests.unit.commands.conftest import Barada
from tests.unit.engine.bench import START, Bench, request, reversal_of, withdrawal

FULL = ("21", "50000|760|2000|OK")
SMALL = ("21", "10000|760|10|LOW")
DAMASCUS = ZoneInfo("Asia/Damascus")


class Office:
    """A switch with a fleet of four machines, and the command line upon its books."""

    def __init__(self, tmp_path: Path, barada: Barada, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bench = Bench(tmp_path)
        self.socket = str(tmp_path / "ledger-admin.sock")
        self._barada = barada
        drawn = draw_fleet(machines=6)
        self.fleet = Fleet(move=drawn.move, costs=drawn.costs, districts=drawn.districts, atms=drawn.atms)
        register = tmp_path / "atms.toml"
        register.write_text(toml_of(self.fleet), encoding="utf-8")
        self._files = [
            f"--set=ledger.database={tmp_path / 'ledger.db'}",
            f"--set=ledger.socket={tmp_path}/ledger.sock",
            f"--set=fleet.register={register}",
        ]
        monkeypatch.setattr("switch.commands.books.time.time", self.bench.clock.wall)

    def say(self, command: str, *arguments: str, stdin: str | None = None) -> Result:
        return self._barada("atms", command, *self._files, *arguments, stdin=stdin)

    def read(self, command: str, *arguments: str) -> dict[str, Any]:
        result = self.say(command, "--json", *arguments)
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    def status(self, stan: str, *pairs: tuple[str, str], terminal: str = "ATM00001") -> None:
        answered = self.bench.send(request("0620", "970000", stan, *pairs, de41=terminal))
        assert answered.code == "00"

    def pay(self, stan: str, amount: int, code: str = "00") -> dict[str, str]:
        fields = withdrawal(stan, amount)
        self.bench.send(fields)
        self.bench.core.say(code)
        return fields

    def give_back(self, fields: dict[str, str], stan: str, stands: int) -> None:
        part = {"de95": f"{stands:012d}".ljust(42, "0")} if stands else {}
        assert self.bench.send(reversal_of(fields, stan, **part)).code == "00"
        self.bench.core.say("00")


@pytest.fixture
def office(tmp_path: Path, barada: Barada, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(tmp_path, barada, monkeypatch)


def test_cassettes_are_counted_down_by_withdrawals_and_partial_dispenses(office: Office) -> None:
    office.status("000001", ("20", "IN-SERVICE"), FULL, SMALL)
    office.bench.wait(60)
    office.pay("000002", 120_000)  # 2 of 500, 2 of 100
    half = office.pay("000003", 100_000)
    office.give_back(half, "000004", 50_000)
    office.give_back(office.pay("000005", 50_000), "000006", 0)
    office.pay("000007", 50_000, code="51")
    one = office.read("show", "ATM00001")
    assert [(each["denomination_minor"], each["notes"]) for each in one["cassettes"]] == [(50_000, 1997), (10_000, 8)]
    assert one["cash_minor"] == 1997 * 50_000 + 8 * 10_000
    assert (one["withdrawals"], one["refusals"], one["refusals_by_code"]) == (2, 1, {"51": 1})
    assert (one["state"], one["last_refusal_code"]) == ("in service", "51")


def test_a_replenishment_sets_the_cassettes_and_only_what_follows_is_taken_off(office: Office) -> None:
    office.status("000001", ("20", "IN-SERVICE"), SMALL)
    office.bench.wait(60)
    office.pay("000002", 50_000)
    office.bench.wait(600)
    office.status("000003", ("20", "IN-SERVICE"), FULL, SMALL)
    office.bench.wait(60)
    office.pay("000004", 50_000)
    one = office.read("show", "ATM00001")
    assert [each["notes"] for each in one["cassettes"]] == [1999, 10]
    assert one["filled_at"] == "2026-11-22T09:11:00.000Z"


def test_the_list_names_every_machine_with_state_and_last_fault(office: Office) -> None:
    office.status("000001", ("20", "OUT-OF-SERVICE"), ("22", "DISPENSER|FATAL|0A13"))
    office.status("000002", ("20", "IN-SERVICE"), terminal="ATM00777")  # in no register
    machines = {one["terminal"]: one for one in office.read("list")["atms"]}
    assert set(machines) == {*office.fleet.atms, "ATM00777"}
    assert machines["ATM00001"]["state"] == "out of service"
    assert machines["ATM00001"]["last_fault_is"] == "dispenser 0A13"
    assert machines["ATM00777"]["district"] is None
    shown = office.say("list").stdout
    assert "ATM00777" in shown
    assert office.fleet.districts[office.fleet.atms["ATM00001"].district].name_ar in shown
    only = office.read("list", "--state", "out of service")["atms"]
    assert "ATM00001" in {one["terminal"] for one in only}
    assert all(one["state"] == "out of service" for one in only)


def test_csv_has_a_row_for_each_machine_and_no_formulas(office: Office) -> None:
    office.status("000001", ("20", "OUT-OF-SERVICE"), ("22", "-X|FATAL|1"))
    rows = list(csv.DictReader(io.StringIO(office.say("list", "--csv").stdout)))
    assert [row["terminal"] for row in rows] == sorted(office.fleet.atms)
    assert rows[0]["last_fault_is"] == "'-x 1"
    assert office.say("list", "--csv", "--json").exit_code == 2


def test_survey_and_plan_speak_of_the_broken_machines(office: Office) -> None:
    office.status("000001", ("20", "IN-SERVICE"), terminal="ATM00001")
    for number in range(2, 30):
        office.pay(f"{number:06d}", 50_000)
    found = office.read("survey")
    assert {one["district"] for one in found["districts"]} == set(office.fleet.districts)
    assert all(one["terminal"] != "ATM00001" for one in found["machines"])
    possible = {one["terminal"] for one in found["machines"] if one["possible"]}
    assert possible
    plan = office.read("plan")
    assert plan["assignments"]
    assert {one["terminal"] for one in plan["assignments"]} | set(plan["left_out"]) == possible
    assert office.read("plan", "--machines", "1")["assignments"] == plan["assignments"][:1]
    assert office.read("plan", "--budget", "0")["assignments"] == []
    for command in ("survey", "plan", "list"):
        assert office.say(command).exit_code == 0
    assert office.say("show", "ATM00001").stdout.startswith("ATM00001")


def test_without_scipy_the_plan_says_so_in_one_line(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2, 30):
        office.pay(f"{number:06d}", 50_000)
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    for limits in ((), ("--machines", "1")):
        result = office.say("plan", *limits)
        assert result.exit_code == 1
        said = "the plan needs SciPy, which is not installed: pip install 'barada[fleet]'"
        assert result.stderr == f"Error: {said}\n"


def test_without_a_register_the_survey_says_what_is_missing(office: Office, tmp_path: Path, barada: Barada) -> None:
    database = f"--set=ledger.database={tmp_path / 'ledger.db'}"
    result = barada("atms", "survey", database, "--set=fleet.register=null")
    assert result.exit_code == 2
    assert "fleet.register: missing" in result.stderr
    office.status("000001", ("20", "IN-SERVICE"))
    assert "ATM00001" in barada("atms", "list", database, "--set=fleet.register=null").stdout


def test_an_unknown_machine_is_one_line(office: Office) -> None:
    result = office.say("show", "ATM99999")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: ATM99999: no such ATM in the register, the reports or the withdrawals\n",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ATM00001", "500-20"), "500-20: allowed: a note (1, 2, 25 or 5, and zeros) and how many there are"),
        (("ATM00001", "0x20"), "0x20: allowed: a note"),
        (("ATM00001", "505x2000"), "505x2000: allowed: a note"),
        (("ATM09999", "500x20"), "ATM09999: not in the register"),
        (("ATM00001", *["500x20"] * 9), "cassettes: allowed: 1 to 8 of them"),
    ],
)
def test_a_replenishment_that_cannot_be_is_one_line(office: Office, arguments: tuple[str, ...], said: str) -> None:
    result = office.say("replenish", *arguments, "--why", "filled", "--yes")
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_replenishment_goes_to_the_switch_and_changes_the_count(office: Office) -> None:
    office.status("000001", ("20", "IN-SERVICE"), SMALL)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(office.socket)
        listener.listen()
        orders: list[Replenish] = []
        thread = threading.Thread(target=hear, args=(listener, orders))
        thread.start()
        given = ("500x2000", "--who", "reem", "--why", "filled by the crew")
        result = office.say("replenish", "ATM00001", *given, stdin="y\n")
        thread.join(10)
    assert result.exit_code == 0, result.output
    assert result.stdout == "ATM00001: done, in all 1,000,000\n"
    told: list[Verdict] = []
    office.bench.engine.atm_reports.replenish(orders[0], told.append)
    assert told == [Verdict(True, "counted from now on")]
    one = office.read("show", "ATM00001")
    assert [(each["denomination_minor"], each["notes"]) for each in one["cassettes"]] == [(50_000, 2000)]


def hear(listener: socket.socket, orders: list[Replenish]) -> None:
    """One order, as the switch's own socket takes it."""
    connection, _ = listener.accept()
    with connection, connection.makefile("rwb") as stream:
        orders.append(msgspec.json.decode(stream.readline(), type=Replenish))
        stream.write(msgspec.json.encode(Verdict(True, "done")) + b"\n")


# The reading.

TERMINALS = [f"ATM{number:05d}" for number in range(1, 6)]
FIRST = START - 3 * 86_400


def statements(path: Path) -> tuple[int, Window]:
    asked: Counter[str] = Counter()
    with closing(open_reader(path)) as books:
        books.set_trace_callback(lambda sql: asked.update([sql.split()[0]]))
        window = window_of(books, FIRST, START, DAMASCUS, {"ATM00001": START - 86_400})
    return asked.total(), window


def test_the_window_is_what_one_by_one_adding_finds_and_costs_the_same_statements_however_many_there_are(
    tmp_path: Path,
) -> None:
    few, many = tmp_path / "few.db", tmp_path / "many.db"
    fill(str(few), TERMINALS, 40, FIRST, START, 7)
    fill(str(many), TERMINALS, 600, FIRST, START, 7)
    (asked_few, _), (asked_many, window) = statements(few), statements(many)
    assert asked_many == asked_few
    with closing(sqlite3.connect(many)) as books:
        posted = books.execute("SELECT credit, amount_minor FROM transfers WHERE kind = 'post'").fetchall()
        back = books.execute("SELECT debit, amount_minor FROM transfers WHERE kind = 'contra'").fetchall()
    for terminal in TERMINALS:
        mine = [amount for account, amount in posted if account == f"atm:{terminal}"]
        returned = [amount for account, amount in back if account == f"atm:{terminal}"]
        assert window.of(terminal).withdrawals == len(mine)
        assert window.of(terminal).amount_minor == sum(mine) - sum(returned)
    assert sum(window.by_hour) == len(posted)
    assert sum(one.refusals.count for one in window.machines.values()) == 600 // REFUSED_EVERY
    assert len(back) == 600 // JAMMED_EVERY
