"""Machines and registers for the tests of the fleet's rules."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec.structs import replace

from config.fleet_sections import (
    AtmSettings,
    Condition,
    CostSettings,
    DistrictSettings,
    Fleet,
    Line,
    MoveSettings,
    Power,
)
from switch.fleet.machine import Found, Known, Machine, Now, State, look_at
from switch.fleet.pace import Pace
from switch.fleet.report import Cassette, DeviceState, Report
from switch.fleet.standing import Standing
from switch.fleet.traffic import Traffic

NOW = 1_795_341_600.0
HOUR = 3600.0
MOMENT = Now(NOW, 10.0, "760", 4 * HOUR)
ATM = AtmSettings(
    name="ATM00001",
    site_ar="فرع",
    site_en="branch",
    district="mazzeh",
    installed=date(2024, 1, 1),
    power=Power.GRID,
    line=Line.FIBRE,
    cost="light",
)


def registered(**changes: Any) -> AtmSettings:
    return replace(ATM, **changes)


def district(name: str, population: int) -> DistrictSettings:
    return DistrictSettings(
        name=name, name_ar=name, name_en=name.title(), city_ar="دمشق", city_en="Damascus", population=population
    )


def fleet_of(*atms: AtmSettings, **populations: int) -> Fleet:
    return Fleet(
        move=MoveSettings(cost_minor=100),
        costs={
            "light": CostSettings(name="light", meaning="little", cost_minor=1_000),
            "heavy": CostSettings(name="heavy", meaning="much", cost_minor=10_000),
        },
        districts={name: district(name, people) for name, people in (populations or {"mazzeh": 1000}).items()},
        atms={atm.name: atm for atm in atms},
    )


def standing(state: DeviceState = DeviceState.IN_SERVICE, heard_at: float = NOW, **changes: Any) -> Standing:
    return replace(Standing(Report(state), since=heard_at, heard_at=heard_at), **changes)


def known(said: Standing | None = None, traffic: Traffic | None = None, **changes: Any) -> Known:
    one = Known("ATM00001", said or Standing(), traffic or Traffic(), Pace(0.0, 0.0), (), ATM)
    return replace(one, **changes)


def machine(
    terminal: str = "ATM00001", state: State = State.IN_SERVICE, withdrawals: int = 0, **traffic: Any
) -> Machine:
    seen = look_at(known(standing(), Traffic(withdrawals, first_at=NOW - 100 * HOUR, **traffic)), MOMENT)
    return replace(seen, terminal=terminal, found=Found(state, None, ""))


def cassette(note: int, notes: int, state: str = "OK") -> Cassette:
    return Cassette(note, "760", notes, state)


DESTROYED, REPAIRABLE = Condition.DESTROYED, Condition.REPAIRABLE
