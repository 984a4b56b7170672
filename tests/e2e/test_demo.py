"""The demo as a stranger starts it: the installed command, its output, its exit status."""

import json
import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from config.settings import demo_path, load
from simulators.channels.traffic import customers_for
from simulators.demo.agreement import look
from simulators.demo.installation import CONFIG_FILE
from simulators.demo.key_changes import changing
from simulators.keys import keys_of
from simulators.options import people_today
from simulators.provision import KEY_STORE, MASTER_KEY

BARADA = Path(sys.executable).with_name("barada")
ENDS_WITHIN_S = 60.0
EVERY_SERVICE = {
    *("activate", "balance", "mini-statement", "statement", "owner", "transfer-own", "transfer-other"),
    *("bill-inquiry", "pay-bill", "loan-inquiry", "pay-loan", "withdrawal", "pin-change", "reversal", "atm-status"),
    *("pay-bill:ELEC", "pay-bill:WATER", "pay-bill:TEL", "pay-bill:MOBILE1", "pay-bill:MOBILE2", "pay-bill:UNI-DAM"),
}
CHANNELS = ("mobile", "atm", "web")
PEERS = ("core", "power", "water", "telecom", "cellular", "university")
PAYMENTS = ("transfer-own", "transfer-other", "pay-bill", "pay-loan", "withdrawal")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@dataclass(frozen=True)
class Stayed:
    """What a demo said that was told to stay, the processes that it had then, and its end when it was told to go."""

    summary: dict[str, Any]
    card: dict[str, Any]
    children: list[int]
    code: int


@pytest.fixture(scope="module")
def stayed(kept: Path) -> Stayed:
    command: list[str | Path] = [BARADA, "demo", "--payments", "200", "--seed", "7", "--json", "--keep", kept, "--stay"]
    with (
        (kept.parent / "stderr").open("w+") as stderr,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, start_new_session=True) as process,
    ):
        at_last = Timer(ENDS_WITHIN_S, process.kill)
        at_last.start()
        try:
            assert process.stdout is not None
            told = [process.stdout.readline() for _ in ("summary", "card")]
            assert all(told), (kept.parent / "stderr").read_text()[-2000:]
            children = children_of(process.pid)
            process.send_signal(signal.SIGTERM)
            return Stayed(json.loads(told[0]), json.loads(told[1]), children, process.wait())
        finally:
            at_last.cancel()
            process.kill()


@pytest.fixture(scope="module")
def summary(stayed: Stayed) -> dict[str, Any]:
    return stayed.summary


def test_every_service_of_the_mission_has_approvals(summary: dict[str, Any]) -> None:
    assert set(summary["services"]) == EVERY_SERVICE
    assert all(counted["approved"] for counted in summary["services"].values())


def test_afterwards_the_fleet_is_known_from_what_it_reported_and_paid_out(summary: dict[str, Any], kept: Path) -> None:
    command = [str(BARADA), "atms", "list", "--json", "--config", str(kept / CONFIG_FILE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=ENDS_WITHIN_S, check=True)
    machines = json.loads(done.stdout)["atms"]
    assert len(machines) == 60
    states = {one["state"] for one in machines}
    assert {"in service", "out of service", "destroyed"} <= states
    paying = [one for one in machines if one["withdrawals"]]
    assert paying
    assert all(one["state"] == "in service" and one["cash_minor"] > 0 for one in paying)
    assert any(one["last_fault"] for one in machines if one["state"] == "out of service")


def test_other_commands_find_the_demo_by_the_configuration_that_it_left(stayed: Stayed, kept: Path) -> None:
    assert stayed.card["config"] == str(kept / CONFIG_FILE)
    ports = {one["name"]: one["port"] for one in stayed.card["listeners"]}
    assert {one.name: one.port for one in load(kept / CONFIG_FILE).listeners.values()} == ports


def test_exactly_the_wanted_payments_succeed(summary: dict[str, Any]) -> None:
    assert sum(summary["services"][name]["approved"] for name in PAYMENTS) == 200


def test_some_requests_are_plainly_refused_and_every_one_is_answered(summary: dict[str, Any]) -> None:
    codes = {code for counted in summary["services"].values() for code in counted["declined"]}
    assert {"14", "40", "55", "76", "92"} <= codes
    assert summary["unanswered"] == 0
    whole = [counted for name, counted in summary["services"].items() if ":" not in name]
    assert summary["declined"] == sum(sum(counted["declined"].values()) for counted in whole)


def test_every_key_that_changes_on_the_line_was_changed_under_way_and_no_request_suffered(
    summary: dict[str, Any], kept: Path
) -> None:
    wanted = frozenset[str]().union(*changing(load(demo_path())).values())
    assert len(wanted) == 10
    assert summary["key_changes"] == len(wanted)
    assert summary["unanswered"] == 0
    refused = {code for counted in summary["services"].values() for code in counted["declined"]}
    assert not refused & {"09", "30", "58", "63", "91", "94", "96"}
    log = (kept / "switch.log").read_text()
    assert log.count("key changed") == len(wanted)
    assert "wrong MAC" not in log


def test_the_trial_balance_is_zero_in_every_currency(summary: dict[str, Any]) -> None:
    assert summary["trial_balance"] == {"760": 0}


def test_three_sets_of_books_agree_account_by_account(summary: dict[str, Any]) -> None:
    found = summary["reconciliation"]
    assert set(found) == {"core", "ELEC", "WATER", "TEL", "MOBILE1", "MOBILE2", "UNI-DAM"}
    assert found["core"]["accounts"] > 100
    assert all(side["accounts"] and side["differences"] == [] for side in found.values())
    assert summary["open_payments"] == 0
    assert summary["agreed"] is True
    assert summary["problems"] == []


def test_two_business_days_end_closed_in_balance_with_everybody_and_without_a_break(summary: dict[str, Any]) -> None:
    first, second = summary["days"]
    assert first["day"] < second["day"]
    for day in (first, second):
        assert day["state"] == "closed"
        assert set(day["in_balance"]) == {*CHANNELS, *PEERS}
        assert all(day["in_balance"].values())
        assert (day["breaks"], day["planted"]) == ([], [])
        assert day["positions_minor"]["biller:ELEC"] > 0  # the cutover came under load: both days have their part


def test_reports_of_both_days_are_there_in_two_languages(summary: dict[str, Any], kept: Path) -> None:
    for day in summary["days"]:
        assert {file.name for file in (kept / "reports").glob(f"*{day['day']}*")} == {
            *(f"settlement-{day['day']}.{language}.html" for language in ("ar", "en")),
            *(f"{name}-{day['day']}.csv" for name in ("positions", "breaks", "explained")),
        }


def test_what_is_planted_is_found_no_more_and_no_fewer() -> None:
    command: list[str | Path] = [BARADA, "demo", "--faults", "--payments", "300", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=ENDS_WITHIN_S, check=False)
    summary = json.loads(done.stdout)
    assert (done.returncode, summary["problems"]) == (0, [])
    for day in summary["days"]:
        assert len(day["planted"]) == 4
        assert day["breaks"] == day["planted"]
        assert {name for name, balanced in day["in_balance"].items() if not balanced} == {"web", "water"}


def test_speed_and_cost_are_told(summary: dict[str, Any]) -> None:
    assert summary["payments_per_s"] > 0
    assert summary["cpu_us_per_payment"]["switch"] > 0


def test_files_are_kept_where_they_were_wanted_and_no_secret_is_in_them(summary: dict[str, Any], kept: Path) -> None:
    assert {"ledger.db", "core.db", "power.db", "switch.log", "mobile.log"} <= {file.name for file in kept.iterdir()}
    for log in kept.glob("*.log"):
        assert not re.search(r"400000\d{10}", log.read_text())


def test_a_unit_that_is_missing_at_one_biller_is_found(summary: dict[str, Any], kept: Path, tmp_path: Path) -> None:
    for file in kept.glob("*.db"):
        shutil.copy(file, tmp_path)
    keys = {"security.master_key": str(kept / MASTER_KEY), "security.store": str(kept / KEY_STORE)}
    settings = load(demo_path(), {"ledger.database": str(tmp_path / "ledger.db"), **keys})
    with closing(sqlite3.connect(tmp_path / "water.db")) as books, books:
        changed = books.execute(
            "UPDATE accounts SET credits_posted = credits_posted - 1 WHERE name ="
            " (SELECT name FROM accounts WHERE name LIKE 'biller:WATER%' AND credits_posted > 0 LIMIT 1)"
        )
        assert changed.rowcount == 1
    borrowed = keys_of(settings)
    found = look(settings, tmp_path, people_today(settings, borrowed, 7, customers_for(200)), borrowed)
    assert [whose for whose, _ in found.differences] == ["WATER"]
    assert found.differences[0][1].ledger_minor - found.differences[0][1].peer_minor == 1


def test_its_certificates_are_its_own_and_no_private_key_is_anybody_elses(summary: dict[str, Any], kept: Path) -> None:
    keys = list((kept / "tls").rglob("*.key"))
    assert {"authority.key", "switch.key", "mobile.key", "core.key"} <= {key.name for key in keys}
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


@pytest.mark.parametrize(
    "ways",
    [
        ("--plain", "--hsm"),
        pytest.param(("--plain",), marks=pytest.mark.long),
        pytest.param(("--hsm",), marks=pytest.mark.long),
    ],
    ids=" ".join,
)
def test_it_runs_in_clear_and_with_its_keys_in_hardware_too(ways: tuple[str, ...]) -> None:
    """The hardware is simulated, and what is asked of it passes a real socket: each MAC, each PIN, each new key."""
    done = subprocess.run(
        [BARADA, "demo", *ways, "--payments", "40", "--json"],
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["agreed"] is True
    assert summary["unanswered"] == 0
    assert summary["key_changes"] == 10


def test_a_directory_in_use_is_refused(summary: dict[str, Any], kept: Path) -> None:
    done = subprocess.run([BARADA, "demo", "--keep", kept], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert "is not empty" in done.stderr


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_stays_up_with_a_card_and_takes_all_its_processes_along(stayed: Stayed) -> None:
    assert stayed.summary["agreed"] is True
    assert {"listeners", "bank", "subscribers", "cards", "bills", "special"} <= set(stayed.card)
    assert any(not subscriber["activated"] for subscriber in stayed.card["subscribers"])
    assert len(stayed.children) == 3
    assert stayed.code == 0
    assert not any(map(is_running, stayed.children))
