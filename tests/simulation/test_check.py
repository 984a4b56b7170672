"""The saga's own table, walked through every story of one payment; and each of its rules, missed when taken out."""

from __future__ import annotations

import pytest

from simulators.check.abilities import Abilities, all_abilities
from simulators.check.removals import Removal, removals
from simulators.check.report import told
from simulators.check.verdict import Verdict, check, check_without
from switch.flow.terms import Undo

SOME = (
    Abilities(two_legs=False, core_remembers=False, partial=True),
    Abilities(core_refuses=True),
    Abilities(repeats=True),
    Abilities(status_query=True, core_remembers=False),
    Abilities(undo=Undo.FORGETFUL, undoes_paid=False, says_unknown=False),
    Abilities(status_query=True, undo=Undo.REMEMBERED),
)
STATES_OF_SOME = 100_000
RULES = tuple(f"R{number}" for number in range(1, 14))


def story_of(verdict: Verdict) -> str:
    return "\n".join((verdict.name, *(told(verdict.story) if verdict.story is not None else ())))


def test_no_story_of_a_payment_breaks_a_promise_or_never_ends() -> None:
    verdicts = [check(abilities) for abilities in SOME]
    for verdict in verdicts:
        assert verdict.holds, story_of(verdict)
        assert verdict.complete
    assert sum(verdict.states for verdict in verdicts) >= STATES_OF_SOME


@pytest.mark.long
@pytest.mark.parametrize("abilities", all_abilities(), ids=lambda abilities: abilities.name)
def test_no_story_breaks_a_promise_whatever_the_peers_can_do(abilities: Abilities) -> None:
    verdict = check(abilities)
    assert verdict.holds, story_of(verdict)
    assert verdict.complete


@pytest.mark.parametrize("removal", tuple(removals()), ids=lambda removal: f"{removal.rule}: {removal.without}")
def test_a_rule_that_is_taken_out_is_missed(removal: Removal) -> None:
    """With `pytest -rP` it says in how many steps."""
    verdict = check_without(removal)
    assert verdict.story is not None, "the check does not see what this rule is for"
    print(f"{verdict.name}: {len(verdict.story.lines)} steps")


def test_every_rule_is_taken_out_once_at_least() -> None:
    assert {removal.rule for removal in removals()} >= set(RULES)


def test_the_shortest_story_is_told_in_plain_words() -> None:
    removal = next(removal for removal in removals() if removal.rule == "R9")
    verdict = check_without(removal)
    assert verdict.story is not None
    assert list(told(verdict.story)) == [
        "   1 the channel asks for a payment  [HELD]",
        "   2 the core debits",
        "   3 the core's answer arrives, but it is 96  [DECLINED]",
        "     => I3: undone, and at the core it is DEBITED",
    ]


def test_the_same_configuration_is_walked_the_same_way_every_time() -> None:
    first, second = (check(Abilities(two_legs=False)) for _ in range(2))
    assert (first.states, first.transitions) == (second.states, second.transitions)


def test_a_walk_that_was_cut_short_does_not_say_that_it_is_complete() -> None:
    verdict = check(Abilities(), states_max=100)
    assert (verdict.complete, verdict.holds) == (False, True)
