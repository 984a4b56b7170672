"""The simulated core answers every question of the table as the wire says: balances, transfers, bills, loans."""

from __future__ import annotations

import pytest

from simulators.hosts.postings import OPENING_EQUITY
from switch.wire import amounts
from tests.unit.simulators.asking import PEOPLE, Fields, n12, special, tags_of
from tests.unit.simulators.core_bench import CURRENT, LOAN, ME, OTHER, POOR, SAVINGS, START, Bench


def told(answer: Fields) -> list[int]:
    return [balance.amount_minor for balance in amounts.parse_balances(answer["54"])]


def test_a_balance_is_ledger_then_available_with_the_account_type(bench: Bench) -> None:
    answer = bench.asker.ask("0100", "31", ME, de102=CURRENT)
    assert answer["39"] == "00"
    assert answer["54"] == f"2001760C{START:012d}2002760C{START:012d}"
    assert "38" not in answer


def test_a_transfer_moves_once_and_tells_the_balance_after_it(bench: Bench) -> None:
    answer = bench.pay(minor=1234)
    assert (answer["t"], answer["39"], told(answer)) == ("0210", "00", [START - 1234] * 2)
    assert len(answer["38"]) == 6
    assert bench.balance(f"customer:{OTHER}") == POOR.accounts[0].opening_minor + 1234


@pytest.mark.parametrize(
    ("code", "changes", "expected"),
    [
        ("42", {"de49": "840"}, "12"),
        ("42", {"de103": CURRENT}, "12"),
        ("42", {"de4": n12(0)}, "13"),
        ("42", {"de4": "0000000012.5"}, "13"),
        ("42", {"de102": special("unknown_account", "account_to")}, "14"),
        ("42", {"de103": special("unknown_account", "account_to")}, "14"),
        ("42", {"de103": LOAN.account}, "14"),
        ("42", {"de102": OTHER, "de103": SAVINGS}, "57"),
        ("40", {}, "57"),
        ("42", {"de103": special("restricted_account", "account")}, "62"),
        ("42", {"de4": n12(START + 1)}, "51"),
        ("99", {}, "12"),
        ("42", {"de103": ""}, "30"),
    ],
)
def test_what_a_transfer_is_refused_for(bench: Bench, code: str, changes: dict[str, str], expected: str) -> None:
    assert bench.transfer(code, changes)["39"] == expected
    assert bench.balance(f"customer:{CURRENT}") == START


def test_the_words_of_a_30_name_the_place(bench: Bench) -> None:
    answer = bench.asker.ask("0100", "31", ("02", "en"), de102=CURRENT)
    assert answer["63"].startswith("en")
    assert answer["63"].endswith("(48.01)")


def test_a_restricted_account_and_a_subscriber_who_is_not_activated_are_refused(bench: Bench) -> None:
    for name, code in (("restricted_account", "62"), ("inactive_subscriber", "80")):
        who = ("01", special(name, "subscriber"))
        assert bench.asker.ask("0100", "31", who, de102=special(name, "account"))["39"] == code


def test_the_owner_of_an_account_is_told_by_name(bench: Bench) -> None:
    ((tag, name),) = tags_of(bench.asker.ask("0100", "33", ME, de103=OTHER))
    assert (tag, name.encode("latin-1").decode()) == ("06", POOR.name)


def test_a_bill_is_credited_to_the_billers_settlement_account(bench: Bench) -> None:
    answer = bench.asker.ask("0200", "50", ME, de4=n12(700), de102=CURRENT, de98="ELEC".ljust(25))
    assert (answer["39"], told(answer)) == ("00", [START - 700] * 2)
    assert bench.balance("biller:ELEC") == 700


def test_a_loan_is_paid_in_instalments_and_the_next_one_follows(bench: Bench) -> None:
    def pay(bill_id: str, minor: int) -> str:
        given = {"de4": n12(minor), "de102": CURRENT, "de103": LOAN.account}
        return bench.asker.ask("0200", "54", ME, ("04", bill_id), **given)["39"]

    def due() -> list[str]:
        ((_, line),) = tags_of(bench.asker.ask("0100", "36", ME, de103=LOAN.account))
        return line.split("|")

    assert due()[0] == LOAN.bill_id
    assert pay(LOAN.bill_id, LOAN.least_minor - 1) == "82"
    assert pay(LOAN.bill_id, LOAN.amount_minor + 1) == "13"
    assert pay(LOAN.bill_id, 30_000) == "00"
    assert due()[3:] == [n12(LOAN.amount_minor - 30_000), "T", n12(LOAN.least_minor)]
    assert pay(LOAN.bill_id, LOAN.amount_minor - 30_000) == "00"
    assert pay(LOAN.bill_id, LOAN.amount_minor) == "81"
    assert due()[0] == LOAN.instalment(1).bill_id
    assert pay(LOAN.instalment(2).bill_id, LOAN.amount_minor) == "84"
    assert bench.balance(f"loan:{LOAN.account}") == LOAN.amount_minor


def test_the_books_balance_and_open_once(bench: Bench) -> None:
    opened = sum(account.opening_minor for account in PEOPLE.accounts.values())
    bench.restart()
    assert bench.balance(OPENING_EQUITY) == -opened
