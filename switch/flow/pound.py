"""In which pound a request's amounts are, where the currency dropped zeros and kept its number.

Rule: pure. It is that of the business day on which the request was accepted, for as long as the payment lives: of its
repeats, its reversal, its questions and advices, whatever day it is counted in later. The peers are told by DE 15
(`day_told`).
"""

from __future__ import annotations

from ledger.scale import Scale
from switch.flow.payment import Payment
from switch.flow.refusal import Refusal

UNCLEAR_POUND = Refusal("90")


def day_told(payment: Payment, scale: Scale) -> str:
    """DE 15 of whatever a peer is asked about a payment: the business day that it falls into (`entries.dated`), so that
    the peer counts by day as we do. Where that day has another pound than the payment, as after the currency's change
    for one that was accepted before it, it is the day of acceptance: the day says the pound of the amount beside it,
    and to count a day off is mended, to move a hundred times the money is not."""
    day = payment.given_back_day
    return day if scale.units(day) == payment.units else payment.usage_day


def is_unclear(local_day: str, day: str, scale: Scale) -> bool:
    """Whether the channel may have meant the other pound: by its own calendar (DE 13) it is on the other side of the
    change than by the bank's business day. To guess would make a payment a hundred times too large or too small."""
    return scale.units(local_day) != scale.units(day)
