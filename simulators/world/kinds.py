"""The kinds of billers and cores there are: what each declares, and how it honestly behaves.

Rule: a kind is what the saga's documentation lists under "what is asked of a peer"; the declaration goes into the
switch's settings, the habits into the simulated host, and both say the same.
"""

from __future__ import annotations

import msgspec

from config.choices import Offer
from simulators.hosts.terms import Habits

QUERY, UNDO, FORGOTTEN = Offer.STATUS_QUERY, Offer.UNDO_REMEMBERED, Offer.UNDO_FORGOTTEN
SAYS_UNKNOWN, REPEATS = Offer.SAYS_UNKNOWN, Offer.REPEATS


class BillerKind(msgspec.Struct, frozen=True):
    """`final`: what is paid is not undone."""

    name: str
    offers: tuple[Offer, ...]
    final: bool = False

    @property
    def always_decides(self) -> bool:
        """Whether a payment at such a biller comes to an end by itself once the biller can be reached."""
        return any(offer in self.offers for offer in (QUERY, UNDO, FORGOTTEN))

    def habits(self, lifetime_s: float) -> Habits:
        undo = UNDO in self.offers
        return Habits(
            takes_undo=undo or FORGOTTEN in self.offers,
            remembers_undo=undo,
            undoes_paid=not self.final,
            says_unknown=undo or SAYS_UNKNOWN in self.offers,
            status_query=QUERY in self.offers,
            lifetime_s=lifetime_s,
        )


KINDS = (
    BillerKind("BEST", (QUERY, UNDO)),
    BillerKind("FINAL", (QUERY, UNDO), final=True),
    BillerKind("UNDO", (UNDO,)),
    BillerKind("UNDOFINAL", (UNDO,), final=True),
    BillerKind("FORGETFUL", (FORGOTTEN, SAYS_UNKNOWN)),
    BillerKind("FORGETQUIET", (FORGOTTEN,)),
    BillerKind("FORGETASKED", (QUERY, FORGOTTEN, SAYS_UNKNOWN)),
    BillerKind("QUERY", (QUERY,)),
    BillerKind("REPEATS", (REPEATS,)),
    BillerKind("NOTHING", ()),
)
