"""The saga's guards: what must be so for a row of its table to apply.

Rule: pure; each is the name of one question, in the order in which the table asks them.
"""

from __future__ import annotations

from switch.flow.case import Case
from switch.flow.events import Restarted
from switch.flow.payment import Payment, State
from switch.flow.terms import Terms, Undo


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


def posted_and_unknown(case: Case) -> bool:
    return bool(case.payment.posted and case.event.unknown)


def undo_certain(case: Case) -> bool:
    return _certain(
        case,
        case.terms.biller.undo is Undo.REMEMBERED,
        case.terms.biller.lifetime_s,
        case.terms.biller.says_unknown,
    )


def posted_and_undo_certain(case: Case) -> bool:
    """What was posted may have been undone before in vain: that undo's 00 may come late, and says nothing (R1, R8)."""
    return case.payment.posted and undo_certain(case)


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


def fenced(case: Case) -> bool:
    """R11: whatever is in flight can no longer take effect."""
    return bool(case.event.at > fenced_at(case.payment, case.terms))


def fenced_at(payment: Payment, terms: Terms) -> float:
    """When the last of what is in flight has lapsed: a request that moved money, a query, an undo or an advice."""
    longest = max(terms.core.lifetime_s, terms.biller.lifetime_s)
    return max(_lapsed_at(payment, terms, longest), payment.tried_at + terms.skew_s + longest)


def unlocking(payment: Payment, terms: Terms) -> tuple[float, ...]:
    """The moments after which an operator may do more, the earliest first."""
    return _lapsed_at(payment, terms, terms.core.lifetime_s), fenced_at(payment, terms)


def paid_or_not(case: Case) -> bool:
    """Nobody here knows whether the biller was paid, and nothing in flight can change it any more."""
    return case.payment.disputed_from in (State.UNCERTAIN, State.UNDOING) and not case.payment.posted and fenced(case)


def posted_undone_or_not(case: Case) -> bool:
    return case.payment.disputed_from is State.UNDOING and case.payment.posted and fenced(case)


def disputed_releasing(case: Case) -> bool:
    """The core's books, right as they are, stay so only if the debit can no longer be run (R11)."""
    payment, terms = case.payment, case.terms
    lapsed = case.event.at > _lapsed_at(payment, terms, terms.core.lifetime_s)
    return payment.disputed_from is State.RELEASING and lapsed


def disputed_reversed(case: Case) -> bool:
    return case.payment.disputed_from is State.REVERSED


def _lapsed_at(payment: Payment, terms: Terms, lifetime_s: float) -> float:
    return payment.ask_by + terms.skew_s + lifetime_s


def _certain(case: Case, remembers: bool, lifetime_s: float, says_unknown: bool) -> bool:
    event = case.event
    late = event.asked_at > _lapsed_at(case.payment, case.terms, lifetime_s)
    return bool(remembers or late or (says_unknown and not event.unknown))
