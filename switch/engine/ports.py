"""What the engine is given: everything outside it, as small protocols.

Rule: the engine imports no Trio, no socket and no clock; a test or a simulation gives it others of the same shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Protocol

from config.sections import ListenerSettings
from ledger.books import Books
from ledger.scale import UNCHANGED, Scale
from switch.flow.case import Advance
from switch.flow.clock import Clock
from switch.flow.days import BY_COMMAND, Calendar
from switch.flow.limits import Limit
from switch.flow.pin_guesses import PinGuesses
from switch.flow.reply import Reply
from switch.flow.saga import advance
from switch.flow.share import ALONE, Share
from switch.flow.telling import Counters, Report
from switch.flow.terms import Promises, Terms
from switch.security.keys.ring import KeyRing
from switch.security.vault import Vault
from switch.services.service import Bank
from switch.wire.dialect import Dialect
from switch.wire.message import Message

DAY_S = 86_400
INSTITUTION_MAX = 11  # DE 32, 99


class Exchange(Protocol):
    """One request of a channel and the way back. Ends in `answer` or `drop`, once."""

    @property
    def request(self) -> Message: ...

    @property
    def endpoint(self) -> ListenerSettings: ...

    @property
    def dialect(self) -> Dialect: ...

    @property
    def language(self) -> str:
        """The customers', where the request names none."""

    @property
    def connection(self) -> object:
        """The same object for every request of one connection."""

    def answer(self, fields: dict[str, str]) -> None: ...

    def drop(self) -> None: ...


class PeerLink(Protocol):
    """A peer that can be asked. `done` may be called again with a late answer after silence."""

    @property
    def ready(self) -> bool: ...

    def stamp(self) -> tuple[str, str]:
        """DE 11 and DE 7 of the next question."""

    def ask(self, fields: dict[str, str], timeout_s: float, done: Callable[[Reply], None]) -> None: ...


class Ids(Protocol):
    def payment_id(self) -> bytes:
        """16 bytes, later ones greater; the low four bits are zero."""

    def group_id(self) -> bytes:
        """16 bytes, never the same again."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer with what its configuration says about asking it."""

    name: str
    link: PeerLink
    dialect: Dialect
    promises: Promises
    timeout_s: float
    pin_key: str | None = None
    open: bool = True
    reconciles: bool = True  # is asked for its totals (0500) once a day is closed
    retries_open_max: int = 64  # payments that may be trying again here at once; the rest is for those that begin


@lru_cache(maxsize=4)
def _date_of(day: int) -> date:
    """Asked for every request, new once a day."""
    return datetime.fromtimestamp(day * DAY_S, UTC).date()


@dataclass(frozen=True, slots=True)
class Tools:
    """Handed to every part of the engine by the one module that builds objects."""

    bank: Bank
    books: Books
    peers: Mapping[str, Peer]
    terms: Callable[[str, str | None], Terms]  # (core, biller)
    ring: KeyRing
    vault: Vault
    clock: Clock
    ids: Ids
    counters: Counters
    report: Report
    guesses: PinGuesses
    limits: tuple[Limit, ...]
    answer_within_s: float
    forwarder: str = ""
    advance: Advance = advance
    draw: Callable[[], float] = lambda: 0.0  # 0 to 1: spreads what is tried again
    share: Share = ALONE  # of several workers on the same books
    scale: Scale = UNCHANGED  # what the amounts of a business day are in the books
    calendar: Calendar = BY_COMMAND

    @property
    def institution(self) -> str:
        """Under which number the switch itself is known: DE 33, else how the bank's accounts begin."""
        return self.forwarder or next(iter(self.bank.prefixes), "0")[:INSTITUTION_MAX]

    def today(self) -> date:
        """In UTC, for the years that messages leave out."""
        return _date_of(int(self.clock.wall() // DAY_S))

    def guarded(self, what: str, function: Callable[..., None]) -> Callable[..., None]:
        """For what the books call back: a bug that one payment brings to light is told, and stops no other."""

        def call(*arguments: object) -> None:
            try:
                function(*arguments)
            except Exception as error:
                self.fault(what, error)

        return call

    def fault(self, what: str, error: Exception) -> None:
        """Our own bug, met while working for one payment."""
        self.counters.add("engine_faults", what)
        self.report("engine fault", kind=what, exc_info=error)
