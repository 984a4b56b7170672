"""Carries out what an operator orders about one payment, in the payment's own line of events.

Rule: an order is an event like any other (R6): it waits its turn, meets the payment as that is then, and the saga
decides. Who and why are stored by the same commit; what is refused is not stored, but counted and logged.
"""

from __future__ import annotations

from ledger.model import Committed, Outcome, Refused, Unavailable
from switch.engine.open_payment import OpenPayment, Turn
from switch.engine.payments import Payments
from switch.engine.ports import Tools
from switch.flow import orders
from switch.flow.events import Event, OperatorRetry
from switch.flow.orders import Order, Verdict
from switch.flow.payment import Payment
from switch.flow.verdicts import BOOKS_AWAY, Tell, conclude


class PaymentOrders:
    def __init__(self, tools: Tools, payments: Payments) -> None:
        self._tools = tools
        self._payments = payments

    def take(self, order: Order, tell: Tell) -> None:
        """Never waits; `tell` hears once, perhaps before this returns."""
        fault = orders.unfit(order)
        word = _Word(self._tools, order, tell)
        if fault is not None:
            word.tell(Verdict(False, fault))
            return
        turn = Turn(OperatorRetry(self._tools.clock.wall()), word=word)
        self._payments.hear(bytes.fromhex(order.payment), turn, word.absent)


class _Word:
    """An order in line."""

    def __init__(self, tools: Tools, order: Order, tell: Tell) -> None:
        self._tools = tools
        self._order = order
        self._tell = tell

    def meet(self, payment: Payment) -> tuple[Payment, Event]:
        now = self._tools.clock.wall()
        return orders.noted(payment, self._order, now), orders.event_of(self._order.action, payment, now)

    def settle(self, opening: OpenPayment, before: Payment, outcome: Outcome | None) -> None:
        if isinstance(outcome, Committed):
            self.tell(orders.done(before, opening.payment, self._order))
        elif isinstance(outcome, Refused):
            self.tell(Verdict(False, f"the books refuse it: {outcome.reason.value}", before.state, before.next_at))
        elif outcome is not None:
            self.tell(Verdict(False, BOOKS_AWAY, before.state, before.next_at))
        else:
            now = self._tools.clock.wall()
            self.tell(orders.refused(before, self._order.action, now, opening.terms, self._tools.advance))

    def absent(self, why: Unavailable | None) -> None:
        self.tell(Verdict(False, "there is no such payment" if why is None else BOOKS_AWAY))

    def tell(self, verdict: Verdict) -> None:
        order, tools = self._order, self._tools
        conclude(order, order.action.value, verdict, self._tell, tools.counters, tools.report, payment=order.payment)
