"""Each rule of the saga taken out alone: what the check must then find.

Rule: what lives in the table is taken out of the table, and the saga runs with that one; what lives around it is
switched off in the model. The rules R1-R13 are those of ARCHITECTURE.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from msgspec.structs import replace

from simulators.check.abilities import REFUSALS, Abilities
from simulators.check.happenings import GARBLED
from simulators.check.rules_off import RulesOff
from simulators.check.walk import World
from switch.flow import guards, saga
from switch.flow.actions import post
from switch.flow.case import APPROVED, Action, Case, Guard, Row, Step
from switch.flow.events import (
    AdviseCore,
    AnswerReversal,
    AskBiller,
    BillerApproved,
    Commit,
    Effect,
    FoundPaid,
    QueryBiller,
    Restarted,
    UndoBiller,
)
from switch.flow.payment import IN_PROGRESS, State
from switch.flow.saga import TABLE, Saga
from switch.flow.terms import Undo

ONE_LEG = Abilities(two_legs=False)
FORGETFUL_CORE = Abilities(two_legs=False, core_remembers=False)
QUERY = Abilities(status_query=True)
BEST = Abilities(status_query=True, undo=Undo.REMEMBERED)
FINAL = Abilities(status_query=True, undo=Undo.REMEMBERED, undoes_paid=False)
FORGETFUL = Abilities(undo=Undo.FORGETFUL)
SILENT_ON_UNKNOWN = Abilities(undo=Undo.FORGETFUL, says_unknown=False)
REPEATS = Abilities(repeats=True)
REFUSING_CORE = Abilities(two_legs=False, core_refuses=True)


class Removal(msgspec.Struct, frozen=True):
    """`without` says what is missing; the worlds are walked until one breaks."""

    rule: str
    without: str
    world: World


def removals() -> Iterator[Removal]:
    """In the rules' order; some have two halves. The last is no rule, but was once got wrong."""
    yield _table("R1", "an early 'not found' releases", QUERY, (guards.asked_late, guards.always))
    yield _table(
        "R1",
        "an early answer to an undo releases, of a biller that forgets it",
        FORGETFUL,
        (guards.undo_certain, guards.always),
    )
    yield _table(
        "R2",
        "after a restart what is not remembered was not asked",
        QUERY,
        (guards.maybe_paid, guards.biller_was_asked),
    )
    yield _actions("R3", "core and biller are advised side by side", FINAL, _side_by_side)
    yield _actions("R4", "the undo leaves before it is committed", BEST, _undo_first)
    yield _listed("R4", "a query's word still counts once the undo is out", BEST, (_PAID_WHILE_UNDOING, *TABLE))
    yield _actions("R5", "a reversal is answered 00 at once", FINAL, _approved_at_once)
    yield _off("R6", "events are heard while a commit is out", BEST, RulesOff(overlapping_events=True))
    yield _table(
        "R7",
        "an early advice counts, of a core that forgets it",
        FORGETFUL_CORE,
        (guards.advice_certain, guards.always),
    )
    yield _off("R8", "every query bears the same STAN", QUERY, RulesOff(shared_stans=True))
    early_word = "an undo's word from before the payment came reverses it once posted"
    yield _table("R8", early_word, SILENT_ON_UNKNOWN, (guards.posted_and_undo_certain, _posted))
    yield Removal(
        "R9",
        "any code but 00 is a refusal",
        World(ONE_LEG, refusals=REFUSALS | {GARBLED}, replies_outlive_a_crash=False),
    )
    unreachable = RulesOff(unreachable_though_sent=True)
    yield _off("R10", "a request is called unreachable though it left", ONE_LEG, unreachable)
    yield _off("R11", "an operator need not wait", BEST, RulesOff(unfenced_operator=True))
    yield _off("R11", "an operator does not look into the peers' books", QUERY, RulesOff(blind_operator=True))
    yield _table(
        "R11", "a refused advice is closed at once", REFUSING_CORE, (guards.disputed_releasing, _from_releasing)
    )
    yield _off("R12", "a tombstone is not under its original's key", ONE_LEG, RulesOff(loose_tombstone=True))
    yield _actions("R13", "a request is sent again to a biller that does not take repeats", QUERY, _ask_again)
    yield _table(
        "R13",
        "a biller that takes repeats is asked without a third commit",
        REPEATS,
        (guards.third_commit, _never),
        (guards.maybe_paid, _maybe_asked),
    )
    yield _table(
        "I3",
        "a dispute that is disputed again forgets where it came from",
        FORGETFUL,
        (saga.decides_dispute, _says_anything),
    )


_PAID_WHILE_UNDOING = Row((State.UNDOING,), (BillerApproved, FoundPaid), guards.always, post)

Change = Callable[[tuple[Effect, ...]], tuple[Effect, ...]]


# How a rule is taken out.


def _off(rule: str, without: str, abilities: Abilities, off: RulesOff) -> Removal:
    return Removal(rule, without, World(abilities, off=off, replies_outlive_a_crash=False))


def _listed(rule: str, without: str, abilities: Abilities, table: tuple[Row, ...]) -> Removal:
    return Removal(rule, without, World(abilities, Saga(table).advance, replies_outlive_a_crash=False))


def _table(rule: str, without: str, abilities: Abilities, *swaps: tuple[Guard, Guard]) -> Removal:
    instead = dict(swaps)
    assert set(instead) <= {row.guard for row in TABLE}, "the table no longer asks this"
    table = tuple(row._replace(guard=instead.get(row.guard, row.guard)) for row in TABLE)
    return _listed(rule, without, abilities, table)


def _actions(rule: str, without: str, abilities: Abilities, change: Change) -> Removal:
    table = tuple(row._replace(action=_changed(row.action, change)) for row in TABLE)
    return _listed(rule, without, abilities, table)


def _changed(action: Action, change: Change) -> Action:
    def act(case: Case) -> Step:
        payment, effects = action(case)
        return payment, change(effects)

    return act


# What is done, or asked, without the rule.


def _side_by_side(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    undoes = any(isinstance(effect, UndoBiller) for effect in effects)
    return (*effects, AdviseCore()) if undoes else effects


def _undo_first(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    undoes = any(isinstance(effect, UndoBiller) for effect in effects)
    return tuple(effect for effect in effects if not (undoes and isinstance(effect, Commit)))


def _approved_at_once(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    return tuple(
        AnswerReversal(effect.key, APPROVED)
        if isinstance(effect, AnswerReversal) and effect.code == IN_PROGRESS
        else effect
        for effect in effects
    )


def _ask_again(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    queries = any(isinstance(effect, QueryBiller) for effect in effects)
    return (*effects, AskBiller(repeat=True)) if queries else effects


def _never(case: Case) -> bool:
    return False


def _maybe_asked(case: Case) -> bool:
    """R2 without the third commit."""
    return case.payment.biller is not None and (case.payment.biller_asked or isinstance(case.event, Restarted))


def _posted(case: Case) -> bool:
    return case.payment.posted


def _says_anything(case: Case) -> bool:
    before = case.payment.disputed_from
    if before is None:
        return False
    _, effects = case.advance(replace(case.payment, state=before), case.event, case.terms)
    return any(isinstance(effect, Commit) for effect in effects)


def _from_releasing(case: Case) -> bool:
    return case.payment.disputed_from is State.RELEASING
