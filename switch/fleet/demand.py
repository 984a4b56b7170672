"""Where demand outruns the machines that still work, district by district.

Rule: pure. Three figures, each said as it is: what was paid out and what was refused per working machine and hour; how
many people share one working machine; and how many withdrawals an hour go unserved. Who finds no machine leaves no
trace, so the last is an estimate: people of one district are taken to want cash as often as those of the best served
quarter of all people do; what they got is taken off, and what a machine refused for reasons of its own is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from config.fleet_sections import DistrictSettings, Fleet
from switch.fleet.machine import BROKEN, WORKING, Machine, State
from switch.fleet.traffic import Window

BEST_SERVED = 0.25  # this share of the people says how often cash is wanted
BUSY = 0.9  # a working machine that is busier than this share of all says what one can do
CAPACITY_LEAST_PER_HOUR = 0.5  # with little traffic on the books: what one machine can do is not less


class District(msgspec.Struct, frozen=True):
    name: str
    name_ar: str
    name_en: str
    population: int
    machines: int
    working: int
    broken: int
    destroyed: int
    withdrawals: int
    refusals: int
    unserved_refusals: int  # that a machine in order would have served
    withdrawals_per_machine_hour: float
    refusals_per_machine_hour: float
    people_per_machine: int | None  # None: nobody has any
    unserved_per_hour: float

    @property
    def outruns(self) -> bool:
        """More goes unserved than the machines there serve, or there are none."""
        return self.unserved_per_hour > self.withdrawals_per_machine_hour * self.working


class Demand(msgspec.Struct, frozen=True):
    """`wanted_per_1000_hour`: withdrawals that a thousand people want in an hour; `capacity_per_hour`: what one machine
    can do."""

    districts: tuple[District, ...]
    wanted_per_1000_hour: float
    capacity_per_hour: float


def demand_of(fleet: Fleet, machines: Iterable[Machine], window: Window) -> Demand:
    """The district where most goes unserved first."""
    by_district: dict[str, list[Machine]] = {name: [] for name in fleet.districts}
    for machine in machines:
        if machine.terminal in fleet.atms:
            by_district[fleet.atms[machine.terminal].district].append(machine)
    hours = max(window.observed_h, 1.0)
    wanted = _wanted_per_person(fleet.districts, by_district, hours)
    found = [_district(fleet.districts[name], there, hours, wanted) for name, there in by_district.items()]
    found.sort(key=lambda one: (-one.unserved_per_hour, one.name))
    return Demand(tuple(found), wanted * 1000, _capacity(by_district.values(), hours))


def _district(settings: DistrictSettings, machines: Sequence[Machine], hours: float, wanted: float) -> District:
    working = sum(one.found.state in WORKING for one in machines)
    paid = sum(one.traffic.withdrawals for one in machines)
    refused = sum(one.traffic.refusals.count for one in machines)
    unserved = sum(one.traffic.refusals.unserved for one in machines)
    return District(
        settings.name,
        settings.name_ar,
        settings.name_en,
        settings.population,
        len(machines),
        working,
        sum(one.found.state in BROKEN for one in machines),
        sum(one.found.state is State.DESTROYED for one in machines),
        paid,
        refused,
        unserved,
        paid / hours / working if working else 0.0,
        refused / hours / working if working else 0.0,
        settings.population // working if working else None,
        max(0.0, settings.population * wanted - paid / hours) + unserved / hours,
    )


def _wanted_per_person(
    districts: Mapping[str, DistrictSettings], machines: Mapping[str, Sequence[Machine]], hours: float
) -> float:
    """Of the best served quarter of the people: what they had in all, by each of them."""
    rates = []
    for name, there in machines.items():
        people, paid = districts[name].population, sum(one.traffic.withdrawals for one in there) / hours
        if people:
            rates.append((paid / people, people))
    quarter = BEST_SERVED * sum(people for _, people in rates)
    counted = paid_in_all = 0.0
    for rate, people in sorted(rates, reverse=True):
        some = min(people, quarter - counted)
        counted, paid_in_all = counted + some, paid_in_all + rate * some
    return paid_in_all / counted if counted else 0.0


def _capacity(machines: Iterable[Sequence[Machine]], hours: float) -> float:
    """As much as the busiest tenth do."""
    busy = sorted(one.traffic.withdrawals / hours for there in machines for one in there if one.traffic.withdrawals)
    return max(busy[min(len(busy) - 1, int(BUSY * len(busy)))] if busy else 0.0, CAPACITY_LEAST_PER_HOUR)
