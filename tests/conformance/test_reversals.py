"""Reversals and reversal advices: what is given back, when, and what is refused."""

import pytest

from tests.conformance import law, tlv
from tests.conformance.asking import until_final, until_holds
from tests.conformance.card import Account, Subscriber, bill_of
from tests.conformance.client import Fields, Received
from tests.conformance.desk import Gateway, Machine, n12, new_reference, new_stan, repeat_of, reversal_of
from tests.conformance.pools import Card

NOTES = 50_000


@pytest.fixture
def paid(card: Card, mobile: Gateway) -> tuple[Fields, Subscriber, Account, int]:
    """A transfer that is done, and what the account held before."""
    who, source, to = card.take_strangers(500)
    held = mobile.holds(who, source)
    request = mobile.transfer(who, source, to, 500)
    law.told(mobile, request)
    return request, who, source, held


Paid = tuple[Fields, Subscriber, Account, int]


def reversed_00(desk: Gateway | Machine, reversal: Fields) -> Received:
    received = until_final(desk, reversal)
    law.check(reversal, received, desk.listener)
    return received


def until_card_holds(atm: Machine, request: Fields, minor: int) -> None:
    """Asks the balance of the withdrawal's card until it is this; the core hears a moment later."""
    for _ in range(50):
        inquiry = {**request, "t": "0200", "3": "310000", "11": new_stan(), "37": new_reference()}
        received = atm.ask({de: value for de, value in inquiry.items() if de not in ("4", "35", "49")})
        held = tlv.balances(received.fields["54"])[0].minor
        if held == minor:
            return
        assert atm.client.listen(0.1) == []
    raise AssertionError(f"the card's account holds {held}, not {minor}")


# --- All is given back -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mti", ["0400", "0420", "0401", "0421"])
def test_a_reversal_gives_all_back_and_is_answered_00(mobile: Gateway, paid: Paid, mti: str) -> None:
    request, who, source, held = paid
    reversed_00(mobile, reversal_of(request, mti=mti))
    until_holds(mobile, who, source, held)


def test_95_zero_is_as_95_absent(mobile: Gateway, paid: Paid) -> None:
    request, who, source, held = paid
    reversed_00(mobile, {**reversal_of(request), "95": "0" * 42})
    until_holds(mobile, who, source, held)


def test_the_original_may_be_found_by_32_41_37_13_where_90_names_another_7(mobile: Gateway, paid: Paid) -> None:
    request, who, source, held = paid
    reversal = reversal_of(request)
    elements = reversal["90"]
    reversal["90"] = elements[:4] + "000000" + elements[10:]
    reversed_00(mobile, reversal)
    until_holds(mobile, who, source, held)


def test_90_says_0200_even_if_0201_was_sent(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(500)
    held = mobile.holds(who, source)
    request = repeat_of(mobile.transfer(who, source, to, 500))
    law.told(mobile, request)
    reversed_00(mobile, reversal_of(request))
    until_holds(mobile, who, source, held)


def test_a_repeat_of_the_original_after_its_reversal_gets_the_stored_answer(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(500)
    held = mobile.holds(who, source)
    request = mobile.transfer(who, source, to, 500)
    first = mobile.ask(request)
    reversed_00(mobile, reversal_of(request))
    until_holds(mobile, who, source, held)
    assert mobile.ask(repeat_of(request)).body == first.body
    assert mobile.holds(who, source) == held


def test_own_transfers_and_loans_are_reversed_too(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_pair(500)
    held, held_there = mobile.holds(who, source), mobile.holds(who, to)
    own = mobile.transfer(who, source, to, 500, own=True)
    law.told(mobile, own)
    reversed_00(mobile, reversal_of(own))
    until_holds(mobile, who, source, held)
    until_holds(mobile, who, to, held_there)
    who, source, loan = card.take_loan()
    held = mobile.holds(who, source)
    payment = mobile.pay_loan(who, source, loan, loan.amount_minor)
    law.told(mobile, payment)
    reversed_00(mobile, reversal_of(payment))
    until_holds(mobile, who, source, held)


@pytest.mark.parametrize("biller", ["ELEC", "WATER", "TEL", "MOBILE2"])
def test_the_reversal_of_a_bill_is_00_if_the_biller_undoes_it_and_12_if_the_payment_stands(
    card: Card, mobile: Gateway, biller: str
) -> None:
    """09 while it is not certain. What each biller offers is not on the card: either, but never half."""
    bill = card.take_bill(biller=biller)
    who, source = card.take_account(bill.amount_minor * 2)
    held = mobile.holds(who, source)
    request = mobile.pay_bill(who, source, bill, bill.amount_minor)
    law.told(mobile, request)
    reversal = reversal_of(request)
    received = until_final(mobile, reversal)
    assert received.code in ("00", "12")
    law.check(reversal, received, mobile.listener, code=received.code)
    stands = received.code == "12"
    until_holds(mobile, who, source, held - bill.amount_minor * stands)
    again = mobile.pay_bill(who, source, bill, bill.amount_minor)
    assert until_final(mobile, again).code == ("81" if stands else "00")


def test_12_if_the_payment_stands_because_the_biller_never_takes_it_back(card: Card, mobile: Gateway) -> None:
    final = [e for e in card.provoking("12") if e.get("service") == "reversal" and "bill_id" in e]
    if not final:
        pytest.skip("the card names no payment that stands")
    bill = bill_of(final[0])
    who, source = card.take_account(bill.amount_minor)
    held = mobile.holds(who, source)
    request = mobile.pay_bill(who, source, bill, bill.amount_minor)
    law.told(mobile, request)
    reversal = reversal_of(request)
    law.check(reversal, until_final(mobile, reversal), mobile.listener, code="12")
    assert mobile.holds(who, source) == held - bill.amount_minor


# --- A withdrawal, all or in part --------------------------------------------------------------------------------


def test_0420_gives_a_withdrawal_back(card: Card, atm: Machine) -> None:
    plastic, _ = card.take_plastic(NOTES)
    held = atm.holds(plastic)
    request = atm.withdraw(plastic, NOTES)
    law.told(atm, request)
    reversed_00(atm, reversal_of(request, mti="0420"))
    until_card_holds(atm, request, held)


def test_95_is_the_amount_that_stands_and_4_less_that_is_given_back(card: Card, atm: Machine) -> None:
    plastic, _ = card.take_plastic(2 * NOTES)
    held = atm.holds(plastic)
    request = atm.withdraw(plastic, 2 * NOTES)
    law.told(atm, request)
    reversal = reversal_of(request, mti="0420", stands_minor=NOTES)
    first = reversed_00(atm, reversal)
    until_card_holds(atm, request, held - NOTES)
    assert atm.ask(repeat_of(reversal)).body == first.body
    same = reversal_of(request, mti="0420", stands_minor=NOTES)
    reversed_00(atm, same)
    other = reversal_of(request, mti="0420", stands_minor=NOTES // 2)
    law.check(other, until_final(atm, other), atm.listener, code="94")
    whole = reversal_of(request, mti="0420")
    law.check(whole, until_final(atm, whole), atm.listener, code="94")
    until_card_holds(atm, request, held - NOTES)


def test_64_where_95_is_more_than_4(card: Card, atm: Machine) -> None:
    plastic, _ = card.take_plastic(NOTES)
    held = atm.holds(plastic)
    request = atm.withdraw(plastic, NOTES)
    law.told(atm, request)
    reversal = reversal_of(request, mti="0420", stands_minor=NOTES + 100)
    law.told(atm, reversal, "64")
    assert atm.holds(plastic) == held - NOTES


def test_12_where_95_comes_with_anything_but_a_withdrawal(mobile: Gateway, paid: Paid) -> None:
    request, who, source, held = paid
    reversal = reversal_of(request, stands_minor=200)
    law.told(mobile, reversal, "12")
    assert mobile.holds(who, source) == held - 500


# --- Once only ---------------------------------------------------------------------------------------------------


def test_a_repeat_of_a_reversal_is_the_stored_answer_and_0400_and_0420_of_one_key_are_one_request(
    mobile: Gateway, paid: Paid
) -> None:
    request, who, source, held = paid
    reversal = reversal_of(request)
    first = reversed_00(mobile, reversal)
    assert mobile.ask(repeat_of(reversal)).body == first.body
    assert mobile.ask(reversal).body == first.body
    advice = {**reversal, "t": "0420"}
    law.told(mobile, advice)
    until_holds(mobile, who, source, held)


def test_another_stan_with_the_same_95_gets_00_and_moves_nothing(mobile: Gateway, paid: Paid) -> None:
    request, who, source, held = paid
    reversed_00(mobile, reversal_of(request))
    until_holds(mobile, who, source, held)
    reversed_00(mobile, reversal_of(request))
    reversed_00(mobile, reversal_of(request, mti="0420"))
    assert mobile.holds(who, source) == held


def test_64_where_4_is_not_the_originals_amount_and_the_right_reversal_still_works(mobile: Gateway, paid: Paid) -> None:
    request, who, source, held = paid
    for amount in (499, 501):
        wrong = {**reversal_of(request), "4": n12(amount)}
        law.told(mobile, wrong, "64")
    assert mobile.holds(who, source) == held - 500
    reversed_00(mobile, reversal_of(request))
    until_holds(mobile, who, source, held)


def test_94_a_reversals_key_with_other_content(mobile: Gateway, paid: Paid) -> None:
    request, _, _, _ = paid
    reversal = reversal_of(request)
    reversed_00(mobile, reversal)
    other = {**reversal, "4": n12(1)}
    law.told(mobile, other, "94")


def test_reversing_a_declined_payment_gets_00_and_moves_nothing(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(500)
    held = mobile.holds(who, source)
    request = mobile.transfer(who, source, to, 500, own=True)
    first = law.told(mobile, request, "57")
    reversed_00(mobile, reversal_of(request))
    assert mobile.holds(who, source) == held
    assert mobile.ask(repeat_of(request)).body == first.body


# --- An unknown original -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mti", ["0400", "0420"])
def test_25_an_unknown_original_and_the_original_that_arrives_later_gets_68_and_moves_nothing(
    card: Card, mobile: Gateway, mti: str
) -> None:
    who, source, to = card.take_strangers(500)
    held = mobile.holds(who, source)
    request = mobile.transfer(who, source, to, 500)
    reversal = reversal_of(request, mti=mti)
    first = law.told(mobile, reversal, "25")
    late = law.told(mobile, request, "68")
    assert mobile.ask(repeat_of(request)).body == late.body
    assert mobile.ask(repeat_of(reversal)).body == first.body
    assert mobile.holds(who, source) == held


def test_25_then_68_holds_for_a_withdrawal_too(card: Card, atm: Machine) -> None:
    plastic, _ = card.take_plastic(NOTES)
    held = atm.holds(plastic)
    request = atm.withdraw(plastic, NOTES)
    reversal = reversal_of(request, mti="0420")
    law.told(atm, reversal, "25")
    law.told(atm, request, "68")
    assert atm.holds(plastic) == held


def test_the_original_is_looked_for_under_the_reversals_own_41(card: Card, mobile: Gateway, paid: Paid) -> None:
    if len(mobile.listener.terminals) < 2:
        pytest.skip("the card gives this listener one terminal")
    request, who, source, held = paid
    reversal = {**reversal_of(request), "41": mobile.listener.terminals[-1].ljust(8)}
    law.told(mobile, reversal, "25")
    assert mobile.holds(who, source) == held - 500


# --- 90 ----------------------------------------------------------------------------------------------------------


def test_30_a_reversal_without_90(mobile: Gateway, paid: Paid) -> None:
    request, who, source, held = paid
    reversal = {de: value for de, value in reversal_of(request).items() if de != "90"}
    received = law.told(mobile, reversal, "30")
    assert law.place(received, mobile.listener) == "90"
    assert mobile.holds(who, source) == held - 500


def test_a_reversal_carries_90_right_justified_and_zero_filled(mobile: Gateway, paid: Paid) -> None:
    request, *_ = paid
    elements = reversal_of(request)["90"]
    assert elements == "0200" + request["11"] + request["7"] + request["32"].zfill(11) + "0" * 11
    received = mobile.ask({**reversal_of(request), "90": elements})
    assert received.fields["90"] == elements
