"""Bills: fixed line, mobile, water, electricity, a university's instalments. Ask, then pay."""

from __future__ import annotations

from switch.flow.totals import DEBIT
from switch.services.request import Request
from switch.services.rules import MONEY, in_order, known_open_biller, own_account
from switch.services.service import Kind, Leg, Service
from switch.services.shape import by_subscriber


def customer_to_biller(request: Request, card: str) -> tuple[str, str]:
    return f"customer:{request.message.account_from}", f"biller:{request.biller}"


INQUIRY = Service(
    name="bill-inquiry",
    mti_classes=("1",),
    codes=("32",),
    kind=Kind.INQUIRY,
    legs=(Leg.BILLER,),
    subscriber=by_subscriber("98", tags=("03",)),
    rule=known_open_biller,
    brings_tags=("05", "06", "13", "31"),
)
PAYMENT = Service(
    name="pay-bill",
    mti_classes=("2",),
    codes=("50",),
    kind=Kind.PAYMENT,
    counted_as=DEBIT,
    legs=(Leg.CORE, Leg.BILLER),
    subscriber=by_subscriber("4", "49", "98", "102", tags=("03", "04")),
    rule=in_order(*MONEY, own_account, known_open_biller),
    accounts=customer_to_biller,
    brings=("54",),
    brings_tags=("09",),
    approval_code=True,
)
