"""Keeps what came of each reconciliation in the books, where the settlement desk looks.

Rule: nothing is answered before it is kept. What says the same as what is there is not written again; what another
worker wrote meanwhile is read, and written over: the newest stands.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ledger.model import Committed, Group, Outcome, RegisterRow, Unavailable, find_row, next_version
from switch.engine.ports import Tools
from switch.flow.reconciliation import REGISTER, WORDS, Reconciliation, Result, from_body, to_body

TRIES_MAX = 5

Then = Callable[[bool], None]


class ReconciliationRegister:
    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def keep(self, outcome: Reconciliation, then: Then, tries: int = TRIES_MAX) -> None:
        """`then` hears whether it is durable."""
        found = self._tools.guarded("reconciliation", partial(self._found, outcome, then, tries))
        self._tools.books.register(REGISTER, found, prefix=outcome.key)

    def tell(self, outcome: Reconciliation) -> None:
        """Those who watch over the switch."""
        words, peer = WORDS[outcome.result], outcome.peer
        self._tools.counters.add("reconciliations", peer or "channel", words)
        self._tools.report(
            "out of balance" if outcome.result is Result.OUT_OF_BALANCE else "reconciliation",
            **({"peer": peer, "attempts": outcome.attempts} if peer else {"acquirer": outcome.acquirer}),
            day=outcome.day,
            outcome=words,
        )

    def _found(self, outcome: Reconciliation, then: Then, tries: int, rows: list[RegisterRow] | Unavailable) -> None:
        if isinstance(rows, Unavailable):
            then(False)
            return
        known = find_row(rows, outcome.key)
        if known is not None and outcome.says_the_same(from_body(known.body)):
            then(True)
            return
        row = RegisterRow(REGISTER, outcome.key, next_version(known), to_body(outcome))
        written = self._tools.guarded("reconciliation", partial(self._written, outcome, then, tries))
        self._tools.books.submit(Group(self._tools.ids.group_id(), registers=(row,)), written)

    def _written(self, outcome: Reconciliation, then: Then, tries: int, said: Outcome) -> None:
        if isinstance(said, Committed | Unavailable) or tries <= 1:
            then(isinstance(said, Committed))
        else:  # another worker's came first
            self.keep(outcome, then, tries - 1)
