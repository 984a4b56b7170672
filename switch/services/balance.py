"""Balance of an account, or of a card's account."""

from __future__ import annotations

from switch.services.service import Kind, Leg, Service
from switch.services.shape import by_card, by_subscriber

SERVICE = Service(
    name="balance",
    mti_classes=("1", "2"),
    codes=("31", "30"),
    kind=Kind.INQUIRY,
    legs=(Leg.CORE,),
    subscriber=by_subscriber("102"),
    card=by_card(),
    brings=("54",),
)
