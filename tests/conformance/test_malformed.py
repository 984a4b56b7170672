"""30: readable, but a field is missing or malformed; the words say where."""

from collections.abc import Callable

import pytest

from tests.conformance import law
from tests.conformance.client import Fields
from tests.conformance.desk import CURRENCY, Gateway, Machine, n12
from tests.conformance.pools import Card

NOTES = 50_000


Bend = Callable[[Fields], Fields]


def without(de: str) -> Bend:
    return lambda request: {name: value for name, value in request.items() if name != de}


def having(de: str, value: str) -> Bend:
    return lambda request: {**request, de: value}


MISSING = ("3", "4", "7", "11", "12", "13", "22", "25", "32", "37", "41", "42", "49", "102", "103")
MALFORMED = [
    *(pytest.param(de, without(de), id=f"without {de}") for de in MISSING),
    pytest.param("7", having("7", "1332250000"), id="7 of a thirteenth month"),
    pytest.param("7", having("7", "0230120000"), id="7 of a thirtieth of February"),
    pytest.param("37", having("37", "ABC-DEF/0001"), id="37 of other than letters and digits"),
]


@pytest.mark.parametrize(("place", "bend"), MALFORMED)
def test_30_ends_with_the_place_of_the_fault_and_claims_no_key(
    card: Card, mobile: Gateway, place: str, bend: Bend
) -> None:
    who, source, to = card.take_strangers(500)
    right = mobile.transfer(who, source, to, 500)
    bent = bend(right)
    mobile.client.send(bent)
    received = mobile.client.receive()
    law.check(bent, received, mobile.listener, code="30")
    assert law.place(received, mobile.listener) == place
    law.told(mobile, right)


def test_30_a_mobile_message_names_the_subscriber_in_tag_01_also_on_inquiries(card: Card, mobile: Gateway) -> None:
    who, account = card.take_account()
    nobody = {**mobile.balance(who, account), "48": "02002en"}
    assert law.place(law.told(mobile, nobody, "30"), mobile.listener) == "48.01"
    nothing = {de: value for de, value in nobody.items() if de != "48"}
    assert law.place(law.told(mobile, nothing, "30"), mobile.listener) in ("48", "48.01")


def test_30_ends_with_48_03_where_the_customers_number_at_the_biller_is_missing(card: Card, mobile: Gateway) -> None:
    who, _ = card.take_account()
    request = mobile.bills(who, "ELEC", "10000001")
    request["48"] = request["48"].replace("0300810000001", "")
    assert law.place(law.told(mobile, request, "30"), mobile.listener) == "48.03"


@pytest.mark.parametrize("private", ["01012963", "010xx963900000001", "01"])
def test_30_a_broken_length_in_field_48(card: Card, mobile: Gateway, private: str) -> None:
    who, account = card.take_account()
    received = law.told(mobile, {**mobile.balance(who, account), "48": private}, "30")
    assert law.place(received, mobile.listener).partition(".")[0] == "48"


@pytest.mark.parametrize("de", ["2", "52", "35"])
def test_30_an_atm_message_carries_2_and_52_and_35_on_withdrawals(card: Card, atm: Machine, de: str) -> None:
    plastic, _ = card.take_plastic(0)
    request = {name: value for name, value in atm.withdraw(plastic, NOTES).items() if name != de}
    assert law.place(law.told(atm, request, "30"), atm.listener) == de


def test_30_the_pan_of_35_equals_2(card: Card, atm: Machine) -> None:
    plastic, _ = card.take_plastic(0)
    other = plastic.track2.replace(plastic.pan, "4000001234567899")
    received = law.told(atm, {**atm.withdraw(plastic, NOTES), "35": other}, "30")
    assert law.place(received, atm.listener) == "35"


def test_30_a_field_whose_length_cannot_be_read(card: Card, mobile: Gateway) -> None:
    """The MTI is readable, the message is not: 30, though nothing can be said of its MAC."""
    who, source, to = card.take_strangers(100)
    request = mobile.transfer(who, source, to, 100)
    body = mobile.client.wire.seal(request)
    at = body.rindex(b"14" + request["103"].encode())
    received = mobile.client.ask_body(request, body[:at] + b"??" + body[at + 2 :])
    assert received.code == "30"
    assert law.place(received, mobile.listener) == "103"


def test_an_inquiry_with_an_amount_is_refused(card: Card, mobile: Gateway) -> None:
    """4 is absent or zero; which code says so is left open: 30, 12 or 13."""
    who, account = card.take_account()
    request = {**mobile.balance(who, account), "4": n12(100), "49": CURRENCY}
    assert mobile.ask(request).code in ("12", "13", "30")
