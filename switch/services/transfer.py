"""Transfers between accounts of one person, or of several, as long as both are held at the bank."""

from __future__ import annotations

from msgspec.structs import replace

from switch.flow.totals import TRANSFER
from switch.services.request import Request
from switch.services.rules import MONEY, held_at_the_bank, in_order, two_accounts
from switch.services.service import Kind, Leg, Service
from switch.services.shape import by_subscriber


def customer_to_customer(request: Request, card: str) -> tuple[str, str]:
    return f"customer:{request.message.account_from}", f"customer:{request.message.account_to}"


OWN = Service(
    name="transfer-own",
    mti_classes=("2",),
    codes=("40",),
    kind=Kind.PAYMENT,
    counted_as=TRANSFER,
    legs=(Leg.CORE,),
    subscriber=by_subscriber("4", "49", "102", "103"),
    rule=in_order(*MONEY, two_accounts, held_at_the_bank),
    accounts=customer_to_customer,
    brings=("54",),
    approval_code=True,
)
OTHER = replace(OWN, name="transfer-other", codes=("42",))
