"""Loan instalments: ask what is due, then pay it."""

from __future__ import annotations

from switch.flow.totals import DEBIT
from switch.services.request import Request
from switch.services.rules import MONEY, held_at_the_bank, in_order, two_accounts
from switch.services.service import Kind, Leg, Service
from switch.services.shape import by_subscriber


def customer_to_loan(request: Request, card: str) -> tuple[str, str]:
    return f"customer:{request.message.account_from}", f"loan:{request.message.account_to}"


INQUIRY = Service(
    name="loan-inquiry",
    mti_classes=("1",),
    codes=("36",),
    kind=Kind.INQUIRY,
    legs=(Leg.CORE,),
    subscriber=by_subscriber("103"),
    brings_tags=("05",),
)
PAYMENT = Service(
    name="pay-loan",
    mti_classes=("2",),
    codes=("54",),
    kind=Kind.PAYMENT,
    counted_as=DEBIT,
    legs=(Leg.CORE,),
    subscriber=by_subscriber("4", "49", "102", "103", tags=("04",)),
    rule=in_order(*MONEY, two_accounts, held_at_the_bank),
    accounts=customer_to_loan,
    brings=("54",),
    approval_code=True,
)
