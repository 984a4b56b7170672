"""PIN change at an ATM: the old PIN in DE 52, the new one in tag 12, both as blocks over DE 2."""

from __future__ import annotations

from switch.services.service import Kind, Leg, Service
from switch.services.shape import by_card

SERVICE = Service(
    name="pin-change",
    mti_classes=("6",),
    codes=("92",),
    kind=Kind.CHANGE,
    legs=(Leg.CORE,),
    card=by_card(tags=("12",)),
)
