"""What must be true in every situation, and what must be true once a payment is final.

Rule: everything in flight may be lost at any time, so what a final payment leaves behind is judged as it stands.
"""

from __future__ import annotations

from simulators.check.minds import Facts
from simulators.check.situation import BillerBook, CoreBook, Hold, Situation
from switch.flow.payment import State

_POSTED = (Hold.POSTED, Hold.GIVEN_BACK, Hold.PART_GIVEN_BACK)
_NOT_DEBITED = (CoreBook.UNKNOWN, CoreBook.DECLINED, CoreBook.REVERSED, CoreBook.BARRED)
_NEVER_DEBITED = (CoreBook.UNKNOWN, CoreBook.DECLINED, CoreBook.BARRED)
_NOT_CREDITED = (BillerBook.UNKNOWN, BillerBook.REFUSED, BillerBook.UNDONE, BillerBook.BARRED)


def broken_promise(now: Situation, facts: Facts, *, two_legs: bool) -> str:
    """In words, or empty."""
    return now.broken or _at_any_time(now, facts) or (_at_the_end(now, facts, two_legs) if facts.final else "")


def _at_any_time(now: Situation, facts: Facts) -> str:
    if now.biller == BillerBook.PAID_TWICE:
        return "I4: the biller is credited twice"
    if now.biller == BillerBook.PAID and now.core in _NEVER_DEBITED:
        return "I4: the biller is credited and the core was not debited"
    if now.told == "00" and now.hold not in _POSTED:
        return "I2: approved, and nothing is posted"
    if now.told not in ("", "00") and now.hold in _POSTED:
        return f"I2: declined with {now.told}, and posted"
    if now.told_reversal in ("00", "25") and facts.state is State.POSTED:
        return f"I5: its reversal was answered {now.told_reversal}, and the payment stands"
    if now.told_reversal == "12" and facts.state not in (State.POSTED, State.NONE):
        return "I5: its reversal was answered 12, and the payment does not stand"
    return ""


def _at_the_end(now: Situation, facts: Facts, two_legs: bool) -> str:
    if not facts.answer:
        return "I3: final without an answer"
    if facts.reversed and not facts.reversal_answer:
        return "I5: final, and its reversal will never be answered"
    if facts.state is State.POSTED:
        return _stands(now, two_legs)
    return _given_back(now, facts) if facts.state is State.REVERSED else _undone(now)


def _stands(now: Situation, two_legs: bool) -> str:
    if now.hold != Hold.POSTED:
        return f"I7: POSTED, and the ledger has it {Hold(now.hold).name}"
    if now.core != CoreBook.DEBITED:
        return f"I7: POSTED, and at the core it is {CoreBook(now.core).name}"
    if two_legs and now.biller != BillerBook.PAID:
        return f"I7: POSTED, and at the biller it is {BillerBook(now.biller).name}"
    return ""


def _given_back(now: Situation, facts: Facts) -> str:
    hold, core = Hold.GIVEN_BACK, CoreBook.REVERSED
    if facts.in_part:
        hold, core = Hold.PART_GIVEN_BACK, CoreBook.PART_REVERSED
    if now.hold != hold:
        return f"I7: REVERSED, and the ledger has it {Hold(now.hold).name}"
    if now.core != core:
        return f"I3: REVERSED, and at the core it is {CoreBook(now.core).name}"
    return _not_credited(now, facts.state)


def _undone(now: Situation) -> str:
    if now.hold not in (Hold.NONE, Hold.VOIDED):
        return f"I2: undone, and the ledger has it {Hold(now.hold).name}"
    if now.core not in _NOT_DEBITED:
        return f"I3: undone, and at the core it is {CoreBook(now.core).name}"
    return _not_credited(now, State.RELEASED)


def _not_credited(now: Situation, state: State) -> str:
    if now.biller not in _NOT_CREDITED:
        return f"I4: {state.value}, and at the biller it is {BillerBook(now.biller).name}"
    return ""
