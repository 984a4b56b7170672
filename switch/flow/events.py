"""What can happen to a payment, and what is to be done about it.

Rule: values only. An event says what was seen, never what to do; an effect says what to do, never why.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from switch.flow.payment import Part

_NOTHING: Mapping[str, str] = {}


class Event(msgspec.Struct, frozen=True):
    """`at` is when it was seen, POSIX seconds."""

    at: float


class Requested(Event, frozen=True):
    """The channel's request passed every rule of the switch."""


class Refused(Event, frozen=True):
    """The switch itself refuses the request, with an answer that is kept."""

    code: str


class CoreApproved(Event, frozen=True):
    back: Mapping[str, str] = _NOTHING


class CoreDeclined(Event, frozen=True):
    code: str


class CoreSilent(Event, frozen=True):
    """No answer, or one that decides nothing (R9)."""


class CoreUnreachable(Event, frozen=True):
    """No byte of the question left (R10)."""


class BillerApproved(Event, frozen=True):
    back: Mapping[str, str] = _NOTHING


class BillerDeclined(Event, frozen=True):
    code: str


class BillerSilent(Event, frozen=True):
    pass


class BillerUnreachable(Event, frozen=True):
    pass


class FoundPaid(Event, frozen=True):
    """A status query's answer."""

    back: Mapping[str, str] = _NOTHING


class FoundRefused(Event, frozen=True):
    code: str


class NotFound(Event, frozen=True):
    asked_at: float


class UndoAcknowledged(Event, frozen=True):
    """00, or 25: the biller does not know the payment."""

    unknown: bool
    asked_at: float


class UndoRefused(Event, frozen=True):
    """Paid, and final."""


class AdviceAcknowledged(Event, frozen=True):
    unknown: bool
    asked_at: float


class AdviceRefused(Event, frozen=True):
    code: str


class Reversed(Event, frozen=True):
    """The channel reverses. `given_back_minor` is the whole amount unless it is a partial reversal."""

    key: str
    given_back_minor: int
    partial: bool = False


class Tick(Event, frozen=True):
    """The next action's time has come."""


class Restarted(Event, frozen=True):
    """The owner's memory is lost: after a restart, a take-over, or a commit that another made first."""


class OperatorRetry(Event, frozen=True):
    pass


class OperatorPost(Event, frozen=True):
    """An operator saw both peers' books: both have it."""


class OperatorRelease(Event, frozen=True):
    """An operator saw both peers' books: the biller was not and cannot be paid any more."""


class OperatorClose(Event, frozen=True):
    """An operator saw the core's books: they are right as they are."""


class Effect(msgspec.Struct, frozen=True):
    pass


class Commit(Effect, frozen=True):
    """Make the payment as returned durable with these transfers; what follows in the list waits for it."""

    parts: tuple[Part, ...] = ()


class AskCore(Effect, frozen=True):
    pass


class AskBiller(Effect, frozen=True):
    """The payment request; `repeat` sends the same one again as x2x1."""

    repeat: bool = False


class QueryBiller(Effect, frozen=True):
    pass


class UndoBiller(Effect, frozen=True):
    pass


class AdviseCore(Effect, frozen=True):
    pass


class AnswerOriginal(Effect, frozen=True):
    """A, or 09 while there is none."""


class AnswerReversal(Effect, frozen=True):
    key: str
    code: str


class Alarm(Effect, frozen=True):
    """An operator must hear of this payment; its id stands beside the text wherever that is shown."""

    text: str
