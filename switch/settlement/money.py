"""How a report writes minor units: the one place that knows how many make a pound, and on which day.

Rule: pure. Western digits in both languages, thousands apart, a minus that is one (U+2212): columns align, and what an
Arabic reader sees is what the ledger says.
"""

from __future__ import annotations

MINUS = "\u2212"


def amount(minor: int, currency: str, day: str) -> str:
    """`day` is the business day of the books, YYYYMMDD: their unit is that day's."""
    return f"{MINUS if minor < 0 else ''}{abs(minor) // 100:,}.{abs(minor) % 100:02}"
