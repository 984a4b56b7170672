"""Activation of the mobile channel, PIN change and device status."""

import pytest

from tests.conformance import law
from tests.conformance.desk import Gateway, Machine
from tests.conformance.pools import Card

NOTES = 50_000  # 500 pounds: any cash machine can pay it


def test_activate_the_mobile_channel_0600_91_and_a_used_code_with_the_same_account_is_00(
    card: Card, mobile: Gateway
) -> None:
    who = card.take_sleeper()
    account = who.accounts[0]
    before = mobile.balance(who, account)
    law.told(mobile, before, "80")
    first = mobile.activate(who, account, mobile.activation_block(who.activation_code))
    law.told(mobile, first)
    again = mobile.activate(who, account, mobile.activation_block(who.activation_code))
    law.told(mobile, again)
    after = mobile.balance(who, account)
    law.told(mobile, after)


def test_activation_takes_the_ready_block_of_the_card(card: Card, mobile: Gateway) -> None:
    who = card.take_sleeper()
    account = who.accounts[0]
    if account.number not in who.activation_blocks:
        pytest.skip("the card has no ready block for this account")
    request = mobile.activate(who, account, who.activation_blocks[account.number])
    law.told(mobile, request)


def test_a_wrong_activation_code_is_55_and_the_third_75(card: Card, mobile: Gateway) -> None:
    who = card.take_sleeper()
    wrong = "000000" if who.activation_code != "000000" else "111111"
    for code in ("55", "55", "75"):
        request = mobile.activate(who, who.accounts[0], mobile.activation_block(wrong))
        law.told(mobile, request, code)


def test_an_activation_code_in_clear_is_taken_inside_tls(card: Card, mobile: Gateway) -> None:
    """The demo's lines are enciphered; that it is refused on one that is not is held elsewhere."""
    assert mobile.listener.tls is not None
    who = card.take_sleeper()
    law.told(mobile, mobile.activate(who, who.accounts[0], who.activation_code))
    law.told(mobile, mobile.balance(who, who.accounts[0]))


def test_pin_change_0600_92_answers_39_and_the_new_pin_is_the_pin(card: Card, atm: Machine) -> None:
    plastic = card.take_spare_plastic()
    new_pin = "2580" if plastic.pin != "2580" else "1470"
    request = atm.change_pin(plastic, new_pin)
    law.told(atm, request)
    old = atm.balance(plastic)
    law.told(atm, old, "55")
    new = {**atm.balance(plastic), "52": atm.pin_block(new_pin, plastic.pan)}
    law.told(atm, new)


@pytest.mark.parametrize("mti", ["0620", "0621"])
def test_atm_status_0620_97_with_tags_20_to_24_is_received(card: Card, atm: Machine, mti: str) -> None:
    atm.terminal = atm.listener.terminals[-1]
    cassettes = [("21", f"{NOTES}|760|1000|OK"), ("21", "10000|760|1000|OK")]
    request = atm.status(("20", "IN-SERVICE"), *cassettes, ("22", "PRINTER|1|0001"), ("23", "OK"), ("24", "1.0"))
    request["t"] = mti
    law.told(atm, request)
