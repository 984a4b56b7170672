"""Looks for payments of this worker's that nobody goes on with.

Rule: a reversal may come to another worker than the one that began the payment, which then goes on with it; should that
one end, nobody does. So each looks through what is overdue in the books, page by page, and takes up what is its own and
not in its memory. With one worker there is nothing to look for.
"""

from __future__ import annotations

from ledger.model import PaymentRow, Unavailable
from switch.engine.payments import Payments
from switch.engine.ports import Tools

EVERY_S = 5.0
OVERDUE_S = 10.0  # whoever goes on with a payment is never so late
PAGE = 200


class Patrol:
    def __init__(self, tools: Tools, payments: Payments) -> None:
        self._tools = tools
        self._payments = payments
        self._look_at = tools.clock.mono() + EVERY_S
        self._last: PaymentRow | None = None

    def sweep(self) -> None:
        now = self._tools.clock.mono()  # a clock that is set back does not stop it
        if now >= self._look_at:
            self._look_at = now + EVERY_S
            self._tools.books.open_payments(self._tools.guarded("patrol", self._found), self._last, PAGE)

    def _found(self, rows: list[PaymentRow] | Unavailable) -> None:
        """The earliest come first. Where all of a page are overdue, the next look is at the page after it."""
        if isinstance(rows, Unavailable):
            return
        latest = self._tools.clock.wall() - OVERDUE_S
        overdue = [row for row in rows if row.next_at is not None and row.next_at < latest]
        self._last = overdue[-1] if len(overdue) == PAGE else None
        self._payments.recover([row for row in overdue if self._tools.share.owns(row.id)])
