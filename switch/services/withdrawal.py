"""Cash withdrawal at an ATM. The one service that may be reversed in part: notes that jammed."""

from __future__ import annotations

from switch.services.request import Request
from switch.services.rules import in_order, money, track_names_the_card
from switch.services.service import Holder, Kind, Leg, Service


def card_to_atm(request: Request, card: str) -> tuple[str, str]:
    """The account behind a card is the core's to know: without DE 102 the card's own ledger account stands for it."""
    message = request.message
    debit = f"customer:{message.account_from}" if message.account_from else card
    return debit, f"atm:{message.terminal}"


SERVICE = Service(
    name="withdrawal",
    mti_classes=("2",),
    codes=("01",),
    kind=Kind.PAYMENT,
    legs=(Leg.CORE,),
    holder=Holder.CARD,
    needs=("35",),
    rule=in_order(track_names_the_card, money),
    accounts=card_to_atm,
    brings=("54",),
    approval_code=True,
    partial_reversal=True,
)
