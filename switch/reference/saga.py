"""The saga as a page: its states, its rules, and its table as it runs, with what each row was seen to do.

Rule: the rows, their conditions and their outcomes are read from `switch.flow.saga.TABLE`; only the rules and the words
for effects are written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from switch.flow import events
from switch.flow.case import Row
from switch.flow.events import Effect, Event
from switch.flow.payment import Part, State
from switch.flow.saga import TABLE
from switch.reference.markdown import Lines, bold, code, heading, prose, table
from switch.reference.saga_cases import Reached, is_stored, outcomes

STATES = {
    State.NONE: "not in the journal yet",
    State.HELD: "intent and pending transfer stored; the core, then the biller, may have been asked",
    State.UNCERTAIN: "the biller may have been paid: it is asked, the money stays held",
    State.UNDOING: "an undo is out at the biller: nothing moves until its word",
    State.RELEASING: "hold voided; the core's advice is repeated until acknowledged",
    State.POSTED: "final: paid",
    State.DECLINED: "final: refused, hold voided",
    State.RELEASED: "final: undone, every advice acknowledged; also the tombstone of a reversal that came first",
    State.REVERSED: "contra transfer posted; the core's advice is repeated until acknowledged, then final",
    State.DISPUTED: "time or a peer's word ran out: an operator decides, or evidence that comes late",
}
PARTS = {Part.HOLD: "hold", Part.POST: "post", Part.VOID: "void", Part.CONTRA: "contra"}
EFFECTS: dict[type[Effect], str] = {
    events.AskCore: "ask the core",
    events.AskBiller: "ask the biller",
    events.QueryBiller: "query the biller",
    events.UndoBiller: "undo at the biller",
    events.AdviseCore: "advise the core",
    events.AnswerOriginal: "answer the channel",
    events.AnswerReversal: "answer the reversal",
    events.Alarm: "alarm",
}


def saga_reference() -> str:
    """The page in Markdown."""
    lines = [*_beginning(), *_states(), *_rules(), *_table(), *_peers()]
    return "\n".join(lines).rstrip("\n") + "\n"


def _beginning() -> Lines:
    yield from ("<!-- Written by `barada reference saga`; change `switch/flow/saga.py`, then `make docs`. -->", "")
    yield from heading(1, "The payment saga")
    yield from prose("""
        One table decides what becomes of every payment: `TABLE` in `switch/flow/saga.py`. This page is written from
        it. What an operator sees and does of it stands in [operations](operations.md).

        Silent is not declined. The channel is told **09** while the outcome is not known, and gets the outcome by
        repeating. Nothing that moves money is asked before its intent is durable, and no approval is given before
        its posting is. The usual payment takes two commits; only a biller that offers nothing but repeats costs a
        third.
    """)


def _states() -> Lines:
    yield from heading(2, "States")
    yield from table(("state", "means"), ((state.value, words) for state, words in STATES.items()))


def _rules() -> Lines:
    yield from heading(2, "Rules")
    yield from prose("""
        Each was found to lose money, or to pay twice, when it was left out.

        - R1: an early "not found" releases nothing. Either a biller that remembers it acknowledges an undo, so that
          a payment that arrives later is refused; or the answer is to a query that left after the request's lifetime.
        - R2: a payment with two legs whose owner's memory is lost, by a restart or a take-over, may have been asked at
          the biller.
        - R3: while a biller's word on an undo is out, the money stays as it is and the core is not told. Core and
          biller are never advised side by side.
        - R4: an undo is committed before it is sent. From then on only its acknowledgement or refusal decides.
        - R5: a reversal is answered **00** only once the cancelling is certain, **09** meanwhile, **12** if the payment
          stands.
        - R6: events of one payment are handled one at a time, commits that are out included.
        - R7: of a core that forgets a reversal that it got before the original, only an acknowledgement counts that
          answers a copy sent after the request's lifetime.
        - R8: each query and each advice has a trace number of its own: an early copy's answer is not a late one's.
        - R9: only a listed, definite refusal is a decline. Everything else is silence.
        - R10: a peer is unreachable only if no byte reached the socket.
        - R11: an operator's post or release waits until everything in flight has lapsed, with both peers' books in
          view.
        - R12: the tombstone of a reversal without its original stands under the original's own key.
        - R13: a request that moves money is never sent again, to another connection or after a restart, except to a
          biller that takes repeats; that one is asked only once the debit is on record.
    """)


def _table() -> Lines:
    yield from heading(2, "Table")
    yield from prose("""
        The first row whose condition holds is taken. What is not listed changes nothing. *Becomes* and *then* are
        what the row did when it was tried with payments, events and peers of every kind; a name in brackets happens
        in some of these cases only. Whatever becomes of a payment is one commit with the transfers named here, and
        what follows is said and asked after it.
    """)
    for state in State:
        yield from heading(3, state.value)
        rows = [(place, row) for place, row in enumerate(TABLE) if state in row.states]
        yield from table(
            ("on", "if", "does", "becomes", "transfers", "then"), (_row(state, place, row) for place, row in rows)
        )


def _row(state: State, place: int, row: Row) -> tuple[str, ...]:
    reached = outcomes().get((state, place), ())
    return (
        ", ".join(map(_event, row.events)),
        "" if row.guard.__name__ == "always" else _spoken(row.guard.__name__),
        _spoken(row.action.__name__),
        _becomes(state, reached),
        _often([[PARTS[part] for part in _parts(one)] for one in reached]),
        _often([[EFFECTS[type(effect)] for effect in one.effects if type(effect) in EFFECTS] for one in reached]),
    )


def _becomes(state: State, reached: Iterable[Reached]) -> str:
    found = dict.fromkeys(one.after for one in reached if is_stored(one) or one.after is not state)
    return " or ".join("same" if after is state else bold(after.value) for after in found) or "–"


def _often(cases: list[list[str]]) -> str:
    """What happens in every case, and in brackets what in some."""
    named = dict.fromkeys(one for case in cases for one in case)
    return ", ".join(name if all(name in case for case in cases) else f"({name})" for name in named)


def _parts(reached: Reached) -> tuple[Part, ...]:
    first = reached.effects[0] if reached.effects else None
    return first.parts if isinstance(first, events.Commit) else ()


def _event(event: type[Event]) -> str:
    """`BillerApproved` as "biller approved"."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in event.__name__).strip()


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _peers() -> Iterator[str]:
    yield from heading(2, "What a peer is asked to promise")
    yield from prose(f"""
        A core's refusal is definite and final (else its code is not listed in {code("refusals")}); its reversal is
        idempotent by the original's key; it handles the messages of one key one at a time. A core that forgets a
        reversal that came first says so ({code("remembers_reversals")}).

        A biller's {code("offers")} decide how the switch finds out what it does not know:
    """)
    yield from table(
        ("offers", "how it is used"),
        (
            ("status query and remembered undo", "best: two commits, and no clock matters"),
            ("remembered undo while unpaid, refusal final", "safe; the reversal of a paid bill is answered **12**"),
            ("remembered undo, no query", "silence leads to an undo: a slow payment is cancelled, not completed"),
            ("undo that is not remembered", "only what answers a copy sent after the lifetime counts"),
            ("query only", '"not found" counts once the lifetime is over'),
            ("repeats only", "third commit; repeated while there is time; a cancel becomes an operator's case"),
            ("nothing", "a late answer decides, or an operator"),
        ),
    )
