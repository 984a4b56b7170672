"""Ceilings with days: which one stands, and what is kept of those that can't stand again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import demo_path, load
from switch.flow.ceilings import KEPT_MAX, Ceiling, added, effective, still_standing
from switch.flow.limits import Asked, Bounds, DayCeiling, Limit, bounds_for
from switch.flow.orders import BarHolder, Barring, SetCeiling
from switch.flow.subscribers import Activation, subscriber_holder
from switch.terms import limits_of
from switch.wire.dates import compact
from switch.workers.words import Follow

FIRST = date(2026, 11, 22)
DAYS = [compact(FIRST + timedelta(days=number)) for number in range(12)]
TODAY = DAYS[3]
SHORT = st.integers(0, len(DAYS) - 1)


@st.composite
def ceilings(draw: st.DrawFn) -> Ceiling:
    begins = draw(SHORT)
    until = draw(st.one_of(st.just(""), st.integers(begins, len(DAYS) - 1).map(DAYS.__getitem__)))
    return Ceiling(DAYS[begins], until, at=draw(st.floats(0, 9)))


def put(orders: list[Ceiling], today: str = DAYS[0]) -> tuple[Ceiling, ...]:
    found: tuple[Ceiling, ...] = ()
    for order in orders:
        found = added(found, order, today) or found
    return found


def newest(orders: list[Ceiling], day: str) -> Ceiling | None:
    """Told anew: of those whose days include it, the latest first day, of equal ones the last ordered."""
    standing = [(one.from_day, number) for number, one in enumerate(orders) if one.holds_on(day)]
    return orders[max(standing)[1]] if standing else None


@given(st.lists(ceilings(), max_size=8), st.sampled_from(DAYS))
def test_on_any_day_exactly_the_newest_that_stands_applies(orders: list[Ceiling], day: str) -> None:
    assert effective(put(orders), day) is newest(orders, day)


@given(st.lists(ceilings(), max_size=60), st.sampled_from(DAYS))
def test_what_is_kept_is_bounded_and_nothing_that_can_stand_is_lost(orders: list[Ceiling], today: str) -> None:
    taken: list[Ceiling] = []
    kept: tuple[Ceiling, ...] = ()
    for order in orders:
        after = added(kept, order, today)
        if after is not None:
            kept, taken = after, [*taken, order]
    assert len(kept) <= KEPT_MAX
    for day in DAYS[DAYS.index(today) :]:
        assert effective(kept, day) is newest(taken, day)


@given(st.lists(ceilings(), max_size=12), st.sampled_from(DAYS))
def test_what_stands_today_or_later_is_still_standing(orders: list[Ceiling], today: str) -> None:
    kept = put(orders)
    alive = list(still_standing(kept, today))
    for day in DAYS[DAYS.index(today) :]:
        found = effective(kept, day)
        assert found is None or any(found is one for one in alive)


def test_when_all_of_so_many_can_still_stand_another_is_not_taken() -> None:
    planned = put([Ceiling(compact(FIRST + timedelta(days=number)), "20991231") for number in range(KEPT_MAX)])
    assert len(planned) == KEPT_MAX
    assert added(planned, Ceiling("20270101"), DAYS[0]) is None


WEB, ANY = Limit("pay-bill", "web", 50, 500, 5), Limit("pay-bill", None, 90, 900, 9)
MACHINE = Limit("pay-bill", "web", 70, 7_000, 70, per_terminal=True)
LATER = Limit("pay-bill", "web", 55, from_day=DAYS[5])
UNTIL = Limit("pay-bill", "web", 45, until_day=DAYS[4])
OVER_ALL, OF_WEB = "pay-bill|who", "pay-bill|who|web"
OF_MACHINE = DayCeiling("pay-bill|terminal:123:T1", 7_000, 70)


@pytest.mark.parametrize(
    ("limits", "own", "amount_max", "days"),
    [
        ((), None, None, ()),
        ((WEB, ANY), None, 50, (DayCeiling(OF_WEB, 500, 5),)),
        ((ANY, WEB), None, 90, (DayCeiling(OVER_ALL, 900, 9),)),
        ((Limit("pay-bill", "mobile", 10), ANY), None, 90, (DayCeiling(OVER_ALL, 900, 9),)),
        ((Limit("withdrawal", None, 10),), None, None, ()),
        ((UNTIL, LATER), None, 45, ()),
        ((MACHINE,), None, 70, (OF_MACHINE,)),
        ((WEB, MACHINE), None, 50, (DayCeiling(OF_WEB, 500, 5), OF_MACHINE)),
        # what was ordered for this one goes before, lower or higher, but not before the machine's
        ((WEB,), Ceiling(TODAY, amount_max=60), 60, (DayCeiling(OF_WEB, 500, 5),)),
        ((WEB, MACHINE), Ceiling(TODAY, amount_max=80), 70, (DayCeiling(OF_WEB, 500, 5), OF_MACHINE)),
        ((ANY,), Ceiling(TODAY, per_day_amount_max=0), 90, (DayCeiling(OVER_ALL, 0, 9),)),
        ((WEB,), Ceiling(TODAY, per_day_count_max=8), 50, (DayCeiling(OVER_ALL, None, 8), DayCeiling(OF_WEB, 500))),
        ((), Ceiling(TODAY, per_day_amount_max=300), None, (DayCeiling(OVER_ALL, 300, None),)),
        ((ANY,), Ceiling(TODAY), 90, (DayCeiling(OVER_ALL, 900, 9),)),
    ],
)  # fmt: skip
def test_what_stands_for_a_payment(
    limits: tuple[Limit, ...], own: Ceiling | None, amount_max: int | None, days: tuple[DayCeiling, ...]
) -> None:
    asked = Asked("pay-bill", "web", TODAY, "who", "123:T1")
    assert bounds_for(limits, own, asked) == Bounds(amount_max, days)


@pytest.mark.parametrize(("day", "limit"), [(DAYS[4], 45), (DAYS[5], 55)])
def test_a_configured_limit_changes_on_the_day_that_is_written(day: str, limit: int) -> None:
    assert bounds_for((UNTIL, LATER), None, Asked("pay-bill", "web", day, "who")).amount_max == limit


def test_the_limits_of_the_file_are_the_engines() -> None:
    of_file = {
        "service": "withdrawal",
        "channel": "atm",
        "per": "terminal",
        "from_day": "20261201",
        "until_day": "20261231",
        "amount_max": 1,
        "per_day_amount_max": 2,
        "per_day_count_max": 3,
    }
    settings = load(demo_path(), {"limits": [of_file, {"service": "pay-bill", "amount_max": 4}]})
    assert limits_of(settings) == (
        Limit("withdrawal", "atm", 1, 2, 3, per_terminal=True, from_day="20261201", until_day="20261231"),
        Limit("pay-bill", None, 4),
    )


def test_no_number_is_in_a_repr() -> None:
    number = "963900000001"
    holder = subscriber_holder(number)
    for value in (
        BarHolder(holder, Barring.BLOCK, "lina", "stolen"),
        SetCeiling(holder, "pay-bill", "lina", "asked for"),
        Activation(number, number, 0.0, "mobile"),
        Follow(1, holder),
    ):
        assert number not in repr(value)
