"""The register of the ATMs: what is read, and that each mistake is one line with its place and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.fleet import load_fleet
from config.fleet_sections import Condition
from config.settings import demo_path, load
from simulators.fleet.districts import DISTRICTS
from simulators.fleet.drawing import draw_fleet
from simulators.fleet.writing import toml_of

ONE = """
[costs.light]
meaning = "cleaning"
cost_minor = 100
[districts.mazzeh]
name_ar = "المزة"
name_en = "Mazzeh"
city_ar = "دمشق"
city_en = "Damascus"
population = 123_313
[atms.ATM00001]
site_ar = "فرع"
site_en = "branch"
district = "mazzeh"
installed = 2014-05-01
power = "grid"
line = "fibre"
cost = "light"
"""


def written(directory: Path, text: str) -> Path:
    path = directory / "atms.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_register_is_read_with_its_defaults(tmp_path: Path) -> None:
    fleet = load_fleet(written(tmp_path, ONE))
    assert fleet.atms["ATM00001"].condition is Condition.SOUND
    assert fleet.districts["mazzeh"].population == 123_313
    assert fleet.cost_minor_of("ATM00001") == 100


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"mazzeh"\ninst', '"mazeh"\ninst', "atms.ATM00001.district: 'mazeh': allowed: mazzeh; did you mean 'mazzeh'?"),
        ('cost = "light"', 'cost = "dear"', "atms.ATM00001.cost: 'dear': allowed: light"),
        ("2014-05-01", '"long ago"', "atms.ATM00001.installed: 'long ago': allowed: a date, such as 2014-05-01"),
        ('"grid"', '"gird"', "atms.ATM00001.power: 'gird': allowed: grid, generator, solar, unstable, none; did you"),
        ("123_313", "-1", "districts.mazzeh.population: -1: allowed: a whole number from 0 to 50000000"),
        ("ATM00001", "ATM-1", "the name of a table in atms: 'ATM-1': allowed: a terminal (field 41)"),
        ("[costs.light]", "[prices.light]", "prices: unknown: allowed: move, costs, districts, atms"),
        ('line = "fibre"', "", "atms.ATM00001.line: missing: allowed: fibre, copper, mobile, unstable, none"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, before: str, after: str, said: str) -> None:
    path = written(tmp_path, ONE.replace(before, after, 1))
    with pytest.raises(ConfigError) as caught:
        load_fleet(path)
    assert str(caught.value).startswith(f"{path}: {said}")
    assert "\n" not in str(caught.value)


def test_a_register_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_fleet(tmp_path / "none.toml")


def test_the_demos_register_is_what_the_simulator_writes() -> None:
    register = load(demo_path()).fleet.register
    assert register is not None
    if Path(register).read_text(encoding="utf-8") != toml_of(draw_fleet()):
        pytest.fail("config/atms.toml is not what `barada simulator fleet` prints: write it anew")


def test_the_demos_fleet_has_machines_of_every_condition_in_every_district() -> None:
    fleet = draw_fleet()
    assert len(fleet.atms) == 60
    assert {atm.condition for atm in fleet.atms.values()} == set(Condition)
    assert {atm.district for atm in fleet.atms.values()} == set(DISTRICTS)
    assert draw_fleet(2) != fleet == draw_fleet()
