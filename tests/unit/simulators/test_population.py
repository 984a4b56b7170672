"""The population: the same everywhere, and fit for what the demo asks of it."""

import datetime as dt
import time

import pytest

from config.settings import demo_path, load
from simulators.people.population import BILLERS, Bill, BillStatus, Population, customer_number, populate
from switch.wire.codes import ResponseCode
from tests.unit.simulators.asking import STRIPE


def ordinary_bills(people: Population) -> list[Bill]:
    numbers = {customer_number(biller, c.index) for c in people.ordinary for biller in BILLERS}
    return [bill for bill in people.bills if bill.customer_number in numbers]


def test_the_same_seed_gives_the_same_people() -> None:
    assert populate(7, STRIPE) == populate(7, STRIPE)
    assert populate(7, STRIPE) != populate(8, STRIPE)


def test_a_larger_population_begins_with_the_smaller_one() -> None:
    small, large = populate(7, STRIPE, customers=5), populate(7, STRIPE, customers=9)
    assert large.ordinary[:5] == small.ordinary
    assert large.special == small.special


def test_numbers_are_of_their_form_and_unique() -> None:
    people = populate(7, STRIPE, customers=200)
    assert all(n.startswith("100") and len(n) == 14 and n.isdigit() for n in people.owners)
    assert len(people.owners) == sum(len(c.numbers) for c in people.customers)
    assert len(people.by_subscriber) == len(people.customers)
    assert len(people.cards) == sum(len(c.cards) for c in people.customers)
    assert len({(b.biller, b.bill_id) for b in people.bills}) == len(people.bills)


def test_every_pan_is_of_the_test_range_and_passes_luhn() -> None:
    for pan in populate(7, STRIPE).cards:
        doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(pan))]
        assert pan.startswith("400000")
        assert len(pan) == 16
        assert sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def test_track_2_is_the_cards_and_holds_its_expiry() -> None:
    for pan, card in populate(7, STRIPE).cards.items():
        assert card.track2.startswith(f"{pan}={card.expiry}")
        assert len(card.track2) <= 37


def test_every_customer_has_several_bills_to_pay() -> None:
    people = populate(7, STRIPE)
    for customer in people.ordinary:
        mine = [b for b in ordinary_bills(people) if b.bill_id[1:8] == f"{customer.index:07d}"]
        assert {b.biller for b in mine} >= set(BILLERS) - {"UNI-DAM"}
        assert len(mine) >= 14


def test_special_people_stay_out_of_ordinary_traffic() -> None:
    people = populate(7, STRIPE)
    ordinary = {n for c in people.ordinary for n in c.numbers}
    assert not ordinary & {case.how.get("account") for case in people.special.values()}
    ids = {b.bill_id for b in ordinary_bills(people)}
    assert not ids & {case.how.get("bill_id") for case in people.special.values()}
    assert all(b.status is not BillStatus.PAID for b in ordinary_bills(people))


def test_a_renewing_bill_says_which_one_comes_next() -> None:
    bill = next(b for b in populate(7, STRIPE).bills if b.biller == "MOBILE1")
    assert bill.renewing
    assert bill.renewed().bill_id == bill.bill_id[:-5] + "00002"
    assert bill.renewed(41).amount_minor == bill.amount_minor


def test_dates_follow_the_day_and_ids_do_not() -> None:
    now, later = populate(7, STRIPE), populate(7, STRIPE, today=dt.date(2031, 1, 31))
    assert [b.bill_id for b in now.bills] == [b.bill_id for b in later.bills]
    assert later.bills[0].due == "20310301"
    assert later.bills[0].period == "203012"


def test_old_pounds_are_a_hundred_times_the_new_ones_with_the_rest_dropped() -> None:
    old = [b for b in populate(7, STRIPE).bills if b.amount_old_minor is not None]
    assert old
    assert all(b.amount_old_minor is not None and b.amount_old_minor // 100 == b.amount_minor for b in old)


def test_every_special_case_provokes_a_code_of_the_table() -> None:
    special = populate(7, STRIPE).special
    assert {case.provokes for case in special.values()} <= {code.value for code in ResponseCode}
    assert all(case.card()["provokes"] == case.provokes for case in special.values())


def test_what_is_beyond_a_limit_is_beyond_the_demos() -> None:
    limits = {limit.service: limit.amount_max for limit in load(demo_path()).limits}
    case = populate(7, STRIPE).special["beyond_limit"]
    amount, most = case.how["amount_minor"], limits[case.service]
    assert isinstance(amount, int)
    assert most is not None
    assert amount > most


@pytest.mark.parametrize("secret", ["pan", "pin", "track2"])
def test_reprs_do_not_tell_a_cards_secrets(secret: str) -> None:
    people = populate(7, STRIPE, customers=2)
    for card in people.cards.values():
        assert getattr(card, secret) not in repr(card)


def test_two_thousand_customers_take_well_under_two_seconds_of_cpu() -> None:
    started = time.process_time()
    populate(7, STRIPE, customers=2000)
    assert time.process_time() - started < 2
