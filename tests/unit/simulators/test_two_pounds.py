"""The simulated core and billers across the change of the pound: bills, instalments, balances, statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.scale import Scale
from simulators.hosts.end_of_day import end_of_day
from simulators.people.bills import Bill, BillStatus
from simulators.people.population import Population
from switch.wire import amounts
from switch.wire.figures import Figures, figure_fields
from tests.unit.simulators.asking import PEOPLE, Asker, Clock, Fields, n12, open_biller, open_core, pin_block, tags_of
from tests.unit.simulators.core_bench import CARD, CURRENT, LOAN, ME, OTHER, START

SCALE = Scale("20260101", 100, "20260630")
NOON_OF_EVE = dt.datetime(2025, 12, 31, 9, 0, tzinfo=dt.UTC)
OLD, NEW = {"de15": "1231", "de13": "1231"}, {"de15": "0101", "de13": "0101"}
BILL = Bill("TEL", "0110000001", "T-1", "202511", "20270301", 12_345, 1_00, BillStatus.PART, 1_234_567)


class Town:
    """A core and a biller on the eve of the change."""

    def __init__(self, path: Path) -> None:
        self.clock = Clock()
        self.clock.at = NOON_OF_EVE
        self.core, self.core_store = open_core(path, self.clock, scale=SCALE)
        people = Population(PEOPLE.customers, (BILL,), {})
        self.biller, self.biller_store = open_biller(
            path, self.clock, frozenset({"TEL"}), people=replace_names(people), scale=SCALE
        )
        self.bank = Asker(lambda message: self.core.answer(message))
        self.office = Asker(lambda message: self.biller.answer(message))
        self.payments = 0

    def turn(self, days: int = 1) -> None:
        self.clock.at += dt.timedelta(days=days)

    def bill(self, **day: str) -> tuple[str, str, str | None]:
        """Amount and status of the one bill, and its amount in old pounds."""
        pairs = dict(tags_of(self.office.ask("0100", "32", ("03", BILL.customer_number), de98="TEL".ljust(25), **day)))
        _, _, _, amount, status, _ = pairs["05"].split("|")
        return amount.lstrip("0"), status, pairs.get("31")

    def pay_bill(self, minor: int, **day: str) -> str:
        self.payments += 1
        tags = (("03", BILL.customer_number), ("04", BILL.bill_id), ("14", f"{self.payments:032x}"))
        return self.office.ask("0200", "50", *tags, de4=n12(minor), de98="TEL".ljust(25), **day)["39"]

    def transfer(self, minor: int, **day: str) -> Fields:
        return self.bank.ask("0200", "42", ME, de4=n12(minor), de102=CURRENT, de103=OTHER, **day)


def replace_names(people: Population) -> Population:
    """Whoever the bill is for has a name."""
    return Population((replace(people.customers[0], index=1), *people.customers[1:]), people.bills, {})


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.core_store.close()
    made.biller_store.close()


def balance(answer: Fields) -> int:
    return amounts.parse_balances(answer["54"])[0].amount_minor


def test_a_bill_drops_the_fraction_of_a_new_unit_and_tells_the_old_amount_in_the_months_of_both(town: Town) -> None:
    assert town.bill(**OLD) == ("1234567", "T", None)
    town.turn()
    assert town.bill(**NEW) == ("12345", "T", "000001234567")
    town.turn(days=200)
    assert town.bill(de15="0719", de13="0719") == ("12345", "T", None)


def test_a_bill_paid_in_part_in_old_pounds_is_paid_off_in_new_ones_and_nothing_of_it_is_left(town: Town) -> None:
    assert town.pay_bill(1_000_001, **OLD) == "00"
    assert town.bill(**OLD) == ("234566", "T", None)
    town.turn()
    assert town.bill(**NEW) == ("2345", "T", "000000234566")
    assert town.pay_bill(2_346, **NEW) == "13"
    assert town.pay_bill(2_345, **NEW) == "00"
    assert town.bill(**NEW) == ("12345", "P", "000001234567")


def test_a_question_of_the_old_day_is_in_old_pounds_though_the_calendar_has_turned(town: Town) -> None:
    town.turn()
    assert town.bill(**OLD) == ("1234567", "T", None)
    before = balance(town.bank.ask("0200", "31", ME, de102=CURRENT, **NEW))
    answer = town.transfer(100, **OLD)
    assert balance(answer) == before * 100 - 100
    assert balance(town.bank.ask("0200", "31", ME, de102=CURRENT, **NEW)) == before - 1


def test_a_reversal_gives_back_the_originals_worth_whatever_the_day(town: Town) -> None:
    town.transfer(12_345, **OLD)
    original = town.bank.asked
    town.turn()
    assert town.bank.reverse(original, de15="0101", de13="0101")["39"] == "00"
    assert balance(town.bank.ask("0200", "31", ME, de102=CURRENT, **NEW)) == START


def test_a_statement_line_is_in_the_pound_of_its_own_day(town: Town) -> None:
    town.transfer(12_300, **OLD)
    original = town.bank.asked
    town.turn()
    town.transfer(123, **NEW)
    town.bank.reverse(original, de15="0101", de13="0101")
    answer = town.bank.ask("0100", "35", ME, ("10", "20251231"), ("11", "20260101"), de102=CURRENT, **NEW)
    lines = [line.split("|")[:4] for tag, line in tags_of(answer) if tag == "08"]
    assert lines[:3] == [
        ["20260101", "C", "000000000123", "reversal"],
        ["20260101", "D", "000000000123", "transfer"],
        ["20251231", "D", "000000012300", "transfer"],
    ]


def test_an_instalment_paid_in_part_in_old_pounds_goes_on_in_new_ones(town: Town) -> None:
    def due(**day: str) -> list[str]:
        pairs = dict(tags_of(town.bank.ask("0100", "36", ME, de103=LOAN.account, **day)))
        return pairs["05"].split("|")

    def pay(minor: int, bill_id: str, **day: str) -> str:
        tags = (ME, ("04", bill_id))
        asked = town.bank.ask("0200", "54", *tags, de4=n12(minor), de102=CURRENT, de103=LOAN.account, **day)
        return asked["39"]

    assert int(due(**OLD)[3]) == LOAN.amount_minor * 100
    assert pay(LOAN.least_minor * 100 + 1, LOAN.bill_id, **OLD) == "00"
    town.turn()
    rest = int(due(**NEW)[3])
    assert rest == LOAN.amount_minor - LOAN.least_minor - 1, "a fraction is left, and dropped"
    assert pay(rest + 1, LOAN.bill_id, **NEW) == "13"
    assert pay(rest, LOAN.bill_id, **NEW) == "00"
    assert due(**NEW)[0] != LOAN.bill_id
    assert int(due(**NEW)[3]) == LOAN.amount_minor


def totals(town: Town, figures: Figures, day: str) -> Fields:
    own = {"t": "0500", "7": "0101090000", "11": "900001", "15": day, "32": "100", "49": "760", "99": "100"}
    answer = town.bank.send(own | figure_fields(figures))
    assert answer is not None
    return answer


def test_totals_of_each_day_are_judged_in_its_pound(town: Town) -> None:
    """A reversal across the change names the day of its pound, and counts there."""

    def withdraw(minor: int, day: dict[str, str]) -> None:
        card = {"de2": CARD.pan, "de52": pin_block(CARD), "de35": CARD.track2}
        assert town.bank.ask("0200", "01", **card, de4=n12(minor), **day)["39"] == "00"

    withdraw(500_050, OLD)
    taken_back = town.bank.asked
    withdraw(170, OLD)
    town.turn()
    withdraw(5_000, NEW)
    eve, new_year = Figures(debits=2, debits_minor=500_220), Figures(debits=1, debits_minor=5_000)
    assert totals(town, eve.netted(), "1231")["66"] == "1"
    assert totals(town, new_year.netted(), "0101")["66"] == "1"
    town.bank.reverse(taken_back, de15="1231", de13="0101")
    assert totals(town, Figures(debits=1, debits_minor=170).netted(), "1231")["66"] == "1"
    assert totals(town, new_year.netted(), "0101")["66"] == "1"


def test_the_file_of_each_day_is_in_its_pound(town: Town, tmp_path: Path) -> None:
    town.transfer(12_300, **OLD)
    taken_back = town.bank.asked
    town.turn()
    town.transfer(123, **NEW)
    town.bank.reverse(taken_back, de15="1231", de13="0101")

    def amounts_of(day: str) -> list[int]:
        file = end_of_day(tmp_path / "core.db", "core", day, is_core=True, scale=SCALE)
        return [one.amount_minor for one in file.lines]

    assert (amounts_of("20251231"), amounts_of("20260101")) == ([12_300, 12_300], [123])
