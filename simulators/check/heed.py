"""Which messages in flight still matter: those whose reply the saga may yet heed, whatever happens.

Rule: found by asking the saga itself about every payment that can follow, in every phase that can follow; nothing is
assumed about its table. Forgetting the others keeps the walk small and loses no story.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulators.check import happenings as h
from simulators.check.flight import REPLIES, REQUESTS, Flight
from simulators.check.minds import Minds
from simulators.check.phases import AT, TRIED, Phase

_OTHERS = (
    *(h.REQUEST, h.REFUSED, h.REVERSE, h.REVERSE_PART, h.TICK, h.RESTART, h.RETRY, h.POST, h.RELEASE, h.CLOSE),
    *(h.CORE_UNREACHABLE, h.BILLER_UNREACHABLE, h.CORE_SILENT, h.BILLER_SILENT),
)
_ANSWERS_TO_QUERIES = {
    Flight.QUERY_EARLY: Flight.FOUND | Flight.FOUND_REFUSED | Flight.NOT_FOUND_EARLY,
    Flight.QUERY_LATE: Flight.FOUND | Flight.FOUND_REFUSED | Flight.NOT_FOUND_LATE,
}
_MOVE_SOMETHING = int(REQUESTS & ~(Flight.QUERY_EARLY | Flight.QUERY_LATE))


def heeded(minds: Minds) -> list[int]:
    """For each payment, the bits that may still matter while it is in somebody's mind."""
    own: list[int] = []
    followers: list[set[int]] = []
    number = 0
    while number < len(minds):
        mask, after = _of(minds, number)
        own.append(mask)
        followers.append(after)
        number += 1
    _spread(own, followers)
    return [_with_queries(mask) for mask in own]


def _of(minds: Minds, number: int) -> tuple[int, set[int]]:
    mask, after = 0, {minds.aged(number)}
    for phase in _phases(minds, number):
        for happening in _OTHERS:
            after.add(minds.decide(number, happening, phase).payment)
        for reply, happening in _replies():
            decision = minds.decide(number, happening, phase)
            after.add(decision.payment)
            if decision.payment != number or decision.parts is not None or decision.effects:
                mask |= reply
    return mask, after


def _phases(minds: Minds, number: int) -> range:
    """A payment is never older than its last change of state or its last attempt."""
    payment = minds.payment(number)
    tried = TRIED.index(payment.tried_at) if payment.tried_at in TRIED else 0
    since = AT.index(payment.since) if payment.since in AT else 0
    return range(max(since, tried), len(Phase))


def _replies() -> Iterator[tuple[int, h.Happening]]:
    yield from h.HEARD.items()
    yield from h.IN_DISGUISE.items()


def _spread(own: list[int], followers: list[set[int]]) -> None:
    """What a follower heeds, its forerunners must keep."""
    changed = True
    while changed:
        changed = False
        for number in reversed(range(len(own))):
            mask = own[number]
            for follower in followers[number]:
                mask |= own[follower]
            if mask != own[number]:
                own[number] = mask
                changed = True


def _with_queries(mask: int) -> int:
    for query, answers in _ANSWERS_TO_QUERIES.items():
        if mask & answers:
            mask |= query
    return (mask & (REPLIES | Flight.QUERY_EARLY | Flight.QUERY_LATE)) | _MOVE_SOMETHING
