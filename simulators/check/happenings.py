"""What can happen to a payment, as the model names it, and as the saga's event that it becomes.

Rule: a peer's word becomes an event by `switch.flow.evidence`, the same as in the switch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from simulators.check.flight import Flight
from simulators.check.phases import AT, FAR, Phase
from switch.flow import events
from switch.flow.evidence import advice_evidence, biller_evidence, core_evidence, query_evidence, undo_evidence
from switch.flow.reply import Silent, Unreachable
from switch.flow.terms import Terms

WHOLE_MINOR, PART_MINOR = 100, 40
KEY = "reversal"
GARBLED = "96"  # an answer that decides nothing, whatever the peer did

SENT_EARLY, SENT_LATE = AT[Phase.ASKING], AT[Phase.LAPSED]


class Happening(NamedTuple):
    """`make` gives the event, or None if what was heard says nothing."""

    words: str
    make: Callable[[float, Terms], events.Event | None]


def _plain(words: str, make: Callable[[float], events.Event]) -> Happening:
    return Happening(words, lambda at, terms: make(at))


REQUEST = _plain("the channel asks for a payment", events.Requested)
REFUSED = _plain("the channel asks for a payment, and the switch itself refuses", lambda at: events.Refused(at, "51"))
REVERSE = _plain("the channel reverses it", lambda at: events.Reversed(at, KEY, WHOLE_MINOR))
REVERSE_PART = _plain(
    "the channel reverses a part of it", lambda at: events.Reversed(at, KEY, PART_MINOR, partial=True)
)
TICK = _plain("the next attempt is due", events.Tick)
RESTART = _plain("the switch starts again", events.Restarted)
TAKE_OVER = _plain("another takes the payment over, its owner still alive", events.Restarted)
RETRY = _plain("the operator: try again", events.OperatorRetry)
POST = _plain("the operator, who sees it at both peers: post", events.OperatorPost)
RELEASE = _plain("the operator, who sees it unpaid: release", events.OperatorRelease)
CLOSE = _plain("the operator, who sees the core's books right: close", events.OperatorClose)

CORE_UNREACHABLE = Happening(
    "the core can't be reached", lambda at, terms: core_evidence(Unreachable(""), {}, terms.core, at)
)
BILLER_UNREACHABLE = Happening(
    "the biller can't be reached", lambda at, terms: biller_evidence(Unreachable(""), {}, terms.biller, at)
)
CORE_SILENT = Happening("the core stays silent", lambda at, terms: core_evidence(Silent(""), {}, terms.core, at))
BILLER_SILENT = Happening(
    "the biller stays silent", lambda at, terms: biller_evidence(Silent(""), {}, terms.biller, at)
)


def _core(words: str, code: str) -> Happening:
    return Happening(words, lambda at, terms: core_evidence(code, {}, terms.core, at))


def _biller(words: str, code: str) -> Happening:
    return Happening(words, lambda at, terms: biller_evidence(code, {}, terms.biller, at))


def _query(words: str, code: str, asked_at: float = SENT_EARLY) -> Happening:
    return Happening(words, lambda at, terms: query_evidence(code, {}, terms.biller, asked_at, at))


def _undo(words: str, code: str, asked_at: float) -> Happening:
    return Happening(words, lambda at, terms: undo_evidence(code, asked_at, at))


def _advice(words: str, code: str, asked_at: float = SENT_EARLY) -> Happening:
    return Happening(words, lambda at, terms: advice_evidence(code, terms.core, asked_at, at))


HEARD: dict[Flight, Happening] = {
    Flight.DEBITED: _core("the core's 00 arrives", "00"),
    Flight.DECLINED: _core("the core's refusal arrives", "51"),
    Flight.REVERSED_EARLY: _advice("the core's 00 to the advice arrives", "00"),
    Flight.REVERSED_LATE: _advice("the core's 00 to a late advice arrives", "00", SENT_LATE),
    Flight.UNKNOWN_EARLY: _advice("the core's 25 to the advice arrives", "25"),
    Flight.UNKNOWN_LATE: _advice("the core's 25 to a late advice arrives", "25", SENT_LATE),
    Flight.NOT_REVERSED: _advice("the core's refusal of the advice arrives", "51"),
    Flight.PAID: _biller("the biller's 00 arrives", "00"),
    Flight.REFUSED: _biller("the biller's refusal arrives", "51"),
    Flight.FOUND: _query("the query's answer arrives: paid", "00"),
    Flight.FOUND_REFUSED: _query("the query's answer arrives: refused", "51"),
    Flight.NOT_FOUND_EARLY: _query("the query's answer arrives: not found", "25"),
    Flight.NOT_FOUND_LATE: _query("a late query's answer arrives: not found", "25", SENT_LATE),
    Flight.UNDONE_EARLY: _undo("the undo's answer arrives: 00", "00", SENT_EARLY),
    Flight.UNDONE_LATE: _undo("a late undo's answer arrives: 00", "00", SENT_LATE),
    Flight.UNDO_UNKNOWN_EARLY: _undo("the undo's answer arrives: 25", "25", SENT_EARLY),
    Flight.UNDO_UNKNOWN_LATE: _undo("a late undo's answer arrives: 25", "25", SENT_LATE),
    Flight.STANDS: _undo("the undo's answer arrives: 12, paid and final", "12", SENT_EARLY),
}
"""What each reply is to the switch."""

AS_LATE = {
    Flight.REVERSED_EARLY: Flight.REVERSED_LATE,
    Flight.UNKNOWN_EARLY: Flight.UNKNOWN_LATE,
    Flight.NOT_FOUND_EARLY: Flight.NOT_FOUND_LATE,
    Flight.UNDONE_EARLY: Flight.UNDONE_LATE,
    Flight.UNDO_UNKNOWN_EARLY: Flight.UNDO_UNKNOWN_LATE,
}
"""What an early reply passes for, if all copies of a question bear the same STAN (R8)."""

GARBLED_DEBIT = _core("the core's answer arrives, but it is 96", GARBLED)
GARBLED_PAYMENT = _biller("the biller's answer arrives, but it is 96", GARBLED)
IN_DISGUISE: dict[Flight, Happening] = {
    Flight.DEBITED: GARBLED_DEBIT,
    Flight.PAID: GARBLED_PAYMENT,
}


def without_fence(happening: Happening) -> Happening:
    """R11 off: an operator's word counts as if all that is in flight had lapsed long ago."""
    return Happening(happening.words, lambda at, terms: happening.make(FAR, terms))
