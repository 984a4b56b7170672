"""The simulated core follows the switch's business day, so that both sides can count by day."""

from __future__ import annotations

import datetime as dt

import pytest

from ledger.model import Transfer
from ledger.queries import GetStatement
from tests.unit.simulators.asking import NOON, n12
from tests.unit.simulators.core_bench import CURRENT, ME, OTHER, Bench


def paid(bench: Bench, **elements: str) -> dict[str, str]:
    given = {"de4": n12(1000), "de102": CURRENT, "de103": OTHER} | elements
    return bench.asker.ask("0200", "42", ME, **given)


def newest(bench: Bench) -> Transfer:
    transfer: Transfer = bench.store.answer(GetStatement(f"customer:{CURRENT}")).lines[0].transfer
    return transfer


def test_a_question_falls_into_the_day_that_it_names(bench: Bench) -> None:
    assert paid(bench, de15="1123")["15"] == "1123"
    assert newest(bench).day == "20261123"


def test_a_late_question_falls_into_its_own_day(bench: Bench) -> None:
    paid(bench, de15="1123")
    assert paid(bench, de15="1122")["15"] == "1122"
    assert newest(bench).day == "20261122"


def test_a_reversal_falls_into_its_own_day_not_into_its_originals(bench: Bench) -> None:
    paid(bench, de15="1122")
    assert bench.asker.reverse(bench.asker.asked, de15="1123")["15"] == "1123"
    assert newest(bench).day == "20261123"


def test_without_field_15_the_calendar_is_followed(bench: Bench) -> None:
    assert paid(bench)["15"] == "1122"
    bench.clock.at = NOON + dt.timedelta(1)
    assert paid(bench)["15"] == "1123"


def test_a_cutover_opens_the_day(bench: Bench) -> None:
    assert bench.core.cut_over("1123")
    assert bench.store.current_day() == "20261123"
    assert bench.core.cut_over("1123")


@pytest.mark.parametrize("mmdd", ["", "1331", "0501"])
def test_a_cutover_to_no_day_or_to_a_far_one_is_refused(bench: Bench, mmdd: str) -> None:
    assert not bench.core.cut_over(mmdd)
    assert bench.store.current_day() == "20261122"
