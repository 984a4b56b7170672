"""What a peer's answer says about a payment.

Rule (R9): only a code that the peer's terms list is a definite decline. 09, 68, 91, 96, an unknown code or an answer to
something else is silence; silence is never a decline.
"""

from __future__ import annotations

from collections.abc import Mapping

from switch.flow.case import APPROVED, STANDS, UNKNOWN_ORIGINAL
from switch.flow.events import (
    AdviceAcknowledged,
    AdviceRefused,
    BillerApproved,
    BillerDeclined,
    BillerSilent,
    BillerUnreachable,
    CoreApproved,
    CoreDeclined,
    CoreSilent,
    CoreUnreachable,
    Event,
    FoundPaid,
    FoundRefused,
    NotFound,
    UndoAcknowledged,
    UndoRefused,
)
from switch.flow.reply import Reply, Unreachable
from switch.flow.terms import Promises


def core_evidence(word: str | Reply, back: Mapping[str, str], promises: Promises, at: float) -> Event:
    """`word` is the answer's DE 39, or the reply that was none."""
    if word == APPROVED:
        return CoreApproved(at, back)
    if isinstance(word, Unreachable):
        return CoreUnreachable(at)
    return CoreDeclined(at, word) if isinstance(word, str) and word in promises.refusals else CoreSilent(at)


def biller_evidence(word: str | Reply, back: Mapping[str, str], promises: Promises, at: float) -> Event:
    if word == APPROVED:
        return BillerApproved(at, back)
    if isinstance(word, Unreachable):
        return BillerUnreachable(at)
    return BillerDeclined(at, word) if isinstance(word, str) and word in promises.refusals else BillerSilent(at)


def query_evidence(
    word: str | Reply, back: Mapping[str, str], promises: Promises, asked_at: float, at: float
) -> Event | None:
    """None: it said nothing; the next query is due anyway."""
    if word == APPROVED:
        return FoundPaid(at, back)
    if word == UNKNOWN_ORIGINAL:
        return NotFound(at, asked_at)
    return FoundRefused(at, word) if isinstance(word, str) and word in promises.refusals else None


def undo_evidence(word: str | Reply, asked_at: float, at: float) -> Event | None:
    """Only "it stands" refuses an undo: posting a payment on any other word could pay for nothing."""
    if word in (APPROVED, UNKNOWN_ORIGINAL):
        return UndoAcknowledged(at, word == UNKNOWN_ORIGINAL, asked_at)
    return UndoRefused(at) if word == STANDS else None


def advice_evidence(word: str | Reply, promises: Promises, asked_at: float, at: float) -> Event | None:
    if word in (APPROVED, UNKNOWN_ORIGINAL):
        return AdviceAcknowledged(at, word == UNKNOWN_ORIGINAL, asked_at)
    return AdviceRefused(at, word) if isinstance(word, str) and word in promises.refusals else None
