"""Activate the mobile channel: once per customer, with the code the bank's branch gave out."""

from __future__ import annotations

from switch.services.rules import own_account
from switch.services.service import Kind, Leg, Service
from switch.services.shape import by_subscriber

SERVICE = Service(
    name="activate",
    mti_classes=("6",),
    codes=("91",),
    kind=Kind.CHANGE,
    legs=(Leg.CORE,),
    subscriber=by_subscriber("102", tags=("07",)),
    rule=own_account,
    enrols=True,
)
