"""PIN change at an ATM: the old PIN in DE 52, the new one in tag 12, both as blocks over DE 2."""

from __future__ import annotations

from switch.services.service import Holder, Kind, Leg, Service

SERVICE = Service(
    name="pin-change",
    mti_classes=("6",),
    codes=("92",),
    kind=Kind.CHANGE,
    legs=(Leg.CORE,),
    holder=Holder.CARD,
    needs_tags=("12",),
)
