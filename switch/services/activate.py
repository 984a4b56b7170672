"""Activate the mobile channel: once per customer, with the code the bank's branch gave out."""

from __future__ import annotations

from switch.services.service import Kind, Leg, Service

SERVICE = Service(
    name="activate",
    mti_classes=("6",),
    codes=("91",),
    kind=Kind.CHANGE,
    legs=(Leg.CORE,),
    needs=("102",),
    needs_tags=("07",),
)
