"""ATM status: the machine tells its state, its cassettes, its faults. Nobody is asked, no money moves."""

from __future__ import annotations

from switch.flow.refusal import Refusal, malformed
from switch.services.request import Request
from switch.services.service import Bank, Kind, Service
from switch.services.shape import by_machine

# How often a tag may stand there: what one machine can have, so that what is kept of it is bounded.
TIMES_MAX = {"21": 8, "22": 16, "23": 1, "24": 1}


def not_too_much(request: Request, bank: Bank) -> Refusal | None:
    numbers = [number for number, _ in request.tags]
    for tag, most in TIMES_MAX.items():
        if numbers.count(tag) > most:
            return malformed(f"48.{tag}")
    return None


SERVICE = Service(
    name="atm-status",
    mti_classes=("6",),
    codes=("97",),
    kind=Kind.REPORT,
    legs=(),
    machine=by_machine(tags=("20",)),
    rule=not_too_much,
)
