"""The saga at work, watched: which rows of its table were taken, from which state by which event into which.

Rule: the rows are the switch's own, and the first whose guard says yes is taken, as in `switch.flow.saga`; what a
dispute is decided by is asked of the real table and not counted twice.
"""

from __future__ import annotations

from collections import Counter

from simulators.world.trace import Trace
from switch.flow.case import Action, Case, Guard, Row, Step
from switch.flow.events import Event
from switch.flow.payment import Payment, State
from switch.flow.saga import TABLE
from switch.flow.saga import advance as real_advance
from switch.flow.terms import Terms


def row_name(row: Row) -> str:
    states, events = "|".join(row.states), "|".join(event.__name__ for event in row.events)
    return f"{states} + {events} [{row.guard.__name__}] {row.action.__name__}"


ROWS = tuple(row_name(row) for row in TABLE)


class WatchedSaga:
    def __init__(self, trace: Trace) -> None:
        self.transitions: Counter[str] = Counter()
        self.rows: Counter[str] = Counter()
        self._trace = trace

    def advance(self, payment: Payment, event: Event, terms: Terms) -> Step:
        case = Case(payment, event, terms, real_advance)
        for name, guard, action in _ROWS_OF.get((payment.state, type(event)), ()):
            if guard(case):
                changed, effects = action(case)
                self.rows[name] += 1
                told = f"{payment.state} + {type(event).__name__} -> {changed.state} ({action.__name__})"
                self.transitions[told] += 1
                self._trace.add(f"{short(payment.id)} {told} {','.join([type(e).__name__ for e in effects])}")
                return changed, effects
        self._trace.add(f"{short(payment.id)} {payment.state} + {type(event).__name__}")
        return payment, ()


def short(payment_id: bytes) -> str:
    """A payment's id as traces name it."""
    return payment_id[6:12].hex()


def _rows_of() -> dict[tuple[State, type[Event]], list[tuple[str, Guard, Action]]]:
    found: dict[tuple[State, type[Event]], list[tuple[str, Guard, Action]]] = {}
    for name, row in zip(ROWS, TABLE, strict=True):
        for state in row.states:
            for event in row.events:
                found.setdefault((state, event), []).append((name, row.guard, row.action))
    return found


_ROWS_OF = _rows_of()
