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
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from config.settings import demo_path, load
from simulators.channels.traffic import customers_for
from simulators.demo.agreement import look
from simulators.demo.key_changes import changing
from simulators.keys import keys_of
from simulators.options import people_today
from simulators.provision import KEY_STORE, MASTER_KEY

BARADA = Path(sys.executable).with_name("barada")
ENDS_WITHIN_S = 60.0
FAULTS = "drop=1,amount=1,unknown=1,twice=1"
EVERY_SERVICE = {
    *("activate", "balance", "mini-statement", "statement", "owner", "transfer-own", "transfer-other"),
    *("bill-inquiry", "pay-bill", "loan-inquiry", "pay-loan", "withdrawal", "pin-change", "reversal"),
    *("pay-bill:ELEC", "pay-bill:WATER", "pay-bill:TEL", "pay-bill:MOBILE1", "pay-bill:MOBILE2", "pay-bill:UNI-DAM"),
}
PAYMENTS = ("transfer-own", "transfer-other", "pay-bill", "pay-loan", "withdrawal")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def summary(kept: Path) -> dict[str, Any]:
    done = subprocess.run(
        [BARADA, "demo", "--payments", "200", "--seed", "7", "--json", "--keep", kept],
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_every_service_of_the_mission_has_approvals(summary: dict[str, Any]) -> None:
    assert set(summary["services"]) == EVERY_SERVICE
    assert all(counted["approved"] for counted in summary["services"].values())


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


def test_the_days_settlement_is_clean(summary: dict[str, Any], kept: Path) -> None:
    found = summary["settlement"]
    assert found["matched"] > 200
    assert (found["breaks"], found["planted"]) == (0, 0)
    assert {path.suffix for path in (kept / "reports").iterdir()} == {".csv", ".html"}


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


@pytest.mark.parametrize(("way", "changes"), [("--plain", 10), ("--hsm", 10)])
def test_it_runs_in_clear_and_with_its_keys_in_hardware_too(way: str, changes: int) -> None:
    """The hardware is simulated, and what is asked of it passes a real socket: each MAC, each PIN, each new key."""
    done = subprocess.run(
        [BARADA, "demo", way, "--payments", "40", "--json", "--faults", FAULTS],
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["agreed"] is True
    assert summary["unanswered"] == 0
    assert summary["key_changes"] == changes
    assert summary["settlement"]["planted"] == summary["settlement"]["breaks"] == 4


def test_a_directory_in_use_is_refused(summary: dict[str, Any], kept: Path) -> None:
    done = subprocess.run([BARADA, "demo", "--keep", kept], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert "is not empty" in done.stderr


@pytest.fixture
def staying() -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [BARADA, "demo", "--payments", "20", "--seed", "9", "--stay", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_stays_up_with_a_card_and_takes_all_its_processes_along(staying: "subprocess.Popen[str]") -> None:
    assert staying.stdout is not None
    assert json.loads(staying.stdout.readline())["agreed"] is True
    card = json.loads(staying.stdout.readline())
    assert {"listeners", "bank", "subscribers", "cards", "bills", "special"} <= set(card)
    assert any(not subscriber["activated"] for subscriber in card["subscribers"])
    started = children_of(staying.pid)
    assert len(started) == 3
    staying.send_signal(signal.SIGTERM)
    assert staying.wait(ENDS_WITHIN_S) == 0
    assert not any(map(is_running, started))
