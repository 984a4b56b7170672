"""The simulated core answers every question of the table as the wire says, once and for good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.store import Store
from simulators.bank_core import BankCore
from simulators.journal import OPENING_EQUITY
from switch.wire import amounts
from tests.unit.simulators.asking import (
    PEOPLE,
    Asker,
    Clock,
    Fields,
    code_block,
    n12,
    open_core,
    pin_block,
    rich,
    special,
    tags_of,
)

RICH = rich()
CURRENT, SAVINGS = (account.number for account in RICH.accounts)
START = RICH.accounts[0].opening_minor
CARD = RICH.cards[0]
LOAN = RICH.loans[0]
ME = ("01", RICH.subscriber)
POOR = PEOPLE.by_subscriber[special("poor_account", "subscriber")]
OTHER = POOR.accounts[0].number


class Bench:
    """A core on books of its own, with its asker; `restart` opens it again on the same books."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = Clock()
        self.core: BankCore
        self.store: Store
        self.open()

    def open(self) -> None:
        self.core, self.store = open_core(self.path, self.clock)
        self.asker = Asker(lambda message: self.core.answer(message))

    def restart(self) -> None:
        self.store.close()
        self.core, self.store = open_core(self.path, self.clock)

    def balance(self, name: str) -> int:
        return self.core.journal.balance(name)

    def pay(self, minor: int = 1000) -> Fields:
        return self.transfer("42", {"de4": n12(minor)})

    def transfer(self, code: str, elements: dict[str, str]) -> Fields:
        given = {"de4": n12(1000), "de102": CURRENT, "de103": OTHER} | elements
        return self.asker.ask("0200", code, ME, **given)

    def withdraw(self, minor: int = 5000, **elements: str) -> Fields:
        given = {"de2": CARD.pan, "de52": pin_block(CARD), "de35": CARD.track2, "de4": n12(minor)}
        return self.asker.ask("0200", "01", **(given | elements))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.store.close()


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


def test_a_repeat_gets_the_same_answer_after_a_restart_too(bench: Bench) -> None:
    first = bench.pay()
    asked = bench.asker.asked
    bench.restart()
    assert bench.asker.repeat(asked) == first
    assert bench.asker.send(asked.fields) == first
    assert bench.balance(f"customer:{CURRENT}") == START - 1000


def test_a_repeat_that_stamps_7_anew_is_found_by_its_reference(bench: Bench) -> None:
    first = bench.pay()
    again = bench.asker.repeat(bench.asker.asked, de7="1122090107")
    assert (again["38"], again["7"]) == (first["38"], "1122090107")
    assert bench.balance(f"customer:{CURRENT}") == START - 1000


def test_the_same_key_with_other_content_is_94(bench: Bench) -> None:
    bench.pay()
    assert bench.asker.repeat(bench.asker.asked, de4=n12(1001))["39"] == "94"


def test_a_decline_is_stored_too(bench: Bench) -> None:
    assert bench.pay(minor=START + 1)["39"] == "51"
    asked = bench.asker.asked
    given = {"de4": n12(500), "de102": SAVINGS, "de103": CURRENT}
    assert bench.asker.ask("0200", "40", ME, **given)["39"] == "00"
    assert bench.asker.repeat(asked)["39"] == "51"


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


def test_a_withdrawal_debits_the_account_of_its_type_and_credits_the_machine(bench: Bench) -> None:
    assert bench.withdraw()["39"] == "00"
    assert bench.withdraw(de3="011000")["54"].startswith("1001760C")
    assert bench.withdraw(de102=SAVINGS)["54"].startswith("1001760C")
    assert bench.withdraw(de102=OTHER)["39"] == "57"
    assert bench.withdraw(de3="019200")["39"] == "57"
    assert bench.balance("atm:GW000001") == 15000
    assert bench.balance(f"customer:{SAVINGS}") == START - 10000


@pytest.mark.parametrize("name", ["expired_card", "blocked_card", "wrong_pin", "poor_card", "restricted_card"])
def test_an_awkward_card_is_refused_as_it_says(bench: Bench, name: str) -> None:
    case = PEOPLE.special[name]
    card = PEOPLE.cards[special(name, "pan")]
    block = pin_block(card, special(name, "pin"))
    answer = bench.withdraw(50_000, de2=card.pan, de52=block, de35=card.track2)
    assert answer["39"] == case.provokes


def test_an_expiry_in_35_counts_before_14_and_14_before_the_card_file(bench: Bench) -> None:
    stale = f"{CARD.pan}=2610101"
    assert bench.withdraw(de35=stale)["39"] == "54"
    given = {"de2": CARD.pan, "de52": pin_block(CARD)}
    assert bench.asker.ask("0100", "31", de14="2610", **given)["39"] == "54"
    assert bench.asker.ask("0100", "31", **given)["39"] == "00"


def test_the_third_wrong_pin_in_a_row_uses_the_tries_up_across_a_restart(bench: Bench) -> None:
    wrong = pin_block(CARD, "9999" if CARD.pin != "9999" else "8888")
    assert bench.withdraw(de52=wrong)["39"] == "55"
    assert bench.asker.repeat(bench.asker.asked)["39"] == "55"
    assert bench.withdraw(de52="0123456789ABCDEF")["39"] == "63"
    bench.restart()
    assert bench.withdraw(de52=wrong)["39"] == "55"
    assert bench.withdraw()["39"] == "00"
    codes = [bench.withdraw(de52=wrong)["39"] for _ in range(3)]
    assert codes == ["55", "55", "75"]
    assert bench.withdraw()["39"] == "75"


def change_pin(bench: Bench, old: str, new: str) -> str:
    given = {"de2": CARD.pan, "de52": pin_block(CARD, old)}
    return bench.asker.ask("0600", "92", ("12", pin_block(CARD, new)), **given)["39"]


def test_a_changed_pin_holds_after_a_restart_and_its_reversal_brings_the_old_one_back(bench: Bench) -> None:
    new = "246810"
    assert change_pin(bench, CARD.pin, new) == "00"
    asked = bench.asker.asked
    bench.restart()
    assert bench.withdraw()["39"] == "55"
    assert bench.withdraw(de52=pin_block(CARD, new))["39"] == "00"
    assert bench.asker.reverse(asked)["39"] == "00"
    assert bench.withdraw()["39"] == "00"


def activate(bench: Bench, code: str, account: str = "") -> str:
    inactive = PEOPLE.by_subscriber[special("inactive_subscriber", "subscriber")]
    number = account or inactive.accounts[0].number
    tags = (("01", inactive.subscriber), ("07", code_block(code)))
    return bench.asker.ask("0600", "91", *tags, de102=number)["39"]


def test_an_activation_opens_the_channel_once_and_its_reversal_closes_it(bench: Bench) -> None:
    inactive = PEOPLE.by_subscriber[special("inactive_subscriber", "subscriber")]
    mine, other = (account.number for account in inactive.accounts)

    def balance() -> str:
        return bench.asker.ask("0100", "31", ("01", inactive.subscriber), de102=mine)["39"]

    assert balance() == "80"
    assert activate(bench, inactive.activation_code) == "00"
    asked = bench.asker.asked
    assert balance() == "00"
    assert activate(bench, inactive.activation_code) == "00"
    assert activate(bench, inactive.activation_code, other) == "12"
    assert activate(bench, inactive.activation_code, CURRENT) == "57"
    bench.restart()
    assert balance() == "00"
    assert bench.asker.reverse(asked)["39"] == "00"
    assert balance() == "80"


def test_the_third_wrong_activation_code_closes_the_way(bench: Bench) -> None:
    right = PEOPLE.by_subscriber[special("inactive_subscriber", "subscriber")].activation_code
    wrong = "000000" if right != "000000" else "111111"
    assert [activate(bench, wrong) for _ in range(3)] == ["55", "55", "75"]
    assert activate(bench, right) == "75"


def test_a_reversal_gives_all_back_once(bench: Bench) -> None:
    bench.pay()
    asked = bench.asker.asked
    assert bench.asker.reverse(asked, de4=n12(999))["39"] == "64"
    assert bench.asker.reverse(asked)["39"] == "00"
    reversal = bench.asker.asked
    bench.restart()
    assert bench.asker.repeat(reversal)["39"] == "00"
    assert bench.asker.reverse(asked, mti="0400")["39"] == "00"
    assert bench.asker.reverse(asked, stands=100)["39"] == "94"
    assert bench.balance(f"customer:{CURRENT}") == START
    assert bench.asker.repeat(asked)["39"] == "00"


def test_only_a_withdrawal_may_be_reversed_in_part(bench: Bench) -> None:
    bench.pay()
    assert bench.asker.reverse(bench.asker.asked, stands=100)["39"] == "12"
    bench.withdraw(5000)
    asked = bench.asker.asked
    assert bench.asker.reverse(asked, stands=5001)["39"] == "64"
    assert bench.asker.reverse(asked, stands=2000)["39"] == "00"
    assert bench.asker.reverse(asked, stands=1000)["39"] == "94"
    assert bench.balance("atm:GW000001") == 2000
    assert bench.balance(f"customer:{CURRENT}") == START - 3000


def test_a_reversal_of_what_was_declined_moves_nothing(bench: Bench) -> None:
    bench.pay(minor=START + 1)
    assert bench.asker.reverse(bench.asker.asked)["39"] == "00"
    assert bench.balance(f"customer:{CURRENT}") == START


def test_an_original_that_its_reversal_overtook_is_too_late(bench: Bench) -> None:
    bench.pay()
    late = bench.asker.asked.fields | {"11": "900001", "37": "LATE00000001"}
    reversal = Asker(bench.core.answer)
    asked = type(bench.asker.asked)(late)
    assert reversal.reverse(asked, de11="900002")["39"] == "25"
    bench.restart()
    answer = bench.core.answer(asked)
    assert answer is not None
    assert answer["39"] == "68"
    again = Asker(bench.core.answer)
    assert again.reverse(asked, de11="900003")["39"] == "25"
    assert bench.balance(f"customer:{CURRENT}") == START - 1000


def test_a_mini_statement_has_the_ten_newest_lines_newest_first(bench: Bench) -> None:
    for number in range(12):
        bench.pay(minor=100 + number)
    lines = [line.split("|") for _, line in tags_of(bench.asker.ask("0200", "38", ME, de102=CURRENT))]
    assert [int(line[2]) for line in lines] == list(range(111, 101, -1))
    assert lines[0][:2] + lines[0][3:] == ["20261122", "D", "transfer", "REF000000012"]


def statement(bench: Bench, *tags: tuple[str, str], account: str = CURRENT) -> Fields:
    return bench.asker.ask("0100", "35", ME, *tags, de102=account)


def test_a_statement_goes_on_with_its_token_until_everything_was_told(bench: Bench) -> None:
    days = (("10", "20261101"), ("11", "20261122"))
    for number in range(45):
        bench.pay(minor=100 + number)
    seen: list[str] = []
    token: tuple[tuple[str, str], ...] = ()
    for _ in range(4):
        answer = statement(bench, *days, *token)
        assert len(answer["48"]) <= 999
        pairs = tags_of(answer)
        seen += [line for tag, line in pairs if tag == "08"]
        token = tuple(pair for pair in pairs if pair[0] == "13")
        if not token:
            break
        bench.restart()
    assert len(seen) == len(set(seen)) == 46
    assert "opening" in seen[-1]


def test_a_token_is_bound_to_its_account_and_days_and_grows_old(bench: Bench) -> None:
    days = (("10", "20261101"), ("11", "20261122"))
    for number in range(25):
        bench.pay(minor=100 + number)
    token = tags_of(statement(bench, *days))[-1]
    assert statement(bench, *days, token)["39"] == "00"
    assert statement(bench, *days, token, account=SAVINGS)["39"] == "12"
    assert statement(bench, ("10", "20261102"), days[1], token)["39"] == "12"
    assert statement(bench, *days, ("13", "nothing of ours"))["39"] == "12"
    bench.clock.at = bench.clock.at.replace(minute=16)
    assert statement(bench, *days, token)["39"] == "12"


def test_a_statement_of_other_days_is_empty_and_approved(bench: Bench) -> None:
    answer = statement(bench, ("10", "20250101"), ("11", "20250131"))
    assert (answer["39"], answer.get("48")) == ("00", None)


def test_the_books_balance_and_open_once(bench: Bench) -> None:
    opened = sum(account.opening_minor for account in PEOPLE.accounts.values())
    bench.restart()
    assert bench.balance(OPENING_EQUITY) == -opened


def test_a_forced_decline_is_remembered_like_any_other(bench: Bench) -> None:
    bench.pay()
    fields = bench.asker.asked.fields | {"11": "900001", "37": "FORCED000001"}
    message = type(bench.asker.asked)(fields)
    declined = bench.core.answer(message, refuse="51")
    assert declined is not None
    assert declined["39"] == "51"
    assert bench.core.answer(message) == declined
