"""Takes up what was open when the switch last stopped.

Rule: page by page, so that no number of open payments is too many for one answer of the books; and again, if the books
are away meanwhile, until all of it was read. Nobody is served before. What another worker began is in that one's hands,
and left alone.
"""

from __future__ import annotations

from collections.abc import Callable

from ledger.model import PaymentRow, Unavailable
from switch.engine.payments import Payments
from switch.engine.ports import Tools

PAGE = 500
RETRY_S = 0.5


class Recovery:
    """`ready` is called once, when every open payment of this worker's is in memory."""

    def __init__(self, tools: Tools, payments: Payments, ready: Callable[[], None]) -> None:
        self._tools = tools
        self._payments = payments
        self._ready = ready
        self._last: PaymentRow | None = None
        self._again_at: float | None = None

    def read(self) -> None:
        """The next page."""
        self._again_at = None
        self._tools.books.open_payments(self._found, self._last, PAGE)

    def sweep(self) -> None:
        """Asks again, if the books were away."""
        if self._again_at is not None and self._tools.clock.wall() >= self._again_at:
            self.read()

    def _found(self, rows: list[PaymentRow] | Unavailable) -> None:
        if isinstance(rows, Unavailable):
            self._tools.report("recovery_waits", reason=rows.reason)
            self._again_at = self._tools.clock.wall() + RETRY_S
            return
        self._payments.recover([row for row in rows if self._tools.share.owns(row.id)])
        if len(rows) < PAGE:
            self._ready()
        else:
            self._last = rows[-1]
            self.read()
