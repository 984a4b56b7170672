"""Deliberate bugs, each what somebody once wrote in a payment switch. A test puts one in, the simulation must find it.

Rule: a bug is a function that patches the switch for one test; nothing of it is in the switch itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

import pytest
from msgspec.structs import replace

from ledger.days import Days
from ledger.model import Refusal, Refused
from simulators.world import coverage
from switch.engine import intents, payments, peers
from switch.engine.effects import Effects
from switch.engine.payments import Payments
from switch.engine.restrictions import Restrictions
from switch.flow import actions, entries, events
from switch.flow.actions import ask_biller, hold, post, release, reverse, stay, undo_biller
from switch.flow.case import APPROVED, Action, Case, Guard, Step
from switch.flow.events import AdviseCore, AnswerOriginal, AnswerReversal, AskBiller, Commit, Effect
from switch.flow.evidence import biller_evidence, core_evidence
from switch.flow.guards import always
from switch.flow.keys import identify
from switch.flow.payment import Part, Payment, Question, State
from switch.flow.pending import Pending, PendingQuestion, key_of
from switch.flow.questions import biller_payment
from switch.flow.reply import Reply, Silent, Unreachable
from switch.net import questions as net_questions
from switch.services.service import Service

Patch = pytest.MonkeyPatch
Bug = Callable[[Patch], None]
Rows = dict[tuple[State, type[events.Event]], list[tuple[str, Guard, Action]]]


def rewrite(patch: Patch, change: Callable[[State, type[events.Event], Guard, Action], tuple[Guard, Action]]) -> None:
    """Another guard or action for the rows that `change` picks."""
    rows: Rows = {
        (state, event): [(name, *change(state, event, guard, action)) for name, guard, action in listed]
        for (state, event), listed in coverage._ROWS_OF.items()
    }
    patch.setattr(coverage, "_ROWS_OF", rows)


def act_otherwise(patch: Patch, wrong: Mapping[str, Action]) -> None:
    """Everywhere, what one action does is done by another."""
    for name, action in wrong.items():
        patch.setattr(actions, name, action)  # for the actions that end in it
    rewrite(patch, lambda state, event, guard, action: (guard, wrong.get(action.__name__, action)))


def guard_otherwise(patch: Patch, wrong: Mapping[str, Guard]) -> None:
    rewrite(patch, lambda state, event, guard, action: (wrong.get(guard.__name__, guard), action))


def in_state(patch: Patch, where: State, on: type[events.Event], wrong: Action) -> None:
    """Whatever the guards say, this state does this on this event."""
    rewrite(
        patch,
        lambda state, event, guard, action: (always, wrong) if (state, event) == (where, on) else (guard, action),
    )


def without(effects: Sequence[Effect], kind: type[Effect]) -> tuple[Effect, ...]:
    return tuple(effect for effect in effects if not isinstance(effect, kind))


# What is durable, and when.


def skip_the_intent_commit(patch: Patch) -> None:
    def wrong(case: Case) -> Step:
        held, effects = hold(case)
        return held, without(effects, Commit)

    act_otherwise(patch, {"hold": wrong})


def answer_before_posting(patch: Patch) -> None:
    right = Payments._commit

    def wrong(self: Payments, opening: Any, payment: Payment, effects: Sequence[Effect], turn: Any) -> None:
        if any(isinstance(effect, AnswerOriginal) for effect in effects):
            for caller in opening.take_callers():
                self._effects.answer(caller, payment)
        right(self, opening, payment, effects, turn)

    patch.setattr(Payments, "_commit", wrong)


def undo_before_its_commit(patch: Patch) -> None:
    def wrong(case: Case) -> Step:
        changed, effects = undo_biller(case)
        return changed, without(effects, Commit)

    act_otherwise(patch, {"undo_biller": wrong})


def void_what_was_approved(patch: Patch) -> None:
    def wrong(case: Case) -> Step:
        changed, effects = post(case)
        return changed, tuple(Commit((Part.VOID,)) if effect == Commit((Part.POST,)) else effect for effect in effects)

    act_otherwise(patch, {"post": wrong})


def keep_the_hold_of_a_release(patch: Patch) -> None:
    def wrong(case: Case) -> Step:
        changed, effects = release(case)
        return changed, tuple(Commit() if isinstance(effect, Commit) else effect for effect in effects)

    act_otherwise(patch, {"release": wrong})


# What is given back.


def forget_the_reversal_at_the_core(patch: Patch) -> None:
    def wrong(case: Case) -> Step:
        changed, effects = release(case)
        return replace(changed, state=State.RELEASED, next_at=None), without(effects, AdviseCore)

    act_otherwise(patch, {"release": wrong})


def forget_the_contra_transfer(patch: Patch) -> None:
    def wrong(case: Case) -> Step:
        changed, effects = reverse(case)
        return changed, tuple(Commit() if isinstance(effect, Commit) else effect for effect in effects)

    act_otherwise(patch, {"reverse": wrong})


def give_all_back_for_a_part(patch: Patch) -> None:
    patch.setattr(Payment, "given_back_minor", property(lambda payment: payment.amount_minor))


def forget_the_tombstone(patch: Patch) -> None:
    right = Payments.begin

    def wrong(self: Payments, opening: Any, turn: Any) -> None:
        right(self, opening, turn._replace(claims=turn.claims[:1]))

    patch.setattr(Payments, "begin", wrong)


def ignore_a_debit_that_came_after_its_reversal(patch: Patch) -> None:
    act_otherwise(patch, {"advise_anew": stay})
    guard_otherwise(patch, {"advice_certain": always})


def answer_a_reversal_before_it_is_certain(patch: Patch) -> None:
    def wrong(case: Case) -> Step:
        if case.payment.biller is None:
            return reverse(case)
        changed, effects = undo_biller(case._replace(payment=replace(case.payment, cancelled=True)))
        return changed, (*effects, AnswerReversal(case.event.key, APPROVED))

    in_state(patch, State.POSTED, events.Reversed, wrong)


# What silence means.


def release_when_the_biller_is_silent(patch: Patch) -> None:
    in_state(patch, State.HELD, events.BillerSilent, release)


def release_after_a_restart(patch: Patch) -> None:
    in_state(patch, State.HELD, events.Restarted, release)


def believe_an_early_not_found(patch: Patch) -> None:
    in_state(patch, State.UNCERTAIN, events.NotFound, release)


def believe_a_forgetful_biller(patch: Patch) -> None:
    guard_otherwise(patch, {"undo_certain": always})


def believe_a_forgetful_core(patch: Patch) -> None:
    guard_otherwise(patch, {"advice_certain": always})


def take_any_code_for_a_decline(patch: Patch) -> None:
    class Everything(frozenset[str]):
        def __contains__(self, code: object) -> bool:
            return True

    def wrong(right: Callable[..., events.Event]) -> Callable[..., events.Event]:
        return lambda word, back, promises, at: right(word, back, replace(promises, refusals=Everything()), at)

    patch.setattr(peers, "core_evidence", wrong(core_evidence))
    patch.setattr(peers, "biller_evidence", wrong(biller_evidence))


def take_silence_for_unreachable(patch: Patch) -> None:
    right = peers._said

    def wrong(reply: Reply, service: Service) -> tuple[str | Reply, dict[str, str]]:
        return right(Unreachable(reply.reason) if isinstance(reply, Silent) else reply, service)

    patch.setattr(peers, "_said", wrong)


def advise_the_core_while_an_undo_is_out(patch: Patch) -> None:
    def wrong(case: Case) -> Step:
        changed, effects = undo_biller(case)
        return changed, (*effects, AdviseCore())

    act_otherwise(patch, {"undo_biller": wrong})


# Which request is which.


def drop_the_repeat_check(patch: Patch) -> None:
    number = count()

    def wrong(*asked: Any) -> Any:
        identity = identify(*asked)
        return replace(identity, key=f"{next(number):014d}{identity.key[14:]}", alias="")

    patch.setattr(intents, "identify", wrong)


def match_by_the_end_of_the_stan_alone(patch: Patch) -> None:
    def wrong(fields: Mapping[str, str]) -> tuple[str, str, str]:
        return ("", key_of(fields)[1][-1:], "")

    patch.setattr(net_questions, "key_of", wrong)
    right = Pending.add

    def add_anyway(self: Pending[Any], question: PendingQuestion[Any]) -> bool:
        self._open.pop(question.key, None)
        return right(self, question)

    patch.setattr(net_questions, "fits", lambda question, answer: True)
    patch.setattr(Pending, "add", add_anyway)


def ask_for_the_money_again_under_a_new_key(patch: Patch) -> None:
    def wrong(self: Any, payment: Payment, service: Any, terms: Any, heard: Any) -> None:
        asked = self._stamped(payment.biller)
        other = replace(payment, id=asked.stan.encode().rjust(16, b"0"), biller=Question(asked.peer))
        self._ask(asked, biller_payment(other, asked, payment.day, repeat=False), lambda reply: None)

    patch.setattr(peers.Peers, "query_biller", wrong)


def ask_the_biller_twice(patch: Patch) -> None:
    def wrong(case: Case) -> Step:
        asked, effects = ask_biller(case)
        return replace(asked, biller_asked=False), (*effects, AskBiller())

    act_otherwise(patch, {"ask_biller": wrong})


# Which day it is.


def count_a_reversal_in_the_day_of_its_payment(patch: Patch) -> None:
    patch.setattr(Payment, "given_back_day", property(lambda payment: payment.day))


def let_a_closed_day_take_more(patch: Patch) -> None:
    patch.setattr(Days, "is_open", lambda days, day: day in days.known)


def forget_to_count_what_is_given_back(patch: Patch) -> None:
    patch.setattr(entries, "_COUNTED", frozenset({Part.POST}))


def never_leave_a_closed_day(patch: Patch) -> None:
    patch.setattr(payments, "dated", lambda before, payment, parts, days: payment)


def name_the_day_of_the_hold(patch: Patch) -> None:
    right = Effects.answer

    def wrong(self: Effects, caller: Any, payment: Payment) -> None:
        right(self, caller, replace(payment, day=payment.usage_day))

    patch.setattr(Effects, "answer", wrong)


def answer_90_where_another_day_is_open(patch: Patch) -> None:
    """Only a worker that has not heard of a cutover does."""

    def wrong(self: Payments, opening: Any, turn: Any) -> None:
        self._refused(opening, turn, Refused(Refusal.CLOSED_DAY))

    patch.setattr(Payments, "_redo", wrong)


def tell_of_a_block_and_forget_it(patch: Patch) -> None:
    patch.setattr(Restrictions, "blocks", lambda self, holder: False)


BUGS: Sequence[Bug] = (
    skip_the_intent_commit,
    answer_before_posting,
    undo_before_its_commit,
    void_what_was_approved,
    keep_the_hold_of_a_release,
    forget_the_reversal_at_the_core,
    forget_the_contra_transfer,
    give_all_back_for_a_part,
    forget_the_tombstone,
    ignore_a_debit_that_came_after_its_reversal,
    answer_a_reversal_before_it_is_certain,
    release_when_the_biller_is_silent,
    release_after_a_restart,
    believe_an_early_not_found,
    believe_a_forgetful_biller,
    believe_a_forgetful_core,
    take_any_code_for_a_decline,
    take_silence_for_unreachable,
    advise_the_core_while_an_undo_is_out,
    drop_the_repeat_check,
    match_by_the_end_of_the_stan_alone,
    ask_for_the_money_again_under_a_new_key,
    name_the_day_of_the_hold,
    count_a_reversal_in_the_day_of_its_payment,
    let_a_closed_day_take_more,
    forget_to_count_what_is_given_back,
    never_leave_a_closed_day,
    tell_of_a_block_and_forget_it,
)
