"""Writes a fleet as the register's TOML, with the source of its figures above them."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from config.fleet_sections import Fleet

HEAD = """\
# The register of the demo's ATMs, written by `barada simulator fleet`.
#
# Districts and populations are real: the general census of 2004 (Central Bureau of Statistics of Syria), for Damascus
# by municipality, elsewhere by city. There has been no census since. Machines, sites, ages, conditions and costs are
# invented. A bank writes a register of its own: what may stand in it is what stands here, and a mistake is one line.
# Amounts are in minor units (1 = 0.01 pound).
"""


def toml_of(fleet: Fleet) -> str:
    return "\n".join(_lines(fleet)) + "\n"


def _lines(fleet: Fleet) -> Iterator[str]:
    yield HEAD
    yield from _table("move", fleet.move)
    for place, tables in (("costs", fleet.costs), ("districts", fleet.districts), ("atms", fleet.atms)):
        for name, table in tables.items():
            yield from _table(f"{place}.{name}", table)


def _table(head: str, table: msgspec.Struct) -> Iterator[str]:
    yield f"[{head}]"
    for key, value in msgspec.structs.asdict(table).items():
        if key != "name":
            yield f"{key} = {_value(value)}"
    yield ""


def _value(value: Any) -> str:
    if isinstance(value, StrEnum | str):
        return f'"{value}"'
    return value.isoformat() if isinstance(value, date) else f"{value:_}"
