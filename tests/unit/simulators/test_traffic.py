from collections import Counter
from datetime import date

import pytest

from simulators.channels.errands import Activate, ChangePin, PayBill, PayLoan, Transfer, Withdraw
from simulators.channels.traffic import NOTE_MINOR, PAYMENTS_LEAST, Plan, customers_for, plan, reserved
from simulators.people.population import RENEWING, populate
from tests.unit.simulators.asking import STRIPE

TODAY = date(2026, 11, 22)


def planned(payments: int, seed: int = 7) -> Plan:
    return plan(populate(seed, STRIPE, customers_for(payments), TODAY), seed, payments, TODAY)


def errands(drawn: Plan) -> list[object]:
    return [errand for visits in (drawn.mobile, drawn.web, drawn.atm) for visit in visits for errand in visit.errands]


def moves_money(errand: object) -> bool:
    """Whether it is one of the payments asked for, not one of those that are refused on top."""
    match errand:
        case Transfer(source, target, amount_minor):
            return 0 < amount_minor <= 200_000 and target.startswith("1000") and target != source.number
        case PayBill(_, biller):
            return biller not in ("GAS", "NOBODY")
        case _:
            return isinstance(errand, PayLoan | Withdraw)


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    assert planned(500) == planned(500)
    assert planned(500) != planned(500, seed=8)


@pytest.mark.parametrize("payments", [PAYMENTS_LEAST, 199, 3000])
def test_a_plan_has_exactly_the_payments_that_were_asked_for(payments: int) -> None:
    assert sum(map(moves_money, errands(planned(payments)))) == payments


def test_even_the_smallest_plan_has_every_kind_of_errand_and_every_biller() -> None:
    drawn = errands(planned(PAYMENTS_LEAST))
    assert {type(errand).__name__ for errand in drawn} == {
        *("Activate", "Balance", "MiniStatement", "Statement", "Owner", "Transfer", "PayBill", "PayLoan"),
        *("CardBalance", "CardMiniStatement", "Withdraw", "ChangePin"),
    }
    billers = {errand.biller for errand in drawn if isinstance(errand, PayBill)}
    assert {"ELEC", "WATER", "TEL", "MOBILE1", "MOBILE2", "UNI-DAM"} <= billers
    assert any(isinstance(e, Withdraw) and e.dispensed_minor not in (0, e.amount_minor) for e in drawn)


def test_activation_comes_before_anything_else_of_its_subscriber() -> None:
    drawn = planned(500)
    for visit in drawn.mobile + drawn.web:
        assert visit.customer.activated is not isinstance(visit.errands[0], Activate)
        assert not any(isinstance(errand, Activate) for errand in visit.errands[1:])


def test_nobody_visits_two_gateways() -> None:
    drawn = planned(3000)
    assert not {v.customer.index for v in drawn.mobile} & {v.customer.index for v in drawn.web}


def test_reserved_people_are_in_no_plan() -> None:
    population = populate(7, STRIPE, customers_for(3000), TODAY)
    kept = {account.number for customer in reserved(population) for account in customer.accounts}
    subscribers = {customer.subscriber for customer in reserved(population)}
    drawn = plan(population, 7, 3000, TODAY)
    assert len(kept) > 20
    assert any(not customer.activated for customer in reserved(population))
    assert not subscribers & {v.customer.subscriber for v in drawn.mobile + drawn.web + drawn.atm}
    assert not kept & {e.target for e in errands(drawn) if isinstance(e, Transfer)}


def test_no_bill_is_paid_in_full_twice_but_by_the_impatient() -> None:
    paid = Counter(
        (errand.biller, errand.bill_id)
        for errand in errands(planned(5000))
        if isinstance(errand, PayBill) and not errand.part and errand.bill_id
    )
    assert set(paid.values()) == {1}


def test_bills_that_never_end_are_paid_whichever_is_open() -> None:
    assert all(
        errand.bill_id == ""
        for errand in errands(planned(500))
        if isinstance(errand, PayBill) and errand.biller in RENEWING
    )


def test_withdrawals_are_whole_notes_and_never_dispense_more_than_was_asked() -> None:
    for errand in errands(planned(3000)):
        if isinstance(errand, Withdraw):
            assert errand.amount_minor % NOTE_MINOR == errand.dispensed_minor % NOTE_MINOR == 0
            assert 0 <= errand.dispensed_minor <= errand.amount_minor


def test_secrets_stay_out_of_reprs() -> None:
    person = populate(7, STRIPE).customers[0]
    assert person.activation_code not in repr(Activate(person.accounts[0], person.activation_code))
    assert "4321" not in repr(ChangePin(person.cards[0], "4321"))
