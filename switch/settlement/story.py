"""What became of one payment, step by step, for whoever has to explain a break.

Rule: pure, and of the payment's own record and transfers: the same facts that `barada payments show` tells. Words are
`words`' business; here are only what happened, when, and the identifiers to look it up by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from ledger.model import Transfer, TransferKind
from switch.flow.payment import IN_PROGRESS, Payment, Question, State
from switch.settlement.sides import is_settling


class What(StrEnum):
    ACCEPTED = "accepted"
    CORE_ASKED = "core asked"
    BILLER_ASKED = "biller asked"
    HELD = "held"
    POSTED = "posted"
    VOIDED = "freed"
    GIVEN_BACK = "given back"
    SETTLED = "settled by a dispute"
    ANSWERED = "channel answered"
    REVERSAL_ANSWERED = "reversal answered"
    STATE = "state"
    NOTE = "note"


_TRANSFERS = {
    TransferKind.PENDING: What.HELD,
    TransferKind.POST: What.POSTED,
    TransferKind.VOID: What.VOIDED,
    TransferKind.CONTRA: What.GIVEN_BACK,
    TransferKind.DIRECT: What.SETTLED,
}


class Happened(msgspec.Struct, frozen=True):
    """`at` is None where the record does not keep when. `detail` are identifiers and figures, in no language; `state`
    is there for a STATE."""

    what: What
    at: float | None = None
    detail: str = ""
    amount_minor: int | None = None
    state: State | None = None


class Story(msgspec.Struct, frozen=True):
    payment: str  # in hexadecimal
    service: str
    steps: tuple[Happened, ...]


def story_of(payment: Payment, transfers: Sequence[Transfer]) -> Story:
    return Story(payment.id.hex(), payment.service, tuple(_steps(payment, transfers)))


def _steps(payment: Payment, transfers: Sequence[Transfer]) -> Iterator[Happened]:
    yield Happened(What.ACCEPTED, payment.accepted_at, payment.endpoint, payment.amount_minor * payment.units)
    if payment.core.stan:
        yield Happened(What.CORE_ASKED, None, _question(payment.core))
    if payment.biller is not None and payment.biller.stan:
        yield Happened(What.BILLER_ASKED, None, _question(payment.biller))
    for one in transfers:
        what = What.SETTLED if is_settling(one) else _TRANSFERS[one.kind]
        yield Happened(what, None, one.day, one.amount_minor)
    yield Happened(What.ANSWERED, None, payment.answer or IN_PROGRESS)
    if payment.reversal is not None:
        yield Happened(What.REVERSAL_ANSWERED, None, payment.reversal.answer or IN_PROGRESS)
    for note in payment.notes:
        yield Happened(What.NOTE, note.at, f"{note.who}, {note.action}: {note.why}")
    yield Happened(What.STATE, payment.since, state=payment.state)


def _question(question: Question) -> str:
    return f"{question.peer} {question.stan} {question.transmitted_at}"
