"""A channel's totals of a day (0500, 0520) beside the ledger's own.

Rule: a day is compared once it is closed, and then it never changes: whatever repeats the question gets the same
answer, for ever, without a stored one. Before that the answer is 09, which is not final. An acquirer's figures come
from its own headings alone; for whom a connection may speak was judged at the door.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import msgspec

from ledger.model import BusinessDay, DayTotal, Unavailable
from switch.engine.caller import Caller
from switch.engine.payments import WITHOUT_BOOKS, Payments
from switch.engine.ports import Tools
from switch.engine.reconciliation_register import ReconciliationRegister
from switch.engine.waiting import Waiting
from switch.flow.keys import ImpossibleDayError, day_of
from switch.flow.reconciliation import CODES, Reconciliation, Result, is_over, judge
from switch.flow.refusal import Refusal, malformed
from switch.flow.totals import acquirer_prefix, figures_of
from switch.services.request import Request
from switch.services.shape import RECONCILIATION as SHAPE
from switch.wire.dates import from_compact
from switch.wire.figures import figure_fields, parse_figures

NOT_ALLOWED = "12"


class Reconciliations:
    def __init__(self, tools: Tools, payments: Payments, register: ReconciliationRegister) -> None:
        self._tools = tools
        self._payments = payments
        self._register = register
        self._waiting = Waiting(tools)

    def sweep(self) -> None:
        self._waiting.sweep()

    def take(self, caller: Caller, request: Request) -> None:
        asked = self._asked(request)
        if isinstance(asked, Refusal):
            self._refuse(caller, asked, self._payments.day)
            return
        self._waiting.add(caller, asked.day)
        self._tools.books.days(self._tools.guarded("reconciliation", partial(self._days_found, caller, asked)))

    def _asked(self, request: Request) -> Reconciliation | Refusal:
        """What is asked about, with nothing found yet; or 30, 12."""
        fields = request.message.fields
        fault = SHAPE.fault(fields, request.tags)
        if fault is not None:
            return fault
        if fields["49"] != self._tools.bank.currency:
            return Refusal(NOT_ALLOWED)
        try:
            day_of("7", fields["7"], self._tools.today())
            day = day_of("15", fields["15"], from_compact(self._payments.day))
        except ImpossibleDayError as error:
            return malformed(error.place)
        return Reconciliation(
            day,
            fields["32"],
            self._tools.institution,
            fields["49"],
            Result.NONE,
            theirs=parse_figures(fields),
            at=self._tools.clock.wall(),
            settles_at=fields["99"],
        )

    def _days_found(self, caller: Caller, asked: Reconciliation, days: list[BusinessDay] | Unavailable) -> None:
        if isinstance(days, Unavailable):
            caller.answer(WITHOUT_BOOKS, asked.day)
            return
        over = is_over(asked.day, days)
        if over is None:
            self._refuse(caller, Refusal(NOT_ALLOWED), asked.day)
        elif over:
            compare = self._tools.guarded("reconciliation", partial(self._compare, caller, asked))
            self._tools.books.day_totals(asked.day, compare, acquirer_prefix(asked.acquirer))
        else:
            kept = any(known.day == asked.day for known in days)  # of a day that is to come no row is made
            self._conclude(caller, _concluded(asked, Result.TOO_EARLY), keep=kept)

    def _compare(self, caller: Caller, asked: Reconciliation, totals: list[DayTotal] | Unavailable) -> None:
        if isinstance(totals, Unavailable):
            caller.answer(WITHOUT_BOOKS, asked.day)
            return
        assert asked.theirs is not None
        ours = figures_of(totals, asked.currency, self._tools.scale.units(asked.day))
        result, differs = judge(ours, asked.theirs)
        self._conclude(caller, msgspec.structs.replace(_concluded(asked, result), ours=ours, differs=differs))

    def _conclude(self, caller: Caller, outcome: Reconciliation, *, keep: bool = True) -> None:
        def kept(durable: bool) -> None:
            if not durable:
                caller.answer(WITHOUT_BOOKS, outcome.day)
            elif not caller.answered:
                self._register.tell(outcome)
                caller.answer(outcome.code, outcome.day, _answer(outcome))

        if keep:
            self._register.keep(outcome, kept)
        else:
            kept(True)

    def _refuse(self, caller: Caller, refusal: Refusal, day: str) -> None:
        self._tools.counters.add("refused", refusal.code)
        caller.answer(refusal.code, day, at=refusal.place)


def _concluded(asked: Reconciliation, result: Result) -> Reconciliation:
    return msgspec.structs.replace(asked, result=result, code=CODES[result])


def _answer(outcome: Reconciliation) -> Mapping[str, str]:
    """DE 66, and our figures where they are not theirs."""
    said = {"66": outcome.result.value}
    if outcome.result is Result.OUT_OF_BALANCE and outcome.ours is not None:
        said |= figure_fields(outcome.ours)
    return said
