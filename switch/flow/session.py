"""The session of one connection: who has signed on, and what is due when nothing is heard.

Rule: two literal tables, one for a connection that we open (`LINK`) and one for a connection that we take
(`LISTENER`): who connects signs on (0800/001), each connection for itself. What a row does not name changes
nothing. Moments are plain numbers of a monotonic clock, so that a test needs no clock.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from switch.wire.codes import ResponseCode

SIGN_ON = "001"
SIGN_OFF = "002"
ECHO = "301"
NEW_KEY = "161"
KEY_ASKED_FOR = "162"
CUTOVER = "201"
KEY_CODES = frozenset({NEW_KEY, KEY_ASKED_FOR})


class State(Enum):
    DOWN = "down"
    CONNECTING = "connecting"
    SIGNED_OFF = "signed off"
    READY = "ready"
    DRAINING = "draining"


class Event(Enum):
    DIALLED = "dialled"
    CONNECTED = "connected"
    SIGNED_ON = "signed on"  # our 001 was approved, or theirs came
    REFUSED = "refused"  # our 001 was answered with anything but 00, or not at all
    SIGNED_OFF = "signed off"  # their 002 came
    QUIET = "quiet"  # nothing heard for as long as calls for an echo
    SILENT = "silent"  # nothing heard for too long, or an echo was not answered
    STOPPED = "stopped"  # we are to finish what is open, and take nothing new
    DRAINED = "drained"  # nothing is open any more, or its time is up
    CUT = "cut"


class Action(Enum):
    SIGN_ON = "sign on"
    SIGN_OFF = "sign off"
    ECHO = "echo"
    CLOSE = "close"


Step = tuple[State, tuple[Action, ...]]
Table = Mapping[State, Mapping[Event, Step]]

LINK: Table = {
    State.DOWN: {
        Event.DIALLED: (State.CONNECTING, ()),
    },
    State.CONNECTING: {
        Event.CONNECTED: (State.SIGNED_OFF, (Action.SIGN_ON,)),
        Event.CUT: (State.DOWN, ()),
        Event.STOPPED: (State.DOWN, ()),
    },
    State.SIGNED_OFF: {
        Event.SIGNED_ON: (State.READY, ()),
        Event.REFUSED: (State.DOWN, (Action.CLOSE,)),
        # Signed off by the peer: it is asked again each time an echo would have been due.
        Event.QUIET: (State.SIGNED_OFF, (Action.SIGN_ON,)),
        Event.SILENT: (State.DOWN, (Action.CLOSE,)),
        Event.STOPPED: (State.DRAINING, ()),
        Event.CUT: (State.DOWN, ()),
    },
    State.READY: {
        Event.SIGNED_OFF: (State.SIGNED_OFF, ()),
        Event.QUIET: (State.READY, (Action.ECHO,)),
        Event.SILENT: (State.DOWN, (Action.CLOSE,)),
        Event.STOPPED: (State.DRAINING, ()),
        Event.CUT: (State.DOWN, ()),
    },
    State.DRAINING: {
        Event.SILENT: (State.DOWN, (Action.CLOSE,)),
        Event.DRAINED: (State.DOWN, (Action.SIGN_OFF, Action.CLOSE)),
        Event.CUT: (State.DOWN, ()),
    },
}

LISTENER: Table = {
    State.SIGNED_OFF: {
        Event.SIGNED_ON: (State.READY, ()),
        Event.SILENT: (State.DOWN, (Action.CLOSE,)),
        Event.STOPPED: (State.DRAINING, ()),
        Event.CUT: (State.DOWN, ()),
    },
    State.READY: {
        Event.SIGNED_OFF: (State.SIGNED_OFF, ()),
        Event.QUIET: (State.READY, (Action.ECHO,)),
        Event.SILENT: (State.DOWN, (Action.CLOSE,)),
        Event.STOPPED: (State.DRAINING, ()),
        Event.CUT: (State.DOWN, ()),
    },
    State.DRAINING: {
        Event.DRAINED: (State.DOWN, (Action.CLOSE,)),
        Event.CUT: (State.DOWN, ()),
    },
    State.DOWN: {},
}


def step(table: Table, state: State, event: Event) -> Step:
    """The next state, and what is to be done on the way."""
    return table[state].get(event, (state, ()))


MANAGEMENT_CARRIES = ("7", "11", "70")

# What a request of network management (DE 70 of an 0800) is answered, and what it does to the session.
MANAGEMENT: Mapping[str, tuple[ResponseCode, Event | None]] = MappingProxyType(
    {
        SIGN_ON: (ResponseCode.APPROVED, Event.SIGNED_ON),
        SIGN_OFF: (ResponseCode.APPROVED, Event.SIGNED_OFF),
        ECHO: (ResponseCode.APPROVED, None),
    }
)
UNKNOWN_MANAGEMENT = (ResponseCode.INVALID_TRANSACTION, None)


class Patience(NamedTuple):
    """How long a connection may say nothing: before an echo, after an echo, and in all."""

    echo_after_s: float
    answer_s: float
    idle_s: float


def watch(now: float, heard_at: float, tried_at: float, patience: Patience) -> tuple[Event | None, float]:
    """What is due on a connection that was last heard at `heard_at` and last tried by an echo at `tried_at`, and
    the moment at which to look again."""
    silent_at = heard_at + patience.idle_s
    if tried_at > heard_at:
        silent_at = min(silent_at, tried_at + patience.answer_s)
    if now >= silent_at:
        return Event.SILENT, silent_at
    quiet_at = max(heard_at, tried_at) + patience.echo_after_s
    if now >= quiet_at:
        return Event.QUIET, min(now + patience.echo_after_s, now + patience.answer_s, silent_at)
    return None, min(quiet_at, silent_at)
