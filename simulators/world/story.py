"""The shortest story of a failure: the same violation with fewer payments and fewer faults, told event by event.

Rule: a shorter script counts only if it breaks the same invariant. Payments are drawn one after the other and faults
counted as they come, so cutting either off at the end leaves the beginning as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from simulators.world.outcome import Outcome, Script
from simulators.world.violation import Violation
from simulators.world.world import run_script

TRIES_MAX = 24
OCCASIONS = (" occasion ", " killed", " started", " calm")

Run = Callable[[Script], Outcome]


def shrink(outcome: Outcome, run: Run = run_script) -> Script:
    """A script as short as a few tries can make it."""
    invariant, best = outcome.violations[0].invariant, outcome.script
    tries = 0

    def fails(script: Script) -> bool:
        nonlocal tries
        tries += 1
        return any(found.invariant == invariant for found in run(script).violations)

    def least(most: int, of: Callable[[int], Script]) -> Script:
        low, high = 0, most
        while low + 1 < high and tries < TRIES_MAX:
            middle = (low + high) // 2
            low, high = (low, middle) if fails(of(middle)) else (middle, high)
        return of(high)

    best = least(best.payments, lambda payments: replace(best, payments=payments))
    faults = sum(run(best).faults.values())
    return least(faults, lambda count: replace(best, faults_max=count)) if faults else best


def tell(script: Script) -> Iterator[str]:
    """The run of a script: what was broken, and the events of each payment that it concerns."""
    outcome = run_script(script, keep_lines=True)
    again = f"barada simulate --seed {script.seed} --runs 1 --payments {script.payments} --faults {script.level}"
    again += "" if script.faults_max is None else f" --faults-max {script.faults_max}"
    several = "" if script.workers == 1 else f" --workers {script.workers}"
    yield f"{again}{several}{' --new-year' if script.new_year else ''}"
    for violation in outcome.violations:
        yield f"{violation.invariant}: {violation.text} {violation.payment} at {violation.at_s:.4f}"
    for payment in dict.fromkeys(found.payment for found in outcome.violations):
        yield from _of_payment(outcome, payment)


def _of_payment(outcome: Outcome, payment: str) -> Iterator[str]:
    names = outcome.names.get(payment)
    if names is None:
        return
    yield f"payment {payment}"
    short, reference = names
    concerns = [
        number
        for number, line in enumerate(outcome.lines)
        if short in line or (reference and f"37={reference}" in line)
    ]
    for number in range(concerns[0], concerns[-1] + 1) if concerns else ():
        line = outcome.lines[number]
        if number in set(concerns) or any(word in line for word in OCCASIONS):
            yield f"  {line}"


def first_of_each(violations: list[Violation]) -> dict[str, Violation]:
    """One violation of each invariant."""
    found: dict[str, Violation] = {}
    for violation in violations:
        found.setdefault(violation.invariant, violation)
    return found
