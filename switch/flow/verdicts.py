"""What became of an operator's order: told to whoever gave it, and to those who watch over the switch.

Rule: done or refused, every order is counted, and logged with who and why, before its verdict is told.
"""

from __future__ import annotations

from collections.abc import Callable

from switch.flow.orders import AnyOrder, Verdict
from switch.flow.telling import Counters, Report

Tell = Callable[[Verdict], None]

BOOKS_AWAY = "the books can't be reached now: nothing was done"


def conclude(
    order: AnyOrder, action: str, verdict: Verdict, tell: Tell, counters: Counters, report: Report, **about: object
) -> None:
    """`about` names what the order was about, as far as a log may name it."""
    outcome = "done" if verdict.done else "refused"
    counters.add("operator_orders", action, outcome)
    report("operator", action=action, **about, outcome=outcome, reason=verdict.words, who=order.who, why=order.why)
    tell(verdict)
