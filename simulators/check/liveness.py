"""No payment is stuck: from every situation that was seen, a final one can be reached.

Rule: backwards from what is final, over the walked graph. Time may always pass until everything in flight is lost, so
a situation that needs a message which may be lost needs another way, too. Before the switch has given up, peers that
can tell or undo let every payment end without an operator.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable

from simulators.check.phases import Phase
from simulators.check.walk import Story, Walked
from switch.flow.payment import State

_Edge = Callable[[int], bool]


def stuck(walked: Walked) -> Story | None:
    """A situation from which nothing leads to an end, operators included."""
    ends = _reaching(walked, lambda edge: True)
    return _first(walked, ends, "I3: nothing leads to an end from here", lambda number: True)


def needs_an_operator(walked: Walked) -> Story | None:
    """A situation, not yet disputed, from which no end is reached but by an operator's word."""
    facts, orders = walked.minds.facts, walked.by_operator

    def in_time(number: int) -> bool:
        now = walked.situations[number]
        return now.phase <= Phase.LAPSED and facts[now.stored].state is not State.DISPUTED

    ends = _reaching(walked, lambda edge: not orders[edge])
    return _first(walked, ends, "I3: only an operator can end it from here", in_time)


def _first(walked: Walked, ends: bytearray, broken: str, counts: Callable[[int], bool]) -> Story | None:
    for number in range(walked.states):
        if not ends[number] and counts(number):
            return walked.tell(number, broken)
    return None


def _reaching(walked: Walked, counts: _Edge) -> bytearray:
    """For each situation, whether an end is reached from it by edges that count."""
    first, sources = _backwards(walked, counts)
    facts, ends = walked.minds.facts, bytearray(walked.states)
    line = [number for number, now in enumerate(walked.situations) if facts[now.stored].final]
    for number in line:
        ends[number] = 1
    while line:
        number = line.pop()
        for at in range(first[number], first[number + 1]):
            source = sources[at]
            if not ends[source]:
                ends[source] = 1
                line.append(source)
    return ends


def _backwards(walked: Walked, counts: _Edge) -> tuple[array[int], array[int]]:
    """The edges by where they lead: of each situation the first place, and where each edge comes from."""
    states, edges = walked.states, walked.edges
    first = array("l", bytes((states + 1) * array("l").itemsize))
    for edge, target in enumerate(edges):
        if counts(edge):
            first[target + 1] += 1
    for number in range(states):
        first[number + 1] += first[number]
    places, sources = array("l", first), array("l", bytes(len(edges) * first.itemsize))
    for source in range(states):
        for edge in range(*walked.edges_of(source)):
            if counts(edge):
                sources[places[edges[edge]]] = source
                places[edges[edge]] += 1
    return first, sources
