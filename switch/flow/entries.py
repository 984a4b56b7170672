"""A payment's commit as the books take it: one atomic group of row, claims, transfers, usage and advices.

Rule: pure; ids and days are arguments. What a commit says is decided in `saga`, how it is stored in `ledger`.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ledger.model import Advice, Claim, Group, Opening, PaymentRow, Transfer, TransferKind, Usage
from switch.flow.limits import Limit
from switch.flow.payment import Part, Payment, State, to_record, transfer_id
from switch.flow.totals import heading_of

_KINDS = {
    Part.HOLD: TransferKind.PENDING,
    Part.POST: TransferKind.POST,
    Part.VOID: TransferKind.VOID,
    Part.CONTRA: TransferKind.CONTRA,
}
_ORIGINALS = {Part.POST: Part.HOLD, Part.VOID: Part.HOLD, Part.CONTRA: Part.POST}
_COUNTED = frozenset({Part.POST, Part.CONTRA})
_ADVISABLE = frozenset({State.RELEASING, State.REVERSED, State.UNDOING, State.DISPUTED})
_ADVISED_STATES = {State.RELEASING: "reversal", State.REVERSED: "reversal", State.UNDOING: "undo"}


def group_for(
    group_id: bytes,
    before: Payment,
    payment: Payment,
    parts: Sequence[Part],
    claims: Sequence[Claim],
    *,
    today: str,
    limit: Limit | None = None,
) -> Group:
    """`payment` already bears the version it becomes. `today` is the open business day, for what is given back."""
    state = payment.state
    row = PaymentRow(
        payment.id, payment.version, state._value_, payment.service, payment.day, payment.next_at, to_record(payment)
    )
    return Group(
        group_id,
        row,
        tuple(claims),
        _openings(payment) if Part.HOLD in parts else (),
        tuple([_transfer(payment, part, today) for part in parts]),
        _usages(payment, parts, limit) if payment.usage_scope else (),
        _advices(before, payment) if state in _ADVISABLE or before.state in _ADVISABLE else (),
    )


def _openings(payment: Payment) -> tuple[Opening, ...]:
    return Opening(payment.debit, payment.currency), Opening(payment.credit, payment.currency)


def _transfer(payment: Payment, part: Part, today: str) -> Transfer:
    original = _ORIGINALS.get(part)
    moved = Transfer(
        transfer_id(payment.id, part),
        _KINDS[part],
        payment.debit,
        payment.credit,
        payment.amount_minor,
        payment.currency,
        payment.day,
        transfer_id(payment.id, original) if original is not None else b"",
        payment.id,
        payment.service,
        _heading(payment) if part in _COUNTED else "",
    )
    if part is not Part.CONTRA:
        return moved
    back_minor = payment.given_back_minor
    return replace(moved, debit=payment.credit, credit=payment.debit, amount_minor=back_minor, day=today)


def _heading(payment: Payment) -> str:
    fields, biller = payment.fields, payment.biller
    return heading_of(fields["3"], fields["32"], payment.core.peer, biller.peer if biller is not None else "")


def _usages(payment: Payment, parts: Sequence[Part], limit: Limit | None) -> tuple[Usage, ...]:
    """A day's use is taken with the hold and given back with it; a whole reversal gives it back too."""
    if Part.HOLD in parts:
        assert limit is not None
        ceilings = limit.per_day_amount_max, limit.per_day_count_max
        return (Usage(payment.usage_scope, payment.day, payment.amount_minor, 1, *ceilings),)
    if Part.VOID in parts or Part.CONTRA in parts:
        back_minor = payment.given_back_minor
        count = -1 if back_minor == payment.amount_minor else 0
        return (Usage(payment.usage_scope, payment.day, -back_minor, count),)
    return ()


def _advices(before: Payment, payment: Payment) -> tuple[Advice, ...]:
    """What is owed to a peer, for whoever lists it; the payment's own record is what is acted upon."""
    owed, owes = _owed(before), _owed(payment)
    found = []
    if owed is not None and owed != owes:
        ordered = payment.notes[-1:] != before.notes[-1:]
        found.append(_advice(before, owed, "dropped" if ordered else "acknowledged"))
    if owes is not None:
        found.append(_advice(payment, owes, "quarantined" if payment.state is State.DISPUTED else "due"))
    return tuple(found)


def _owed(payment: Payment) -> str | None:
    if payment.state is State.DISPUTED:
        return _ADVISED_STATES.get(payment.disputed_from or payment.state)
    return _ADVISED_STATES.get(payment.state) if payment.next_at is not None else None


def _advice(payment: Payment, kind: str, state: str) -> Advice:
    peer = payment.biller if kind == "undo" and payment.biller is not None else payment.core
    next_at = payment.next_at if state == "due" else None
    return Advice(payment.id, kind, peer.peer, payment.given_back_minor, payment.attempts, next_at, state)
