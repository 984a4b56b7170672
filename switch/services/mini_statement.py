"""Mini statement: up to ten of the newest lines."""

from __future__ import annotations

from switch.services.service import Kind, Leg, Service
from switch.services.shape import by_card, by_subscriber

SERVICE = Service(
    name="mini-statement",
    mti_classes=("1", "2"),
    codes=("38",),
    kind=Kind.INQUIRY,
    legs=(Leg.CORE,),
    subscriber=by_subscriber("102"),
    card=by_card(),
    brings_tags=("08",),
)
