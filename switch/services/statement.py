"""Account statement between two days, as many lines as fit, with a token for the rest."""

from __future__ import annotations

from switch.flow.refusal import Refusal, malformed
from switch.services.request import Request
from switch.services.service import Bank, Kind, Leg, Service
from switch.services.shape import by_subscriber


def days_in_order(request: Request, bank: Bank) -> Refusal | None:
    return malformed("48.11") if request.tag("11") < request.tag("10") else None


SERVICE = Service(
    name="statement",
    mti_classes=("1", "2"),
    codes=("35",),
    kind=Kind.INQUIRY,
    legs=(Leg.CORE,),
    subscriber=by_subscriber("102", tags=("10", "11")),
    rule=days_in_order,
    brings_tags=("08", "13"),
)
