"""Carries out what the saga decided about a payment: asks, advises, answers, calls an operator.

Rule: what is said or asked here was made durable before, where the saga says so. What is heard becomes an event of the
payment, which may have left memory by then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from switch.engine.caller import Caller
from switch.engine.open_payment import OpenPayment
from switch.engine.peers import Peers
from switch.engine.ports import Tools
from switch.flow import events
from switch.flow.case import APPROVED
from switch.flow.dedupe import stored_answer
from switch.flow.events import Effect, Event
from switch.flow.payment import IN_PROGRESS, Payment
from switch.services.table import BY_NAME


class Effects:
    """`happen` takes what a peer said to the payment of an id."""

    def __init__(self, tools: Tools, peers: Peers, happen: Callable[[bytes, Event], None]) -> None:
        self._tools = tools
        self._peers = peers
        self._happen = happen

    def carry_out(self, opening: OpenPayment, effects: Sequence[Effect]) -> None:
        """In the order of the saga's list. A commit is not among them: it was made before."""
        for effect in effects:
            _CARRIERS[type(effect)](self, opening, effect)

    def answer_callers(self, opening: OpenPayment) -> None:
        for caller in opening.take_callers():
            self.answer(caller, opening.payment)

    def answer(self, caller: Caller, payment: Payment) -> None:
        """A as it was first given, or 09."""
        code = stored_answer(payment)
        self._tools.counters.add("answers", payment.service, code)
        if code == IN_PROGRESS:
            caller.answer(code, payment.day)
            return
        extra: dict[str, str] = {}
        if code == APPROVED:
            extra = dict(payment.back)
            if BY_NAME[payment.service].approval_code:
                extra["38"] = payment.approval_code
        caller.answer(code, payment.day, extra, said_in=payment.language)

    def _ask_core(self, opening: OpenPayment, effect: Effect) -> None:
        secrets, opening.secrets = opening.secrets, {}
        self._peers.ask_core(opening.payment, opening.service, opening.terms, secrets, self._hearing(opening))

    def _ask_biller(self, opening: OpenPayment, effect: events.AskBiller) -> None:
        heard = self._hearing(opening)
        self._peers.ask_biller(opening.payment, opening.service, opening.terms, heard, repeat=effect.repeat)

    def _query_biller(self, opening: OpenPayment, effect: Effect) -> None:
        self._peers.query_biller(opening.payment, opening.service, opening.terms, self._hearing(opening))

    def _undo_biller(self, opening: OpenPayment, effect: Effect) -> None:
        self._peers.undo_biller(opening.payment, self._hearing(opening))

    def _advise_core(self, opening: OpenPayment, effect: Effect) -> None:
        self._peers.advise_core(opening.payment, opening.service, opening.terms, self._hearing(opening))

    def _answer_original(self, opening: OpenPayment, effect: Effect) -> None:
        self.answer_callers(opening)

    def _answer_reversal(self, opening: OpenPayment, effect: events.AnswerReversal) -> None:
        for caller in opening.take_reversers(effect.key):
            caller.answer(effect.code, opening.payment.reversal_day)

    def _alarm(self, opening: OpenPayment, effect: events.Alarm) -> None:
        self._tools.counters.add("alarms")
        self._tools.report("alarm", payment=opening.payment.id.hex(), why=effect.text)

    def _hearing(self, opening: OpenPayment) -> Callable[[Event], None]:
        return partial(self._happen, opening.payment.id)


_CARRIERS: dict[type[Effect], Callable[..., None]] = {
    events.AskCore: Effects._ask_core,
    events.AskBiller: Effects._ask_biller,
    events.QueryBiller: Effects._query_biller,
    events.UndoBiller: Effects._undo_biller,
    events.AdviseCore: Effects._advise_core,
    events.AnswerOriginal: Effects._answer_original,
    events.AnswerReversal: Effects._answer_reversal,
    events.Alarm: Effects._alarm,
}
