"""In which pound a request's amounts are, where the currency dropped zeros and kept its number.

Rule: pure. It is that of the business day on which the request was accepted, for as long as the payment lives: of its
repeats, its reversal, its questions and advices, whatever day it is counted in later. The peers are told by DE 15.
"""

from __future__ import annotations

from collections.abc import Mapping

from ledger.scale import Scale
from switch.flow.questions import BUSINESS_DAY
from switch.flow.refusal import Refusal

UNCLEAR_POUND = Refusal("90")


def placed(kept: Mapping[str, str], day: str, scale: Scale) -> Mapping[str, str]:
    """What is kept of a request, with the day that says its pound, if there is more than one."""
    return {**kept, BUSINESS_DAY: day[4:]} if scale.changes else kept


def is_unclear(local_day: str, day: str, scale: Scale) -> bool:
    """Whether the channel may have meant the other pound: by its own calendar (DE 13) it is on the other side of the
    change than by the bank's business day. To guess would make a payment a hundred times too large or too small."""
    return scale.units(local_day) != scale.units(day)
