"""The simulated biller: bills told, paid and undone, each payment known by its id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from simulators.biller.biller import Biller
from simulators.hosts.terms import Habits
from simulators.people.population import Bill, BillStatus
from switch.wire.message import Message
from tests.unit.simulators.asking import (
    PEOPLE,
    Asker,
    Clock,
    Fields,
    n12,
    open_biller,
    special,
    tags_of,
)

CODES = frozenset({"TEL", "MOBILE1", "WATER"})
BILLS = {bill.bill_id: bill for bill in PEOPLE.bills}


class Bench:
    """A biller on books of its own; payments get ids of their own."""

    def __init__(self, path: Path, habits: Habits) -> None:
        self.path, self.habits, self.clock = path, habits, Clock()
        self.biller: Biller
        self.open()
        self.asker = Asker(lambda message: self.biller.answer(message))
        self.payments = 0

    def open(self) -> None:
        self.biller, self.store = open_biller(self.path, self.clock, CODES, self.habits)

    def restart(self) -> None:
        self.store.close()
        self.open()

    def try_pay(self, bill: Bill, minor: int | None = None) -> Fields | None:
        self.payments += 1
        tags = (("03", bill.customer_number), ("04", bill.bill_id), ("14", f"{self.payments:032x}"))
        amount = bill.amount_minor if minor is None else minor
        return self.asker.try_ask("0200", "50", *tags, de4=n12(amount), de98=bill.biller.ljust(25))

    def pay(self, bill: Bill, minor: int | None = None) -> Fields:
        answer = self.try_pay(bill, minor)
        assert answer is not None
        return answer

    def status(self, payment: int) -> Fields:
        return self.asker.ask("0100", "39", ("14", f"{payment:032x}"))

    def inquire(self, bill: Bill, *tags: tuple[str, str]) -> Fields:
        number = ("03", bill.customer_number)
        return self.asker.ask("0100", "32", number, *tags, de98=bill.biller.ljust(25))

    def lines(self, bill: Bill) -> dict[str, list[str]]:
        found = [line.split("|") for tag, line in tags_of(self.inquire(bill)) if tag == "05"]
        return {line[0]: line for line in found}

    def income(self, bill: Bill) -> int:
        return self.biller.journal.balance(f"biller:{bill.biller}/{bill.bill_id}")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, Habits())
    yield made
    made.store.close()


@pytest.fixture
def stubborn(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, Habits(undoes_paid=False, remembers_undo=False, lifetime_s=60))
    yield made
    made.store.close()


def case(name: str) -> Bill:
    return BILLS[special(name, "bill_id")]


PLAIN = case("open_bill")


def test_an_inquiry_tells_the_name_and_every_bill(bench: Bench) -> None:
    water = next(b for b in PEOPLE.bills if b.biller == "WATER")
    pairs = tags_of(bench.inquire(water))
    assert [tag for tag, _ in pairs] == ["06", *["05", "31"] * 4]
    assert pairs[0][1].encode("latin-1").decode() == PEOPLE.customers[0].name
    amount = n12(water.amount_minor)
    assert pairs[1][1] == f"{water.bill_id}|{water.period}|{water.due}|{amount}|U|{amount}"


def test_an_unknown_customer_has_no_bills(bench: Bench) -> None:
    answer = bench.asker.ask("0100", "32", ("03", "0000"), de98="TEL".ljust(25))
    assert answer["39"] == "84"


def test_bills_that_do_not_fit_continue_with_the_token(bench: Bench) -> None:
    many = case("many_bills")
    seen: list[str] = []
    token: tuple[tuple[str, str], ...] = ()
    for _ in range(5):
        answer = bench.inquire(many, *token)
        assert len(answer["48"]) <= 999
        pairs = tags_of(answer)
        seen += [line for tag, line in pairs if tag == "05"]
        token = tuple(pair for pair in pairs if pair[0] == "13")
        if not token:
            break
    assert len(seen) == len(set(seen)) == 30
    assert bench.inquire(PLAIN, ("13", "nothing of ours"))["39"] == "12"


def test_a_paid_bill_has_a_receipt_and_is_paid_once(bench: Bench) -> None:
    first = bench.pay(PLAIN)
    asked = bench.asker.asked
    ((tag, receipt),) = tags_of(first)
    assert (first["39"], tag, len(receipt)) == ("00", "09", 10)
    bench.restart()
    assert bench.asker.repeat(asked) == first
    assert bench.pay(PLAIN)["39"] == "81"
    assert bench.lines(PLAIN)[PLAIN.bill_id][4] == "P"
    assert bench.income(PLAIN) == PLAIN.amount_minor


def test_the_same_payment_under_another_stan_is_the_same_payment(bench: Bench) -> None:
    first = bench.pay(PLAIN)
    again = bench.asker.send(bench.asker.asked.fields | {"11": "900001", "37": "OTHER0000001"})
    assert again is not None
    assert (again["39"], again["48"]) == ("00", first["48"])
    assert bench.income(PLAIN) == PLAIN.amount_minor


@pytest.mark.parametrize(
    "name", ["too_little", "too_much", "paid_bill", "expired_bill", "refused_bill", "part_payment"]
)
def test_an_awkward_bill_answers_as_it_says(bench: Bench, name: str) -> None:
    amount = PEOPLE.special[name].how["amount_minor"]
    assert isinstance(amount, int)
    assert bench.pay(case(name), amount)["39"] == PEOPLE.special[name].provokes


def test_a_bill_of_another_customer_or_biller_is_not_found(bench: Bench) -> None:
    replace = msgspec.structs.replace
    for bill in (replace(PLAIN, biller="ELEC"), replace(PLAIN, biller="WATER"), replace(PLAIN, customer_number="1")):
        assert bench.pay(bill)["39"] == "84"


def test_part_payments_shrink_the_bill_and_its_least(bench: Bench) -> None:
    bill = case("part_payment")
    assert bill.status is BillStatus.PART
    assert bench.pay(bill, bill.least_minor - 1)["39"] == "82"
    assert bench.pay(bill, bill.amount_minor - 2000)["39"] == "00"
    assert bench.lines(bill)[bill.bill_id][3:] == [n12(2000), "T", n12(2000)]
    assert bench.pay(bill, 1999)["39"] == "82"
    assert bench.pay(bill, 2001)["39"] == "13"
    assert bench.pay(bill, 2000)["39"] == "00"


def test_a_renewing_biller_always_has_another_bill(bench: Bench) -> None:
    bill = next(b for b in PEOPLE.bills if b.biller == "MOBILE1")
    assert bench.pay(bill.renewed())["39"] == "84"
    for number in range(8):
        assert bench.pay(bill.renewed(number))["39"] == "00"
    assert bench.pay(bill)["39"] == "81"
    bench.restart()
    assert list(bench.lines(bill)) == [bill.renewed(8).bill_id]
    assert bench.pay(bill.renewed(8))["39"] == "00"


def test_an_undone_top_up_can_be_paid_again(bench: Bench) -> None:
    bill = next(b for b in PEOPLE.bills if b.biller == "MOBILE1")
    bench.pay(bill)
    asked = bench.asker.asked
    bench.pay(bill.renewed())
    assert bench.asker.reverse(asked)["39"] == "00"
    bench.restart()
    assert list(bench.lines(bill)) == [bill.bill_id, bill.renewed(2).bill_id]
    assert bench.pay(bill)["39"] == "00"


def test_a_status_query_tells_what_became_of_a_payment(bench: Bench) -> None:
    assert bench.status(1)["39"] == "25"
    receipt = tags_of(bench.pay(PLAIN))
    assert (bench.status(1)["39"], tags_of(bench.status(1))) == ("00", receipt)
    bench.pay(case("refused_bill"))
    assert bench.status(2)["39"] == "83"


def test_a_silent_bill_is_paid_and_a_lost_one_is_not(bench: Bench) -> None:
    silent, lost = case("silent_bill"), case("lost_bill")
    assert bench.try_pay(silent) is None
    assert bench.status(1)["39"] == "00"
    assert bench.try_pay(lost) is None
    assert bench.status(2)["39"] == "25"
    assert (bench.income(silent), bench.income(lost)) == (silent.amount_minor, 0)


def test_an_undo_gives_back_once_and_the_bill_is_open_again(bench: Bench) -> None:
    bench.pay(PLAIN)
    asked = bench.asker.asked
    assert bench.asker.reverse(asked)["39"] == "00"
    reversal = bench.asker.asked
    bench.restart()
    assert bench.asker.repeat(reversal)["39"] == "00"
    assert bench.asker.reverse(asked)["39"] == "00"
    assert bench.income(PLAIN) == 0
    assert bench.status(1)["39"] == "25"
    assert bench.pay(PLAIN)["39"] == "00"


def test_a_payment_that_its_undo_overtook_is_too_late_whatever_its_stan(bench: Bench) -> None:
    bench.pay(PLAIN)
    tags = bench.asker.asked["48"].replace(f"{1:032x}", f"{77:032x}")
    late = Message(bench.asker.asked.fields | {"11": "900001", "37": "LATE00000001", "48": tags})
    assert bench.asker.reverse(late)["39"] == "25"
    bench.restart()
    assert bench.asker.reverse(late)["39"] == "25"
    for changes in ({}, {"11": "900002"}):
        answer = bench.asker.send(late.fields | changes)
        assert answer is not None
        assert answer["39"] == "68"


def test_a_final_payment_is_not_undone(bench: Bench, tmp_path: Path) -> None:
    bill = case("final_bill")
    bench.pay(bill)
    assert bench.asker.reverse(bench.asker.asked)["39"] == "12"
    assert bench.income(bill) == bill.amount_minor


def test_a_biller_that_says_final_and_forgets_undoes_and_drops_the_old(stubborn: Bench) -> None:
    stubborn.pay(PLAIN)
    paid = stubborn.asker.asked
    assert stubborn.asker.reverse(paid)["39"] == "12"
    late = Message(paid.fields | {"11": "900001", "37": "LATE00000001", "48": "14032" + f"{9:032x}"})
    assert stubborn.asker.reverse(late)["39"] == "25"
    assert stubborn.status(9)["39"] == "25"
    stubborn.clock.at = stubborn.clock.at.replace(minute=2)
    assert stubborn.try_pay(PLAIN) is None
