"""What a machine says of itself in one message (tags 20 to 24), as values.

Rule: pure. The service's shape has judged the form; here it only gets names. Two reports that say the same are equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from switch.wire.names import CURRENCIES

DISPENSING = frozenset({"OK", "LOW"})  # a cassette in any other state gives no notes
NO_FAULT = frozenset({"OK", "NONE", "CLEAR", "0"})  # severities with which a driver says that a fault is over
_NUMBERS = {letters: number for number, letters in CURRENCIES.items()}


class DeviceState(StrEnum):
    IN_SERVICE = "IN-SERVICE"
    OUT_OF_SERVICE = "OUT-OF-SERVICE"
    SUPERVISOR = "SUPERVISOR"


class Cassette(msgspec.Struct, frozen=True, array_like=True):
    denomination_minor: int
    currency: str  # ISO 4217, the number
    notes: int
    state: str = "OK"

    @property
    def dispenses(self) -> bool:
        return self.state in DISPENSING


class Fault(msgspec.Struct, frozen=True, array_like=True):
    component: str
    severity: str
    code: str


class Report(msgspec.Struct, frozen=True, array_like=True):
    state: DeviceState
    cassettes: tuple[Cassette, ...] = ()  # none: it does not say
    faults: tuple[Fault, ...] = ()  # those that it has now, each once
    paper: str = ""
    firmware: str = ""


def report_of(tags: Iterable[tuple[str, str]]) -> Report:
    """Of a message whose shape is right."""
    said: dict[str, list[str]] = {}
    for tag, value in tags:
        said.setdefault(tag, []).append(value)
    faults = dict.fromkeys(map(_fault, said.get("22", ())))
    return Report(
        DeviceState(said["20"][0]),
        tuple(map(_cassette, said.get("21", ()))),
        tuple(fault for fault in faults if fault.severity not in NO_FAULT),
        *(said.get(tag, [""])[0] for tag in ("23", "24")),
    )


def _cassette(value: str) -> Cassette:
    denomination, currency, notes, state = value.split("|")
    return Cassette(int(denomination), _NUMBERS.get(currency, currency), int(notes), state)


def _fault(value: str) -> Fault:
    return Fault(*value.split("|"))
