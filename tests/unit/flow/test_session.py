"""The session tables: every row, and when something is due."""

import math

import pytest

from switch.flow.session import LINK, LISTENER, Action, Event, Patience, State, Table, step, watch

PATIENCE = Patience(echo_after_s=60, answer_s=10, idle_s=180)


@pytest.mark.parametrize(
    ("table", "start", "events", "end", "actions"),
    [
        (LINK, State.DOWN, [Event.DIALLED, Event.CONNECTED], State.SIGNED_OFF, [Action.SIGN_ON]),
        (LINK, State.SIGNED_OFF, [Event.SIGNED_ON], State.READY, []),
        (LINK, State.SIGNED_OFF, [Event.REFUSED], State.DOWN, [Action.CLOSE]),
        (LINK, State.READY, [Event.QUIET], State.READY, [Action.ECHO]),
        (LINK, State.READY, [Event.SILENT], State.DOWN, [Action.CLOSE]),
        (LINK, State.READY, [Event.SIGNED_OFF, Event.QUIET], State.SIGNED_OFF, [Action.SIGN_ON]),
        (LINK, State.READY, [Event.STOPPED, Event.DRAINED], State.DOWN, [Action.SIGN_OFF, Action.CLOSE]),
        (LINK, State.READY, [Event.STOPPED, Event.CUT, Event.DRAINED], State.DOWN, []),
        (LINK, State.CONNECTING, [Event.STOPPED, Event.DRAINED], State.DOWN, []),
        (LISTENER, State.SIGNED_OFF, [Event.SIGNED_ON, Event.QUIET], State.READY, [Action.ECHO]),
        (LISTENER, State.SIGNED_OFF, [Event.QUIET], State.SIGNED_OFF, []),
        (LISTENER, State.READY, [Event.SIGNED_OFF], State.SIGNED_OFF, []),
        (LISTENER, State.READY, [Event.STOPPED, Event.DRAINED], State.DOWN, [Action.CLOSE]),
        (LISTENER, State.READY, [Event.STOPPED, Event.SIGNED_ON], State.DRAINING, []),
    ],
)
def test_the_way_of_a_session(
    table: Table, start: State, events: list[Event], end: State, actions: list[Action]
) -> None:
    state = start
    done: list[Action] = []
    for event in events:
        state, todo = step(table, state, event)
        done += todo
    assert (state, done) == (end, actions)


def test_a_link_has_a_row_for_every_state() -> None:
    assert LINK.keys() == set(State)


@pytest.mark.parametrize("table", [LINK, LISTENER])
def test_a_cut_is_the_end_in_every_state(table: Table) -> None:
    assert {step(table, state, Event.CUT) for state in table} == {(State.DOWN, ())}


@pytest.mark.parametrize("table", [LINK, LISTENER])
def test_every_close_ends_in_down(table: Table) -> None:
    for row in table.values():
        for state, actions in row.values():
            assert (Action.CLOSE in actions) <= (state is State.DOWN)


@pytest.mark.parametrize(
    ("now", "heard_at", "tried_at", "event", "again_at"),
    [
        (100.0, 100.0, -math.inf, None, 160),
        (159.9, 100.0, -math.inf, None, 160),
        (160.0, 100.0, -math.inf, Event.QUIET, 170),
        (165.0, 100.0, 160.0, None, 170),
        (170.0, 100.0, 160.0, Event.SILENT, 170),
        (170.0, 161.0, 160.0, None, 221),
        (300.0, 100.0, -math.inf, Event.SILENT, 280),
    ],
)
def test_what_is_due_on_a_quiet_connection(
    now: float, heard_at: float, tried_at: float, event: Event | None, again_at: float
) -> None:
    assert watch(now, heard_at, tried_at, PATIENCE) == (event, again_at)


def test_without_a_term_for_the_answer_echoes_go_on_until_the_connection_is_idle_for_too_long() -> None:
    patience = Patience(echo_after_s=60, answer_s=180, idle_s=180)
    now, tried_at = 0.0, -math.inf
    due: list[Event] = []
    while due[-1:] != [Event.SILENT]:
        event, now = watch(now, 0, tried_at, patience)
        if event is not None:
            due.append(event)
            tried_at = now if event is Event.SILENT else len(due) * 60.0
    assert due == [Event.QUIET, Event.QUIET, Event.SILENT]
