"""Owner of an account: the name to show before a transfer to another person."""

from __future__ import annotations

from switch.services.rules import held_at_the_bank
from switch.services.service import Kind, Leg, Service
from switch.services.shape import by_subscriber

SERVICE = Service(
    name="owner",
    mti_classes=("1",),
    codes=("33",),
    kind=Kind.INQUIRY,
    legs=(Leg.CORE,),
    subscriber=by_subscriber("103"),
    rule=held_at_the_bank,
    brings_tags=("06",),
)
