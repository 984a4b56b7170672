"""A ceiling that was ordered for somebody stands at once, and the day's use counts on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.choices import Channel
from config.sections import ListenerSettings
from switch.flow.limits import Limit
from switch.flow.orders import Verdict
from switch.flow.subscribers import CEILINGS, ceilings_of
from tests.unit.engine.bench import DAY, Bench, reversal_of, transfer, withdrawal
from tests.unit.engine.customers import ceiling, paid, rows


def test_an_ordered_ceiling_stands_at_once_lower_or_higher(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limits=(Limit("transfer-own", amount_max=60_000),))
    assert ceiling(bench, amount_max=40_000) == Verdict(True, f"it stands from {DAY}")
    assert paid(bench, transfer("000001", 50_000)) == "61"
    ceiling(bench, amount_max=80_000)
    assert paid(bench, transfer("000002", 70_000)) == "00"
    ceiling(bench)
    assert paid(bench, transfer("000003", 70_000)) == "61", "without a figure: as configured again"
    assert paid(bench, transfer("000004", 50_000)) == "00"


def test_the_days_use_counts_on_when_the_ceiling_changes(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limits=(Limit("transfer-own", per_day_amount_max=100_000),))
    assert paid(bench, transfer("000001", 60_000)) == "00"
    assert ceiling(bench, per_day_amount_max=70_000).words == f"it stands from {DAY}"
    assert paid(bench, transfer("000002", 20_000)) == "61"
    ceiling(bench, per_day_amount_max=200_000)
    assert paid(bench, transfer("000003", 140_000)) == "00"
    assert paid(bench, transfer("000004", 1)) == "61"


def test_where_nothing_counted_the_day_it_is_counted_from_the_order_on_and_that_is_said(bench: Bench) -> None:
    assert paid(bench, transfer("000001", 60_000)) == "00"
    assert "is not counted" in ceiling(bench, per_day_amount_max=70_000).words
    assert paid(bench, transfer("000002", 60_000)) == "00"
    assert paid(bench, transfer("000003", 60_000)) == "61"
    assert "is not counted" not in ceiling(bench, per_day_amount_max=130_000).words


def test_an_ordered_ceiling_goes_over_all_channels_together(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limits=(Limit("transfer-own", "web", per_day_count_max=1),))
    ceiling(bench, per_day_count_max=2)
    web = ListenerSettings(name="web", channel=Channel.WEB, port=0, acquirers=("000123",))
    mobile, bench.endpoint = bench.endpoint, web
    assert [paid(bench, transfer(f"00000{number}")) for number in (1, 2)] == ["00", "00"]
    bench.endpoint = mobile
    assert paid(bench, transfer("000003")) == "65"


def test_a_channels_ceiling_counts_what_came_through_it_alone(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limits=(Limit("transfer-own", "web", per_day_count_max=1),))
    assert [paid(bench, transfer(f"00000{number}")) for number in (1, 2)] == ["00", "00"]
    bench.endpoint = ListenerSettings(name="web", channel=Channel.WEB, port=0, acquirers=("000123",))
    assert [paid(bench, transfer(f"00000{number}")) for number in (3, 4)] == ["00", "65"]


def test_a_machines_daily_cash_is_counted_over_all_cards_and_given_back(tmp_path: Path) -> None:
    limit = Limit("withdrawal", "atm", per_day_amount_max=250_000, per_terminal=True)
    bench = Bench(tmp_path, limits=(limit, Limit("withdrawal", per_day_count_max=9)))
    first = withdrawal("000001")
    assert paid(bench, first) == "00"
    assert paid(bench, withdrawal("000002", pan="4000000000000010")) == "00"
    assert paid(bench, withdrawal("000003", pan="4000000000000028")) == "61"
    assert paid(bench, withdrawal("000004", de41="ATM00002")) == "00"
    assert bench.send(reversal_of(first)).code == "00"
    bench.core.say("00")  # to the advice
    assert paid(bench, withdrawal("000005")) == "00"


Figures = dict[str, Any]
FULL: tuple[Figures, Figures] = {"per_day_amount_max": 1}, {"per_day_count_max": 0}
OVER_ALL, OF_CHANNEL, OF_MACHINE = "over all channels", "of the channel", "of the machine"


@pytest.mark.parametrize(
    ("full", "code"),
    [
        ({OVER_ALL: FULL[0]}, "61"),
        ({OVER_ALL: FULL[1]}, "65"),
        ({OVER_ALL: {**FULL[0], **FULL[1]}}, "61"),  # the amount before the number
        ({OVER_ALL: FULL[1], OF_CHANNEL: FULL[0]}, "65"),  # then each in its turn
        ({OF_CHANNEL: FULL[1], OF_MACHINE: FULL[0]}, "65"),
        ({OF_CHANNEL: FULL[0], OF_MACHINE: FULL[1]}, "61"),
        ({OF_MACHINE: FULL[1]}, "65"),
    ],
)
def test_of_several_ceilings_of_the_day_the_first_that_is_reached_answers(
    tmp_path: Path, full: dict[str, Figures], code: str
) -> None:
    limits = [Limit("transfer-own", "mobile", **full[OF_CHANNEL])] if OF_CHANNEL in full else []
    limits += [Limit("transfer-own", per_terminal=True, **full[OF_MACHINE])] if OF_MACHINE in full else []
    bench = Bench(tmp_path, limits=tuple(limits))
    if OVER_ALL in full:
        own = full[OVER_ALL]  # only its own figure: the channel's other one still stands
        assert ceiling(bench, **own).done
    assert bench.send(transfer()).code == code
    assert bench.states == {"DECLINED": 1}


@pytest.mark.parametrize("ready", [True, False])
def test_the_limit_of_one_payment_comes_before_a_peer_that_is_down_and_the_days_after(
    tmp_path: Path, ready: bool
) -> None:
    bench = Bench(tmp_path, limits=(Limit("transfer-own", amount_max=60_000, per_day_count_max=0),))
    bench.core.ready = ready
    assert bench.send(transfer("000001", 60_001)).code == "61"
    assert bench.send(transfer("000002", 60_000)).code == ("65" if ready else "91")


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"from_day": "20261121"}, f"from 20261121: allowed: the open business day, {DAY}, or a later one"),
        ({"from_day": "20261131"}, "from 20261131: allowed: a day as YYYYMMDD"),
        ({"until_day": "20261121"}, f"until 20261121: allowed: {DAY}, when it begins, or a later day"),
        ({"service": "balance"}, "service: allowed: transfer-own, transfer-other, pay-bill, pay-loan"),
        ({"service": "nonsense"}, "service: allowed: transfer-own, transfer-other, pay-bill, pay-loan"),
        ({"service": "withdrawal"}, "service: allowed: transfer-own, transfer-other, pay-bill, pay-loan"),
    ],
)
def test_a_ceiling_that_can_not_stand_is_refused_in_one_line(bench: Bench, figures: dict[str, Any], words: str) -> None:
    assert ceiling(bench, **figures) == Verdict(False, words)
    assert not rows(bench, CEILINGS)


def test_a_ceiling_that_is_planned_stands_from_its_day(bench: Bench) -> None:
    assert ceiling(bench, amount_max=1, from_day="20261123", until_day="20261124").done
    assert [one.from_day for one in ceilings_of(rows(bench, CEILINGS)[0])] == ["20261123"]
    assert paid(bench, transfer("000001")) == "00"
    assert bench.cut_over("20261123").done
    assert paid(bench, transfer("000002")) == "61"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.integers(1, 90), st.tuples(st.integers(0, 200))), max_size=14))
def test_the_days_use_never_exceeds_the_ceiling_that_was_in_force_at_its_commit(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int | tuple[int]]
) -> None:
    """An amount is a payment, a tuple an order."""
    bench = Bench(tmp_path_factory.mktemp("books"), limits=(Limit("transfer-own", per_day_amount_max=100),))
    most, used = 100, 0
    for number, step in enumerate(steps):
        if isinstance(step, tuple):
            (most,) = step
            assert ceiling(bench, per_day_amount_max=most).done
            continue
        code = paid(bench, transfer(f"{number + 1:06d}", step))
        fits = used + step <= most
        assert code == ("00" if fits else "61")
        used += step if fits else 0
