"""Loads the fleet's register: `load_fleet(path)` gives a checked `Fleet`, or raises `ConfigError` with one line.

Rule: this is the one way in, as `config.settings.load` is to the settings.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from config.errors import ConfigError, did_you_mean, one_of, shown
from config.fleet_sections import AtmSettings, CostSettings, DistrictSettings, Fleet, MoveSettings, TerminalName
from config.read import Fault, read_table, read_value, table_of, unknown_key
from config.settings import read_toml
from config.values import Name


def load_fleet(path: str | Path) -> Fleet:
    path = Path(path)
    raw = read_toml(path)

    def fault(key: str, wrong: str) -> ConfigError:
        return ConfigError(f"{path}: {key}: {wrong}")

    for key in raw:
        if key not in Fleet.__struct_fields__:
            raise unknown_key("", key, Fleet.__struct_fields__, fault)
    fleet = Fleet(
        move=read_table("move", raw.get("move", {}), MoveSettings, fault),
        costs=_named(raw, "costs", CostSettings, Name, fault),
        districts=_named(raw, "districts", DistrictSettings, Name, fault),
        atms=_named(raw, "atms", AtmSettings, TerminalName, fault),
    )
    for key, wrong in names_are_known(fleet):
        raise fault(key, wrong)
    return fleet


def names_are_known(fleet: Fleet) -> Iterator[tuple[str, str]]:
    for terminal, atm in fleet.atms.items():
        for key, named, known in (("district", atm.district, fleet.districts), ("cost", atm.cost, fleet.costs)):
            if named not in known:
                yield f"atms.{terminal}.{key}", f"{shown(named)}: allowed: {one_of(known)}{did_you_mean(named, known)}"


def _named(raw: dict[str, Any], place: str, kind: type[Any], names: Any, fault: Fault) -> dict[str, Any]:
    tables = table_of(place, raw.get(place, {}), fault)
    return {
        read_value(f"the name of a table in {place}", name, names, fault): read_table(
            f"{place}.{name}", table, kind, fault, name
        )
        for name, table in tables.items()
    }
