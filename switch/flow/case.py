"""What the saga's guards and actions are given and give back, and the codes it answers and hears by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from switch.flow.events import Effect, Event
from switch.flow.payment import Payment, State
from switch.flow.terms import Terms

APPROVED = "00"
STANDS = "12"  # the answer to a reversal or an undo of a payment that stands
UNKNOWN_ORIGINAL = "25"  # the same, of a payment that is not known
TOO_LATE = "68"
PEER_DOWN = "91"
OTHER_CONTENT = "94"


Step = tuple[Payment, tuple[Effect, ...]]
Advance = Callable[[Payment, Event, Terms], Step]


class Case(NamedTuple):
    """`advance` is the table's own, for what is decided as in another state."""

    payment: Payment
    event: Any
    terms: Terms
    advance: Advance


Guard = Callable[[Case], bool]
Action = Callable[[Case], Step]


class Row(NamedTuple):
    """In these states, on these events, if the guard says so: the action."""

    states: tuple[State, ...]
    events: tuple[type[Event], ...]
    guard: Guard
    action: Action
