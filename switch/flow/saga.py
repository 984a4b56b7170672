"""The payment saga: one literal table, one pure `advance`.

Rule: everything that decides a payment's fate is named in TABLE, and nothing here waits, reads a clock or draws a
number. The first row whose guard says yes is taken; unlisted: the payment stays as it is. Every transition into another
state is one versioned commit, and its other effects come after that commit. What the guards ask is in `guards`, what
the actions do in `actions`; the rules R1-R13 and why each is needed are in ARCHITECTURE.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from switch.flow.actions import (
    advise_again,
    advise_anew,
    answer_in_progress,
    answer_other_content,
    answer_stored,
    ask_again,
    ask_biller,
    cancel_and_wait,
    cancel_then_release,
    cancel_then_undo,
    cancel_then_unsure,
    close_released,
    close_reversed,
    decline_late,
    dispute,
    entomb,
    hold,
    note_debit_then_ask_biller,
    nothing_to_reverse,
    post,
    refuse,
    release,
    retry,
    reverse,
    reverse_undone,
    stand,
    stay,
    undo_again,
    undo_biller,
    unsure,
)
from switch.flow.case import Action, Advance, Case, Guard, Row, Step
from switch.flow.events import (
    AdviceAcknowledged,
    AdviceRefused,
    BillerApproved,
    BillerDeclined,
    BillerSilent,
    BillerUnreachable,
    Commit,
    CoreApproved,
    CoreDeclined,
    CoreSilent,
    CoreUnreachable,
    Event,
    FoundPaid,
    FoundRefused,
    NotFound,
    OperatorClose,
    OperatorPost,
    OperatorRelease,
    OperatorRetry,
    Refused,
    Requested,
    Restarted,
    Reversed,
    Tick,
    UndoAcknowledged,
    UndoRefused,
)
from switch.flow.guards import (
    advice_certain,
    already_reversed,
    always,
    asked_late,
    biller_was_asked,
    cancelled_and_undo_offered,
    disputed_releasing,
    disputed_reversed,
    maybe_paid,
    not_a_tombstone,
    nothing_back,
    one_leg,
    other_reversal,
    out_of_time,
    paid_or_not,
    partial,
    past_asking,
    posted_and_undo_certain,
    posted_and_unknown,
    posted_undone_or_not,
    third_commit,
    unadvised,
    unadvised_and_out_of_time,
    unadvised_and_unknown,
    undo_certain,
    undo_offered,
)
from switch.flow.payment import Payment, State
from switch.flow.terms import Terms

NONE, HELD, UNCERTAIN, UNDOING, RELEASING, POSTED, DECLINED, RELEASED, REVERSED, DISPUTED = State


# A dispute is decided by the evidence that would have decided the state it came from.


def decides_dispute(case: Case) -> bool:
    """What would dispute it again decides nothing: the state it came from must not be forgotten."""
    changed, effects = _as_before_dispute(case)
    return changed.state is not DISPUTED and any(isinstance(effect, Commit) for effect in effects)


def as_before_dispute(case: Case) -> Step:
    changed, effects = _as_before_dispute(case)
    return replace(changed, disputed_from=None, why=""), effects


def _as_before_dispute(case: Case) -> Step:
    before = replace(case.payment, state=case.payment.disputed_from or DISPUTED)
    return case.advance(before, case.event, case.terms) if before.state is not DISPUTED else (case.payment, ())


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
    Row((UNDOING,), (UndoAcknowledged,), posted_and_undo_certain, reverse_undone),
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
    Row((DISPUTED,), (OperatorPost,), paid_or_not, post),
    Row((DISPUTED,), (OperatorPost,), posted_undone_or_not, post),
    Row((DISPUTED,), (OperatorRelease,), paid_or_not, release),
    Row((DISPUTED,), (OperatorRelease,), posted_undone_or_not, reverse_undone),
    Row((DISPUTED,), (OperatorClose,), disputed_releasing, close_released),
    Row((DISPUTED,), (OperatorClose,), disputed_reversed, close_reversed),
)
# fmt: on


class Saga:
    """A table at work. There is one in the switch; a check that wants to see a rule's absence makes another."""

    def __init__(self, table: Sequence[Row]) -> None:
        found: dict[tuple[State, type[Event]], tuple[tuple[Guard, Action], ...]] = {}
        for row in table:
            for state in row.states:
                for event in row.events:
                    found[state, event] = (*found.get((state, event), ()), (row.guard, row.action))
        self._rows = found

    def advance(self, payment: Payment, event: Event, terms: Terms) -> Step:
        """The payment after `event`, and what to do. Without a Commit nothing durable changed."""
        rows = self._rows.get((payment.state, type(event)))
        if rows is not None:
            case = Case(payment, event, terms, self.advance)
            for guard, action in rows:
                if guard(case):
                    return action(case)
        return payment, ()


advance: Advance = Saga(TABLE).advance
