"""Cards, PINs and activation codes at the simulated core: tries are counted, and changes can be undone."""

from __future__ import annotations

import shutil

import pytest

from tests.unit.simulators.asking import PEOPLE, code_block, pin_block, special
from tests.unit.simulators.core_bench import CARD, CURRENT, OTHER, SAVINGS, START, Bench


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


def test_a_try_that_was_counted_is_counted_still_when_the_core_is_killed_between_two(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wrong = pin_block(CARD, "9999" if CARD.pin != "9999" else "8888")
    for code in ("55", "55", "75"):
        assert bench.withdraw(de52=wrong)["39"] == code
        left = tmp_path_factory.mktemp("killed") / "books"
        shutil.copytree(bench.path, left)  # as SIGKILL would leave them
        bench.store.close()
        bench.path = left
        bench.reopen()
    assert bench.withdraw()["39"] == "75"


@pytest.mark.parametrize("pin", [CARD.pin, "9999" if CARD.pin != "9999" else "8888"])
def test_a_stripe_that_the_bank_did_not_write_is_63_and_no_try_whatever_the_pin(bench: Bench, pin: str) -> None:
    wrong, copied = pin_block(CARD, "9999" if CARD.pin != "9999" else "8888"), f"{CARD.track2[:24]}00000"
    assert [bench.withdraw(de52=wrong)["39"] for _ in range(2)] == ["55", "55"]
    assert bench.withdraw(de35=copied, de52=pin_block(CARD, pin))["39"] == "63"
    assert bench.withdraw(de52=wrong)["39"] == "75"
    assert bench.balance("atm:GW000001") == 0


def test_a_card_that_would_be_refused_anyway_is_not_asked_for_its_stripe(bench: Bench) -> None:
    card = PEOPLE.cards[special("blocked_card", "pan")]
    answer = bench.withdraw(de2=card.pan, de52=pin_block(card), de35=f"{card.pan}={card.expiry}10100000000")
    assert answer["39"] == "62"


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


def test_no_pin_and_no_activation_code_is_in_the_cores_books(bench: Bench) -> None:
    inactive = PEOPLE.by_subscriber[special("inactive_subscriber", "subscriber")]
    pin = "908172635445"
    assert change_pin(bench, CARD.pin, pin) == "00"
    assert activate(bench, "271828") == "55"
    assert activate(bench, inactive.activation_code) == "00"
    bench.store.close()
    books = b"".join(file.read_bytes() for file in bench.path.iterdir())
    for secret in (pin, inactive.activation_code, "271828", CARD.pan, CARD.track2):
        assert secret.encode() not in books
