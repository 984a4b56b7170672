"""Mini statement: up to ten of the newest lines."""

from __future__ import annotations

from switch.services.service import Holder, Kind, Leg, Service

SERVICE = Service(
    name="mini-statement",
    mti_classes=("1", "2"),
    codes=("38",),
    kind=Kind.INQUIRY,
    legs=(Leg.CORE,),
    holder=Holder.EITHER,
    brings_tags=("08",),
)
