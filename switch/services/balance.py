"""Balance of an account, or of a card's account."""

from __future__ import annotations

from switch.services.service import Holder, Kind, Leg, Service

SERVICE = Service(
    name="balance",
    mti_classes=("1", "2"),
    codes=("31", "30"),
    kind=Kind.INQUIRY,
    legs=(Leg.CORE,),
    holder=Holder.EITHER,
    brings=("54",),
)
