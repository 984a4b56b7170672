"""What the check says of one configuration: every promise in every situation, and that nothing is stuck."""

from __future__ import annotations

from time import perf_counter

import msgspec

from simulators.check.abilities import Abilities
from simulators.check.liveness import needs_an_operator, stuck
from simulators.check.removals import Removal
from simulators.check.walk import STATES_MAX, Story, Walked, World, walk


class Verdict(msgspec.Struct, frozen=True):
    """`complete`: every situation was seen. `story` is the shortest one that breaks a promise."""

    name: str
    states: int
    transitions: int
    seconds: float
    complete: bool
    story: Story | None

    @property
    def holds(self) -> bool:
        return self.story is None


def check(abilities: Abilities, states_max: int = STATES_MAX) -> Verdict:
    """Every promise under every rule. What was not walked to its end is not asked whether something is stuck."""
    begun = perf_counter()
    walked = walk(World(abilities), states_max)
    story = walked.story
    if walked.complete:
        story = stuck(walked) or (needs_an_operator(walked) if abilities.resolvable else None)
    return _verdict(abilities.name, walked, story, begun)


def check_without(removal: Removal, states_max: int = STATES_MAX) -> Verdict:
    """One rule taken out: the story is what it is there for."""
    begun = perf_counter()
    walked = walk(removal.world, states_max)
    story = stuck(walked) if walked.complete else walked.story
    return _verdict(f"{removal.rule} off: {removal.without}", walked, story, begun)


def _verdict(name: str, walked: Walked, story: Story | None, begun: float) -> Verdict:
    return Verdict(name, walked.states, walked.transitions, perf_counter() - begun, walked.complete, story)
