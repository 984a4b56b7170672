"""How a dispute is settled in the books: one transfer in the open day, in the same group as the case's change.

Rule: pure, and the operator chooses no accounts. They follow from the break: what our books have too much goes back as
a contra of its posting; what the peer has more than they do stands between the party and the bank's account for
disputes, until it is put right there. So does a debit that the core lacks of a payment that a biller has: a contra
would take it from the biller. Never more than the break is about, never beside a payment that is not final, and never
by a break that was found before its payment went on here.

A payment whose posting is given back here is REVERSED from then on, in the same group: a reversal that a channel sends
later finds it given back already and moves nothing. If it was the biller that never got the payment, the switch advises
the core as of any reversal.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from ledger.model import Advice, Group, Opening, PaymentRow, RegisterRow, Transfer, TransferKind
from switch.flow.orders import NOTES_MAX
from switch.flow.payment import Note, Part, Payment, Reversal, State, to_record, transfer_id
from switch.flow.totals import DEBIT, heading
from switch.settlement.case import REGISTER, Case, CaseError, Said, resolve, to_body
from switch.settlement.pairs import net
from switch.settlement.sides import settling_memo, sides_of

DISPUTES = "bank:disputes"
APPROVED = "00"


class Ids(msgspec.Struct, frozen=True):
    group: bytes
    transfer: bytes


class Known(msgspec.Struct, frozen=True):
    """What the books have of the payment behind a case, `transfers` those that name it."""

    payment: Payment
    transfers: Sequence[Transfer]

    @property
    def posting(self) -> Transfer | None:
        return next((one for one in self.transfers if one.kind is TransferKind.POST), None)

    @property
    def given_back_minor(self) -> int:
        return sum(one.amount_minor for one in self.transfers if one.kind is TransferKind.CONTRA)

    @property
    def stands_minor(self) -> int:
        """What of its posting is not given back."""
        return self.posting.amount_minor - self.given_back_minor if self.posting is not None else 0


class Resolution(msgspec.Struct, frozen=True):
    group: Group
    case: Case
    transfer: Transfer
    advises_core: bool


def resolution(
    case: Case, words: Said, at: float, known: Known | None, today: str, ids: Ids, amount_minor: int | None = None
) -> Resolution:
    """`amount_minor` in units of the books; None: all that the break is about. CaseError if it may not be."""
    if not case.difference_minor:
        raise CaseError("its amounts agree: nothing to move; have it put right at the peer, and dismiss it")
    if not today:
        raise CaseError("no business day is open")
    amount = case.amount_minor if amount_minor is None else amount_minor
    resolve(case, words, at, b"", amount)  # says no before anything else does
    if known is not None:
        _must_be_as_found(case, known)
    if known is not None and _goes_back(case, known):
        return _give_back(case, words, at, known, today, ids, amount)
    after = resolve(case, words, at, ids.transfer, amount)
    debit, credit = _between(case, known)
    memo = settling_memo(case.id, case.peer)
    transfer = Transfer(ids.transfer, TransferKind.DIRECT, debit, credit, amount, case.currency, today, memo=memo)
    group = Group(ids.group, None, (), (Opening(DISPUTES, case.currency),), (transfer,), registers=(row_of(after),))
    return Resolution(group, after, transfer, False)


def _must_be_as_found(case: Case, known: Known) -> None:
    payment = known.payment
    if payment.state is State.DISPUTED or payment.next_at is not None:
        raise CaseError(f"its payment is {payment.state.value} and not final: see to that first, by barada payments")
    side = dict(sides_of(payment, known.transfers)).get((case.peer, case.key))
    stands_minor = net(side.moved, case.currency) if side is not None else 0
    if case.stood_minor not in (None, stands_minor):
        raise CaseError("its payment went on since the break was found: run the settlement of that day again")


def row_of(case: Case) -> RegisterRow:
    return RegisterRow(REGISTER, case.id, case.version, to_body(case))


def _goes_back(case: Case, known: Known) -> bool:
    bill_at_the_core = case.at_core and known.payment.biller is not None
    return case.difference_minor < 0 and known.stands_minor > 0 and not bill_at_the_core


def _give_back(case: Case, words: Said, at: float, known: Known, today: str, ids: Ids, amount: int) -> Resolution:
    payment, posting = known.payment, known.posting
    assert posting is not None
    if amount > known.stands_minor:
        raise CaseError(f"only {known.stands_minor} of its posting is not given back: resolve so much first")
    if amount % payment.units:
        raise CaseError(f"allowed: a multiple of {payment.units}, the smallest amount in the pound of its payment")
    whole = amount == posting.amount_minor
    advises = whole and payment.biller is not None and case.peer == payment.biller.peer
    transfer = Transfer(
        transfer_id(payment.id, Part.CONTRA) if whole else ids.transfer,
        TransferKind.CONTRA,
        posting.credit,
        posting.debit,
        amount,
        posting.currency,
        today,
        posting.id,
        payment.id,
        settling_memo(case.id, case.peer),
        heading("", DEBIT, payment.core.peer) if advises else "",  # the core counts it; no acquirer, no biller does
    )
    after = resolve(case, words, at, transfer.id, amount)
    changed = _reversed(payment, case, words, at, amount, today, advises=advises)
    row = PaymentRow(
        changed.id,
        changed.version,
        changed.state.value,
        changed.service,
        changed.day,
        changed.next_at,
        to_record(changed),
    )
    advices = (_advice(changed),) if advises else ()
    group = Group(ids.group, row, transfers=(transfer,), advices=advices, registers=(row_of(after),))
    return Resolution(group, after, transfer, advises)


def _reversed(
    payment: Payment, case: Case, words: Said, at: float, amount: int, today: str, *, advises: bool
) -> Payment:
    note = Note(at, words.who, f"dispute {case.id}", words.why)
    noted = replace(payment, version=payment.version + 1, notes=(*payment.notes, note)[-NOTES_MAX:])
    if payment.state is State.REVERSED:
        return noted
    changed = replace(
        noted,
        state=State.REVERSED,
        reversal=Reversal(f"dispute {case.id}", amount // payment.units, APPROVED, today),
        since=at,
        attempts=0,
        advised=not advises,
        next_at=at if advises else None,
    )
    return changed if changed.may_name_card else replace(changed, concealed_pan=b"")


def _advice(payment: Payment) -> Advice:
    """As the switch lists what it owes to a peer."""
    back_minor = payment.given_back_minor * payment.units
    return Advice(payment.id, "reversal", payment.core.peer, back_minor, payment.attempts, payment.next_at, "due")


def _between(case: Case, known: Known | None) -> tuple[str, str]:
    """Debit and credit of a transfer that is no contra."""
    if not case.at_core:
        return (DISPUTES, case.payee) if case.difference_minor > 0 else (case.payee, DISPUTES)
    party = known.payment.debit if known is not None else f"customer:{case.account}"
    return (party, DISPUTES) if case.difference_minor > 0 else (DISPUTES, party)
