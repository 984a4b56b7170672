"""Before anybody is served: the configuration and the books agree in which units the currency is counted.

Rule: what the books say, stands (`ledger.scale`); where neither knows of a change, nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import trio

from config.sections import Settings
from ledger.books import Books
from ledger.model import Committed, Unavailable
from ledger.scale import disagreement
from ledger.scale_register import REGISTER, noting, scale_in
from switch.net.keeper import LedgerError
from switch.terms import scale_of


async def agree_on_scale(books: Books, settings: Settings, day: str) -> None:
    """`day` is the open business day. Raises LedgerError where the books say otherwise."""
    given, currency = scale_of(settings), settings.switch.currency
    rows = await _answer(partial(books.register, REGISTER))
    noted = noting(given, rows, currency)
    if noted is None:
        return
    used = any((await _answer(books.count_payments)).values())
    why = disagreement(scale_in(rows, currency), given, day, used=used)
    if why:
        raise LedgerError(f"[currency] is not what the ledger is kept by: {why}")
    outcome = await _answer(partial(books.submit, noted))
    if not isinstance(outcome, Committed):
        raise LedgerError(f"the ledger does not take [currency]: {type(outcome).__name__.lower()}")


async def _answer(ask: Callable[[Callable[[Any], None]], None]) -> Any:
    found: list[Any] = []
    asked = trio.Event()

    def done(answer: Any) -> None:
        found.append(answer)
        asked.set()

    ask(done)
    await asked.wait()
    if isinstance(found[0], Unavailable):
        raise LedgerError(f"the ledger does not say how it counts: {found[0].reason}")
    return found[0]
