"""What the ledger says of a payment, as it is held against its peers' files.

Rule: pure. A payment's transfers are expected at every peer that was asked. What a dispute gave back is too, but at the
peer whose books it settles: there it is what was missing. So what is given back to a customer because a biller was
never paid is a break at the core until the core has given it back as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ledger.model import Transfer, TransferKind
from switch.flow.payment import Payment, Question, State
from switch.settlement.line import Key
from switch.settlement.match import At, Pending, Side
from switch.settlement.pairs import Movement
from switch.wire import tlv

DISPUTE, PLACE = "dispute ", " at "  # the memo of a transfer that settles one: its case, at which peer
BILL = "04"  # the tag of a bill's id
MOVING = frozenset({TransferKind.DIRECT, TransferKind.POST, TransferKind.CONTRA})

_UNDECIDED = frozenset({State.HELD, State.UNCERTAIN, State.UNDOING, State.DISPUTED})


def is_settling(transfer: Transfer) -> bool:
    """Whether it settles a dispute."""
    return transfer.memo.startswith(DISPUTE)


def settling_memo(case: str, peer: str) -> str:
    return f"{DISPUTE}{case}{PLACE}{peer}"


def settles(transfer: Transfer, peer: str) -> bool:
    """Whether it settles a dispute with this peer."""
    return is_settling(transfer) and transfer.memo.endswith(f"{PLACE}{peer}")


def keys_of(payment: Payment) -> Iterator[At]:
    """Under which each peer that it may have been asked at knows it."""
    for question in _asked(payment):
        yield question.peer, key_of(payment, question)


def key_of(payment: Payment, question: Question) -> Key:
    return question.transmitted_at, question.stan, payment.fields.get("37", "").strip()


def sides_of(payment: Payment, transfers: Sequence[Transfer]) -> Iterator[tuple[At, Side]]:
    """`transfers` are all that name the payment."""
    for question in _asked(payment):
        is_core = question is payment.core
        pending, final_at = _pending(payment, is_core=is_core)
        yield (
            (question.peer, key_of(payment, question)),
            Side(
                payment.id,
                tuple(_moved(transfers, question.peer)),
                payment.credit,
                _account(payment, is_core=is_core),
                is_core,
                payment.amount_minor * payment.units,
                pending,
                final_at,
            ),
        )


def _asked(payment: Payment) -> tuple[Question, ...]:
    if not payment.moves_money or not payment.core.stan:
        return ()
    return (payment.core,) if payment.biller is None else (payment.core, payment.biller)


def _account(payment: Payment, *, is_core: bool) -> str:
    """Whom the peer would name: the account that was debited, the bill that was paid."""
    if is_core:
        return payment.fields.get("102", "").strip()
    try:
        return (tlv.first(tlv.parse(payment.fields.get("48", "")), BILL) or "").strip()
    except tlv.TlvError:
        return ""


def _moved(transfers: Iterable[Transfer], peer: str) -> Iterator[Movement]:
    for one in transfers:
        if one.kind in MOVING and not settles(one, peer):
            yield Movement(one.kind is TransferKind.CONTRA, one.amount_minor, one.currency, one.day)


def _pending(payment: Payment, *, is_core: bool) -> tuple[Pending | None, float | None]:
    state = payment.disputed_from or payment.state
    if state is State.REVERSED:
        final_at = payment.since if payment.advised else None
        return (Pending.BACK_HERE, final_at) if is_core else (None, None)
    if payment.posted:
        undoing = state is State.UNDOING and not is_core
        return (Pending.BACK_THERE, None) if undoing else (None, None)
    if payment.state is State.RELEASED:
        return Pending.TAKEN_THERE, payment.since
    if payment.state in _UNDECIDED or (payment.state is State.RELEASING and is_core):
        return Pending.TAKEN_THERE, None
    return None, None
