"""Who is blocked, and which ceilings were ordered for whom: in memory for every request, in the books for ever.

Rule: read whole before anybody is served. What an order changed holds for every request that begins after it; what is
under way goes on. Other workers on the same books are told by whoever gave the order to one of them (`follow`): they
read the rows anew, and say when they have. Should one die between its commit and its word, the others find out by
themselves: each of several reads all of it again from time to time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import msgspec

from ledger.model import RegisterRow, Unavailable
from switch.engine.ports import Tools
from switch.flow.ceilings import Ceiling, effective, valued
from switch.flow.limits import UNBOUNDED, Asked, Bounds, bounds_for, terminal_name
from switch.flow.orders import Verdict
from switch.flow.subscribers import (
    BLOCKS,
    CEILINGS,
    block_of,
    card_holder,
    ceilings_key,
    ceilings_of,
    holder_and_service,
    subscriber_holder,
)
from switch.flow.verdicts import Tell
from switch.services.request import Request
from switch.services.service import Service

PAGE = 500
RETRY_S = 0.5
READ_AGAIN_S = 30.0


class _Reading(NamedTuple):
    """Rows that are read until they are had, then `done`."""

    register: str
    prefix: str
    done: Callable[[], None]
    after: str = ""


class Restrictions:
    """`day` gives the open business day."""

    def __init__(self, tools: Tools, day: Callable[[], str]) -> None:
        self._tools = tools
        self._day = day
        self._blocked: set[str] = set()
        self._ceilings: dict[str, tuple[Ceiling, ...]] = {}  # by key of their row
        self._limited = frozenset(limit.service for limit in tools.limits)
        self._versions: dict[tuple[str, str], int] = {}  # of the rows that are in memory
        self._waiting: list[tuple[float, _Reading]] = []  # the books were away
        self._read_again_at = tools.clock.mono() + READ_AGAIN_S

    # Asked about every request.

    def holder(self, request: Request) -> str:
        """Who asks: the card at a machine, the subscriber elsewhere."""
        pan = request.message.pan
        if pan is not None:
            return card_holder(self._tools.vault.fingerprint(pan.encode()).hex())
        return subscriber_holder(request.subscriber)

    def blocks(self, holder: str) -> bool:
        return holder in self._blocked

    def blocks_who_asks(self, request: Request) -> bool:
        """Of an inquiry: its holder is only looked for where somebody is blocked."""
        return bool(self._blocked) and self.holder(request) in self._blocked

    def bounds(self, service: Service, request: Request, holder: str) -> Bounds:
        """What stands for a payment that begins now, in units of the books."""
        own = self._ceilings.get(ceilings_key(holder, service.name)) if self._ceilings else None
        if own is None and service.name not in self._limited:
            return UNBOUNDED
        message, day = request.message, self._day()
        terminal = terminal_name(message.acquirer or "", message.terminal or "")
        asked = Asked(service.name, request.channel, day, holder, terminal)
        ordered = effective(own, day) if own is not None else None
        return bounds_for(
            self._tools.limits, valued(ordered, self._tools.scale) if ordered is not None else None, asked
        )

    # Read from the books.

    def read(self, ready: Callable[[], None]) -> None:
        """All there is; `ready` once it is in memory."""
        self._read(_Reading(BLOCKS, "", lambda: self._read(_Reading(CEILINGS, "", ready))))

    def follow(self, holder: str, tell: Tell) -> None:
        """Another worker carried out an order about this customer."""
        done = partial(tell, Verdict(True, "followed"))
        self._read(_Reading(BLOCKS, holder, lambda: self._read(_Reading(CEILINGS, ceilings_key(holder, ""), done))))

    def sweep(self) -> None:
        """Asks again, if the books were away; and for all of it, if there are other workers."""
        now = self._tools.clock.mono()
        if now >= self._read_again_at and self._tools.share.workers > 1 and not self._waiting:
            self._read_again_at = now + READ_AGAIN_S
            self.read(lambda: None)
        if self._waiting:
            due = [reading for at, reading in self._waiting if at <= now]
            self._waiting = [(at, reading) for at, reading in self._waiting if at > now]
            for reading in due:
                self._read(reading)

    def _read(self, reading: _Reading) -> None:
        found = self._tools.guarded("restrictions", partial(self._found, reading))
        books, (register, prefix, _, after) = self._tools.books, reading
        books.register(register, found, prefix=prefix, after=after, limit=PAGE)

    def _found(self, reading: _Reading, rows: list[RegisterRow] | Unavailable) -> None:
        if isinstance(rows, Unavailable):
            self._waiting.append((self._tools.clock.mono() + RETRY_S, reading))
            return
        for row in rows:
            self.remember(row)
        if len(rows) < PAGE:
            reading.done()
        else:
            self._read(reading._replace(after=rows[-1].key))

    def remember(self, row: RegisterRow) -> None:
        """A row that was read before a later one was committed may come after it."""
        place = row.register, row.key
        if row.version < self._versions.get(place, 0):
            return
        self._versions[place] = row.version
        try:
            self._hold(row)
        except msgspec.DecodeError as error:  # somebody else wrote it: whom it names is blocked, and nobody else waits
            self._tools.fault("standings", error)
            self._blocked.add(row.key if row.register == BLOCKS else holder_and_service(row.key)[0])

    def _hold(self, row: RegisterRow) -> None:
        if row.register == CEILINGS:
            self._ceilings[row.key] = ceilings_of(row)
        elif block_of(row).blocked:
            self._blocked.add(row.key)
        else:
            self._blocked.discard(row.key)
