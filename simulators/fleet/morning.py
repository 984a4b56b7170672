"""The demo's ATMs of one listener as their day begins: which of them work, and what each says of itself.

Rule: pure. A machine that was destroyed, or has no line, says nothing. A broken one tells its troubles first, one
report after the other, as a driver does that has kept them: a fault, its end, the next one; at last that it is out of
service. What it had is drawn from the seed.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from config.fleet_sections import AtmSettings, Condition, Fleet, Line
from config.settings import ListenerSettings
from simulators.channels.device import Device, Tags, draw_device
from switch.flow.admission import Admission

PLACES = 48  # machines where there is no register
TROUBLES = (
    "DISPENSER|FATAL|0A13",
    "DISPENSER|ERROR|0A21",
    "CARD-READER|ERROR|0C02",
    "PRINTER|WARNING|0F10",
    "SAFE-DOOR|FATAL|0D01",
    "POWER|FATAL|0B07",
    "LINE|ERROR|0E33",
)


@dataclass(frozen=True)
class Morning:
    """`working` are the numbers of the machines that serve customers; `reports` what each of the others tells."""

    working: tuple[int, ...]
    devices: dict[int, Device]
    reports: dict[int, tuple[Tags, ...]]


def morning_of(fleet: Fleet | None, listener: ListenerSettings, currency: str, seed: int) -> Morning:
    stem, any_end, _ = listener.terminals[0].partition("*")
    admission = Admission(listener.acquirers, listener.terminals)
    atms = [
        atm
        for atm in (fleet.atms.values() if fleet is not None and any_end else ())
        if admission.allows(listener.acquirers[0], atm.name) and atm.name.removeprefix(stem).isdigit()
    ]
    if not atms:
        return Morning(tuple(range(1, PLACES + 1)), {}, {})
    sound = {_number(atm, stem): atm for atm in atms if atm.condition is Condition.SOUND}
    broken = {
        _number(atm, stem): atm for atm in atms if atm.condition is Condition.REPAIRABLE and atm.line is not Line.NONE
    }
    return Morning(
        tuple(sound),
        {number: draw_device(seed, atm.name, currency, listener.notes_minor) for number, atm in sound.items()},
        {
            number: tuple(_troubles(seed, draw_device(seed, atm.name, currency, listener.notes_minor), atm.name))
            for number, atm in broken.items()
        },
    )


def _troubles(seed: int, device: Device, terminal: str) -> Iterator[Tags]:
    rng = random.Random(f"{seed}:troubles:{terminal}")
    usual = rng.choice(TROUBLES)
    for _ in range(rng.randrange(0, 4)):
        device.faults = [rng.choice((usual, usual, rng.choice(TROUBLES)))]
        yield device.told()
        device.faults = []
        yield device.told()
    device.faults, device.state = [usual], "OUT-OF-SERVICE"
    yield device.told()


def _number(atm: AtmSettings, stem: str) -> int:
    return int(atm.name.removeprefix(stem))
