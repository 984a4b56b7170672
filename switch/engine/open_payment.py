"""A payment in memory: its value, its line of events, and who waits for its answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

from ledger.model import Claim, Outcome, Taken
from switch.engine.caller import Caller
from switch.flow.events import Event
from switch.flow.limits import DayCeiling
from switch.flow.payment import Payment
from switch.flow.terms import Terms
from switch.services.service import Service


class Word(Protocol):
    """An operator's word in line: it meets the payment as that is when its turn comes, and hears what came of it."""

    def meet(self, payment: Payment) -> tuple[Payment, Event]:
        """The payment with its note, and the event."""

    def settle(self, opening: OpenPayment, before: Payment, outcome: Outcome | None) -> None:
        """`before` is the payment that it met. None: the saga does not do that now; nothing was stored."""


class Turn(NamedTuple):
    """An event in line, with the key that its request claims, what to do if that key is taken, and who asked."""

    event: Event
    claims: tuple[Claim, ...] = ()
    on_taken: Callable[[Taken], None] | None = None
    caller: Caller | None = None
    word: Word | None = None
    redone: bool = False  # its day was closed under it, and it is tried in another


class OpenPayment:
    """`busy`: a commit is out. `stalled`: the books were away, the first in line is tried again when due. `inherited`:
    it was begun by another owner, whose memory of what was asked is lost (R2)."""

    __slots__ = (
        "busy",
        "callers",
        "ceilings",
        "inherited",
        "line",
        "payment",
        "reversers",
        "secrets",
        "service",
        "stalled",
        "terms",
    )

    def __init__(self, payment: Payment, service: Service, terms: Terms) -> None:
        self.payment = payment
        self.service = service
        self.terms = terms
        self.ceilings: tuple[DayCeiling, ...] = ()  # that its first commit is held against
        self.secrets: dict[str, str] = {}
        self.line: deque[Turn] = deque()
        self.busy = False
        self.stalled = False
        self.inherited = False
        self.callers: list[Caller] = []
        self.reversers: list[tuple[str, Caller]] = []

    @property
    def finished(self) -> bool:
        """Nothing more is due here: the journal has the rest."""
        return not (self.busy or self.line or self.callers or self.reversers) and self.payment.next_at is None

    @property
    def in_flight(self) -> bool:
        """Somebody waits for the answer, and will get it."""
        return bool(self.callers) and not self.payment.answer

    def attach(self, caller: Caller) -> None:
        """A repeat in flight: the one answer goes to each connection that asked."""
        if any(caller.exchange.connection is other.exchange.connection for other in self.callers):
            caller.drop()
        else:
            self.callers.append(caller)

    def attach_reverser(self, key: str, caller: Caller) -> bool:
        """False: a repeat of a reversal that this connection waits for already, whose one answer will come."""
        connection = caller.exchange.connection
        if any(of == key and connection is other.exchange.connection for of, other in self.reversers):
            caller.drop()
            return False
        self.reversers.append((key, caller))
        return True

    def leave(self, caller: Caller | None) -> None:
        """Somebody who waited was answered otherwise."""
        self.reversers = [entry for entry in self.reversers if entry[1] is not caller]

    def take_callers(self) -> list[Caller]:
        callers, self.callers = self.callers, []
        return callers

    def take_reversers(self, key: str) -> list[Caller]:
        found = [caller for of, caller in self.reversers if of == key]
        self.reversers = [entry for entry in self.reversers if entry[0] != key]
        return found
