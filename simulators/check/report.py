"""A check's verdicts as an operator or a program reads them.

Rule: text only; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulators.check.verdict import Verdict
from simulators.check.walk import Story


def told(story: Story) -> Iterator[str]:
    """One event a line, with what the payment is after it in the books."""
    before = ""
    for number, line in enumerate(story.lines, 1):
        yield f"  {number:2} {line.words}" + (f"  [{line.state}]" if line.state != before else "")
        before = line.state
    yield f"     => {story.broken}"


def measured(verdict: Verdict) -> str:
    seen = "" if verdict.complete or verdict.story else ", not walked to the end"
    return (
        f"{verdict.states:>9,} states {verdict.transitions:>11,} transitions {verdict.seconds:6.1f} s  "
        f"{verdict.name}{seen}"
    )


def as_object(verdict: Verdict, *, rule: str | None = None) -> dict[str, object]:
    story = verdict.story
    return {
        **({"rule": rule} if rule is not None else {}),
        "name": verdict.name,
        "states": verdict.states,
        "transitions": verdict.transitions,
        "seconds": round(verdict.seconds, 2),
        "complete": verdict.complete,
        "broken": story.broken if story is not None else None,
        "steps": len(story.lines) if story is not None else None,
        "story": [line.words for line in story.lines] if story is not None else None,
    }


def summed(kept: Sequence[Verdict], without: Sequence[Verdict]) -> dict[str, object]:
    return {
        "configurations": len(kept),
        "complete": sum(verdict.complete for verdict in kept),
        "broken": sum(not verdict.holds for verdict in kept),
        "states": sum(verdict.states for verdict in kept),
        "transitions": sum(verdict.transitions for verdict in kept),
        "seconds": round(sum(verdict.seconds for verdict in (*kept, *without)), 1),
        "rules_taken_out": len(without),
        "not_missed": sum(verdict.holds for verdict in without),
    }
