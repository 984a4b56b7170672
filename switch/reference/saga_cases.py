"""What the saga's rows lead to, found by trying them: payments of every kind, every event, every kind of peer.

Rule: nothing is said of a row that it did not do here. A row that no case reaches is a fault, which a test finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from switch.flow.case import Case, Row
from switch.flow.events import Commit, Effect, Event
from switch.flow.payment import Payment, Reversal, State
from switch.flow.saga import TABLE, advance
from switch.flow.terms import Promises, Terms, Undo
from switch.reference.specimen import VALUES as FIELDS
from switch.reference.specimen import payment

EARLY, LATE = 10.0, 1e7  # before anything has run out, and after everything has
WHOLE_MINOR = int(FIELDS["4"])
VALUES: dict[str, tuple[Any, ...]] = {
    "at": (EARLY, LATE),
    "code": ("51",),
    "asked_at": (EARLY, LATE),
    "unknown": (False, True),
    "key": ("another",),
    "given_back_minor": (WHOLE_MINOR, WHOLE_MINOR - 1, 0),
    "partial": (False, True),
    "back": ({},),
}
BILLERS = (
    Promises(status_query=True, undo=Undo.REMEMBERED),
    Promises(undo=Undo.FORGETFUL),
    Promises(status_query=True),
    Promises(repeats=True),
    Promises(),
)
CORES = (Promises(undo=Undo.REMEMBERED), Promises(undo=Undo.FORGETFUL))


class Reached(NamedTuple):
    """What a row did in one case."""

    after: State
    effects: tuple[Effect, ...]


@cache
def outcomes() -> dict[tuple[State, int], tuple[Reached, ...]]:
    """By state and the row's place in the table, every different outcome, the first found first."""
    found: dict[tuple[State, int], dict[Reached, None]] = {}
    for state in State:
        rows = [(place, row) for place, row in enumerate(TABLE) if state in row.states]
        for event_type in dict.fromkeys(event for _, row in rows for event in row.events):
            mine = [(place, row) for place, row in rows if event_type in row.events]
            for case in _cases(state, event_type):
                taken = _taken(case, mine)
                if taken is not None:
                    place, row = taken
                    found.setdefault((state, place), {}).setdefault(_reached(case, row))
    return {key: tuple(seen) for key, seen in found.items()}


def _taken(case: Case, rows: list[tuple[int, Row]]) -> tuple[int, Row] | None:
    return next(((place, row) for place, row in rows if row.guard(case)), None)


def _reached(case: Case, row: Row) -> Reached:
    after, effects = row.action(case)
    return Reached(after.state, tuple(_plain(effect) for effect in effects))


def _plain(effect: Effect) -> Effect:
    """Without what differs from payment to payment."""
    return replace(effect, **{name: "" for name in ("text", "key") if hasattr(effect, name)})


def _cases(state: State, event_type: type[Event]) -> Iterator[Case]:
    for of, event, biller, core in product(_payments(state), _events(event_type), BILLERS, CORES):
        yield Case(of, event, Terms(core, biller), advance)


def _events(event_type: type[Event]) -> Iterator[Event]:
    names = [field.name for field in msgspec.structs.fields(event_type)]
    for values in product(*(VALUES[name] for name in names)):
        yield event_type(*values)


def _payments(state: State) -> Iterator[Payment]:
    for origin in _ORIGINS if state is State.DISPUTED else (None,):
        for before in _payments_as(origin or state):
            yield replace(before, state=state, disputed_from=origin)


def _payments_as(state: State) -> Iterator[Payment]:
    """What a payment may look like in this state."""
    legs = (2,) if state in (State.UNCERTAIN, State.UNDOING) else (1, 2)
    posted = {State.UNDOING: (False, True), State.POSTED: (True,), State.REVERSED: (True,)}.get(state, (False,))
    begun = state not in (State.NONE, State.HELD)
    reversals = (None, Reversal("first", WHOLE_MINOR), Reversal("first", WHOLE_MINOR, "00")) if begun else (None,)
    asked = (False, True) if state is State.HELD else (begun,)
    for count, was_asked, is_posted, reversal in product(legs, asked, posted, reversals):
        before = replace(
            payment(legs=count),
            state=state,
            held=not is_posted and state in _HOLDING,
            posted=is_posted,
            biller_asked=was_asked and count == 2,
            core_debited=was_asked and count == 2,
            cancelled=reversal is not None,
            reversal=reversal,
            next_at=EARLY,
        )
        yield before
        if state is State.REVERSED:
            yield replace(before, advised=True, next_at=None)
        if state is State.RELEASED:
            yield replace(before, core=replace(before.core, stan=""))


_HOLDING = (State.HELD, State.UNCERTAIN, State.UNDOING)
_ORIGINS = (State.UNCERTAIN, State.UNDOING, State.RELEASING, State.REVERSED)


def is_stored(reached: Reached) -> bool:
    return bool(reached.effects) and isinstance(reached.effects[0], Commit)
