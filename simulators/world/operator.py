"""The operator of a run: looks at both peers' books of a disputed payment, and says what they show.

Rule (R11): posts what both have, releases what the biller has not, closes what is right already, and otherwise has it
tried again. Whether it is time for that is the saga's to say; an operator comes back.
"""

from __future__ import annotations

from simulators.world.auditor import Auditor
from simulators.world.mirror import Mirror
from simulators.world.switch_node import SwitchNode
from switch.flow.events import Event, OperatorClose, OperatorPost, OperatorRelease, OperatorRetry
from switch.flow.payment import Payment, State


class Operator:
    def __init__(self, switch: SwitchNode, mirror: Mirror, auditor: Auditor) -> None:
        self._switch = switch
        self._mirror = mirror
        self._auditor = auditor

    def look(self) -> None:
        """Once through all that is disputed."""
        for payment_id in tuple(self._mirror.disputed):
            payment = self._mirror.payments[payment_id].payment
            assert payment is not None
            self._say(payment, self._decision(payment))

    def retry_all(self) -> None:
        """Without looking at any books: try again."""
        for payment_id in tuple(self._mirror.disputed):
            payment = self._mirror.payments[payment_id].payment
            assert payment is not None
            self._say(payment, OperatorRetry(self._switch.clock.wall()))

    def _decision(self, payment: Payment) -> Event:
        at = self._switch.clock.wall()
        paid, debited = self._auditor.biller_paid(payment), self._auditor.core_debited(payment)
        if payment.disputed_from in (State.UNCERTAIN, State.UNDOING):
            if not paid:
                return OperatorRelease(at)
            return OperatorPost(at) if debited and not payment.posted else OperatorRetry(at)
        if payment.disputed_from is State.RELEASING:
            return OperatorRetry(at) if debited else OperatorClose(at)
        record = self._auditor.core_record(payment)
        undone = record is not None and record.undone is not None
        return OperatorClose(at) if undone else OperatorRetry(at)

    def _say(self, payment: Payment, event: Event) -> None:
        if self._switch.switch is not None and self._switch.alive:
            self._switch.switch.engine._payments.happen(payment.id, event)
