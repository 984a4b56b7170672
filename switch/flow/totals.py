"""A day's totals: under which heading a transfer is counted, what they come to, and whether two sides agree.

Rule: pure. The ledger counts in the commit that posts; nothing is added up anywhere else. A heading names the acquirer,
the kind, and the peers that were asked, so that one count serves the acquirer's totals and each peer's. `figures_of` is
the one place where the ledger's minor units become those of the wire.
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.model import DayTotal
from ledger.scale import whole
from switch.wire.figures import ELEMENTS, NET, Figures, value_of

DEBIT, TRANSFER = "debit", "transfer"  # as 0500 tells them apart: 76 and 88 against 78, which has a number and no sum

_SUMS = ("debits_minor", "debit_reversals_minor")
_STANDING = (("74", "75"), ("76", "77"), ("78", "79"))


def heading(acquirer: str, kind: str, core: str, biller: str = "") -> str:
    """`kind` is DEBIT or TRANSFER; `biller` the peer, if one was paid."""
    return f"{acquirer}|{kind}|{core}|{biller}"


def acquirer_prefix(acquirer: str) -> str:
    """How the headings of all that came by one acquirer begin."""
    return f"{acquirer}|"


def through(totals: Iterable[DayTotal], peer: str) -> list[DayTotal]:
    """Those of what was posted with the word of this peer."""
    return [total for total in totals if peer in total.heading.split("|")[2:]]


def figures_of(totals: Iterable[DayTotal], currency: str, units: int = 1) -> Figures:
    """What these headings come to in one currency. Credits are zero: nothing here gives money to a customer but by
    giving back. `units` are those of the books in a minor unit of the day that is told (`ledger.scale`): they are added
    up as they are, and what is no whole unit of the sum is dropped, once."""
    counted = dict.fromkeys(Figures.__struct_fields__, 0)
    for total in totals:
        kind = total.heading.split("|")[1] if total.currency == currency else ""
        if kind == TRANSFER:
            counted["transfers"] += total.posted
            counted["transfer_reversals"] += total.back
        elif kind == DEBIT:
            counted["debits"] += total.posted
            counted["debits_minor"] += total.posted_minor
            counted["debit_reversals"] += total.back
            counted["debit_reversals_minor"] += total.back_minor
    for name in _SUMS:
        counted[name] = whole(counted[name], units)
    return Figures(**counted).netted()


def differing(ours: Figures, theirs: Figures) -> tuple[str, ...]:
    """The data elements that say something else. With an acquirer each must agree: both count what it got as final."""
    return tuple(de for de in ELEMENTS if value_of(ours, de) != value_of(theirs, de))


def standing_differently(ours: Figures, theirs: Figures) -> tuple[str, ...]:
    """The same, of what stands. With a peer no more can agree: a debit that was taken back before it was posted here is
    a debit and a reversal there, and nothing here. A number is named by the first of its two data elements, money by
    97, as it is said and as its sums give it."""
    numbers = tuple(more for more, less in _STANDING if _left(ours, more, less) != _left(theirs, more, less))
    nets = {ours.net_minor, theirs.net_minor, theirs.net_of_sums_minor}
    return (*numbers, NET) if len(nets) > 1 else numbers


def _left(figures: Figures, more: str, less: str) -> int:
    return value_of(figures, more) - value_of(figures, less)
