"""What the saga decides, remembered: the real `advance`, asked once for each payment, event and phase.

Rule: nothing is decided here. A payment is a number, so that a situation is small; the number's payment is the real
struct, without what no guard reads (`phases.canonical`).
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from msgspec.structs import replace

from simulators.check.happenings import PART_MINOR, WHOLE_MINOR, Happening
from simulators.check.phases import ACCEPTED_AT, ANSWER_WITHIN_S, AT, BILLER_TIMEOUT_S, aged, canonical
from switch.flow import events
from switch.flow.case import Advance
from switch.flow.events import Commit, Effect
from switch.flow.opening import new_payment
from switch.flow.payment import IN_PROGRESS, Part, Payment, Question, State, to_record
from switch.flow.terms import Terms

FINAL = (State.POSTED, State.DECLINED, State.RELEASED, State.REVERSED)


class Do(IntEnum):
    """The saga's effects, as the model carries them out."""

    ASK_CORE = 0
    ASK_BILLER = 1
    REPEAT_TO_BILLER = 2
    QUERY = 3
    UNDO = 4
    ADVISE = 5
    ANSWER = 6
    ANSWER_REVERSAL = 7


class Decision(NamedTuple):
    """`parts` is None where nothing is committed. `codes` are what reversals are answered, in their order."""

    payment: int
    parts: tuple[Part, ...] | None
    effects: tuple[Do, ...]
    codes: tuple[str, ...]


class Facts(NamedTuple):
    """What the model asks of a payment."""

    state: State
    final: bool
    due: bool
    answer: str
    reversed: bool
    reversal_answer: str
    in_part: bool
    posted: bool
    disputed_from: State | None
    tried_late: bool


class Minds:
    def __init__(self, advance: Advance, terms: Terms, *, two_legs: bool) -> None:
        self._advance = advance
        self._terms = terms
        self._payments: list[Payment] = []
        self._numbers: dict[bytes, int] = {}
        self._decisions: dict[tuple[int, Happening, int], Decision] = {}
        self._aged: dict[int, int] = {}
        self.facts: list[Facts] = []
        self._number(_new(two_legs))

    def __len__(self) -> int:
        return len(self._payments)

    def payment(self, number: int) -> Payment:
        return self._payments[number]

    def decide(self, number: int, happening: Happening, phase: int) -> Decision:
        key = (number, happening, phase)
        found = self._decisions.get(key)
        if found is None:
            found = self._decisions[key] = self._ask(number, happening, phase)
        return found

    def aged(self, number: int) -> int:
        found = self._aged.get(number)
        if found is None:
            found = self._aged[number] = self._number(aged(self._payments[number]))
        return found

    def _ask(self, number: int, happening: Happening, phase: int) -> Decision:
        event = happening.make(AT[phase], self._terms)
        if event is None:
            return Decision(number, None, (), ())
        before = self._payments[number]
        payment, effects = self._advance(before, event, self._terms)
        commit = effects[0] if effects and isinstance(effects[0], Commit) else None
        version = before.version + (commit is not None)
        after = self._number(canonical(_with_version(payment, version)))
        parts = commit.parts if commit is not None else None
        known = [effect for effect in effects if type(effect) in _DO]
        codes = tuple(effect.code for effect in known if isinstance(effect, events.AnswerReversal))
        return Decision(after, parts, tuple(_do(effect) for effect in known), codes)

    def _number(self, payment: Payment) -> int:
        record = to_record(payment)
        number = self._numbers.get(record)
        if number is None:
            number = self._numbers[record] = len(self._payments)
            self._payments.append(payment)
            self.facts.append(_facts(payment))
        return number


_DO: dict[type[Effect], Do] = {
    events.AskCore: Do.ASK_CORE,
    events.AskBiller: Do.ASK_BILLER,
    events.QueryBiller: Do.QUERY,
    events.UndoBiller: Do.UNDO,
    events.AdviseCore: Do.ADVISE,
    events.AnswerOriginal: Do.ANSWER,
    events.AnswerReversal: Do.ANSWER_REVERSAL,
}


def _do(effect: Effect) -> Do:
    if isinstance(effect, events.AskBiller) and effect.repeat:
        return Do.REPEAT_TO_BILLER
    return _DO[type(effect)]


def _with_version(payment: Payment, version: int) -> Payment:
    return replace(payment, version=version)


def _facts(payment: Payment) -> Facts:
    reversal, due = payment.reversal, payment.next_at is not None
    return Facts(
        state=payment.state,
        final=payment.state in FINAL and not due,
        due=due,
        answer=payment.answer,
        reversed=reversal is not None,
        reversal_answer=reversal.answer if reversal is not None else "",
        in_part=reversal is not None and reversal.given_back_minor == PART_MINOR,
        posted=payment.posted,
        disputed_from=payment.disputed_from,
        tried_late=payment.tried_at > AT[2],
    )


def _new(two_legs: bool) -> Payment:
    return new_payment(
        bytes(15) + b"\x10",
        service="pay-bill" if two_legs else "withdrawal",
        key="original",
        day="20261122",
        endpoint="",
        language="en",
        fields={},
        amount_minor=WHOLE_MINOR,
        accounts=("customer", "payee"),
        core=Question("core", "000001", "1122090000"),
        biller=Question("biller", "000002", "1122090000") if two_legs else None,
        accepted_at=ACCEPTED_AT,
        answer_within_s=ANSWER_WITHIN_S,
        biller_timeout_s=BILLER_TIMEOUT_S if two_legs else 0.0,
    )


def heard_code(code: str) -> str:
    """09 decides nothing, so the channel is free to hear another later."""
    return "" if code == IN_PROGRESS else code
