"""What a request is whose key was claimed before: the same again, or another one under its key.

Rule: the books find the claim, at the commit of the intent; this only reads what was found.
"""

from __future__ import annotations

from ledger.model import Claim
from switch.flow.payment import IN_PROGRESS, Payment

ORIGINAL = "original"
REVERSAL = "reversal"


def same_content(found: Claim, content: bytes) -> bool:
    """A tombstone's claim has no content: the original it waits for is not known."""
    return found.content in (b"", content)


def stored_answer(payment: Payment) -> str:
    """A, or 09 while there is none."""
    return payment.answer or IN_PROGRESS


def stored_reversal_answer(payment: Payment) -> str:
    """R, or 09 while there is none."""
    return (payment.reversal.answer if payment.reversal is not None else "") or IN_PROGRESS
