"""The payment saga: one literal table, one pure `advance`.

Rule: everything that decides a payment's fate lives here, and nothing here waits, reads a clock or
draws a number. Read TABLE first; guards and actions follow in the order in which it names them.
Unlisted: the payment stays as it is. Every transition into another state is one versioned commit, and
its other effects come after that commit. The rules R1-R13 and why each is needed: ARCHITECTURE.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

from switch.flow.events import (
    AdviceAcknowledged,
    AdviceRefused,
    AdviseCore,
    Alarm,
    AnswerOriginal,
    AnswerReversal,
    AskBiller,
    AskCore,
    BillerApproved,
    BillerDeclined,
    BillerSilent,
    BillerUnreachable,
    Commit,
    CoreApproved,
    CoreDeclined,
    CoreSilent,
    CoreUnreachable,
    Effect,
    Event,
    FoundPaid,
    FoundRefused,
    NotFound,
    OperatorClose,
    OperatorPost,
    OperatorRelease,
    OperatorRetry,
    QueryBiller,
    Refused,
    Requested,
    Restarted,
    Reversed,
    Tick,
    UndoAcknowledged,
    UndoBiller,
    UndoRefused,
)
from switch.flow.payment import IN_PROGRESS, Part, Payment, Reversal, State
from switch.flow.terms import Terms, Undo

NONE, HELD, UNCERTAIN, UNDOING, RELEASING, POSTED, DECLINED, RELEASED, REVERSED, DISPUTED = State

APPROVED = "00"
STANDS = "12"  # a reversal's answer when the payment stands
UNKNOWN_ORIGINAL = "25"
TOO_LATE = "68"
PEER_DOWN = "91"
OTHER_CONTENT = "94"


class Case(NamedTuple):
    payment: Payment
    event: Any
    terms: Terms


Step = tuple[Payment, tuple[Effect, ...]]
Guard = Callable[[Case], bool]
Action = Callable[[Case], Step]


class Row(NamedTuple):
    states: tuple[State, ...]
    events: tuple[type[Event], ...]
    guard: Guard
    action: Action


def advance(payment: Payment, event: Event, terms: Terms) -> Step:
    """The payment after `event`, and what to do. Without a Commit nothing durable changed."""
    case = Case(payment, event, terms)
    for guard, action in _INDEX.get((payment.state, type(event)), ()):
        if guard(case):
            return action(case)
    return payment, ()


# Guards: what must be so for a row to apply.


def always(case: Case) -> bool:
    return True


def one_leg(case: Case) -> bool:
    return case.payment.biller is None


def biller_was_asked(case: Case) -> bool:
    return case.payment.biller_asked


def past_asking(case: Case) -> bool:
    return bool(case.event.at > case.payment.ask_by)


def third_commit(case: Case) -> bool:
    return case.terms.third_commit


def maybe_paid(case: Case) -> bool:
    """R2: with two legs and no memory of it, the biller may have been asked."""
    payment = case.payment
    if payment.biller is None:
        return False
    if case.terms.third_commit:
        return payment.core_debited
    return payment.biller_asked or isinstance(case.event, Restarted)


def partial(case: Case) -> bool:
    return bool(case.event.partial)


def nothing_back(case: Case) -> bool:
    return bool(case.event.given_back_minor == 0 and case.payment.amount_minor > 0)


def already_reversed(case: Case) -> bool:
    return case.payment.reversal is not None


def other_reversal(case: Case) -> bool:
    reversal = case.payment.reversal
    return reversal is not None and reversal.given_back_minor != case.event.given_back_minor


def undo_offered(case: Case) -> bool:
    return case.terms.biller.undo is not Undo.NONE


def cancelled_and_undo_offered(case: Case) -> bool:
    return case.payment.cancelled and undo_offered(case)


def asked_late(case: Case) -> bool:
    """R1: the answer is to a question that left when the payment request could no longer be run."""
    return bool(case.event.asked_at > _lapsed_at(case.payment, case.terms, case.terms.biller.lifetime_s))


def out_of_time(case: Case) -> bool:
    return bool(case.event.at - case.payment.since >= case.terms.give_up_after_s)


def may_repeat(case: Case) -> bool:
    return case.terms.third_commit and not case.payment.cancelled and case.event.at <= case.payment.ask_by


def may_query(case: Case) -> bool:
    return case.terms.biller.status_query


def posted(case: Case) -> bool:
    return case.payment.posted


def posted_and_unknown(case: Case) -> bool:
    return bool(case.payment.posted and case.event.unknown)


def undo_certain(case: Case) -> bool:
    return _certain(
        case,
        case.terms.biller.undo is Undo.REMEMBERED,
        case.terms.biller.lifetime_s,
        case.terms.biller.says_unknown,
    )


def advice_certain(case: Case) -> bool:
    """R7, for a core that forgets a reversal it got before the original."""
    core = case.terms.core
    return _certain(case, core.undo is Undo.REMEMBERED, core.lifetime_s, core.says_unknown)


def unadvised(case: Case) -> bool:
    return not case.payment.advised


def unadvised_and_out_of_time(case: Case) -> bool:
    return not case.payment.advised and out_of_time(case)


def unadvised_and_unknown(case: Case) -> bool:
    return bool(not case.payment.advised and case.event.unknown)


def not_a_tombstone(case: Case) -> bool:
    return bool(case.payment.core.stan)


def decides_dispute(case: Case) -> bool:
    return any(isinstance(effect, Commit) for effect in _as_before_dispute(case)[1])


def fenced(case: Case) -> bool:
    """R11: whatever is in flight can no longer take effect."""
    payment, terms = case.payment, case.terms
    longest = max(terms.core.lifetime_s, terms.biller.lifetime_s)
    return bool(case.event.at > max(_lapsed_at(payment, terms, longest), payment.tried_at + terms.skew_s + longest))


def may_be_posted(case: Case) -> bool:
    return case.payment.disputed_from in (UNCERTAIN, UNDOING) and not case.payment.posted and fenced(case)


def may_be_released(case: Case) -> bool:
    return case.payment.disputed_from in (UNCERTAIN, UNDOING) and not case.payment.posted and fenced(case)


def may_be_reversed(case: Case) -> bool:
    return case.payment.disputed_from is UNDOING and case.payment.posted and fenced(case)


def disputed_releasing(case: Case) -> bool:
    return case.payment.disputed_from is RELEASING


def disputed_reversed(case: Case) -> bool:
    return case.payment.disputed_from is REVERSED


# Actions: the payment as it becomes, and the effects.


def stay(case: Case) -> Step:
    return case.payment, ()


def hold(case: Case) -> Step:
    payment = case.payment
    held = replace(
        payment,
        state=HELD,
        held=payment.moves_money,
        since=case.event.at,
        next_at=payment.answer_by,
    )
    return held, (Commit((Part.HOLD,) if payment.moves_money else ()), AskCore())


def refuse(case: Case) -> Step:
    """A refusal before anything was asked, or by a peer that has nothing to give back."""
    code = PEER_DOWN if isinstance(case.event, CoreUnreachable) else case.event.code
    return _decline(case, code)


def entomb(case: Case) -> Step:
    """R12: a reversal whose original is not known yet; the original will find it and be refused."""
    event = case.event
    tombstone = replace(
        case.payment,
        state=RELEASED,
        answer=TOO_LATE,
        since=event.at,
        next_at=None,
        reversal=Reversal(event.key, event.given_back_minor, UNKNOWN_ORIGINAL),
    )
    return tombstone, (Commit(), AnswerReversal(event.key, UNKNOWN_ORIGINAL))


def post(case: Case) -> Step:
    payment = case.payment
    parts = (Part.POST,) if payment.moves_money and not payment.posted else ()
    after: list[Effect] = [Commit(parts), AnswerOriginal()]
    reversal = payment.reversal
    if payment.cancelled and reversal is not None:
        reversal = replace(reversal, answer=STANDS)
        after.append(AnswerReversal(reversal.key, STANDS))
    changed = replace(
        payment,
        state=POSTED,
        posted=True,
        answer=payment.answer or APPROVED,
        back={**payment.back, **getattr(case.event, "back", {})},
        reversal=reversal,
        since=case.event.at,
        next_at=None,
    )
    return changed, tuple(after)


def release(case: Case) -> Step:
    """The customer's money is free again here; the core is told until it acknowledges, and first before the channel."""
    payment = case.payment
    code = payment.decline or getattr(case.event, "code", "") or PEER_DOWN
    if payment.cancelled:
        code = TOO_LATE
    parts = (Part.VOID,) if payment.held and not payment.posted else ()
    reversal, told = _reversal_succeeds(payment)
    changed = _enter(case, RELEASING, held=False, answer=payment.answer or code, reversal=reversal)
    return changed, (Commit(parts), AdviseCore(), AnswerOriginal(), *told)


def ask_biller(case: Case) -> Step:
    """No commit: only the owner's memory knows (R2 covers its loss)."""
    asked = replace(case.payment, biller_asked=True, back=dict(case.event.back))
    return asked, (AskBiller(),)


def note_debit_then_ask_biller(case: Case) -> Step:
    noted = replace(case.payment, biller_asked=True, core_debited=True, back=dict(case.event.back))
    return noted, (Commit(), AskBiller())


def unsure(case: Case) -> Step:
    """The biller may have been paid: find out, or take it back, but hold the money meanwhile."""
    payment, biller = case.payment, case.terms.biller
    undo = undo_offered(case) and (payment.cancelled or not biller.status_query)
    return undo_biller(case) if undo else wait_for_word(case)


def wait_for_word(case: Case) -> Step:
    payment = case.payment
    changed = _enter(case, UNCERTAIN, decline=payment.decline or PEER_DOWN)
    return changed, (Commit(), *_in_progress(payment), *_question(case))


def undo_biller(case: Case) -> Step:
    """R4: committed before the undo leaves; from then on only the word on the undo decides."""
    payment = case.payment
    changed = _enter(case, UNDOING, undo_sent=True, decline=payment.decline or PEER_DOWN)
    return changed, (Commit(), *_in_progress(payment), UndoBiller())


def cancel_then_unsure(case: Case) -> Step:
    return unsure(_cancelled(case))


def cancel_then_release(case: Case) -> Step:
    return release(_cancelled(case))


def cancel_then_undo(case: Case) -> Step:
    return undo_biller(_cancelled(case))


def cancel_and_wait(case: Case) -> Step:
    payment = _cancelled(case).payment
    return payment, (Commit(), AnswerReversal(case.event.key, IN_PROGRESS))


def ask_again(case: Case) -> Step:
    return _tried(case), (Commit(), *_question(case))


def undo_again(case: Case) -> Step:
    return _tried(case), (Commit(), UndoBiller())


def advise_again(case: Case) -> Step:
    return _tried(case), (Commit(), AdviseCore())


def decline_late(case: Case) -> Step:
    return _decline(case, case.event.code)


def reverse(case: Case) -> Step:
    return _reverse(_cancelled(case))


def reverse_undone(case: Case) -> Step:
    return _reverse(case)


def close_released(case: Case) -> Step:
    return replace(case.payment, state=RELEASED, next_at=None, advised=True, since=case.event.at), (Commit(),)


def close_reversed(case: Case) -> Step:
    return replace(case.payment, state=REVERSED, next_at=None, advised=True, since=case.event.at), (Commit(),)


def advise_anew(case: Case) -> Step:
    """A debit that the core ran after it had been told to give it back."""
    return _enter(case, RELEASING, advised=False), (Commit(), AdviseCore())


def dispute(case: Case) -> Step:
    payment = case.payment
    why = f"{payment.state.value} and {type(case.event).__name__}"
    changed = replace(payment, state=DISPUTED, disputed_from=payment.state, why=why, since=case.event.at, next_at=None)
    return changed, (Commit(), Alarm(f"payment {payment.id.hex()} needs an operator: {why}"))


def stand(case: Case) -> Step:
    """A reversal that cannot be carried out: recorded, answered, nothing moves."""
    return _record_reversal(case, STANDS)


def nothing_to_reverse(case: Case) -> Step:
    return _record_reversal(case, APPROVED)


def answer_stored(case: Case) -> Step:
    reversal = case.payment.reversal
    code = reversal.answer if reversal is not None else ""
    return case.payment, (AnswerReversal(case.event.key, code or IN_PROGRESS),)


def answer_other_content(case: Case) -> Step:
    return case.payment, (AnswerReversal(case.event.key, OTHER_CONTENT),)


def answer_in_progress(case: Case) -> Step:
    return case.payment, (AnswerReversal(case.event.key, IN_PROGRESS),)


def as_before_dispute(case: Case) -> Step:
    changed, effects = _as_before_dispute(case)
    return replace(changed, disputed_from=None, why=""), effects


def retry(case: Case) -> Step:
    state = case.payment.disputed_from or UNCERTAIN
    back = _enter(case, state, disputed_from=None, why="")
    return replace(back, attempts=0, next_at=case.event.at), (Commit(),)


# Pieces that several actions share.


def _enter(case: Case, state: State, **changes: Any) -> Payment:
    """Into a state that keeps trying: the first attempt follows the commit, the next after a pause."""
    at = case.event.at
    return replace(
        case.payment,
        state=state,
        since=at,
        attempts=1,
        tried_at=at,
        next_at=at + case.terms.pause_s(0),
        **changes,
    )


def _tried(case: Case) -> Payment:
    payment, at = case.payment, case.event.at
    pause_s = case.terms.pause_s(payment.attempts)
    return replace(payment, attempts=payment.attempts + 1, tried_at=at, next_at=at + pause_s)


def _decline(case: Case, code: str) -> Step:
    payment = case.payment
    parts = (Part.VOID,) if payment.held else ()
    reversal, told = _reversal_succeeds(payment)
    changed = replace(
        payment,
        state=DECLINED,
        held=False,
        answer=payment.answer or code,
        reversal=reversal,
        since=case.event.at,
        next_at=None,
    )
    return changed, (Commit(parts), AnswerOriginal(), *told)


def _reverse(case: Case) -> Step:
    """From posted: the contra transfer is durable before the core is told and the channel answered."""
    payment = case.payment
    reversal, told = _reversal_succeeds(payment)
    changed = _enter(case, REVERSED, reversal=reversal)
    parts = (Part.CONTRA,) if payment.moves_money else ()
    return changed, (Commit(parts), AdviseCore(), *told)


def _cancelled(case: Case) -> Case:
    event, payment = case.event, case.payment
    reversal = Reversal(event.key, event.given_back_minor)
    return case._replace(payment=replace(payment, cancelled=True, reversal=reversal))


def _reversal_succeeds(payment: Payment) -> tuple[Reversal | None, tuple[Effect, ...]]:
    reversal = payment.reversal
    if reversal is None or reversal.answer:
        return reversal, ()
    return replace(reversal, answer=APPROVED), (AnswerReversal(reversal.key, APPROVED),)


def _record_reversal(case: Case, code: str) -> Step:
    event = case.event
    reversal = Reversal(event.key, event.given_back_minor, code)
    return replace(case.payment, reversal=reversal), (Commit(), AnswerReversal(event.key, code))


def _in_progress(payment: Payment) -> tuple[Effect, ...]:
    """09 to whoever waits: nothing is known yet."""
    if payment.reversal is None:
        return (AnswerOriginal(),)
    return AnswerOriginal(), AnswerReversal(payment.reversal.key, IN_PROGRESS)


def _question(case: Case) -> tuple[Effect, ...]:
    if may_query(case):
        return (QueryBiller(),)
    if may_repeat(case):
        return (AskBiller(repeat=True),)
    return ()


def _lapsed_at(payment: Payment, terms: Terms, lifetime_s: float) -> float:
    return payment.ask_by + terms.skew_s + lifetime_s


def _certain(case: Case, remembers: bool, lifetime_s: float, says_unknown: bool) -> bool:
    event = case.event
    late = event.asked_at > _lapsed_at(case.payment, case.terms, lifetime_s)
    return bool(remembers or late or (says_unknown and not event.unknown))


def _as_before_dispute(case: Case) -> Step:
    before = replace(case.payment, state=case.payment.disputed_from or DISPUTED)
    return advance(before, case.event, case.terms) if before.state is not DISPUTED else (case.payment, ())


_PAID = (BillerApproved, FoundPaid)
_NOT_PAID = (BillerDeclined, FoundRefused)
_EVIDENCE = (
    CoreDeclined, *_PAID, *_NOT_PAID, NotFound, UndoAcknowledged, UndoRefused, AdviceAcknowledged,
)  # fmt: skip

# fmt: off
TABLE: tuple[Row, ...] = (
    Row((NONE,), (Requested,), always, hold),
    Row((NONE,), (Refused,), always, refuse),
    Row((NONE,), (Reversed,), always, entomb),

    Row((HELD,), (CoreApproved,), one_leg, post),
    Row((HELD,), (CoreApproved, CoreDeclined, CoreSilent, CoreUnreachable), biller_was_asked, stay),
    Row((HELD,), (CoreApproved,), past_asking, release),
    Row((HELD,), (CoreApproved,), third_commit, note_debit_then_ask_biller),
    Row((HELD,), (CoreApproved,), always, ask_biller),
    Row((HELD,), (CoreDeclined, CoreUnreachable), always, refuse),
    Row((HELD,), (CoreSilent,), always, release),
    Row((HELD,), (BillerApproved,), always, post),
    Row((HELD,), (BillerDeclined, BillerUnreachable), always, release),
    Row((HELD,), (BillerSilent,), always, unsure),
    Row((HELD,), (Restarted, Tick), maybe_paid, unsure),
    Row((HELD,), (Restarted, Tick), always, release),
    Row((HELD,), (Reversed,), partial, answer_in_progress),
    Row((HELD,), (Reversed,), maybe_paid, cancel_then_unsure),
    Row((HELD,), (Reversed,), always, cancel_then_release),

    Row((UNCERTAIN,), (Tick,), out_of_time, dispute),
    Row((UNCERTAIN,), (Tick,), always, ask_again),
    Row((UNCERTAIN,), _PAID, cancelled_and_undo_offered, undo_biller),
    Row((UNCERTAIN,), _PAID, always, post),
    Row((UNCERTAIN,), _NOT_PAID, always, release),
    Row((UNCERTAIN,), (NotFound,), undo_offered, undo_biller),
    Row((UNCERTAIN,), (NotFound,), asked_late, release),
    Row((UNCERTAIN,), (CoreDeclined,), always, decline_late),
    Row((UNCERTAIN,), (Reversed,), other_reversal, answer_other_content),
    Row((UNCERTAIN,), (Reversed,), already_reversed, answer_stored),
    Row((UNCERTAIN,), (Reversed,), undo_offered, cancel_then_undo),
    Row((UNCERTAIN,), (Reversed,), always, cancel_and_wait),

    Row((UNDOING,), (Tick,), out_of_time, dispute),
    Row((UNDOING,), (Tick,), always, undo_again),
    Row((UNDOING,), (UndoAcknowledged,), posted_and_unknown, dispute),
    Row((UNDOING,), (UndoAcknowledged,), posted, reverse_undone),
    Row((UNDOING,), (UndoAcknowledged,), undo_certain, release),
    Row((UNDOING,), (UndoRefused,), always, post),
    Row((UNDOING,), (Reversed,), other_reversal, answer_other_content),
    Row((UNDOING,), (Reversed,), already_reversed, answer_stored),
    Row((UNDOING,), (Reversed,), always, cancel_and_wait),

    Row((RELEASING,), (Tick,), out_of_time, dispute),
    Row((RELEASING,), (Tick,), always, advise_again),
    Row((RELEASING,), (AdviceAcknowledged,), advice_certain, close_released),
    Row((RELEASING,), (AdviceRefused,), always, dispute),
    Row((RELEASING, RELEASED, DECLINED), (Reversed,), other_reversal, answer_other_content),
    Row((RELEASING, RELEASED, DECLINED), (Reversed,), already_reversed, answer_stored),
    Row((RELEASING, RELEASED, DECLINED), (Reversed,), always, nothing_to_reverse),
    Row((RELEASED,), (CoreApproved,), not_a_tombstone, advise_anew),

    Row((POSTED,), (Reversed,), other_reversal, answer_other_content),
    Row((POSTED,), (Reversed,), already_reversed, answer_stored),
    Row((POSTED,), (Reversed,), nothing_back, nothing_to_reverse),
    Row((POSTED,), (Reversed,), one_leg, reverse),
    Row((POSTED,), (Reversed,), undo_offered, cancel_then_undo),
    Row((POSTED,), (Reversed,), always, stand),

    Row((REVERSED,), (Reversed,), other_reversal, answer_other_content),
    Row((REVERSED,), (Reversed,), always, answer_stored),
    Row((REVERSED,), (Tick,), unadvised_and_out_of_time, dispute),
    Row((REVERSED,), (Tick,), unadvised, advise_again),
    Row((REVERSED,), (AdviceAcknowledged,), unadvised_and_unknown, dispute),
    Row((REVERSED,), (AdviceAcknowledged,), unadvised, close_reversed),
    Row((REVERSED,), (AdviceRefused,), unadvised, dispute),

    Row((DISPUTED,), _EVIDENCE, decides_dispute, as_before_dispute),
    Row((DISPUTED,), (Reversed,), other_reversal, answer_other_content),
    Row((DISPUTED,), (Reversed,), always, answer_stored),
    Row((DISPUTED,), (OperatorRetry,), always, retry),
    Row((DISPUTED,), (OperatorPost,), may_be_posted, post),
    Row((DISPUTED,), (OperatorRelease,), may_be_released, release),
    Row((DISPUTED,), (OperatorRelease,), may_be_reversed, reverse_undone),
    Row((DISPUTED,), (OperatorClose,), disputed_releasing, close_released),
    Row((DISPUTED,), (OperatorClose,), disputed_reversed, close_reversed),
)
# fmt: on


def _index() -> dict[tuple[State, type[Event]], tuple[tuple[Guard, Action], ...]]:
    found: dict[tuple[State, type[Event]], tuple[tuple[Guard, Action], ...]] = {}
    for row in TABLE:
        for state in row.states:
            for event in row.events:
                found[state, event] = (*found.get((state, event), ()), (row.guard, row.action))
    return found


_INDEX = _index()
