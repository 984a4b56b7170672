"""What was used of a limit in a day: adding to it, and when that is too much.

Rule: pure. Giving back is never refused; a ceiling bounds only what is added.
"""

from __future__ import annotations

from ledger.model import Refusal, Usage
from ledger.rules import AMOUNT_MAX, BALANCE_MAX

Used = tuple[int, int]  # amount in minor units, and how many


def add_usage(usage: Usage, used: Used) -> Used | Refusal:
    if abs(usage.amount_minor) > AMOUNT_MAX or abs(usage.count) > AMOUNT_MAX:
        return Refusal.MALFORMED
    amount, count = used[0] + usage.amount_minor, used[1] + usage.count
    if amount < -BALANCE_MAX:
        return Refusal.MALFORMED
    if usage.amount_minor > 0 and amount > (BALANCE_MAX if usage.amount_max is None else usage.amount_max):
        return Refusal.AMOUNT_LIMIT
    if usage.count > 0 and usage.count_max is not None and count > usage.count_max:
        return Refusal.COUNT_LIMIT
    return amount, count
