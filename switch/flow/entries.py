"""A payment's commit as the books take it: one atomic group of row, claims, transfers, usage and advices.

Rule: pure; ids and days are arguments. What a commit says is decided in `saga`, how it is stored in `ledger`. An amount
of the wire becomes one of the books here, and nowhere else: by the payment's own units, whatever day it is by now.

Into which day it falls is decided here (`dated`). A payment belongs to the day in which it was accepted: hold, post
and void. If that is closed before the outcome is known, the post or void falls in the day that is open then, and `day`
becomes that day with the same commit: DE 15 of the final answer, the transfer and the totals name one day. A reversal
belongs to the day in which it was taken up, likewise, whatever day its payment is of. The use of a limit stays where it
was taken.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ledger.model import Advice, Claim, Group, Opening, PaymentRow, RegisterRow, Transfer, TransferKind, Usage
from switch.flow.days import Days
from switch.flow.limits import BETWEEN_SCOPES, DayCeiling
from switch.flow.payment import Part, Payment, State, to_record, transfer_id
from switch.flow.totals import heading

_KINDS = {
    Part.HOLD: TransferKind.PENDING,
    Part.POST: TransferKind.POST,
    Part.VOID: TransferKind.VOID,
    Part.CONTRA: TransferKind.CONTRA,
}
_ORIGINALS = {Part.POST: Part.HOLD, Part.VOID: Part.HOLD, Part.CONTRA: Part.POST}
_COUNTED = frozenset({Part.POST, Part.CONTRA})  # a hold and its release move nothing
_ADVISABLE = frozenset({State.RELEASING, State.REVERSED, State.UNDOING, State.DISPUTED})
_ADVISED_STATES = {State.RELEASING: "reversal", State.REVERSED: "reversal", State.UNDOING: "undo"}


def group_for(
    group_id: bytes,
    before: Payment,
    payment: Payment,
    parts: Sequence[Part],
    claims: Sequence[Claim],
    *,
    counted_as: str = "",
    ceilings: Sequence[DayCeiling] = (),
    registers: tuple[RegisterRow, ...] = (),
) -> Group:
    """`payment` already bears the version it becomes, and its day (`dated`). `counted_as` is its service's word for
    what the totals of its day count it as."""
    state = payment.state
    row = PaymentRow(
        payment.id, payment.version, state._value_, payment.service, payment.day, payment.next_at, to_record(payment)
    )
    return Group(
        group_id,
        row,
        tuple(claims),
        _openings(payment) if Part.HOLD in parts else (),
        tuple([_transfer(payment, part, counted_as) for part in parts]),
        _usages(payment, parts, ceilings) if payment.usage_scope else (),
        _advices(before, payment) if state in _ADVISABLE or before.state in _ADVISABLE else (),
        registers=registers,
    )


def dated(before: Payment, payment: Payment, parts: Sequence[Part], days: Days) -> Payment:
    """The payment with the days into which this commit falls."""
    reversal = payment.reversal
    if reversal is not None and (Part.CONTRA in parts or before.reversal is None or not before.reversal.answer):
        payment = replace(payment, reversal=replace(reversal, day=days.of(reversal.day)))
    day = days.of(payment.day)
    if day == payment.day or not (before.state is State.NONE or Part.POST in parts or Part.VOID in parts):
        return payment
    accepted = "" if before.state is State.NONE else payment.usage_day
    return replace(payment, day=day, accepted_day=accepted)


def heading_of(payment: Payment, counted_as: str) -> str:
    """Under which the totals of a day count it; "": under none."""
    if not counted_as:
        return ""
    biller = payment.biller
    return heading(
        payment.fields.get("32", ""), counted_as, payment.core.peer, biller.peer if biller is not None else ""
    )


def _openings(payment: Payment) -> tuple[Opening, ...]:
    return Opening(payment.debit, payment.currency), Opening(payment.credit, payment.currency)


def _transfer(payment: Payment, part: Part, counted_as: str) -> Transfer:
    original = _ORIGINALS.get(part)
    moved = Transfer(
        transfer_id(payment.id, part),
        _KINDS[part],
        payment.debit,
        payment.credit,
        payment.amount_minor * payment.units,
        payment.currency,
        payment.day,
        transfer_id(payment.id, original) if original is not None else b"",
        payment.id,
        payment.service,
        heading_of(payment, counted_as) if part in _COUNTED else "",
    )
    if part is not Part.CONTRA:
        return moved
    back_minor = payment.given_back_minor * payment.units
    return replace(
        moved, debit=payment.credit, credit=payment.debit, amount_minor=back_minor, day=payment.given_back_day
    )


def _usages(payment: Payment, parts: Sequence[Part], ceilings: Sequence[DayCeiling]) -> tuple[Usage, ...]:
    """A day's use is taken with the hold and given back with it; a whole reversal gives it back too."""
    if Part.HOLD in parts:
        day, minor = payment.day, payment.amount_minor * payment.units
        return tuple([Usage(c.scope, day, minor, 1, c.amount_max, c.count_max) for c in ceilings])
    if Part.VOID in parts or Part.CONTRA in parts:
        back_minor = payment.given_back_minor
        count = -1 if back_minor == payment.amount_minor else 0
        day, minor = payment.usage_day, back_minor * payment.units
        return tuple([Usage(scope, day, -minor, count) for scope in payment.usage_scope.split(BETWEEN_SCOPES)])
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
    back_minor = payment.given_back_minor * payment.units
    return Advice(payment.id, kind, peer.peer, back_minor, payment.attempts, next_at, state)
