"""Time as the saga sees it: five phases, each with a moment that stands for all of its moments.

Rule: two moments of one phase are never told apart by a guard. A payment's `since` is put at the beginning of its phase
and `tried_at` at the end, so that "out of time" and "nothing is in flight any more" don't fall together.
"""

from __future__ import annotations

from enum import IntEnum

from msgspec.structs import replace

from switch.flow.payment import Payment

ACCEPTED_AT = 1000.0
ANSWER_WITHIN_S = 25.0
BILLER_TIMEOUT_S = 8.0
LIFETIME_S = 60.0
SKEW_S = 2.0
GIVE_UP_S = 86_400.0


class Phase(IntEnum):
    ASKING = 0  # up to ask_by
    ANSWERED = 1  # the channel has its answer, requests already sent may still be run
    LAPSED = 2  # no peer that drops old requests runs one any more
    OVERDUE = 3  # the switch has tried long enough; what was tried last may still be on its way
    FENCED = 4  # nothing that was sent before is on its way


PASSING = (
    "time passes: too late to ask a peer to move money",
    "time passes: the request's lifetime is over",
    "time passes: the switch has tried long enough",
    "time passes: what was sent has lapsed",
    "time passes: what was sent has lapsed again",
)

_LAPSED_AT = ACCEPTED_AT + ANSWER_WITHIN_S + SKEW_S + LIFETIME_S
_OVERDUE_AT = _LAPSED_AT + 10 + GIVE_UP_S
_FENCED_AT = _OVERDUE_AT + 10 + GIVE_UP_S

AT = (ACCEPTED_AT + 1, ACCEPTED_AT + ANSWER_WITHIN_S + 1, _LAPSED_AT + 1, _OVERDUE_AT, _FENCED_AT)
"""When what happens in each phase happens."""

TRIED = (_LAPSED_AT - 2, _LAPSED_AT - 1, _OVERDUE_AT - 1, _OVERDUE_AT + 1, _FENCED_AT + 1)
"""The last attempt of each phase. One of the first two phases is as good as one at the end of the second."""

FAR = _FENCED_AT + 10 * GIVE_UP_S
NEXT = FAR  # whatever is due is due: when, is the model's choice

_TRIED_OF = {0.0: 0.0, **dict(zip(AT, TRIED, strict=True)), **{tried: tried for tried in TRIED}}
_SINCE_OF = {ACCEPTED_AT: AT[0], FAR: AT[Phase.FENCED], **{at: at for at in AT}}
_OLDER = {AT[4]: AT[3], TRIED[4]: TRIED[3]}


def canonical(payment: Payment) -> Payment:
    """The payment without what no guard reads."""
    return replace(
        payment,
        version=min(payment.version, 1),
        back={},
        why="",
        since=_SINCE_OF[payment.since],
        attempts=min(payment.attempts, 1),
        tried_at=_TRIED_OF[payment.tried_at] if payment.tried_at != FAR else TRIED[4],
        next_at=None if payment.next_at is None else NEXT,
    )


def aged(payment: Payment) -> Payment:
    """In the last phase only what is relative matters: what happened in it has happened before it."""
    return replace(
        payment,
        since=_OLDER.get(payment.since, payment.since),
        tried_at=_OLDER.get(payment.tried_at, payment.tried_at),
    )
