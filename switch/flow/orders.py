"""What an operator may order, most of it about one payment, and what is said when it may not be done.

Rule: pure, and no second table: whether an order about a payment may be carried out is asked of the saga itself, as of
now and as of when what is in flight has lapsed (R11). This file only names its event, writes its note, and finds the
words.
"""

from __future__ import annotations

import math
import re
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec.structs import replace

from switch.flow.case import Advance
from switch.flow.events import Commit, Event, OperatorClose, OperatorPost, OperatorRelease, OperatorRetry, Tick
from switch.flow.guards import unlocking
from switch.flow.payment import TRYING, Note, Payment, State
from switch.flow.subscribers import HOLDER
from switch.flow.terms import Terms

WHO_MAX, WHY_MAX = 64, 300
AMOUNT_MAX, COUNT_MAX = 999_999_999_999, 1_000_000  # as the configuration's limits
NOTES_MAX = 32  # the journal has the older ones too

_FORMS = {
    "who": f"1 to {WHO_MAX} characters",
    "why": f"1 to {WHY_MAX} characters",
    **dict.fromkeys(("day", "from_day", "until_day"), "a day as YYYYMMDD"),
    "terminal": "1 to 8 letters or digits",
    "cassettes": "1 to 8 of them",
}

# A card number, or a PIN block or key in hexadecimal. A payment's id is twice as long as a block: leave it out too.
_SECRET = re.compile(r"(?:\d[ -]?){13}|[0-9A-Fa-f]{16}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Action(StrEnum):
    RETRY = "retry"
    POST = "post"
    RELEASE = "release"
    CLOSE = "close"
    DROP = "drop"  # the same as close, said of an advice


Who = Annotated[str, msgspec.Meta(min_length=1, max_length=WHO_MAX)]
Why = Annotated[str, msgspec.Meta(min_length=1, max_length=WHY_MAX)]


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="about", tag="payment"):
    """`payment` is its id in hexadecimal."""

    payment: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{32}\Z")]
    action: Action
    who: Who
    why: Why


class ChangeKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="about", tag="keys"):
    """Bring new keys to `endpoint`, which is its place in the configuration: listeners.NAME or peers.NAME."""

    endpoint: Annotated[str, msgspec.Meta(pattern=r"\A(listeners|peers)\.[A-Za-z0-9_-]{1,25}\Z")]
    who: Who
    why: Why


Day = Annotated[str, msgspec.Meta(pattern=r"\A(?:[0-9]{8})?\Z")]


class DayAction(StrEnum):
    CUTOVER = "cutover"
    CLOSE = "close"


class ChangeDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="about", tag="day"):
    """Open the business day `day` (absent: the next one), or close it (absent: the one that has ended)."""

    action: DayAction
    who: Who
    why: Why
    day: Day = ""


Holder = Annotated[str, msgspec.Meta(pattern=rf"\A{HOLDER}\Z")]
AmountMax = Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)]
CountMax = Annotated[int, msgspec.Meta(ge=0, le=COUNT_MAX)]


class Barring(StrEnum):
    BLOCK = "block"
    UNBLOCK = "unblock"


class BarHolder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="about", tag="holder"):
    """Block a customer, or take the block back. `card`: a card's number as far as it may be shown, for people."""

    holder: Holder
    action: Barring
    who: Who
    why: Why
    card: Annotated[str, msgspec.Meta(pattern=r"\A(?:[0-9]{6}•{3,9}[0-9]{4})?\Z")] = ""

    def __repr__(self) -> str:
        return f"<BarHolder {self.action.value}>"


class SetCeiling(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="about", tag="ceiling"):
    """What one customer may do through one service, instead of what is configured, from a business day on. A figure
    that is left out is as configured. An empty `from_day` is the day that is open; an empty `until_day` has no end."""

    holder: Holder
    service: str
    who: Who
    why: Why
    from_day: Day = ""
    until_day: Day = ""
    amount_max: AmountMax | None = None
    per_day_amount_max: AmountMax | None = None
    per_day_count_max: CountMax | None = None

    def __repr__(self) -> str:
        return f"<SetCeiling {self.service}>"


class NotesFilled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one cassette holds now."""

    denomination_minor: Annotated[int, msgspec.Meta(ge=1, le=999_999_999_999)]
    notes: Annotated[int, msgspec.Meta(ge=0, le=999_999)]


class Replenish(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="about", tag="atm"):
    """A machine's cassettes hold this from now on."""

    terminal: Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9]{1,8}\Z")]
    cassettes: Annotated[tuple[NotesFilled, ...], msgspec.Meta(min_length=1, max_length=8)]
    who: Who
    why: Why


AnyOrder = Order | ChangeKeys | ChangeDay | BarHolder | SetCeiling | Replenish


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of an order. `state` is the payment's, now; `until` says when what is refused may be done."""

    done: bool
    words: str
    state: State | None = None
    next_at: float | None = None
    until: float | None = None


class Permission(msgspec.Struct, frozen=True):
    """`from_at`: not before; None: now."""

    action: Action
    from_at: float | None = None


_EVENTS: dict[Action, type[Event]] = {
    Action.RETRY: OperatorRetry,
    Action.POST: OperatorPost,
    Action.RELEASE: OperatorRelease,
    Action.CLOSE: OperatorClose,
    Action.DROP: OperatorClose,
}


def unfit(order: AnyOrder) -> str | None:
    """Why its words can't be stored; None if they can."""
    return unfit_words(order.who, order.why)


def unfit_words(who: str, why: str) -> str | None:
    """The same of the words alone."""
    for name, said in (("who", who), ("why", why)):
        if not said.strip():
            return f"{name} is empty"
        if _CONTROL.search(said):
            return f"{name} is more than one line of text"
        if _SECRET.search(said):
            return f"{name} holds what may be a card number, a PIN block or a key: leave it out"
    return None


def unreadable(why: str) -> str:
    """The words for what has not the form of an order; msgspec's may repeat what was given, which may be anything."""
    place = why.rpartition("`$.")[2].rstrip("`")
    if place in _FORMS:
        return f"{place}: allowed: {_FORMS[place]}"
    return "not an order" if _SECRET.search(why) else f"not an order: {why}"


def event_of(action: Action, payment: Payment, at: float) -> Event:
    """A retry of what still tries by itself only brings its next attempt forward."""
    if action is Action.RETRY and payment.state in TRYING and payment.next_at is not None:
        return Tick(at)
    return _EVENTS[action](at)


def noted(payment: Payment, order: Order, at: float) -> Payment:
    """With the order's note, for the commit that it may cause."""
    note = Note(at, order.who, order.action.value, order.why)
    return replace(payment, notes=(*payment.notes, note)[-NOTES_MAX:])


def may(payment: Payment, action: Action, at: float, terms: Terms, advance: Advance) -> bool:
    """Whether the saga would commit anything."""
    _, effects = advance(payment, event_of(action, payment, at), terms)
    return bool(effects) and type(effects[0]) is Commit


def permissions(payment: Payment, at: float, terms: Terms, advance: Advance) -> tuple[Permission, ...]:
    """What may be ordered now, and what later without anything else happening."""
    found = []
    for action in (Action.RETRY, Action.POST, Action.RELEASE, Action.CLOSE):
        if may(payment, action, at, terms, advance):
            found.append(Permission(action))
        elif (until := unlocks_at(payment, action, terms, advance)) is not None:
            found.append(Permission(action, until))
    return tuple(found)


def unlocks_at(payment: Payment, action: Action, terms: Terms, advance: Advance) -> float | None:
    """After which moment it may be ordered, if nothing else happens; None: not by waiting."""
    moments = unlocking(payment, terms)
    return next((at for at in moments if may(payment, action, math.nextafter(at, math.inf), terms, advance)), None)


CAUSES = {
    "Tick": "time ran out",
    "AdviceRefused": "the core refuses the advice",
    "AdviceAcknowledged": "the core does not know what it had approved",
    "UndoAcknowledged": "the biller does not know what it had been paid",
}


def cause(payment: Payment) -> str:
    """Why it is disputed, in words."""
    state, _, event = payment.why.partition(" and ")
    return f"it was {state}; {CAUSES.get(event, event)}"


def done(before: Payment, after: Payment, order: Order) -> Verdict:
    """The words for what was committed."""
    if after.state is State.DISPUTED:
        words = f"it is DISPUTED now: {cause(after)}"
    elif order.action is Action.RETRY:
        words = f"the next attempt is made now, as {after.state.value}"
    else:
        words = f"{before.state.value} became {after.state.value}"
    return Verdict(True, words, after.state, after.next_at)


def refused(payment: Payment, action: Action, at: float, terms: Terms, advance: Advance) -> Verdict:
    """The words for what the saga does not do now."""
    words, until = _why_not(payment, action, at, terms, advance)
    return Verdict(False, words, payment.state, payment.next_at, until)


def _why_not(payment: Payment, action: Action, at: float, terms: Terms, advance: Advance) -> tuple[str, float | None]:
    until = unlocks_at(payment, action, terms, advance)
    if until is not None and until >= at:
        return "what was sent to the peers may still take effect", until
    if payment.state is State.HELD:
        return "it is being carried out and will be answered by itself", None
    if payment.next_at is not None:
        return f"it is {payment.state.value}: the switch goes on by itself; only a retry may be ordered", None
    if payment.state is not State.DISPUTED:
        return f"it is {payment.state.value}, which is final", None
    others = [permission.action.value for permission in permissions(payment, at, terms, advance)]
    origin = f"{'posted and ' if payment.posted else ''}{payment.disputed_from}"
    return f"a dispute that was {origin} takes: {', '.join(others)}", None
