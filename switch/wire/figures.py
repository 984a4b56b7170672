"""The figures of a reconciliation as they lie in a message: DE 74 to 79, 86 to 89 and 97.

Rule: what is said is kept as it was said; the net of DE 97 is a figure of its own, and may contradict the others. Text
that is not what a field promises raises ValueError, a field that is not there KeyError.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from switch.wire.amounts import digits, format_net, parse_digits, parse_net

COUNTS: Mapping[str, str] = {
    "74": "credits",
    "75": "credit_reversals",
    "76": "debits",
    "77": "debit_reversals",
    "78": "transfers",
    "79": "transfer_reversals",
}
SUMS: Mapping[str, str] = {
    "86": "credits_minor",
    "87": "credit_reversals_minor",
    "88": "debits_minor",
    "89": "debit_reversals_minor",
}
NET = "97"
ELEMENTS = (*COUNTS, *SUMS, NET)
"""In the order of the message."""

_COUNT_WIDTH, _SUM_WIDTH = 10, 16


class Figures(msgspec.Struct, frozen=True, array_like=True):
    """Counts, and sums in the wire's minor units. `net_minor` is what is said to be owed: positive by the channel."""

    credits: int = 0
    credit_reversals: int = 0
    debits: int = 0
    debit_reversals: int = 0
    transfers: int = 0
    transfer_reversals: int = 0
    credits_minor: int = 0
    credit_reversals_minor: int = 0
    debits_minor: int = 0
    debit_reversals_minor: int = 0
    net_minor: int = 0

    @property
    def net_of_sums_minor(self) -> int:
        """What DE 97 is to say: 88 - 89 - 86 + 87."""
        taken = self.debits_minor - self.debit_reversals_minor
        return taken - self.credits_minor + self.credit_reversals_minor

    def netted(self) -> Figures:
        """The same with the net that its sums give."""
        return msgspec.structs.replace(self, net_minor=self.net_of_sums_minor)


def figure_fields(figures: Figures) -> dict[str, str]:
    """As data elements. ValueError if one does not fit its field."""
    counts = {de: digits(getattr(figures, name), _COUNT_WIDTH) for de, name in COUNTS.items()}
    sums = {de: digits(getattr(figures, name), _SUM_WIDTH) for de, name in SUMS.items()}
    return {**counts, **sums, NET: format_net(figures.net_minor)}


def parse_figures(fields: Mapping[str, str]) -> Figures:
    """KeyError: one is not there; ValueError: one is not what its field promises."""
    counts = {name: parse_digits(fields[de], _COUNT_WIDTH) for de, name in COUNTS.items()}
    sums = {name: parse_digits(fields[de], _SUM_WIDTH) for de, name in SUMS.items()}
    return Figures(**counts, **sums, net_minor=parse_net(fields[NET]))


def find_figures(fields: Mapping[str, str]) -> Figures | None:
    """The same of a message that need not have them."""
    try:
        return parse_figures(fields)
    except (KeyError, ValueError):
        return None


def value_of(figures: Figures, de: str) -> int:
    """The figure of one data element."""
    if de == NET:
        return figures.net_minor
    found: int = getattr(figures, COUNTS.get(de) or SUMS[de])
    return found
