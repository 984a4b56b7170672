"""The fleet as one look at the books and the register finds it, for the commands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from config.errors import ConfigError
from config.fleet import load_fleet
from config.fleet_sections import Fleet
from config.settings import Settings
from switch.commands.atm_reading import histories, hour_of_week, standings, window_of
from switch.commands.books import Desk
from switch.fleet.demand import Demand, demand_of
from switch.fleet.machine import BROKEN, Known, Machine, Now, look_at
from switch.fleet.pace import pace_of, shape_of
from switch.fleet.plan import places_of
from switch.fleet.pound import counted_in, window_in
from switch.fleet.rehabilitation import Costs, Prospect, prospect_of
from switch.fleet.standing import Episode, Standing
from switch.fleet.traffic import Window

DAY_S = 86_400.0


class Look(msgspec.Struct, frozen=True):
    """Everything of one moment. Without a register `fleet` is empty."""

    fleet: Fleet
    window: Window
    machines: Mapping[str, Machine]
    histories: Mapping[str, tuple[Episode, ...]]


class Survey(msgspec.Struct, frozen=True):
    """The broken machines' prospects, the best first, with what each would relieve in its own district."""

    demand: Demand
    prospects: tuple[Prospect, ...]
    reliefs: Mapping[str, float]


def fleet_of(settings: Settings, *, needed: bool = False) -> Fleet:
    """Raises ConfigError."""
    path = settings.fleet.register
    if path is None and needed:
        raise ConfigError('fleet.register: missing: allowed: the register of the ATMs, such as "atms.toml"')
    return load_fleet(path) if path is not None else Fleet()


def look(desk: Desk, fleet: Fleet, days: int) -> Look:
    now, zone = desk.times.now, ZoneInfo(desk.settings.switch.timezone)
    with desk.look() as books:
        known, faults = standings(books), histories(books)
        counted = {terminal: one.counted_at for terminal, one in known.items() if one.counted_at}
        window = window_in(window_of(books, now - days * DAY_S, now, zone, counted), desk.units)
    known = {terminal: counted_in(one, desk.units // desk.units_at(one.counted_at)) for terminal, one in known.items()}
    settings = desk.settings
    moment = Now(now, hour_of_week(now, zone), settings.switch.currency, settings.fleet.silent_after_s)
    shape = shape_of(window.by_hour)
    terminals = sorted({*fleet.atms, *known, *window.machines})
    machines = {
        terminal: look_at(
            Known(
                terminal,
                known.get(terminal, Standing()),
                window.of(terminal),
                pace_of(window.of(terminal), window, shape),
                faults.get(terminal, ()),
                fleet.atms.get(terminal),
            ),
            moment,
        )
        for terminal in terminals
    }
    return Look(fleet, window, machines, faults)


def survey_of(seen: Look) -> Survey:
    fleet, now = seen.fleet, seen.window.last
    demand = demand_of(fleet, seen.machines.values(), seen.window)
    dearest = max((one.cost_minor for one in fleet.costs.values()), default=0)
    today = datetime.fromtimestamp(now, UTC).date()
    prospects = [
        prospect_of(
            fleet.atms[terminal],
            seen.histories.get(terminal, ()),
            Costs(fleet.cost_minor_of(terminal), dearest),
            today,
            now,
        )
        for terminal, machine in seen.machines.items()
        if machine.found.state in BROKEN and terminal in fleet.atms
    ]
    prospects.sort(key=lambda one: (-one.score, one.terminal))
    unserved = {one.name: one.unserved_per_hour for one in demand.districts}
    first = {one.district: one.relief_per_hour for one in places_of(unserved, demand.capacity_per_hour, 1)}
    reliefs = {
        one.terminal: one.worth * first.get(fleet.atms[one.terminal].district, 0.0) for one in prospects if one.possible
    }
    return Survey(demand, tuple(prospects), reliefs)
