"""Carries out what an operator orders about a customer: block, unblock, set a ceiling.

Rule: read the row, write the next one, and only when it is durable let it hold and tell the verdict. Who and why are in
the row; what is refused is not stored, but counted and logged.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ledger.model import Committed, Group, Outcome, Refused, RegisterRow, Unavailable, find_row
from switch.engine.ports import Tools
from switch.engine.restrictions import Restrictions
from switch.flow import ceiling_orders, orders
from switch.flow.orders import BarHolder, Barring, SetCeiling, Verdict
from switch.flow.payment import Note
from switch.flow.subscribers import (
    BLOCKS,
    CEILINGS,
    block_row,
    ceilings_key,
    ceilings_of,
    ceilings_row,
    number_of,
)
from switch.flow.verdicts import BOOKS_AWAY, Tell, conclude
from switch.services.table import SERVICES

SHOWN = 8  # hexadecimal digits of a fingerprint
OVERTAKEN = "another order about it came first: look at it again"

CustomerOrder = BarHolder | SetCeiling


class CustomerOrders:
    """`day` gives the open business day."""

    def __init__(self, tools: Tools, restrictions: Restrictions, day: Callable[[], str]) -> None:
        self._tools = tools
        self._restrictions = restrictions
        self._day = day

    def take(self, order: CustomerOrder, tell: Tell) -> None:
        """Never waits; `tell` hears once, perhaps before this returned."""
        told = partial(self._tell, order, tell)
        fault = orders.unfit(order) or _unfit_service(order)
        if fault is not None:
            told(Verdict(False, fault))
            return
        register = BLOCKS if isinstance(order, BarHolder) else CEILINGS
        key = order.holder if isinstance(order, BarHolder) else ceilings_key(order.holder, order.service)
        known = self._tools.guarded("order", partial(self._known, order, key, told))
        self._tools.books.register(register, known, prefix=key, limit=1)  # the shortest key of a prefix comes first

    def _known(self, order: CustomerOrder, key: str, told: Tell, rows: list[RegisterRow] | Unavailable) -> None:
        if isinstance(rows, Unavailable):
            told(Verdict(False, BOOKS_AWAY))
            return
        known = find_row(rows, key)
        if known is not None:
            self._restrictions.remember(known)  # by another worker, perhaps, that never told
        row, verdict = self._barred(order, known) if isinstance(order, BarHolder) else self._set(order, known)
        if row is None:
            told(verdict)
            return
        committed = self._tools.guarded("order", partial(self._committed, row, verdict, told))
        self._tools.books.submit(Group(self._tools.ids.group_id(), registers=(row,)), committed)

    def _barred(self, order: BarHolder, known: RegisterRow | None) -> tuple[RegisterRow | None, Verdict]:
        note = Note(self._tools.clock.wall(), order.who, order.action.value, order.why)
        blocked = order.action is Barring.BLOCK
        row = block_row(known, order.holder, note, blocked=blocked, card=order.card)
        state = "blocked" if blocked else "not blocked"
        return row, Verdict(row is not None, f"{state} now" if row is not None else f"{state} already")

    def _set(self, order: SetCeiling, known: RegisterRow | None) -> tuple[RegisterRow | None, Verdict]:
        today, before = self._day(), ceilings_of(known) if known is not None else ()
        new = ceiling_orders.ceiling_of(order, today, self._tools.clock.wall())
        fault = ceiling_orders.unfit_ceiling(new, today)
        after = fault or ceiling_orders.with_ceiling(before, new, today)
        if isinstance(after, str):
            return None, Verdict(False, after)
        words = ceiling_orders.done_words(new, before, self._tools.limits, order.service, today)
        return ceilings_row(known, ceilings_key(order.holder, order.service), after), words

    def _committed(self, row: RegisterRow, verdict: Verdict, told: Tell, outcome: Outcome) -> None:
        if isinstance(outcome, Committed):
            self._restrictions.remember(row)
            told(verdict)
        elif isinstance(outcome, Refused):
            told(Verdict(False, OVERTAKEN))
        else:
            told(Verdict(False, BOOKS_AWAY))

    def _tell(self, order: CustomerOrder, tell: Tell, verdict: Verdict) -> None:
        action, tools = order.action.value if isinstance(order, BarHolder) else "ceiling", self._tools
        conclude(order, action, verdict, tell, tools.counters, tools.report, holder=self._shown(order.holder))

    def _shown(self, holder: str) -> str:
        """The beginning of the keyed hash, of a number as of a card: as where somebody guesses."""
        kind, _, name = holder.partition(":")
        return (name if kind == "card" else self._tools.vault.fingerprint(holder.encode()).hex())[:SHOWN]


def _unfit_service(order: CustomerOrder) -> str | None:
    """A ceiling for what this kind of customer does not have would never be held against anything."""
    if isinstance(order, BarHolder):
        return None
    by_card = not number_of(order.holder)
    fit = [one.name for one in SERVICES if one.moves_money and (one.card if by_card else one.subscriber) is not None]
    return None if order.service in fit else f"service: allowed: {', '.join(fit)}"
