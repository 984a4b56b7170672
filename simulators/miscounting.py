"""A fault to play: totals of a day that are wrong by as little as there is."""

from __future__ import annotations

import msgspec

from switch.wire.figures import Figures


def miscounted(figures: Figures) -> Figures:
    """One debit of one minor unit too many."""
    wrong = msgspec.structs.replace(figures, debits=figures.debits + 1, debits_minor=figures.debits_minor + 1)
    return wrong.netted()
