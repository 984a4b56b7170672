"""What holds for every service: fields that are carried, passed on, echoed, and the MTI each may come under."""

from collections.abc import Callable

import pytest

from tests.conformance import law, tlv
from tests.conformance.asking import after_posting, until_final
from tests.conformance.card import Account, Subscriber
from tests.conformance.client import Fields
from tests.conformance.desk import Gateway
from tests.conformance.pools import Card

NOTES = 50_000  # 500 pounds: any cash machine can pay it


def test_fields_that_are_carried_and_passed_on_are_not_judged(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(100)
    request = mobile.transfer(who, source, to, 100)
    request |= {
        "18": "6011",
        "26": "04",
        "33": "00000099999",
        "43": mobile.letters("دمشق - شارع الحمرا")[:40].ljust(40),
    }
    request |= {"55": "9F2608AABBCCDDEEFF0011", "60": "x", "61": "y", "62": "z", "100": "000999", "104": "note"}
    received = law.told(mobile, request)
    assert (received.fields["33"], received.fields["100"]) == ("00000099999", "000999")


def test_unknown_tags_pass_through(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(100)
    request = mobile.transfer(who, source, to, 100)
    request["48"] += tlv.build(("77", "something of the bank's own"))
    law.told(mobile, request)


def test_42_and_41_are_compared_without_the_spaces_and_echoed_with_them(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(100)
    request = {**mobile.transfer(who, source, to, 100), "42": "A SHOP".ljust(15)}
    received = law.told(mobile, request)
    assert received.fields["42"] == "A SHOP         "


def test_15_is_the_business_day(card: Card, mobile: Gateway) -> None:
    who, account = card.take_account()
    received = mobile.ask(mobile.balance(who, account))
    assert received.fields["15"] == card.bank["business_day"][4:]


def test_the_website_does_what_the_mobile_channel_does(card: Card, web: Gateway) -> None:
    who, source, to = card.take_pair(300)
    held = web.holds(who, source)
    request = web.transfer(who, source, to, 300, own=True)
    received = law.told(web, request)
    assert after_posting(received, source)[0] == held - 300
    bill = card.take_bill(biller="ELEC")
    who, source = card.take_account(bill.amount_minor)
    payment = web.pay_bill(who, source, bill, bill.amount_minor)
    law.check(payment, until_final(web, payment), web.listener)


Build = Callable[[Gateway, Subscriber, Account, Account], Fields]
ON_AN_INQUIRY_MTI: list[tuple[str, Build]] = [
    ("transfer", lambda desk, who, source, to: desk.transfer(who, source, to, 900)),
    ("own transfer", lambda desk, who, source, to: desk.transfer(who, source, to, 900, own=True)),
]


@pytest.mark.parametrize(("name", "build"), ON_AN_INQUIRY_MTI)
def test_an_inquiry_mti_moves_no_money(card: Card, mobile: Gateway, name: str, build: Build) -> None:
    """A money service under 0100 is not in the table: 12, or 30 at its 3 or 4."""
    who, source, to = card.take_pair(900)
    held = mobile.holds(who, source)
    request = {**build(mobile, who, source, to), "t": "0100"}
    assert mobile.ask(request).code in ("12", "13", "30"), name
    assert mobile.holds(who, source) == held
