"""Cash withdrawal at an ATM. The one service that may be reversed in part: notes that jammed."""

from __future__ import annotations

from switch.flow.totals import DEBIT
from switch.services.request import Request
from switch.services.rules import MONEY, in_order, made_of_notes, track_names_the_card
from switch.services.service import Kind, Leg, Service
from switch.services.shape import by_card


def card_to_atm(request: Request, card: str) -> tuple[str, str]:
    """The account behind a card is the core's to know: without DE 102 the card's ledger account stands for it."""
    message = request.message
    account_type = (message.processing_code or "")[2:4]
    debit = f"customer:{message.account_from}" if message.account_from else f"{card}:{account_type}"
    return debit, f"atm:{message.terminal}"


SERVICE = Service(
    name="withdrawal",
    mti_classes=("2",),
    codes=("01",),
    kind=Kind.PAYMENT,
    counted_as=DEBIT,
    legs=(Leg.CORE,),
    card=by_card("4", "35", "49"),
    rule=in_order(track_names_the_card, *MONEY, made_of_notes),
    accounts=card_to_atm,
    brings=("54",),
    approval_code=True,
    partial_reversal=True,
)
