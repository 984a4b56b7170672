"""Draws the demo's fleet from a seed: about sixty machines over the real districts, some broken, some destroyed.

Rule: pure, and all but the districts invented: sites, ages, conditions and costs stand for no bank's. The same seed
gives the same fleet.
"""

import random
from collections.abc import Mapping
from datetime import date, timedelta

from config.fleet_sections import AtmSettings, Condition, CostSettings, Fleet, Line, MoveSettings, Power
from simulators.fleet.districts import DISTRICTS

MACHINES = 60
FLEET_SEED = 1
TODAY = date(2026, 11, 22)
HARD_HIT = ("jobar", "yarmouk", "qaboun", "qadam", "douma", "homs", "aleppo", "deir-ez-zor", "daraa")
MOVE_COST_MINOR = 4_000_000_00
COSTS: Mapping[str, CostSettings] = {
    "light": CostSettings(name="light", meaning="cleaning, a new reader or printer", cost_minor=3_000_000_00),
    "parts": CostSettings(name="parts", meaning="a new dispenser or computer", cost_minor=12_000_000_00),
    "heavy": CostSettings(name="heavy", meaning="safe and power as well", cost_minor=30_000_000_00),
}
SITES = (
    ("الفرع الرئيسي", "main branch"),
    ("فرع السوق", "market branch"),
    ("الجامعة", "university"),
    ("المشفى", "hospital"),
)
SOUND_POWER = (Power.GRID, Power.GRID, Power.SOLAR, Power.GENERATOR)
SOUND_LINES = (Line.FIBRE, Line.FIBRE, Line.COPPER, Line.MOBILE)
BROKEN_POWER = (Power.GRID, Power.SOLAR, Power.GENERATOR, Power.UNSTABLE, Power.UNSTABLE, Power.NONE)
BROKEN_LINES = (Line.FIBRE, Line.COPPER, Line.MOBILE, Line.UNSTABLE, Line.UNSTABLE, Line.NONE)


def draw_fleet(seed: int = FLEET_SEED, machines: int = MACHINES) -> Fleet:
    """Each district has one at least, as far as they go; large ones have more."""
    rng = random.Random(f"{seed}:fleet")
    weights = [one.population**0.5 for one in DISTRICTS.values()]
    homes = [*DISTRICTS, *rng.choices(list(DISTRICTS), weights, k=max(0, machines - len(DISTRICTS)))][:machines]
    rng.shuffle(homes)
    atms = [_draw_atm(rng, number, home) for number, home in enumerate(homes, 1)]
    return Fleet(
        move=MoveSettings(cost_minor=MOVE_COST_MINOR),
        costs=dict(COSTS),
        districts=DISTRICTS,
        atms={atm.name: atm for atm in atms},
    )


def _draw_atm(rng: random.Random, number: int, home: str) -> AtmSettings:
    hit = home in HARD_HIT
    condition = rng.choices(list(Condition), (30, 45, 25) if hit else (72, 25, 3))[0]
    sound = condition is Condition.SOUND
    ar, en = rng.choice(SITES)
    return AtmSettings(
        name=f"ATM{number:05d}",
        site_ar=ar,
        site_en=en,
        district=home,
        installed=TODAY - timedelta(days=rng.randrange(300, 6000)),
        power=rng.choice(SOUND_POWER if sound else BROKEN_POWER),
        line=rng.choice(SOUND_LINES if sound else BROKEN_LINES),
        cost=rng.choices(list(COSTS), (5, 3, 1) if sound else (3, 4, 2))[0],
        condition=condition,
    )
