"""The operator of a run: looks at both peers' books of a disputed payment, and says what they show.

Rule (R11): posts what both have, releases what the biller has not, closes what is right already, and otherwise has it
tried again. Whether it is time for that is the saga's to say; an operator comes back.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulators.world.auditor import Auditor
from simulators.world.mirror import Mirror
from simulators.world.switch_node import SwitchNode
from switch.flow.orders import Action, Order, Verdict
from switch.flow.payment import Payment, State


class Operator:
    def __init__(self, switches: Sequence[SwitchNode], mirror: Mirror, auditor: Auditor) -> None:
        self._switches = switches
        self._mirror = mirror
        self._auditor = auditor

    def look(self) -> None:
        """Once through all that is disputed."""
        for payment in self._disputed():
            self._order(payment, self._decision(payment))

    def retry_all(self) -> None:
        """Without looking at any books: try again."""
        for payment in self._disputed():
            self._order(payment, Action.RETRY)

    def _disputed(self) -> list[Payment]:
        found = (self._mirror.payments[payment_id].payment for payment_id in self._mirror.disputed)
        return [payment for payment in found if payment is not None]

    def _decision(self, payment: Payment) -> Action:
        paid, debited = self._auditor.biller_paid(payment), self._auditor.core_debited(payment)
        if payment.disputed_from in (State.UNCERTAIN, State.UNDOING):
            if not paid:
                return Action.RELEASE
            return Action.POST if debited and not (payment.posted and payment.id[12] % 2) else Action.RETRY
        if payment.disputed_from is State.RELEASING:
            return Action.RETRY if debited else Action.CLOSE
        record = self._auditor.core_record(payment)
        undone = record is not None and record.undone is not None
        return Action.CLOSE if undone else Action.RETRY

    def _order(self, payment: Payment, action: Action) -> None:
        """To the worker whose payment it is."""
        node = next(one for one in self._switches if one.share.owns(payment.id))
        switch = node.switch
        if switch is not None and node.alive:
            order = Order(payment=payment.id.hex(), action=action, who="operator", why="seen in the peers' books")
            switch.engine.payment_orders.take(order, _note)


def _note(verdict: Verdict) -> None:
    """Refused or done, the books show it; an operator looks again."""
