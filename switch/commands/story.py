"""One payment's whole story, of its record and of what the books hold beside it.

Rule: nothing leaves here that people may not see: data elements go through the allow-list of `wire.mask`, accounts keep
their last digits, and what the peers brought for the channel (balances) is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ledger.model import Advice, Transfer
from switch.commands.times import Times
from switch.flow.orders import Permission, permissions
from switch.flow.payment import IN_PROGRESS, Payment, Question, State
from switch.flow.saga import advance
from switch.flow.terms import Terms
from switch.wire.mask import mask_fields, mask_tail

MEANS = {
    State.HELD: "the intent is stored; the core, then the biller, may have been asked",
    State.UNCERTAIN: "the biller may have been paid: the money stays held until it says so",
    State.UNDOING: "an undo is out at the biller: nothing moves until its word",
    State.RELEASING: "undone here; the core is advised until it acknowledges",
    State.POSTED: "paid",
    State.DECLINED: "refused; no money moved",
    State.RELEASED: "undone, every advice acknowledged",
    State.REVERSED: "paid and given back",
    State.DISPUTED: "the switch can't decide: an operator must",
}
_PERSONAL = ("customer", "loan", "card")


class Story(msgspec.Struct, frozen=True):
    """What `show` is given."""

    payment: Payment
    transfers: Sequence[Transfer]
    advices: Sequence[Advice]
    terms: Terms

    def permissions(self, now: float) -> tuple[Permission, ...]:
        return permissions(self.payment, now, self.terms, advance)


def summary(payment: Payment, times: Times) -> dict[str, Any]:
    """A line of the list."""
    return {
        "payment": payment.id.hex(),
        "state": payment.state,
        "service": payment.service,
        "accepted_at": times.written(payment.accepted_at),
        "since": times.written(payment.since),
        "amount_minor": payment.amount_minor,
        "units": payment.units,
        "currency": payment.currency,
        "reference": payment.fields.get("37", "").strip(),
        "attempts": payment.attempts,
        "next_at": times.written(payment.next_at),
        "disputed_from": payment.disputed_from,
        "why": payment.why,
    }


def whole(story: Story, times: Times) -> dict[str, Any]:
    """The story for a program."""
    payment = story.payment
    questions = {"core": payment.core, **({"biller": payment.biller} if payment.biller is not None else {})}
    return {
        **summary(payment, times),
        "means": meaning(payment),
        "version": payment.version,
        "day": payment.day,
        "next": next_action(payment, story.terms),
        "gives_up_at": times.written(gives_up_at(payment, story.terms)),
        "tried_at": times.written(payment.tried_at or None),
        "ask_by": times.written(payment.ask_by),
        "answer_by": times.written(payment.answer_by),
        "debit": mask_account(payment.debit),
        "credit": mask_account(payment.credit),
        "card": payment.masked_pan,
        "request": mask_fields(payment.fields),
        "questions": {leg: msgspec.structs.asdict(question) for leg, question in questions.items()},
        "known": {name: getattr(payment, name) for name in KNOWN},
        "answer": payment.answer or IN_PROGRESS,
        "reversal": _reversal(payment),
        "advices": [_advice(advice, times) for advice in story.advices],
        "transfers": [_transfer(transfer) for transfer in story.transfers],
        "notes": [{**msgspec.structs.asdict(note), "at": times.written(note.at)} for note in payment.notes],
        "orders": [
            {"action": permission.action, "from": times.written(permission.from_at)}
            for permission in story.permissions(times.now)
        ],
    }


KNOWN = ("biller_asked", "core_debited", "held", "posted", "cancelled", "undo_sent", "advised")


def meaning(payment: Payment) -> str:
    """Its state in words."""
    if payment.state is State.RELEASED and not payment.core.stan:
        return "a reversal that came before its original: the original will be refused"
    if payment.state is State.REVERSED and not payment.advised:
        return f"{MEANS[State.REVERSED]}; the core is advised until it acknowledges"
    return MEANS.get(payment.state, "")


def next_action(payment: Payment, terms: Terms) -> str | None:
    """What the switch does next by itself; None: nothing."""
    if payment.next_at is None:
        return None
    attempt = f", attempt {payment.attempts + 1}"
    biller = payment.biller.peer if payment.biller is not None else ""
    if payment.state is State.UNCERTAIN:
        if terms.biller.status_query:
            return f"status query to {biller}{attempt}"
        again = terms.third_commit and not payment.cancelled and payment.next_at <= payment.ask_by
        return f"the payment again to {biller}{attempt}" if again else f"waits for a late answer of {biller}"
    if payment.state is State.UNDOING:
        return f"undo to {biller}{attempt}"
    if payment.state in (State.RELEASING, State.REVERSED):
        return f"reversal advice to {payment.core.peer}{attempt}"
    return "answer the channel, if only with 09"


def gives_up_at(payment: Payment, terms: Terms) -> float | None:
    """When it becomes an operator's case."""
    trying = payment.next_at is not None and payment.state is not State.HELD
    return payment.since + terms.give_up_after_s if trying else None


def mask_account(name: str) -> str:
    """A ledger account's name: billers and machines in full, of a customer's the last digits."""
    kind, colon, rest = name.partition(":")
    return f"{kind}:{mask_tail(rest)}" if colon and kind in _PERSONAL else name


def question_line(question: Question) -> str:
    return f"{question.peer}: field 11 {question.stan}, field 7 {question.transmitted_at}" if question.stan else "none"


def _reversal(payment: Payment) -> dict[str, Any] | None:
    reversal = payment.reversal
    if reversal is None:
        return None
    return {"given_back_minor": reversal.given_back_minor, "answer": reversal.answer or IN_PROGRESS}


def _advice(advice: Advice, times: Times) -> dict[str, Any]:
    return {**msgspec.structs.asdict(advice), "payment": advice.payment.hex(), "next_at": times.written(advice.next_at)}


def _transfer(transfer: Transfer) -> dict[str, Any]:
    return {
        "id": transfer.id.hex(),
        "kind": transfer.kind.value,
        "debit": mask_account(transfer.debit),
        "credit": mask_account(transfer.credit),
        "amount_minor": transfer.amount_minor,
        "currency": transfer.currency,
        "day": transfer.day,
    }
