"""A core's own totals: by the business day that each question names, from its own books, judged by what stands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from switch.wire.figures import ELEMENTS, Figures, figure_fields, parse_figures
from tests.unit.simulators.asking import Fields
from tests.unit.simulators.core_bench import Bench

DAY, NEXT = "1122", "1123"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def totals(bench: Bench, figures: Figures, day: str = DAY, mti: str = "0500", **changes: str) -> Fields:
    own = {"t": mti, "7": "1122090000", "11": "900001", "15": day, "32": "100", "49": "760", "99": "100"}
    fields = own | figure_fields(figures) | {name.removeprefix("de"): value for name, value in changes.items()}
    answer = bench.asker.send(fields)
    assert answer is not None
    return answer


def paid(transfers: int = 0, debits: int = 0, debits_minor: int = 0) -> Figures:
    return Figures(transfers=transfers, debits=debits, debits_minor=debits_minor).netted()


def test_what_it_did_is_counted_in_the_day_that_the_question_names(bench: Bench) -> None:
    bench.transfer("42", {"de15": DAY})
    bench.withdraw(5_000, de15=NEXT)
    assert totals(bench, paid(transfers=1))["66"] == "1"
    assert totals(bench, paid(debits=1, debits_minor=5_000), NEXT)["66"] == "1"


def test_without_a_day_it_is_todays(bench: Bench) -> None:
    bench.pay()
    assert totals(bench, paid(transfers=1))["66"] == "1"


def test_a_day_goes_on_over_its_own_midnight(bench: Bench) -> None:
    bench.transfer("42", {"de15": DAY})
    bench.clock.at += dt.timedelta(days=1)
    bench.transfer("42", {"de15": DAY})
    assert totals(bench, paid(transfers=2))["66"] == "1"
    assert totals(bench, paid(), NEXT)["66"] == "1"


def test_a_reversal_is_counted_in_the_day_that_it_names_itself(bench: Bench) -> None:
    bench.withdraw(5_000, de15=DAY)
    bench.asker.reverse(bench.asker.asked, stands=2_000, de15=NEXT)
    assert totals(bench, paid(debits=1, debits_minor=5_000))["66"] == "1"
    back = Figures(debit_reversals=1, debit_reversals_minor=3_000).netted()
    assert totals(bench, back, NEXT)["66"] == "1"


def test_what_was_undone_the_same_day_does_not_stand(bench: Bench) -> None:
    bench.pay()
    bench.asker.reverse(bench.asker.asked)
    assert totals(bench, paid())["66"] == "1"


def test_a_question_that_comes_twice_is_counted_once_and_a_declined_one_never(bench: Bench) -> None:
    bench.pay()
    bench.asker.repeat(bench.asker.asked)
    bench.pay(10**11)
    assert totals(bench, paid(transfers=1))["66"] == "1"


def test_out_of_balance_tells_its_own_figures_and_the_day(bench: Bench) -> None:
    bench.withdraw(5_000)
    answer = totals(bench, paid(debits=1, debits_minor=4_999))
    assert (answer["t"], answer["39"], answer["66"], answer["15"]) == ("0510", "95", "2", DAY)
    assert parse_figures(answer) == paid(debits=1, debits_minor=5_000)


def test_a_repeat_and_a_restart_give_the_same_answer(bench: Bench) -> None:
    bench.pay()
    first = totals(bench, paid(transfers=1))
    assert totals(bench, paid(transfers=1), mti="0501") == first
    bench.restart()
    assert totals(bench, paid(transfers=1), mti="0501") == first


def test_one_that_miscounts_is_out_of_balance(bench: Bench) -> None:
    bench.core.miscounts = True
    answer = totals(bench, paid())
    assert (answer["39"], parse_figures(answer)) == ("95", paid(debits=1, debits_minor=1))


@pytest.mark.parametrize("de", ELEMENTS)
def test_figures_that_cannot_be_read_are_30(bench: Bench, de: str) -> None:
    assert totals(bench, paid(), **{f"de{de}": "x"})["39"] == "30"
    assert totals(bench, paid(), de15="")["39"] == "30"
