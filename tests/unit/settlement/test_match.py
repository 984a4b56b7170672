"""Three-way reconciliation finds what differs, all of it and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from switch.settlement.line import Line
from switch.settlement.match import BREAKS, At, Finding, Kind, Side, Why, reconcile, touched
from tests.unit.settlement.making import (
    CORE,
    DAY,
    DAY_ENDS,
    FINAL,
    NEXT,
    NEXT_ENDS,
    POWER,
    Fate,
    Paid,
    days,
    line,
    paid,
)

Lines = Mapping[At, Sequence[Line]]


def found(
    payments: Sequence[Paid],
    lines: Lines | None = None,
    *,
    day: str = DAY,
    heard_until: float = DAY_ENDS,
    settled: Mapping[At, int] | None = None,
) -> dict[At, Finding]:
    sides = {one.at: one.side for one in payments}
    theirs = lines if lines is not None else {one.at: one.lines for one in payments}
    todo = dict.fromkeys(touched(day, sides, theirs), day)
    heard = {CORE: heard_until, POWER: heard_until}
    return {(one.peer, one.key): one for one in reconcile(todo, sides, theirs, heard, settled or {})}


def breaks(findings: Mapping[At, Finding]) -> dict[At, Kind]:
    return {at: one.kind for at, one in findings.items() if one.kind in BREAKS}


def of_day(payments: Sequence[Paid], day: str = DAY) -> dict[At, tuple[Line, ...]]:
    """What is in the files of that day alone."""
    return {one.at: lines for one in payments if (lines := tuple(line for line in one.lines if line.day == day))}


@given(days())
def test_books_and_files_that_tell_the_same_have_no_break(payments: list[Paid]) -> None:
    assert breaks(found(payments, heard_until=NEXT_ENDS)) == {}
    assert breaks(found(payments, day=NEXT, heard_until=NEXT_ENDS)) == {}


@given(days(tuple(set(Fate) - {Fate.LATE})))
def test_the_days_own_files_are_enough_where_nothing_is_late(payments: list[Paid]) -> None:
    assert breaks(found(payments, of_day(payments))) == {}


FAULTS = ("drop", "amount", "twice", "payee", "unknown")


@given(days(FINAL), st.data())
def test_exactly_the_planted_breaks_are_found(payments: list[Paid], data: st.DataObject) -> None:
    lines: dict[At, list[Line]] = {at: list(some) for at, some in of_day(payments).items()}
    planted: set[At] = set()
    for number, one in enumerate(payments):
        fault = data.draw(st.sampled_from((None, *FAULTS)))
        if fault is None:
            continue
        hit = data.draw(st.sampled_from(one.lines))
        known = lines[one.at]
        if fault == "drop":
            known.remove(hit)
        elif fault == "amount":
            known[known.index(hit)] = replace(hit, amount_minor=hit.amount_minor + data.draw(st.integers(1, 10**6)))
        elif fault == "twice":
            known.append(hit)
        elif fault == "payee":
            known[known.index(hit)] = replace(hit, payee="biller:OTHER")
        else:
            stranger = replace(hit, stan=f"9{number:05d}")
            lines[one.at[0], stranger.key] = [stranger]
            planted.add((one.at[0], stranger.key))
            continue
        planted.add(one.at)
    assert set(breaks(found(payments, lines))) == planted


@given(days(), st.data())
def test_what_a_break_is_about_is_what_the_books_are_apart(payments: list[Paid], data: st.DataObject) -> None:
    """Summed over a peer, the differences explain the difference of the nets."""
    lines = {at: list(some) for at, some in of_day(payments).items()}
    for at in data.draw(st.sets(st.sampled_from(sorted(lines)))) if lines else ():
        lines[at].pop()
    findings = found(payments, lines, heard_until=NEXT_ENDS)
    for at, kind in breaks(findings).items():
        side = next(one.side for one in payments if one.at == at)
        ours = sum(-one.amount_minor if one.back else one.amount_minor for one in side.moved)
        theirs = sum(-one.amount_minor if one.back else one.amount_minor for one in lines.get(at, ()))
        assert findings[at].difference_minor == theirs - ours, kind


@pytest.mark.parametrize(
    ("change", "kind", "difference_minor"),
    [
        (lambda one: [], Kind.MISSING_THERE, -5000),
        (lambda one: [one, one], Kind.TWICE, 5000),
        (lambda one: [replace(one, amount_minor=4000)], Kind.AMOUNT_DIFFERS, -1000),
        (lambda one: [replace(one, currency="840")], Kind.AMOUNT_DIFFERS, -5000),
        (lambda one: [replace(one, payee="biller:WATER")], Kind.OTHER_ACCOUNT, 0),
        (lambda one: [replace(one, account="10000000000009")], Kind.OTHER_ACCOUNT, 0),
        (lambda one: [one, line(1, back=True)], Kind.MISSING_HERE, -5000),
    ],
)
def test_each_kind_of_break_has_its_name_and_its_amount(change: object, kind: Kind, difference_minor: int) -> None:
    one = paid(1, 5000, Fate.POSTED)
    findings = found([one], {one.at: change(one.lines[0])})  # type: ignore[operator]
    assert (findings[one.at].kind, findings[one.at].difference_minor) == (kind, difference_minor)


def test_a_payment_that_nobody_made_is_missing_here_whatever_became_of_it_there() -> None:
    took, gave = line(7), line(7, back=True)
    assert breaks(found([], {(CORE, took.key): [took]})) == {(CORE, took.key): Kind.MISSING_HERE}
    assert breaks(found([], {(CORE, took.key): [took, gave]})) == {(CORE, took.key): Kind.MISSING_HERE}


def test_an_account_that_is_not_known_here_is_not_compared() -> None:
    one = paid(1, 5000, Fate.POSTED)
    card = replace(one.side, account="")
    assert found([Paid(one.at, card, one.lines, one.fate)])[one.at].kind is Kind.MATCHED


@pytest.mark.parametrize(
    ("fate", "why"),
    [
        (Fate.UNDONE, Why.TAKEN_BACK),
        (Fate.UNDONE_LATER, Why.TO_COME),
        (Fate.ADVISED, Why.NOT_FINAL),
        (Fate.HELD, Why.NOT_FINAL),
    ],
)
def test_what_is_no_break_says_why(fate: Fate, why: Why) -> None:
    one = paid(1, 5000, fate)
    assert found([one], of_day([one]))[one.at].why is why


def test_a_movement_in_the_next_days_file_is_explained_once_that_is_there_and_a_break_before() -> None:
    one = paid(1, 5000, Fate.LATE)
    assert breaks(found([one], {})) == {one.at: Kind.MISSING_THERE}
    assert found([one])[one.at].why is Why.OTHER_DAY


def test_what_was_to_come_and_did_not_is_a_break_when_its_day_has_passed() -> None:
    one = paid(1, 5000, Fate.UNDONE_LATER)
    only_taken = {one.at: one.lines[:1]}
    assert found([one], only_taken)[one.at].why is Why.TO_COME
    assert breaks(found([one], only_taken, heard_until=NEXT_ENDS)) == {one.at: Kind.MISSING_HERE}


@pytest.mark.parametrize("fate", [Fate.HELD, Fate.ADVISED, Fate.UNDONE_LATER])
def test_being_undecided_excuses_just_the_one_movement(fate: Fate) -> None:
    one = paid(1, 5000, fate)
    (taken,) = of_day([one])[one.at]
    assert breaks(found([one], {one.at: [taken, taken]}))
    assert breaks(found([one], {one.at: [replace(taken, amount_minor=5001)]}))


def test_a_biller_that_was_never_advised_has_no_excuse_for_a_debit_here() -> None:
    one = paid(1, 5000, Fate.POSTED, POWER)
    undone: Side = replace(one.side, moved=())
    assert breaks(found([Paid(one.at, undone, one.lines, one.fate)])) == {one.at: Kind.MISSING_HERE}


def test_a_resolved_dispute_settles_just_its_difference() -> None:
    one = paid(1, 5000, Fate.POSTED)
    settled = found([one], {}, settled={one.at: -5000})[one.at]
    assert (settled.kind, settled.why) == (Kind.EXPLAINED, Why.SETTLED)
    half = found([one], {}, settled={one.at: -2000})[one.at]
    assert (half.kind, half.difference_minor) == (Kind.MISSING_THERE, -3000)


def test_what_the_peer_puts_right_after_it_was_settled_here_is_a_break_again() -> None:
    one = paid(1, 5000, Fate.LATE)
    later = found([one], day=NEXT, settled={one.at: -5000})[one.at]
    assert (later.kind, later.difference_minor) == (Kind.SETTLED_TWICE, 5000)


def test_movements_of_the_same_day_find_each_other_before_those_of_others() -> None:
    one = paid(1, 5000, Fate.POSTED)
    other_day = line(1, day=NEXT)
    by_payment: dict[At, list[Line]] = defaultdict(list)
    by_payment[one.at] = [other_day, *one.lines]
    assert found([one], by_payment)[one.at].kind is Kind.MATCHED
