"""The services that move money: what is posted, and what the customer is told of it."""

import re

import pytest

from tests.conformance import law, tlv
from tests.conformance.asking import after_posting, find_bill
from tests.conformance.desk import Gateway, Machine
from tests.conformance.pools import Card

NOTES = 50_000  # 500 pounds: any cash machine can pay it


def test_transfer_between_own_accounts_40_moves_the_money_and_answers_54(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_pair(700)
    held, held_there = mobile.holds(who, source), mobile.holds(who, to)
    request = mobile.transfer(who, source, to, 700, own=True)
    received = law.told(mobile, request)
    assert after_posting(received, source)[0] == held - 700
    assert (mobile.holds(who, source), mobile.holds(who, to)) == (held - 700, held_there + 700)


def test_transfer_to_another_person_42_moves_the_money_and_shows_the_senders_balance_only(
    card: Card, mobile: Gateway
) -> None:
    who, source = card.take_account(800)
    other, to = card.other_than(who)
    held, held_there = mobile.holds(who, source), mobile.holds(other, to)
    request = mobile.transfer(who, source, to, 800)
    received = law.told(mobile, request)
    assert after_posting(received, source)[0] == held - 800
    assert len(tlv.balances(received.fields["54"])) == 2
    assert mobile.holds(other, to) == held_there + 800


def test_account_types_of_field_3_may_be_00_the_default(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(100)
    request = {**mobile.transfer(who, source, to, 100), "3": "420000"}
    law.told(mobile, request)


def test_pay_a_bill_50_answers_tag_09_and_54_and_the_bill_is_then_81(card: Card, mobile: Gateway) -> None:
    bill = card.take_bill(biller="ELEC")
    who, source = card.take_account(bill.amount_minor)
    held = mobile.holds(who, source)
    request = mobile.pay_bill(who, source, bill, bill.amount_minor)
    received = law.told(mobile, request)
    assert after_posting(received, source)[0] == held - bill.amount_minor
    assert [bool(value) for value in tlv.every(tlv.parse(received.fields["48"]), "09")] == [True]
    again = mobile.pay_bill(who, source, bill, bill.amount_minor)
    law.told(mobile, again, "81")
    assert mobile.holds(who, source) == held - bill.amount_minor


@pytest.mark.parametrize("biller", ["ELEC", "WATER", "TEL", "MOBILE1", "MOBILE2"])
def test_every_biller_of_the_demo_takes_a_payment(card: Card, mobile: Gateway, biller: str) -> None:
    bill = card.take_bill(biller=biller)
    who, source = card.take_account(bill.amount_minor)
    request = mobile.pay_bill(who, source, bill, bill.amount_minor)
    law.told(mobile, request)


def test_a_university_instalment_is_paid_like_a_bill(card: Card, mobile: Gateway) -> None:
    for status in ("U", "T"):
        if any(b.status == status and b.biller.startswith("UNI") for b in card.bills):
            bill = card.take_bill(status, university=True)
            break
    else:
        pytest.skip("the card has no university instalment")
    who, source = card.take_account(bill.amount_minor)
    request = mobile.pay_bill(who, source, bill, bill.amount_minor)
    received = law.told(mobile, request)
    assert tlv.every(tlv.parse(received.fields["48"]), "09")


def test_after_a_part_payment_the_amount_is_the_rest_and_the_least_is_min_least_rest(
    card: Card, mobile: Gateway
) -> None:
    bill = card.take_bill("T")
    who, source = card.take_account(bill.amount_minor)
    request = mobile.pay_bill(who, source, bill, bill.least_minor)
    law.told(mobile, request)
    line = find_bill(mobile, who, bill)
    assert line is not None
    rest = bill.amount_minor - bill.least_minor
    assert (line.amount_minor, line.least_minor) == (rest, min(bill.least_minor, rest))
    last = mobile.pay_bill(who, source, bill, rest)
    law.told(mobile, last)


def test_pay_a_loan_instalment_54_posts_from_the_customer_and_answers_54(card: Card, mobile: Gateway) -> None:
    who, source, loan = card.take_loan()
    held = mobile.holds(who, source)
    request = mobile.pay_loan(who, source, loan, loan.amount_minor)
    received = law.told(mobile, request)
    assert after_posting(received, source)[0] == held - loan.amount_minor


def test_cash_withdrawal_01_answers_38_and_54(card: Card, atm: Machine) -> None:
    plastic, account = card.take_plastic(NOTES)
    held = atm.holds(plastic)
    request = atm.withdraw(plastic, NOTES)
    received = law.told(atm, request)
    assert re.fullmatch(r"\d{6}", received.fields["38"])
    assert after_posting(received, account)[0] == held - NOTES
    assert atm.holds(plastic) == held - NOTES


def test_track_2_may_have_d_for_the_equals_sign(card: Card, atm: Machine) -> None:
    plastic, _ = card.take_plastic(NOTES)
    request = {**atm.withdraw(plastic, NOTES), "35": plastic.track2.replace("=", "D")}
    law.told(atm, request)
