"""Which broken machines can be put back to work, and where demand outruns the others."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from config.fleet_sections import AtmSettings, Line, Power
from switch.fleet.assigning import assign
from switch.fleet.demand import demand_of
from switch.fleet.machine import State
from switch.fleet.plan import plan_of, problem_of
from switch.fleet.rehabilitation import POSSIBLE_FROM, Costs, Prospect, prospect_of
from switch.fleet.report import Fault
from switch.fleet.standing import Episode
from switch.fleet.traffic import Refusals, Window
from tests.unit.fleet.kit import DESTROYED, HOUR, NOW, fleet_of, machine, registered

TODAY = date(2026, 11, 22)
CHEAP = Costs(0, 10_000)
DAY = 24 * HOUR


def prospect(atm: AtmSettings, *history: Episode, costs: Costs = CHEAP) -> Prospect:
    return prospect_of(atm, history, costs, TODAY, NOW)


def episode(severity: str = "FATAL", component: str = "DISPENSER", ago: float = DAY) -> Episode:
    return Episode(Fault(component, severity, "1"), NOW - ago, NOW - ago + 60)


def test_a_sound_young_machine_has_nothing_against_it() -> None:
    assert prospect(registered()) == Prospect("ATM00001", True, 100, 0, ())


def test_a_destroyed_machine_is_never_possible() -> None:
    gone = prospect(registered(condition=DESTROYED))
    assert (gone.possible, gone.score) == (False, 0)


@pytest.mark.parametrize(
    ("atm", "history", "costs", "points", "words"),
    [
        (registered(installed=date(2016, 1, 1)), (), CHEAP, 20, "10 years old"),
        (registered(installed=date(1990, 1, 1)), (), CHEAP, 40, "36 years old"),
        (registered(power=Power.NONE), (), CHEAP, 30, "no power there"),
        (registered(line=Line.UNSTABLE), (), CHEAP, 15, "line: unstable"),
        (registered(), (episode(),), CHEAP, 5, "1 fault within 90 days"),
        (registered(), (episode("WARNING"), episode("INFO")), CHEAP, 2, "2 faults within 90 days"),
        (registered(), (), Costs(10_000, 10_000), 15, "dear to repair"),
    ],
)
def test_each_thing_against_it_takes_its_points_and_says_so(
    atm: AtmSettings, history: tuple[Episode, ...], costs: Costs, points: int, words: str
) -> None:
    found = prospect(atm, *history, costs=costs)
    assert [(reason.points, reason.words) for reason in found.reasons] == [(points, words)]
    assert found.score == 100 - points


def test_a_fault_that_comes_back_again_and_again_counts_more_and_an_old_one_not_at_all() -> None:
    assert prospect(registered(), *[episode()] * 3).score == 100 - 15 - 10
    assert prospect(registered(), episode(ago=100 * DAY)).score == 100


def test_what_is_worn_out_everywhere_is_not_possible() -> None:
    worn = prospect(registered(installed=date(2010, 1, 1), power=Power.NONE, line=Line.NONE))
    assert worn.score < POSSIBLE_FROM
    assert not worn.possible


def window(hours: float = 100.0) -> Window:
    return Window(NOW - hours * HOUR, NOW, {})


def test_a_district_without_a_working_machine_wants_as_much_as_its_people_do_elsewhere() -> None:
    fleet = fleet_of(registered(), registered(name="ATM00002", district="jobar"), mazzeh=1000, jobar=500)
    machines = [machine(withdrawals=1000), machine("ATM00002", State.SILENT)]
    jobar, mazzeh = demand_of(fleet, machines, window()).districts
    assert (jobar.name, jobar.working, jobar.people_per_machine) == ("jobar", 0, None)
    assert jobar.unserved_per_hour == pytest.approx(5.0)
    assert jobar.outruns
    assert (mazzeh.withdrawals_per_machine_hour, mazzeh.unserved_per_hour, mazzeh.outruns) == (10.0, 0.0, False)


def test_a_refusal_of_the_customers_own_is_no_unserved_demand() -> None:
    refused = Refusals({"51": 50, "91": 100})
    fleet = fleet_of(registered())
    (only,) = demand_of(fleet, [machine(withdrawals=1000, refusals=refused)], window()).districts
    assert (only.refusals, only.unserved_refusals) == (150, 100)
    assert only.refusals_per_machine_hour == 1.5
    assert only.unserved_per_hour == pytest.approx(1.0)


def test_nothing_at_all_on_the_books_is_no_demand_and_no_division_by_zero() -> None:
    found = demand_of(fleet_of(registered(), mazzeh=0), [machine()], window(0.0))
    assert found.districts[0].unserved_per_hour == 0.0


def test_the_plan_takes_no_destroyed_machine_and_keeps_to_its_budget() -> None:
    atms = [registered(name=f"ATM{n:05d}", district="jobar", cost="light") for n in range(2, 6)]
    atms[0] = replace(atms[0], condition=DESTROYED)
    fleet = fleet_of(registered(), *atms, mazzeh=1000, jobar=5000)
    machines = [machine(withdrawals=1000), *(machine(atm.name, State.OUT_OF_SERVICE) for atm in atms)]
    demand = demand_of(fleet, machines, window())
    prospects = [prospect(atm, costs=Costs(1_000, 10_000)) for atm in atms]
    problem = problem_of(fleet, demand, prospects, budget_minor=2_050)
    plan = plan_of(problem, assign(problem), 50.0)
    assert [one.district for one in plan.assignments] == ["jobar", "jobar"]
    assert plan.cost_minor == 2_000
    assert "ATM00002" not in {one.terminal for one in plan.assignments} | set(plan.left_out)
    assert len(plan.left_out) == 1


def test_with_nothing_to_put_back_there_is_an_empty_plan() -> None:
    fleet = fleet_of(registered())
    problem = problem_of(fleet, demand_of(fleet, [machine()], window()), [])
    assert plan_of(problem, assign(problem), 0.0).assignments == ()
