"""The tables of the fleet's register (atms.toml): which ATMs there are, where they stand, and in what condition.

Rule: as in `config.sections`: all that is said about a key stands in its annotation. The register is the bank's own
knowledge; what the machines say of themselves is in the ledger.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from config.values import Name, about, text


class Condition(StrEnum):
    """In what condition somebody saw the machine."""

    SOUND = "sound"
    REPAIRABLE = "repairable"
    DESTROYED = "destroyed"  # it is never repaired, nor planned with


class Power(StrEnum):
    """The power where it stands."""

    GRID = "grid"
    GENERATOR = "generator"
    SOLAR = "solar"
    UNSTABLE = "unstable"
    NONE = "none"


class Line(StrEnum):
    """The line where it stands."""

    FIBRE = "fibre"
    COPPER = "copper"
    MOBILE = "mobile"
    UNSTABLE = "unstable"
    NONE = "none"


TerminalName = Annotated[str, text("[A-Za-z0-9]{1,8}", "a terminal (field 41) of up to 8 letters and digits")]
Label = Annotated[str, text(r"[^\x00-\x1f\x7f]{1,60}", "1 to 60 characters on one line")]
Installed = Annotated[date, Meta(extra={"allowed": "a date, such as 2014-05-01"})]
Population = Annotated[int, Meta(ge=0, le=50_000_000)]
CostMinor = Annotated[int, Meta(ge=0, le=999_999_999_999)]


class DistrictSettings(Struct, frozen=True, kw_only=True):
    """A part of a town, or a town: where people look for the nearest machine."""

    name: str = ""
    name_ar: Annotated[Label, about("its name in Arabic")]
    name_en: Annotated[Label, about("its name in English")]
    city_ar: Annotated[Label, about("its city in Arabic")]
    city_en: Annotated[Label, about("its city in English")]
    population: Annotated[Population, about("how many people live there")]


class CostSettings(Struct, frozen=True, kw_only=True):
    """What it costs to put a machine of this class back to work."""

    name: str = ""
    meaning: Annotated[Label, about("what is done for it")]
    cost_minor: Annotated[CostMinor, about("in minor units")]


class AtmSettings(Struct, frozen=True, kw_only=True):
    """One machine; the table's name is its terminal (field 41)."""

    name: str = ""
    site_ar: Annotated[Label, about("where it stands, in Arabic")]
    site_en: Annotated[Label, about("where it stands, in English")]
    district: Annotated[Name, about("the [districts.NAME] where it stands")]
    installed: Annotated[Installed, about("when it was put up")]
    power: Annotated[Power, about("the power there")]
    line: Annotated[Line, about("the line there")]
    cost: Annotated[Name, about("the [costs.NAME] of putting it back to work")]
    condition: Annotated[Condition, about("in what condition it was seen last")] = Condition.SOUND


class MoveSettings(Struct, frozen=True, kw_only=True):
    """What it costs to put a machine up somewhere else."""

    cost_minor: Annotated[CostMinor, about("into another district, in minor units, beside its repair")] = 0


class Fleet(Struct, frozen=True, kw_only=True):
    """The whole file."""

    move: MoveSettings = MoveSettings()
    costs: dict[str, CostSettings] = {}
    districts: dict[str, DistrictSettings] = {}
    atms: dict[str, AtmSettings] = {}

    def cost_minor_of(self, terminal: str) -> int:
        return self.costs[self.atms[terminal].cost].cost_minor
