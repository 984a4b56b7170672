"""Network management: signing on, echo, and what a line may do before. And the day's totals, while it is open."""

import pytest

from tests.conformance import law
from tests.conformance.client import Fields
from tests.conformance.desk import Desk, Gateway, Machine, reversal_of
from tests.conformance.pools import Card

TOTALS = ("86", "87", "88", "89")
NUMBERS = ("74", "75", "76", "77", "78", "79")


def test_who_connects_signs_on_with_001(stranger: Gateway) -> None:
    request = stranger.network("001")
    law.told(stranger, request)


def test_before_sign_on_anything_but_0800_gets_91(card: Card, stranger: Gateway, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(100)
    held = mobile.holds(who, source)
    transfer = stranger.transfer(who, source, to, 100)
    activation = stranger.activate(who, source, "0" * 16)
    for request in (transfer, activation, reversal_of(transfer), stranger.owner(who, to)):
        law.told(stranger, request, "91")
    assert mobile.holds(who, source) == held


def test_each_connection_signs_on_for_itself(card: Card, mobile: Gateway, stranger: Gateway) -> None:
    who, account = card.take_account()
    law.check(inquiry := mobile.balance(who, account), mobile.ask(inquiry), mobile.listener)
    law.check(other := stranger.balance(who, account), stranger.ask(other), stranger.listener, code="91")
    stranger.sign_on()
    law.check(after := stranger.balance(who, account), stranger.ask(after), stranger.listener)


def test_301_is_answered_before_and_after_sign_on(stranger: Gateway) -> None:
    for _ in range(2):
        request = stranger.network("301")
        law.told(stranger, request)
        stranger.sign_on()


def test_0810_echoes_7_11_32_41_70(mobile: Gateway) -> None:
    listener = mobile.listener
    request = mobile.network("301", {"32": listener.acquirer, "41": listener.terminals[0].ljust(8)})
    received = mobile.ask(request)
    law.check(request, received, listener)
    assert {de: received.fields[de] for de in ("7", "11", "32", "41", "70")} == {
        de: request[de] for de in ("7", "11", "32", "41", "70")
    }


@pytest.mark.parametrize("code", ["999", "000", "777"])
def test_an_unknown_70_is_12_with_words(mobile: Gateway, code: str) -> None:
    request = mobile.network(code)
    received = law.told(mobile, request, "12")
    assert law.words(received, mobile.listener)[0] == mobile.listener.language


def test_0800_without_70_is_refused(mobile: Gateway) -> None:
    """A field is missing (30), or what is asked is unknown (12): either."""
    request = {de: value for de, value in mobile.network("301").items() if de != "70"}
    assert mobile.ask(request).code in ("12", "30")


def test_many_echoes_at_once_are_each_answered(mobile: Gateway) -> None:
    echoes = [mobile.network("301") for _ in range(100)]
    mobile.client.send(*echoes)
    for echo in echoes:
        law.check(echo, mobile.client.answer_to(echo), mobile.listener)


@pytest.mark.xfail(strict=True, reason="reconciliation by message is not built yet")
@pytest.mark.parametrize("channel", ["mobile", "atm"])
def test_0500_of_a_day_that_is_still_open_is_66_3(card: Card, mobile: Gateway, atm: Machine, channel: str) -> None:
    """It has no 41, and its MAC is in 128 because of 66 and what follows."""
    desk: Desk = {"mobile": mobile, "atm": atm}[channel]
    request = totals(card, desk)
    received = law.told(desk, request)
    assert received.fields["66"] == "3"


def totals(card: Card, desk: Desk) -> Fields:
    network = desk.network("301")
    return {
        "t": "0500",
        "7": network["7"],
        "11": network["11"],
        "15": card.bank["business_day"][4:],
        "32": desk.listener.acquirer,
        "49": "760",
        **dict.fromkeys(NUMBERS, "0" * 10),
        **dict.fromkeys(TOTALS, "0" * 16),
        "97": "C" + "0" * 16,
        "99": desk.listener.acquirer,
    }
