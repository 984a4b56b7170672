"""How a report writes units of the books, in the pound of the day that it is of (`ledger.scale`).

Rule: pure. Western digits in both languages, thousands apart, a minus that is one (U+2212): columns align, and what an
Arabic reader sees is what the ledger says.
"""

from __future__ import annotations

from ledger.scale import Scale, format_plain

MINUS = "\u2212"


def amount(minor: int, day: str, scale: Scale) -> str:
    """Units of the books in the pound of a business day, YYYYMMDD: that which the report is of."""
    return format_plain(minor, day, scale).replace("-", MINUS)
