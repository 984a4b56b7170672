"""63: two letters of language and the outcome in words for the customer, and text in every dialect."""

import pytest

from tests.conformance import law, tlv
from tests.conformance.asking import until_final
from tests.conformance.client import Fields
from tests.conformance.desk import Connect, Desk, Gateway, Machine, signed_on
from tests.conformance.pools import Card

DIALECTS = ("iso87-ascii", "iso87-binary", "iso87-bcd", "iso87-ebcdic")


def spoken(desk: Desk, request: Fields, code: str) -> tuple[str, str]:
    received = law.told(desk, request, code)
    language, text = law.words(received, desk.listener)
    assert text == text.strip(), "no separator"
    assert text
    return language, text


@pytest.mark.parametrize("language", ["ar", "en"])
def test_63_is_in_the_language_of_tag_02(card: Card, mobile: Gateway, language: str) -> None:
    who, source, to = card.take_strangers(200)
    private = tlv.build(("01", who.number), ("02", language))
    approved = spoken(mobile, {**mobile.transfer(who, source, to, 200), "48": private}, "00")
    declined = spoken(mobile, {**mobile.transfer(who, source, source, 200), "48": private}, "12")
    assert (approved[0], declined[0]) == (language, language)
    assert [law.is_arabic(text) for _, text in (approved, declined)] == [language == "ar"] * 2
    assert approved[1] != declined[1]


@pytest.mark.parametrize("private", [[], [("02", "fr")], [("02", "")], [("02", "AR ")]])
def test_63_is_in_the_endpoints_default_where_tag_02_is_unknown_or_absent(
    card: Card, mobile: Gateway, web: Gateway, private: list[tuple[str, str]]
) -> None:
    who, account = card.take_account()
    for desk in (mobile, web):
        request = {**desk.balance(who, account), "48": tlv.build(("01", who.number), *private)}
        language, text = spoken(desk, request, "00")
        assert language == desk.listener.language
        assert law.is_arabic(text) is (language == "ar")


def test_63_at_a_machine_without_field_48_is_in_its_default_language(card: Card, atm: Machine) -> None:
    plastic, _ = card.take_plastic(0)
    assert spoken(atm, atm.balance(plastic), "00")[0] == atm.listener.language


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_words_of_30_end_with_the_place_in_either_language(card: Card, mobile: Gateway, language: str) -> None:
    who, account = card.take_account()
    request = {**mobile.balance(who, account), "48": tlv.build(("01", who.number), ("02", language))}
    del request["102"]
    said, text = spoken(mobile, request, "30")
    assert (said, text.endswith("(102)")) == (language, True)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_of_the_card_carries_the_services(card: Card, connect: Connect, dialect: str) -> None:
    """Sign-on, echo, an inquiry, a transfer with its repeat, a bill and a decline."""
    desk = speaking(card, connect, dialect)
    law.check(echo := desk.network("301"), desk.ask(echo), desk.listener)
    who, source, to = card.take_strangers(250)
    held = desk.holds(who, source)
    request = desk.transfer(who, source, to, 250)
    received = law.told(desk, request)
    assert desk.ask({**request, "t": "0201"}).body == received.body
    assert desk.holds(who, source) == held - 250
    bill = card.take_bill(biller="ELEC")
    payer, account = card.take_account(bill.amount_minor)
    payment = desk.pay_bill(payer, account, bill, bill.amount_minor)
    law.check(payment, until_final(desk, payment), desk.listener)
    assert spoken(desk, desk.transfer(who, source, source, 100), "12")[0] == "en"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_63_in_another_dialect_is_in_the_listeners_charset(card: Card, connect: Connect, dialect: str) -> None:
    desk = speaking(card, connect, dialect)
    who, account = card.take_account()
    for language in ("en", "ar") if desk.listener.charset == "utf-8" else ("en",):
        request = {**desk.balance(who, account), "48": tlv.build(("01", who.number), ("02", language))}
        said, text = spoken(desk, request, "00")
        assert (said, law.is_arabic(text)) == (language, language == "ar")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_name_is_the_same_in_every_dialect(card: Card, connect: Connect, dialect: str) -> None:
    desk = speaking(card, connect, dialect)
    if desk.listener.charset != "utf-8":
        pytest.skip("this charset has no Arabic letters to compare")
    who, _ = card.take_account()
    other, account = card.other_than(who)
    request = desk.owner(who, account)
    received = law.told(desk, request)
    names = tlv.every(tlv.parse(received.fields["48"]), "06")
    assert [desk.text(name) for name in names] == [other.name]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_30_and_63_are_said_in_every_dialect(card: Card, connect: Connect, dialect: str) -> None:
    desk = speaking(card, connect, dialect)
    who, account = card.take_account()
    request = desk.balance(who, account)
    bent = {de: value for de, value in request.items() if de != "102"}
    assert spoken(desk, bent, "30")[1].endswith("(102)")
    if desk.listener.mac_key is not None:
        received = desk.client.ask_body(request, desk.client.wire.encode(request))
        law.check(request, received, desk.listener, code="63")


def speaking(card: Card, connect: Connect, dialect: str) -> Gateway:
    """A gateway on the first listener of this dialect that is not for machines."""
    for listener in card.listeners:
        if listener.dialect == dialect and listener.channel != "atm":
            return signed_on(Gateway(connect(listener.name), card.bank["timezone"]))
    pytest.skip(f"the card has no listener that speaks {dialect}")
