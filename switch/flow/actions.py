"""The saga's actions: the payment as it becomes, and the effects that follow.

Rule: pure. A Commit comes first among the effects; nothing after it is said or asked before it is durable.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from switch.flow.case import APPROVED, OTHER_CONTENT, PEER_DOWN, STANDS, TOO_LATE, UNKNOWN_ORIGINAL, Case, Step
from switch.flow.events import (
    AdviseCore,
    Alarm,
    AnswerOriginal,
    AnswerReversal,
    AskBiller,
    AskCore,
    Commit,
    CoreUnreachable,
    Effect,
    QueryBiller,
    UndoBiller,
)
from switch.flow.guards import may_query, may_repeat, undo_offered
from switch.flow.payment import IN_PROGRESS, Part, Payment, Reversal, State


def stay(case: Case) -> Step:
    return case.payment, ()


def hold(case: Case) -> Step:
    payment = case.payment
    held = replace(
        payment,
        state=State.HELD,
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
        state=State.RELEASED,
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
        state=State.POSTED,
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
    changed = _enter(case, State.RELEASING, held=False, answer=payment.answer or code, reversal=reversal)
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
    changed = _enter(case, State.UNCERTAIN, decline=payment.decline or PEER_DOWN)
    return changed, (Commit(), *_in_progress(payment), *_question(case))


def undo_biller(case: Case) -> Step:
    """R4: committed before the undo leaves; from then on only the word on the undo decides."""
    payment = case.payment
    changed = _enter(case, State.UNDOING, undo_sent=True, decline=payment.decline or PEER_DOWN)
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
    return replace(case.payment, state=State.RELEASED, next_at=None, advised=True, since=case.event.at), (Commit(),)


def close_reversed(case: Case) -> Step:
    return replace(case.payment, state=State.REVERSED, next_at=None, advised=True, since=case.event.at), (Commit(),)


def advise_anew(case: Case) -> Step:
    """A debit that the core ran after it had been told to give it back."""
    return _enter(case, State.RELEASING, advised=False), (Commit(), AdviseCore())


def dispute(case: Case) -> Step:
    payment = case.payment
    why = f"{payment.state.value} and {type(case.event).__name__}"
    changed = replace(
        payment, state=State.DISPUTED, disputed_from=payment.state, why=why, since=case.event.at, next_at=None
    )
    return changed, (Commit(), Alarm(why))


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


def retry(case: Case) -> Step:
    state = case.payment.disputed_from or State.UNCERTAIN
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
        state=State.DECLINED,
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
    changed = _enter(case, State.REVERSED, reversal=reversal)
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
