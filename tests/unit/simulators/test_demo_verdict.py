import dataclasses

import pytest

from config.settings import demo_path, load
from ledger.model import BusinessDay
from simulators.channels.errands import Service
from simulators.channels.tally import Tally
from simulators.demo.agreement import Agreement
from simulators.demo.days import DayEnd, Days
from simulators.demo.demo import Traffic, problems_of
from simulators.demo.key_changes import KeyChanges, changing

BOOKS = Agreement(open_payments=0, payments={}, totals=(), compared={}, differences=())


def every_service_once() -> Tally:
    tally = Tally()
    for service in Service:
        tally.add(service, "00")
    return tally


def test_all_is_well_when_every_service_worked_and_everybody_was_answered() -> None:
    assert problems_of(Traffic(every_service_once()), BOOKS) == []


def test_a_service_that_never_worked_is_named() -> None:
    tally = Tally.of({name: codes for name, codes in every_service_once().snapshot().items() if name != "pay-loan"})
    tally.add(Service.PAY_LOAN, "91")
    assert problems_of(Traffic(tally), BOOKS) == ["nothing approved: pay-loan"]


def test_requests_that_nobody_answered_are_counted() -> None:
    tally = every_service_once()
    tally.add(Service.BALANCE, None)
    assert problems_of(Traffic(tally), BOOKS) == ["requests without a final answer: 1"]


def test_a_key_that_was_not_changed_is_named() -> None:
    keys = KeyChanges(frozenset({"core-mac", "atm-pin"}), frozenset({"atm-pin"}))
    assert problems_of(Traffic(every_service_once(), keys=keys), BOOKS) == ["key not changed: core-mac"]


def test_every_key_of_an_endpoint_with_a_key_encryption_key_is_to_change() -> None:
    found = changing(load(demo_path()))
    assert found["listeners.atm"] == {"atm-mac", "atm-pin"}
    assert found["peers.power"] == {"power-mac"}
    assert "peers.telecom" not in found


CLOSED = BusinessDay("20261122", "closed", 0.0, 1.0)
LINE = ("core", "missing there", "A00000000001", "000001")
OTHER = ("water", "amount differs", "A00000000002", "000002")


def ended(**changes: object) -> DayEnd:
    end = DayEnd(CLOSED, {"web": True, "core": True}, frozenset(), frozenset(), {}, True, ())
    return dataclasses.replace(end, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({}, []),
        ({"day": BusinessDay("20261122", "open", 0.0)}, ["20261122 is not closed"]),
        ({"balanced": {"web": True, "core": False}}, ["20261122: core is out of balance"]),
        ({"adds_up": False}, ["20261122: positions do not add up to zero"]),
        ({"found": frozenset({LINE}), "planted": frozenset({LINE})}, []),
        ({"found": frozenset({LINE})}, [f"20261122: a break that nobody planted: {' '.join(LINE)}"]),
        ({"planted": frozenset({OTHER})}, [f"20261122: planted and not found: {' '.join(OTHER)}"]),
    ],
)
def test_a_day_must_be_closed_in_balance_and_without_a_break_but_those_that_were_planted(
    changes: dict[str, object], problems: list[str]
) -> None:
    traffic = Traffic(every_service_once(), days=Days((ended(**changes),)))
    assert problems_of(traffic, BOOKS) == problems


def test_who_was_to_miscount_must_be_found_out_of_balance() -> None:
    wrong = frozenset({"web"})
    assert Days((ended(balanced={"web": False, "core": True}),), wrong).problems() == []
    assert Days((ended(),), wrong).problems() == ["20261122: web is in balance, and counted wrongly"]
