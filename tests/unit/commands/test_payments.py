"""`barada payments` and `barada advices`: what is shown of the books, and what an order says."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from ledger.scale import Scale
from switch.commands.story import MEANS, mask_account
from switch.commands.times import Times
from switch.flow.actions import dispute
from switch.flow.orders import CAUSES, Action, Order
from switch.flow.payment import State
from switch.flow.saga import TABLE
from tests.unit.commands.conftest import Barada
from tests.unit.engine.bench import START, Bench, bill_payment, reversal_of, transfer, withdrawal

DAY_S = 86_400.0


class Office:
    """Books with a few payments in them, and the command line upon them."""

    def __init__(self, tmp_path: Path, barada: Barada, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bench = Bench(tmp_path)
        self.socket = str(tmp_path / "ledger-admin.sock")
        self._barada = barada
        self._files = [f"--set=ledger.database={tmp_path / 'ledger.db'}", f"--set=ledger.socket={tmp_path}/ledger.sock"]
        monkeypatch.setattr("switch.commands.books.time.time", self.bench.clock.wall)

    def say(self, group: str, command: str, *arguments: str, stdin: str | None = None) -> Result:
        return self._barada(group, command, *self._files, *arguments, stdin=stdin)

    def read(self, group: str, command: str, *arguments: str) -> dict[str, Any]:
        result = self.say(group, command, "--json", *arguments)
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    def listed(self, *arguments: str) -> list[tuple[str, str]]:
        return [(one["service"], one["state"]) for one in self.read("payments", "list", *arguments)["payments"]]

    def only(self, *arguments: str) -> str:
        """The id of the one payment that is listed."""
        (one,) = self.read("payments", "list", *arguments)["payments"]
        return str(one["payment"])


@pytest.fixture
def office(tmp_path: Path, barada: Barada, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(tmp_path, barada, monkeypatch)


def paid(office: Office, stan: str = "000001") -> None:
    office.bench.send(bill_payment(stan))
    office.bench.core.say("00", de54="2001760C000000987654")
    office.bench.biller.say("00")


def uncertain(office: Office, stan: str = "000002") -> None:
    office.bench.send(bill_payment(stan))
    office.bench.core.say("00")
    office.bench.biller.fall_silent()
    office.bench.biller.fall_silent()


def disputed(office: Office, stan: str = "000003") -> None:
    """An advice that the core never acknowledged."""
    office.bench.send(transfer(stan))
    office.bench.core.fall_silent()
    office.bench.core.fall_silent()
    office.bench.wait(DAY_S)


# Lists.


def test_what_is_open_or_disputed_is_listed_and_what_is_finished_is_not(office: Office) -> None:
    paid(office)
    disputed(office)
    uncertain(office)
    assert office.listed() == [("transfer-own", "DISPUTED"), ("pay-bill", "UNCERTAIN")]
    assert office.listed("--all") == [
        ("pay-bill", "UNCERTAIN"), ("transfer-own", "DISPUTED"), ("pay-bill", "POSTED")
    ]  # fmt: skip


def test_the_filters_narrow_the_list(office: Office) -> None:
    disputed(office)
    uncertain(office)
    assert office.listed("--state", "disputed") == [("transfer-own", "DISPUTED")]
    assert office.listed("--service", "pay-bill") == [("pay-bill", "UNCERTAIN")]
    assert office.listed("--older-than", "12h") == [("transfer-own", "DISPUTED")]
    assert office.listed("--older-than", "2d") == []
    assert office.read("payments", "list", "--limit", "1")["more"]


def test_a_wrong_filter_is_wrong_usage(office: Office) -> None:
    for wrong in (["--state", "LOST"], ["--service", "lottery"], ["--older-than", "soon"], ["--limit", "0"]):
        assert office.say("payments", "list", *wrong).exit_code == 2


def test_the_table_says_what_comes_next_by_itself(office: Office) -> None:
    disputed(office)
    uncertain(office)
    said = office.say("payments", "list").stdout
    assert "status query to power, attempt 2" in said
    assert "nothing: it was RELEASING; time ran out" in said
    assert "1,250.00 760" in said
    assert office.only("--state", "DISPUTED")[:16] in said


def test_advices_are_listed_by_destination_and_state(office: Office) -> None:
    disputed(office)
    paid(office)
    office.bench.send(reversal_of(bill_payment()))
    found = office.read("advices", "list")["advices"]
    assert [(one["kind"], one["destination"], one["state"]) for one in found] == [
        ("reversal", "core", "quarantined"), ("undo", "power", "due")
    ]  # fmt: skip
    assert [one["kind"] for one in office.read("advices", "list", "--state", "due")["advices"]] == ["undo"]
    assert [one["kind"] for one in office.read("advices", "list", "--destination", "core")["advices"]] == ["reversal"]
    assert "quarantined" in office.say("advices", "list").stdout


# A story.


def test_a_story_has_everything_about_a_payment_and_nothing_of_the_customer(office: Office) -> None:
    uncertain(office)
    id_ = office.only()
    story = office.read("payments", "show", id_)
    assert (story["state"], story["next"]) == ("UNCERTAIN", "status query to power, attempt 2")
    assert story["next_at"] == "2026-11-22T09:00:01.000Z"
    assert story["gives_up_at"] == "2026-11-23T09:00:00.000Z"
    assert (story["debit"], story["credit"]) == ("customer:•0001", "biller:ELEC")
    assert story["questions"]["biller"]["peer"] == "power"
    assert len(story["questions"]["core"]["stan"]) == 6
    assert [one["kind"] for one in story["transfers"]] == ["pending"]
    assert story["answer"] == "09"
    assert story["orders"] == [{"action": "retry", "from": None}]
    everything = json.dumps(story) + office.say("payments", "show", id_).stdout
    for secret in ("10000000000001", "963900000001", "0001001"):
        assert secret not in everything


def test_a_story_shows_of_its_card_what_may_be_shown(office: Office) -> None:
    office.bench.send(withdrawal())
    id_ = office.only()
    story, said = office.read("payments", "show", id_), office.say("payments", "show", id_).stdout
    assert story["card"] == "400000••••••0002"
    assert "400000••••••0002" in said
    for secret in ("4000000000000002", "29121010"):
        assert secret not in json.dumps(story, ensure_ascii=False) + said


def test_so_does_the_story_of_a_reversal_that_came_before_its_original(office: Office) -> None:
    office.bench.send(reversal_of(withdrawal()))
    assert office.read("payments", "show", office.only("--all"))["card"] == "400000••••••0002"


def test_a_balance_that_the_core_brought_is_not_shown(office: Office) -> None:
    paid(office)
    everything = json.dumps(office.read("payments", "show", office.only("--all")))
    assert "987654" not in everything


def test_a_dispute_says_what_may_be_ordered_and_from_when(office: Office) -> None:
    uncertain(office)
    office.bench.wait(DAY_S)
    id_ = office.only()
    story = office.read("payments", "show", id_)
    assert (story["disputed_from"], story["next"], story["gives_up_at"]) == ("UNCERTAIN", None, None)
    assert [one["action"] for one in story["orders"]] == ["retry", "post", "release"]
    said = office.say("payments", "show", id_).stdout
    assert "it was UNCERTAIN; time ran out" in said
    assert "retry now, post after 2026-11-2" in said


def test_notes_are_part_of_the_story(office: Office) -> None:
    uncertain(office)
    id_ = office.only()
    office.bench.engine.payment_orders.take(
        Order(id_, Action.RETRY, "lina", "the biller [b]is[/b] back"), lambda _: None
    )
    (note,) = office.read("payments", "show", id_)["notes"]
    assert (note["who"], note["action"], note["why"]) == ("lina", "retry", "the biller [b]is[/b] back")
    assert "the biller [b]is[/b] back" in office.say("payments", "show", id_).stdout


def test_a_payment_is_named_by_how_its_id_begins(office: Office) -> None:
    uncertain(office)
    id_ = office.only()
    assert office.read("payments", "show", id_[:16])["payment"] == id_
    assert office.read("payments", "show", id_[:15].upper())["payment"] == id_
    uncertain(office, "000005")
    assert "more than one payment begins so" in office.say("payments", "show", id_[:8]).stderr
    assert "no payment begins so" in office.say("payments", "show", "ffffff").stderr
    assert office.say("payments", "show", "all").exit_code == 2


def test_every_state_has_its_meaning() -> None:
    assert set(MEANS) == set(State) - {State.NONE}


def test_every_way_into_a_dispute_has_its_words() -> None:
    ways = {event.__name__ for row in TABLE if row.action is dispute for event in row.events}
    assert ways == set(CAUSES)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("customer:10000000000001", "customer:•0001"),
        ("loan:10000000000009", "loan:•0009"),
        ("card:00112233445566778899aabbccddeeff:20", "card:•f:20"),
        ("biller:ELEC", "biller:ELEC"),
        ("atm:ATM00001", "atm:ATM00001"),
        ("", ""),
    ],
)
def test_accounts_are_masked(name: str, shown: str) -> None:
    assert mask_account(name) == shown


def test_moments_are_in_the_banks_zone_for_people_and_in_utc_for_programs() -> None:
    times = Times("Asia/Damascus", START + 7500)
    assert times.shown(START) == "2026-11-22 12:00:00"
    assert times.written(START) == "2026-11-22T09:00:00.000Z"
    assert (times.ago(START), times.ago(START + 7500 - 100), times.ago(START + 7500)) == ("2h", "100s", "0s")


def test_books_that_are_not_there_are_one_line(barada: Barada, tmp_path: Path) -> None:
    result = barada("payments", "list", f"--set=ledger.database={tmp_path}/none.db")
    assert (result.exit_code, result.stderr) == (1, f"Error: {tmp_path}/none.db: no such file\n")


# Orders.


class StandIn:
    """Stands where the switch listens, and answers each order with the same line."""

    def __init__(self, path: str, answer: bytes) -> None:
        self.orders: list[dict[str, Any]] = []
        self._answer = answer
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(path)
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                self.orders.append(json.loads(lines.readline()))
                connection.sendall(self._answer)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)


@pytest.fixture
def stand_in(office: Office) -> Iterator[Any]:
    opened: list[StandIn] = []

    def open_(answer: dict[str, Any] | bytes) -> StandIn:
        line = answer if isinstance(answer, bytes) else json.dumps(answer).encode() + b"\n"
        opened.append(StandIn(office.socket, line))
        return opened[0]

    yield open_
    for one in opened:
        one.close()


DONE = {
    "done": True,
    "words": "the next attempt is made now, as UNCERTAIN",
    "state": "UNCERTAIN",
    "next_at": START + 60,
}


def test_an_order_says_what_happened(office: Office, stand_in: Any) -> None:
    uncertain(office)
    switch = stand_in(DONE)
    id_ = office.only()
    result = office.say("payments", "retry", id_, "--why", "the biller is back", "--who", "lina", "--yes")
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        f"payment {id_}: the next attempt is made now, as UNCERTAIN; next attempt 2026-11-22 12:01:00\n"
    )
    told = {"about": "payment", "payment": id_, "action": "retry", "who": "lina", "why": "the biller is back"}
    assert switch.orders == [told]


def test_a_refusal_says_until_when_and_ends_with_1(office: Office, stand_in: Any) -> None:
    uncertain(office)
    stand_in({"done": False, "words": "not yet", "state": "DISPUTED", "until": START + DAY_S})
    id_ = office.only()
    result = office.say("payments", "post", id_, "--why", "seen", "--yes")
    assert result.exit_code == 1
    assert result.stderr == f"Error: payment {id_}: not done: not yet; not before 2026-11-23 12:00:00\n"
    told = office.say("payments", "post", id_, "--why", "seen", "--yes", "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["until"] == "2026-11-23T09:00:00.000Z"


def test_an_order_asks_first_and_says_what_is_attested(office: Office, stand_in: Any) -> None:
    uncertain(office)
    switch = stand_in(DONE)
    id_ = office.only()
    refused = office.say("payments", "post", id_, "--why", "seen", stdin="n\n")
    assert refused.exit_code == 1
    assert "You say that you saw both books" in refused.stderr
    assert switch.orders == []
    assert office.say("payments", "post", id_, "--why", "seen", stdin="y\n").exit_code == 0
    assert len(switch.orders) == 1


def test_the_login_name_is_who_unless_another_is_named(
    office: Office, stand_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "samer")
    uncertain(office)
    switch = stand_in(DONE)
    office.say("payments", "retry", office.only(), "--why", "seen", "--yes")
    assert switch.orders[0]["who"] == "samer"


@pytest.mark.parametrize(
    "why", [[], ["--why", ""], ["--why", "x" * 301], ["--why", "card 4000001234567899"], ["--why", "two\nlines"]]
)
def test_an_order_without_fit_words_is_wrong_usage(office: Office, why: list[str]) -> None:
    uncertain(office)
    result = office.say("payments", "retry", office.only(), "--yes", *why)
    assert result.exit_code == 2
    assert "4000001234567899" not in result.stderr


def test_a_switch_that_is_not_running_is_one_line(office: Office) -> None:
    uncertain(office)
    result = office.say("payments", "retry", office.only(), "--why", "seen", "--yes")
    assert (result.exit_code, result.stderr) == (
        1, f"Error: the switch is not running: nobody listens on {office.socket}\n"
    )  # fmt: skip


@pytest.mark.parametrize("answer", [b"", b"what?\n"])
def test_a_switch_without_a_verdict_is_one_line(office: Office, stand_in: Any, answer: bytes) -> None:
    uncertain(office)
    stand_in(answer)
    result = office.say("payments", "retry", office.only(), "--why", "seen", "--yes")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the switch gave no verdict")


def test_a_switch_without_the_socket_takes_no_orders(office: Office) -> None:
    uncertain(office)
    result = office.say("payments", "retry", office.only(), "--set", "switch.admin_socket=", "--why", "seen", "--yes")
    assert result.stderr == "Error: switch.admin_socket is empty: this switch takes no orders\n"


def test_an_advice_is_dropped_by_the_name_of_its_payment(office: Office, stand_in: Any) -> None:
    disputed(office)
    switch = stand_in({"done": True, "words": "DISPUTED became RELEASED", "state": "RELEASED"})
    id_ = office.only()
    assert office.say("advices", "drop", id_, "--why", "the core has it", "--yes").exit_code == 0
    assert switch.orders[0]["action"] == "drop"


def test_a_payment_that_owes_no_advice_has_none_to_retry(office: Office) -> None:
    uncertain(office)
    id_ = office.only()
    result = office.say("advices", "retry", id_, "--why", "seen", "--yes")
    assert result.stderr == f"Error: payment {id_} owes no advice: it is UNCERTAIN\n"


def test_amounts_are_shown_in_the_pound_of_the_payments_day_and_both_in_the_months_of_both(office: Office) -> None:
    change = ['--set=currency.new_from="20260101"', '--set=currency.both_until="20261231"', "--set=limits=[]"]
    office.bench.scale = Scale("20260101", 100, "20261231")
    office.bench.start()
    paid(office)
    payment = office.only("--all")
    listed = office.say("payments", "list", "--all", *change)
    assert "1,250.00 (125,000.00 old) 760" in listed.stdout, listed.output
    shown = office.say("payments", "show", payment, *change).stdout
    assert shown.count("1,250.00 (125,000.00 old)") == 3, "the amount, what was held, what was posted"
    assert office.read("payments", "show", payment, *change)["units"] == 100
