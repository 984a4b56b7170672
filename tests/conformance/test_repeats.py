"""Keys and repeats: a request is carried out once, however often and on whichever connection it comes."""

import pytest

from tests.conformance import law, tlv
from tests.conformance.client import Fields, Received
from tests.conformance.desk import Connect, Gateway, Machine, new_reference, new_stan, repeat_of, signed_on
from tests.conformance.pools import Card

NOTES = 50_000


def test_0200_and_0201_of_one_key_are_one_request_and_the_stored_answer_is_the_same_bytes(
    card: Card, mobile: Gateway
) -> None:
    who, source, to = card.take_strangers(400)
    held = mobile.holds(who, source)
    request = mobile.transfer(who, source, to, 400)
    first = law.told(mobile, request)
    assert mobile.ask(request).body == first.body
    assert mobile.ask(repeat_of(request)).body == first.body
    assert mobile.holds(who, source) == held - 400


def test_a_repeat_may_come_on_another_connection(card: Card, mobile: Gateway, second: Gateway) -> None:
    who, source, to = card.take_strangers(400)
    request = mobile.transfer(who, source, to, 400)
    first = law.told(mobile, request)
    assert second.ask(repeat_of(request)).body == first.body
    assert second.ask(request).body == first.body
    assert mobile.client.listen() == [], "the connection that asked first is owed nothing more"


def test_answers_owed_to_a_broken_connection_are_not_kept_and_the_request_is_repeated(
    card: Card, mobile: Gateway, connect: Connect
) -> None:
    who, source, to = card.take_strangers(450)
    held = mobile.holds(who, source)
    lost = signed_on(Gateway(connect("mobile"), card.bank["timezone"]))
    request = lost.transfer(who, source, to, 450)
    lost.client.send(request)
    lost.client.close()
    assert mobile.client.listen() == []
    law.told(mobile, repeat_of(request))
    assert mobile.holds(who, source) == held - 450


def test_a_repeat_that_comes_first_is_the_request(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(400)
    held = mobile.holds(who, source)
    request = mobile.transfer(who, source, to, 400)
    first = law.told(mobile, repeat_of(request))
    assert mobile.ask(request).body == first.body
    assert mobile.holds(who, source) == held - 400


def test_bill_payments_are_stored_with_their_receipt(card: Card, mobile: Gateway) -> None:
    bill = card.take_bill(biller="ELEC")
    who, source = card.take_account(bill.amount_minor)
    request = mobile.pay_bill(who, source, bill, bill.amount_minor)
    first = law.told(mobile, request)
    assert mobile.ask(repeat_of(request)).body == first.body


@pytest.mark.parametrize("mti", ["0200", "0201"])
@pytest.mark.parametrize("de", ["3", "4", "42", "103", "48"])
def test_94_same_key_other_content_and_the_first_answer_stays(card: Card, mobile: Gateway, mti: str, de: str) -> None:
    who, source, to = card.take_strangers(800)
    held = mobile.holds(who, source)
    request = mobile.transfer(who, source, to, 400)
    first = law.told(mobile, request)
    other = {**request, "t": mti, **other_content(card, de, request)}
    law.told(mobile, other, "94")
    assert mobile.ask(repeat_of(request)).body == first.body
    assert mobile.holds(who, source) == held - 400


def other_content(card: Card, de: str, request: Fields) -> Fields:
    """A value of this field that makes it another request, each still a well-formed one."""
    taken = (request["102"], request["103"])
    somewhere = next(a.number for s in card.subscribers for a in s.accounts if a.number not in taken)
    return {
        "3": {"3": "420000" if request["3"] != "420000" else "421000"},
        "4": {"4": "000000000401"},
        "42": {"42": "ANOTHER SHOP".ljust(15)},
        "103": {"103": somewhere},
        "48": {"48": request["48"] + tlv.build(("77", "more"))},
    }[de]


def test_the_language_is_not_content(card: Card, mobile: Gateway) -> None:
    """The stored answer, in the words of either language: the sentence leaves that open."""
    who, source, to = card.take_strangers(400)
    request = mobile.transfer(who, source, to, 400)
    first = law.told(mobile, request)
    arabic = {**repeat_of(request), "48": tlv.build(("01", who.number), ("02", "ar"))}
    again = law.told(mobile, arabic)
    assert without_words(again) == without_words(first)


def without_words(received: Received) -> Fields:
    return {de: value for de, value in received.fields.items() if de not in ("63", "64", "128")}


def test_fields_that_are_no_content_may_differ(card: Card, mobile: Gateway) -> None:
    """12, 13, 22, 25 and what is passed on are not in the list of contents."""
    who, source, to = card.take_strangers(400)
    request = mobile.transfer(who, source, to, 400)
    first = law.told(mobile, request)
    other = {**request, "22": "020", "25": "08", "43": "elsewhere".ljust(40)}
    assert without_words(law.told(mobile, other)) == without_words(first)


def test_a_reenciphered_pin_is_no_change(card: Card, atm: Machine) -> None:
    plastic, _ = card.take_plastic(NOTES)
    held = atm.holds(plastic)
    request = atm.withdraw(plastic, NOTES)
    first = law.told(atm, request)
    other = "1111" if plastic.pin != "1111" else "2222"
    again = atm.ask({**request, "52": atm.pin_block(other, plastic.pan)})
    assert again.body == first.body
    assert atm.holds(plastic) == held - NOTES


def test_an_x2x1_with_7_stamped_anew_is_found_by_32_41_37_13(card: Card, mobile: Gateway) -> None:
    """The answer echoes the 7 of the repeat, by which its sender matches it; the rest is the stored answer."""
    who, source, to = card.take_strangers(400)
    held = mobile.holds(who, source)
    request = mobile.transfer(who, source, to, 400)
    first = law.told(mobile, request)
    stamped = {**repeat_of(request), "7": a_second_before(request["7"])}
    again = law.told(mobile, stamped)
    kept = {de: value for de, value in without_words(again).items() if de != "7"}
    assert kept == {de: value for de, value in without_words(first).items() if de != "7"}
    assert mobile.holds(who, source) == held - 400


def test_an_x2x1_with_7_stamped_anew_and_other_content_is_94(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(800)
    held = mobile.holds(who, source)
    request = mobile.transfer(who, source, to, 400)
    law.told(mobile, request)
    other = {**repeat_of(request), "7": a_second_before(request["7"]), "4": "000000000399"}
    law.told(mobile, other, "94")
    assert mobile.holds(who, source) == held - 400


def a_second_before(moment: str) -> str:
    """Another possible 7; its last second changes, nothing else."""
    second = int(moment[8:])
    return f"{moment[:8]}{second - 1 if second else 1:02d}"


@pytest.mark.parametrize("de", ["7", "11", "41"])
def test_the_key_is_32_41_11_7_and_class(card: Card, mobile: Gateway, de: str) -> None:
    """Change one of them (with a 37 of its own) and it is another request, which is carried out."""
    if de == "41" and len(mobile.listener.terminals) < 2:
        pytest.skip("the card gives this listener one terminal")
    who, source, to = card.take_strangers(800)
    held = mobile.holds(who, source)
    request = mobile.transfer(who, source, to, 400)
    law.told(mobile, request)
    others = {"7": a_second_before(request["7"]), "11": new_stan(), "41": mobile.listener.terminals[-1].ljust(8)}
    law.told(mobile, {**request, de: others[de], "37": new_reference()})
    assert mobile.holds(who, source) == held - 800


def test_the_class_is_part_of_the_key(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(400)
    request = mobile.transfer(who, source, to, 400)
    inquiry = {**mobile.owner(who, to), "7": request["7"], "11": request["11"]}
    law.told(mobile, inquiry)
    law.told(mobile, request)


@pytest.mark.parametrize("mti", ["0100", "0200"])
def test_inquiries_are_not_stored_a_repeat_asks_again(card: Card, mobile: Gateway, mti: str) -> None:
    who, source, to = card.take_strangers(250)
    inquiry = mobile.balance(who, source, mti=mti)
    before = tlv.balances(law.told(mobile, inquiry).fields["54"])[0].minor
    law.told(mobile, mobile.transfer(who, source, to, 250))
    for again in (inquiry, repeat_of(inquiry)):
        after = tlv.balances(law.told(mobile, again).fields["54"])[0].minor
        assert after == before - 250


def test_declines_are_stored(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(100)
    request = mobile.transfer(who, source, to, 100, own=True)
    first = law.told(mobile, request, "57")
    assert mobile.ask(repeat_of(request)).body == first.body
