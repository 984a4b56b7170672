"""The walk: breadth first through every situation, so that the first broken promise has the shortest story."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

import msgspec

from simulators.check.abilities import REFUSALS, Abilities
from simulators.check.minds import Minds
from simulators.check.moves import Moves
from simulators.check.promises import broken_promise
from simulators.check.rules_off import RulesOff
from simulators.check.situation import Situation
from switch.flow.case import Advance
from switch.flow.saga import advance as the_advance

STATES_MAX = 5_000_000
ALL_ON = RulesOff()
OPERATOR = "the operator"


class World(msgspec.Struct, frozen=True):
    """What is walked: the peers, the saga, and which rules are off."""

    abilities: Abilities
    advance: Advance = the_advance
    off: RulesOff = ALL_ON
    refusals: frozenset[str] = REFUSALS
    replies_outlive_a_crash: bool = True


class Line(NamedTuple):
    words: str
    state: str


class Story(NamedTuple):
    broken: str
    lines: tuple[Line, ...]


class Walked:
    """The graph as far as it was walked. `complete`: all of it, and no promise broken."""

    def __init__(self) -> None:
        self.situations: list[Situation] = []
        self.parents = array("l")
        self.words: list[str] = []
        self.first_edge = array("l")  # of each situation, into `edges`
        self.edges = array("l")
        self.by_operator = bytearray()  # of each edge
        self.story: Story | None = None
        self.complete = False
        self.seconds = 0.0
        self.minds: Minds

    @property
    def states(self) -> int:
        return len(self.situations)

    @property
    def transitions(self) -> int:
        return len(self.edges)

    def edges_of(self, number: int) -> tuple[int, int]:
        last = number + 1 == len(self.first_edge)
        return self.first_edge[number], len(self.edges) if last else self.first_edge[number + 1]

    def tell(self, number: int, broken: str) -> Story:
        lines: list[Line] = []
        while number > 0:
            state = self.minds.facts[self.situations[number].stored].state.value
            lines.append(Line(self.words[number], state))
            number = self.parents[number]
        return Story(broken, tuple(reversed(lines)))


def walk(world: World, states_max: int = STATES_MAX) -> Walked:
    """Stops at the first broken promise, at `states_max`, or when all was seen."""
    walked, begun = Walked(), perf_counter()
    abilities = world.abilities
    walked.minds = Minds(world.advance, abilities.terms(world.refusals), two_legs=abilities.two_legs)
    moves = Moves(abilities, walked.minds, world.off, replies_outlive_a_crash=world.replies_outlive_a_crash)
    _walk(walked, moves, abilities.two_legs, states_max)
    walked.seconds = perf_counter() - begun
    return walked


def _walk(walked: Walked, moves: Moves, two_legs: bool, states_max: int) -> None:
    facts, situations, edges = walked.minds.facts, walked.situations, walked.edges
    by_operator = walked.by_operator
    numbers = {Situation(): 0}
    situations.append(Situation())
    walked.parents.append(-1)
    walked.words.append("")
    at = 0
    while at < len(situations):
        walked.first_edge.append(len(edges))
        now = situations[at]
        for words, then in moves(now):
            if then is now:  # heard, and nothing came of it
                continue
            number = numbers.get(then)
            if number is None:
                number = numbers[then] = len(situations)
                situations.append(then)
                walked.parents.append(at)
                walked.words.append(words)
                broken = broken_promise(then, facts[then.stored], two_legs=two_legs)
                if broken:
                    walked.story = walked.tell(number, broken)
                    return
            edges.append(number)
            by_operator.append(words.startswith(OPERATOR))
        at += 1
        if len(situations) > states_max:
            return
    walked.complete = True


def shortest(stories: Sequence[Story]) -> Story | None:
    return min(stories, key=lambda story: len(story.lines), default=None)
