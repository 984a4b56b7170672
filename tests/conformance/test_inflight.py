"""Requests that are still open when they are asked again, changed, or followed by many others."""

from tests.conformance import law
from tests.conformance.asking import until_final, until_holds
from tests.conformance.client import Fields, Received
from tests.conformance.desk import Gateway, new_stan, repeat_of, reversal_of
from tests.conformance.pools import Card


def test_in_flight_a_repeat_gets_no_answer_of_its_own_the_one_goes_to_each_connection(
    card: Card, mobile: Gateway, second: Gateway
) -> None:
    bill = card.take_bill(biller="ELEC")
    who, source = card.take_account(bill.amount_minor)
    held = mobile.holds(who, source)
    request = mobile.pay_bill(who, source, bill, bill.amount_minor)
    mobile.client.send(request)
    second.client.send(repeat_of(request))
    first, other = mobile.client.answer_to(request), second.client.answer_to(request)
    assert first.body == other.body or "09" in (first.code, other.code)
    assert until_final(mobile, repeat_of(request)).code == "00"
    assert mobile.holds(who, source) == held - bill.amount_minor


def test_in_flight_a_repeat_on_the_same_connection_moves_nothing_twice(card: Card, mobile: Gateway) -> None:
    """One answer if the repeat met the request in flight, two of the same bytes if it came a moment late."""
    who, source, to = card.take_strangers(350)
    held = mobile.holds(who, source)
    request = mobile.transfer(who, source, to, 350)
    mobile.client.send(request, repeat_of(request), request)
    received = [mobile.client.answer_to(request), *mobile.client.listen()]
    assert 1 <= len(received) <= 3
    assert len({answer.body for answer in received}) == 1
    law.check(request, received[0], mobile.listener)
    assert mobile.holds(who, source) == held - 350


def test_in_flight_the_same_key_with_other_content_is_94(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(750)
    held = mobile.holds(who, source)
    request = mobile.transfer(who, source, to, 350)
    mobile.client.send(request, {**request, "4": "000000000400"})
    received = [mobile.client.answer_to(request), mobile.client.answer_to(request)]
    assert sorted(answer.code for answer in received) == ["00", "94"]
    assert mobile.holds(who, source) == held - 350


def test_many_requests_on_one_connection_are_each_answered_in_any_order(card: Card, mobile: Gateway) -> None:
    """More than may be open at once: beyond 64 the switch stops reading, and reads on later."""
    who, account = card.take_account()
    inquiries = [mobile.balance(who, account) for _ in range(150)]
    mobile.client.send(*inquiries)
    for inquiry in reversed(inquiries):
        law.check(inquiry, mobile.client.answer_to(inquiry), mobile.listener)
    assert mobile.client.listen() == []


def test_payments_at_once_on_two_connections_are_all_carried_out_once(
    card: Card, mobile: Gateway, second: Gateway
) -> None:
    who, source, to = card.take_strangers(40 * 10)
    held = mobile.holds(who, source)
    requests = [mobile.transfer(who, source, to, 10) for _ in range(40)]
    mobile.client.send(*requests)
    second.client.send(*map(repeat_of, requests))
    for request in requests:
        one, two = mobile.client.answer_to(request), second.client.answer_to(request)
        law.check(request, one, mobile.listener)
        assert one.body == two.body
    assert mobile.holds(who, source) == held - 400


def test_two_requests_that_only_one_can_pay_are_one_00_and_one_51(card: Card, mobile: Gateway) -> None:
    who, poor = card.take_poor()
    _, to = card.other_than(who)
    held = mobile.holds(who, poor)
    assert held > 0, "the poorest account of the card is empty"
    requests = [mobile.transfer(who, poor, to, held) for _ in range(2)]
    mobile.client.send(*requests)
    received = [mobile.client.answer_to(request) for request in requests]
    assert sorted(answer.code for answer in received) == ["00", "51"]
    assert mobile.holds(who, poor) == 0


def test_a_reversal_in_flight_is_answered_00_only_once_cancelling_is_certain(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(330)
    held = mobile.holds(who, source)
    request = mobile.transfer(who, source, to, 330)
    reversal = reversal_of(request)
    mobile.client.send(request, reversal)
    outcome = final(mobile, request, reversal)
    assert outcome.code in ("00", "12")
    until_holds(mobile, who, source, held if outcome.code == "00" else held - 330)


def test_a_bill_payment_reversed_in_flight_ends_paid_or_given_back_never_half(card: Card, mobile: Gateway) -> None:
    bill = card.take_bill(biller="ELEC")
    who, source = card.take_account(bill.amount_minor * 2)
    held = mobile.holds(who, source)
    request = mobile.pay_bill(who, source, bill, bill.amount_minor)
    reversal = reversal_of(request)
    mobile.client.send(request, reversal)
    outcome = final(mobile, request, reversal)
    assert outcome.code in ("00", "12")
    paid = outcome.code == "12"
    until_holds(mobile, who, source, held - bill.amount_minor * paid)
    again = {**mobile.pay_bill(who, source, bill, bill.amount_minor), "11": new_stan()}
    assert until_final(mobile, again).code == ("81" if paid else "00")


def final(desk: Gateway, request: Fields, reversal: Fields) -> Received:
    """The reversal's outcome. The original is answered too, but a channel that reversed it ignores that."""
    received = desk.client.answer_to(reversal)
    desk.client.answer_to(request, within_s=28)
    return received if received.code != "09" else until_final(desk, repeat_of(reversal))
