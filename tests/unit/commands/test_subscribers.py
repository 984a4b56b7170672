"""`barada subscribers`: what is shown of customers, and what orders about them say."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result

from switch.flow.orders import AnyOrder, BarHolder, Barring, SetCeiling, Verdict
from tests.unit.commands.conftest import Barada
from tests.unit.commands.test_payments import Office
from tests.unit.engine.bench import DAY, SUBSCRIBER, transfer, withdrawal
from tests.unit.engine.customers import activation, block, ceiling, order, paid, unblock

NUMBER = SUBSCRIBER[1]
ACCOUNT = "10000000000001"
WHY = ("--who", "lina", "--why", "asked at the branch", "--yes")


class Desk(Office):
    """Beside a switch that carries out orders by the bench's engine."""

    def say(self, group: str, command: str, *arguments: str, stdin: str | None = None) -> Result:
        self.bench.store.write_tables()
        return super().say(group, command, *arguments, stdin=stdin)

    def serve(self) -> None:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.socket)
        listener.listen()
        self.orders: list[AnyOrder] = []
        self.verdict = Verdict(True, "done")

        def answer() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, connection.makefile("rb") as lines:
                    self.orders.append(msgspec.json.decode(lines.readline(), type=AnyOrder))
                    connection.sendall(msgspec.json.encode(self.verdict) + b"\n")

        self.listener = listener
        threading.Thread(target=answer, daemon=True).start()


@pytest.fixture
def desk(tmp_path: Path, barada: Barada, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(tmp_path, barada, monkeypatch)
    desk.serve()
    yield desk
    desk.listener.shutdown(socket.SHUT_RDWR)
    desk.listener.close()


def activate(desk: Desk, *numbers: str) -> None:
    for stan, number in enumerate(numbers, 60):
        assert paid(desk.bench, activation(f"{stan:06d}", number)) == "00"


def test_the_list_has_everybody_that_was_activated_once_and_whoever_is_blocked(desk: Desk) -> None:
    activate(desk, NUMBER, "963900000002", NUMBER)
    block(desk.bench)
    block(desk.bench, "subscriber:963900000009")
    found = desk.read("subscribers", "list")["subscribers"]
    assert [(one["whom"], one["blocked"], one["account"]) for one in found] == [
        ("•0001", True, "•0001"),
        ("•0002", False, "•0001"),
        ("•0009", True, None),
    ]
    assert [one["whom"] for one in desk.read("subscribers", "list", "--blocked", "--full")["subscribers"]] == [
        NUMBER,
        "963900000009",
    ]
    assert desk.read("subscribers", "list", "--limit", "1")["more"]


@pytest.mark.parametrize("command", [("list",), ("show", NUMBER), ("ceilings",), ("list", "--blocked")])
def test_numbers_and_accounts_are_shown_by_their_ends_unless_the_whole_is_asked_for(
    desk: Desk, command: tuple[str, ...]
) -> None:
    activate(desk, NUMBER)
    block(desk.bench)
    ceiling(desk.bench, amount_max=5)
    for form in ((), ("--json",)):
        masked = desk.say("subscribers", *command, *form)
        assert masked.exit_code == 0, masked.output
        assert NUMBER not in masked.output
        assert ACCOUNT not in masked.output
        assert NUMBER in desk.say("subscribers", *command, *form, "--full").output


def test_one_subscriber_is_told_with_state_use_and_all_that_was_ordered(desk: Desk) -> None:
    activate(desk, NUMBER)
    ceiling(desk.bench, per_day_amount_max=100_000, per_day_count_max=5)
    ceiling(desk.bench, amount_max=1, from_day="20261224", until_day="20261225")
    assert paid(desk.bench, transfer(amount=30_000)) == "00"
    block(desk.bench)
    unblock(desk.bench)
    found = desk.read("subscribers", "show", NUMBER)
    assert (found["blocked"], found["day"]) == (False, DAY)
    use = {"service": "transfer-own", "through": "any", "amount_minor": 30_000, "amount_max": 100_000}
    assert {**use, "count": 1, "count_max": 5} in found["uses"]
    assert [(one["from_day"], one["state"]) for one in found["ceilings"]] == [(DAY, "stands"), ("20261224", "planned")]
    assert [(one["who"], one["action"]) for one in found["history"]] == [("lina", "block"), ("lina", "unblock")]
    table = desk.say("subscribers", "show", NUMBER).output
    for words in ("not blocked since", "300.00", "1,000.00", "planned", "the telephone was stolen"):
        assert words in table


def test_a_card_is_named_by_a_payment_or_by_its_hash_and_never_by_its_number(desk: Desk) -> None:
    assert paid(desk.bench, withdrawal()) == "00"
    payment = desk.only("--all")
    result = desk.say("subscribers", "block", f"payment:{payment[:16]}", *WHY)
    assert result.exit_code == 0, result.output
    (given,) = desk.orders
    assert isinstance(given, BarHolder)
    assert (given.action, given.card) == (Barring.BLOCK, "400000••••••0002")
    assert order(desk.bench, given).done
    (listed,) = desk.read("subscribers", "list", "--blocked")["subscribers"]
    assert (listed["whom"], listed["card"]) == (given.holder, "400000••••••0002")
    assert desk.read("subscribers", "show", given.holder)["blocked"]
    assert desk.say("subscribers", "unblock", given.holder, *WHY).exit_code == 0
    refused = desk.say("subscribers", "block", "4000000000000002", *WHY)
    assert (refused.exit_code, "4000000000000002" in refused.output) == (2, False)


def test_the_card_of_a_payment_without_one_can_not_be_named(desk: Desk) -> None:
    assert paid(desk.bench, transfer()) == "00"
    result = desk.say("subscribers", "block", f"payment:{desk.only('--all')}", *WHY)
    assert result.exit_code == 1
    assert "does not say its card" in result.stderr


def test_a_ceiling_goes_to_the_switch_as_it_was_said(desk: Desk) -> None:
    figures = (
        "--per-day-amount-max",
        "5000000",
        "--per-day-count-max",
        "3",
        "--from",
        "20261201",
        "--until",
        "20261231",
    )
    result = desk.say("subscribers", "ceiling", NUMBER, "pay-bill", *figures, *WHY)
    assert (result.exit_code, result.stdout) == (0, "•0001: done\n")
    (given,) = desk.orders
    assert given == SetCeiling(
        f"subscriber:{NUMBER}",
        "pay-bill",
        "lina",
        "asked at the branch",
        "20261201",
        "20261231",
        per_day_amount_max=5_000_000,
        per_day_count_max=3,
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("block", "12345", *WHY), "allowed: a mobile number"),
        (("block", "card:12", *WHY), "allowed: a mobile number"),
        (("block", NUMBER, "--yes", "--why", "card 4000 0000 0000 0002"), "card number"),
        (("ceiling", NUMBER, "balance", *WHY), "'balance' is not one of"),
        (("ceiling", NUMBER, "withdrawal", "--amount-max", "-1", *WHY), "--amount-max"),
        (("ceiling", NUMBER, "withdrawal", "--from", "1.12.2026", *WHY), "a day as YYYYMMDD"),
    ],
)
def test_what_can_not_be_ordered_is_wrong_usage(desk: Desk, arguments: tuple[str, ...], words: str) -> None:
    result = desk.say("subscribers", *arguments)
    assert (result.exit_code, words in result.output) == (2, True), result.output
    assert not desk.orders


def test_what_is_refused_ends_with_1_and_says_why(desk: Desk) -> None:
    desk.verdict = Verdict(False, "blocked already")
    result = desk.say("subscribers", "block", NUMBER, *WHY)
    assert (result.exit_code, "•0001: not done: blocked already" in result.stderr) == (1, True)
    as_json = desk.say("subscribers", "block", NUMBER, *WHY, "--json")
    found: dict[str, Any] = json.loads(as_json.stdout)
    assert (as_json.exit_code, found["done"]) == (1, False)


def test_an_order_is_confirmed_with_the_state_before_it(desk: Desk) -> None:
    block(desk.bench)
    result = desk.say("subscribers", "unblock", NUMBER, "--why", "found", stdin="n\n")
    assert "•0001 is blocked. Unblock?" in result.output
    assert not desk.orders
