"""63: the MAC, where it stands and what it covers."""

from tests.conformance import law
from tests.conformance.desk import Gateway, Machine
from tests.conformance.pools import Card

NOTES = 50_000


def test_63_a_wrong_mac_claims_no_key(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(600)
    held = mobile.holds(who, source)
    request = mobile.transfer(who, source, to, 600)
    body = mobile.client.wire.seal(request)
    spoilt = body[:-1] + (b"0" if body[-1:] != b"0" else b"1")
    law.check(request, mobile.client.ask_body(request, spoilt), mobile.listener, code="63")
    assert mobile.holds(who, source) == held
    law.check(request, mobile.client.ask_body(request, body), mobile.listener)


def test_63_a_missing_mac(card: Card, mobile: Gateway) -> None:
    who, account = card.take_account()
    request = mobile.balance(who, account)
    body = mobile.client.wire.encode(request)
    law.check(request, mobile.client.ask_body(request, body), mobile.listener, code="63")


def test_63_a_message_changed_under_its_mac(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(100)
    request = mobile.transfer(who, source, to, 100)
    body = mobile.client.wire.seal(request)
    changed = body.replace(b"000000000100", b"000000009100", 1)
    assert changed != body
    received = mobile.client.ask_body(request, changed)
    assert received.code == "63"


def test_63_the_mac_is_in_128_when_any_field_above_64_is_present(card: Card, mobile: Gateway) -> None:
    who, account = card.take_account()
    request = mobile.balance(who, account)
    wire, mark = mobile.client.wire, "A5" * 8
    body = wire.encode({**request, "64": mark})
    at = body.index(mark.encode())
    misplaced = body[:at] + wire.mac_bytes(body[:at]) + body[at + 16 :]
    law.check(request, mobile.client.ask_body(request, misplaced), mobile.listener, code="63")


def test_the_mac_is_in_64_when_no_field_above_64_is_present(card: Card, atm: Machine) -> None:
    plastic, _ = card.take_plastic(0)
    request = atm.balance(plastic)
    received = law.told(atm, request)
    assert "64" in received.fields
    assert "128" not in received.fields


def test_hex_may_be_in_lower_case(card: Card, mobile: Gateway) -> None:
    who, account = card.take_account()
    request = mobile.balance(who, account)
    wire = mobile.client.wire
    whole = wire.encode({**request, "128": "0" * 16})
    before = whole[:4] + whole[4:36].lower() + whole[36:-16]
    body = before + wire.mac_bytes(before).lower()
    assert body != wire.seal(request)
    law.check(request, mobile.client.ask_body(request, body), mobile.listener)
