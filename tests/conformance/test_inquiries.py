"""The services that move no money: each is asked as the table says, and answers what it says."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.conformance import law, tlv
from tests.conformance.asking import after_posting, bill_lines, find_bill
from tests.conformance.card import Account, Subscriber
from tests.conformance.desk import CURRENCY, Gateway, Machine
from tests.conformance.pools import Card

NOTES = 50_000  # 500 pounds: any cash machine can pay it


@pytest.mark.parametrize(("mti", "code"), [("0200", "31"), ("0100", "31"), ("0200", "30")])
def test_balance_is_0200_or_0100_with_31_or_30_and_answers_54(card: Card, mobile: Gateway, mti: str, code: str) -> None:
    who, account = card.take_account()
    request = mobile.balance(who, account, mti=mti, code=code)
    received = law.told(mobile, request)
    ledger, available = after_posting(received, account)
    assert available <= ledger
    assert len(tlv.balances(received.fields["54"])) == 2


def test_balance_at_a_machine_is_the_cards_account_with_2_and_52(card: Card, atm: Machine) -> None:
    plastic, account = card.take_plastic(0)
    request = atm.balance(plastic)
    received = law.told(atm, request)
    after_posting(received, account)


def test_an_atm_message_may_name_one_of_the_cards_accounts_in_102(card: Card, atm: Machine) -> None:
    plastic, account = card.take_plastic(0)
    request = {**atm.balance(plastic), "102": account.number}
    law.told(atm, request)


def test_on_an_inquiry_4_is_absent_or_zero(card: Card, mobile: Gateway) -> None:
    who, account = card.take_account()
    zero = {**mobile.balance(who, account), "4": "0" * 12, "49": CURRENCY}
    law.told(mobile, zero)


def test_mini_statement_38_answers_tag_08_up_to_ten_newest_first(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_pair(3_003)
    moves = [1_001, 1_002, 1_000]
    for minor in moves:
        transfer = mobile.transfer(who, source, to, minor, own=True)
        law.told(mobile, transfer)
    for mti in ("0200", "0100"):
        request = mobile.mini_statement(who, source, mti=mti)
        received = law.told(mobile, request)
        lines = [tlv.statement_line(v) for v in tlv.every(tlv.parse(received.fields["48"]), "08")]
        assert 3 <= len(lines) <= 10
        assert [line.minor for line in lines[:3]] == [-minor for minor in reversed(moves)]
        assert [line.day for line in lines] == sorted((line.day for line in lines), reverse=True)


def test_mini_statement_at_a_machine(card: Card, atm: Machine) -> None:
    plastic, _ = card.take_plastic(0)
    request = atm.mini_statement(plastic)
    law.told(atm, request)


def test_account_statement_35_as_many_as_fit_and_tag_13_sent_back_unchanged_until_there_is_none(
    card: Card, mobile: Gateway
) -> None:
    moves = list(range(101, 131))
    who, source, to = card.take_pair(sum(moves))
    for minor in moves:
        transfer = mobile.transfer(who, source, to, minor, own=True)
        assert mobile.ask(transfer).code == "00"
    lines, pages = statement(card, mobile, who, source)
    assert pages > 1, "thirty lines don't fit in 999 bytes"
    assert [line.minor for line in lines[: len(moves)]] == [-minor for minor in reversed(moves)]
    assert [line.day for line in lines] == sorted((line.day for line in lines), reverse=True)


def statement(card: Card, desk: Gateway, who: Subscriber, account: Account) -> tuple[list[tlv.StatementLine], int]:
    """From the first of January, 10 and 11 inclusive, so that the business day is in it."""
    last = max(card.bank["business_day"], today(card))
    lines: list[tlv.StatementLine] = []
    token = ""
    for page in range(1, 100):
        request = desk.statement(who, account, last[:4] + "0101", last, token)
        received = law.told(desk, request)
        tags = tlv.parse(received.fields.get("48", ""))
        lines += [tlv.statement_line(value) for value in tlv.every(tags, "08")]
        token = next(iter(tlv.every(tags, "13")), "")
        if not token:
            return lines, page
    raise AssertionError("the statement of one account doesn't end")


def test_a_token_is_no_key_to_another_list_and_a_forged_one_to_none(card: Card, mobile: Gateway) -> None:
    moves = list(range(201, 226))
    who, source, to = card.take_pair(sum(moves))
    for minor in moves:
        transfer = mobile.transfer(who, source, to, minor, own=True)
        assert mobile.ask(transfer).code == "00"
    last = max(card.bank["business_day"], today(card))
    first = last[:4] + "0101"
    page = law.told(mobile, mobile.statement(who, source, first, last))
    token = next(iter(tlv.every(tlv.parse(page.fields["48"]), "13")))
    other, account = card.other_than(who)
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    for refused, code in (
        (mobile.statement(who, to, first, last, token), "12"),
        (mobile.statement(other, account, first, last, token), "12"),
        (mobile.statement(other, source, first, last, token), "57"),
        (mobile.statement(who, source, "20200101", last, token), "12"),
        (mobile.statement(who, source, first, last, forged), "12"),
    ):
        assert "48" not in law.told(mobile, refused, code).fields


def test_an_empty_period_is_approved_and_one_that_ends_before_it_begins_is_30(card: Card, mobile: Gateway) -> None:
    who, account = card.take_account()
    empty = mobile.statement(who, account, "20200101", "20200131")
    assert "48" not in law.told(mobile, empty).fields
    backwards = mobile.statement(who, account, "20200131", "20200101")
    received = law.told(mobile, backwards, "30")
    assert law.words(received, mobile.listener)[1].endswith("(48.11)")


def today(card: Card) -> str:
    return datetime.now(ZoneInfo(card.bank["timezone"])).strftime("%Y%m%d")


def test_owner_of_an_account_33_answers_tag_06_a_name(card: Card, mobile: Gateway) -> None:
    who, _ = card.take_account()
    other, account = card.other_than(who)
    request = mobile.owner(who, account)
    received = law.told(mobile, request)
    names = tlv.every(tlv.parse(received.fields["48"]), "06")
    assert [mobile.text(name) for name in names] == [other.name]


def test_bill_inquiry_32_answers_tag_05_per_bill_and_06(card: Card, mobile: Gateway) -> None:
    who, _ = card.take_account()
    bill = card.take_bill(biller="ELEC")
    line = find_bill(mobile, who, bill)
    assert line is not None
    assert (line.amount_minor, line.least_minor, line.status) == (bill.amount_minor, bill.least_minor, "U")


def test_bills_that_dont_fit_continue_likewise(card: Card, mobile: Gateway) -> None:
    many = [entry for entry in card.specials if entry["name_of_special"] == "many_bills"]
    if not many:
        pytest.skip("the card names nobody with many bills")
    who, _ = card.take_account()
    lines = bill_lines(mobile, who, many[0]["biller"], many[0]["customer_number"])
    ids = [line.bill_id for line in lines]
    assert len(ids) == len(set(ids))
    assert len(ids) > 20, "more than fit in 999 bytes"


def test_loan_inquiry_36_answers_tag_05(card: Card, mobile: Gateway) -> None:
    who, _, loan = card.take_loan()
    request = mobile.loan(who, loan)
    received = law.told(mobile, request)
    lines = [tlv.bill_line(value) for value in tlv.every(tlv.parse(received.fields["48"]), "05")]
    assert [line.amount_minor for line in lines if line.bill_id == loan.bill_id] == [loan.amount_minor]
