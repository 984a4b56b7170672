"""Takes each admitted request to what it asks for: an inquiry, a payment, a change, a reversal, a report, totals.

Rule: plain functions that never wait. What is refused here was not stored; what is stored goes through the books first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from switch.engine.atm_reports import AtmReports
from switch.engine.caller import Caller
from switch.engine.customer_orders import CustomerOrders
from switch.engine.day_changes import DayChanges
from switch.engine.days import KnownDays
from switch.engine.guesses import Guesses
from switch.engine.inquiries import Inquiries
from switch.engine.intents import BARRED, Intents
from switch.engine.patrol import Patrol
from switch.engine.payment_orders import PaymentOrders
from switch.engine.payments import MALFUNCTION, Payments
from switch.engine.peer_totals import PeerTotals
from switch.engine.peers import Peers
from switch.engine.ports import Exchange, Peer, Tools
from switch.engine.reconciliation_register import ReconciliationRegister
from switch.engine.reconciliations import Reconciliations
from switch.engine.recovery import Recovery
from switch.engine.restrictions import Restrictions
from switch.engine.reversals import Reversals
from switch.engine.routing import peer_asked
from switch.engine.secrets import PinKeys, Secrets, has_secrets, refusal_for, secrets_of
from switch.flow.keys import ImpossibleDayError, check_days, is_distant
from switch.flow.refusal import Refusal, malformed
from switch.security.port import SecurityError
from switch.services.request import Request, parse
from switch.services.service import Kind, Service
from switch.services.shape import well_formed
from switch.services.table import find_service
from switch.wire.names import TAG_NAMES

UNKNOWN_SERVICE = Refusal("12")
REVERSAL_CLASS, RECONCILIATION_CLASS = "4", "5"


class Engine:
    """`start` once the books answer; then `on_request` for every request and `sweep` several times a second."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        guesses = Guesses(tools)
        self._days = KnownDays(tools)
        self.day_changes = DayChanges(tools, self._days)
        self._payments = Payments(tools, Peers(tools, guesses), self._days)
        self._inquiries = Inquiries(tools, guesses)
        self.restrictions = Restrictions(tools, lambda: self.day)
        self._intents = Intents(tools, self._payments, self.restrictions)
        self._reversals = Reversals(tools, self._payments)
        register = ReconciliationRegister(tools)
        self._reconciliations = Reconciliations(tools, self._payments, register)
        self._peer_totals = PeerTotals(tools, register)
        self.atm_reports = AtmReports(tools, lambda: self.day)
        self.payment_orders = PaymentOrders(tools, self._payments)
        self.customer_orders = CustomerOrders(tools, self.restrictions, lambda: self.day)
        self._recovery: Recovery | None = None
        self._patrol = Patrol(tools, self._payments) if tools.share.workers > 1 else None

    def start(self, day: str, ready: Callable[[], None]) -> None:
        """Take up what was open when the switch last stopped, and who is blocked; then say so."""
        self._days.begin(day)
        self._recovery = Recovery(self._tools, self._payments, partial(self.restrictions.read, ready))
        self._recovery.read()

    @property
    def day(self) -> str:
        """The open business day, YYYYMMDD."""
        return self._days.now.current

    def heed_day(self, heeding: Callable[[str], None]) -> None:
        """`heeding` is told each business day that opens from now on."""
        self._days.heed(heeding)

    @property
    def open_payments(self) -> int:
        return len(self._payments)

    def sweep(self) -> None:
        if self._recovery is not None:
            self._recovery.sweep()
        if self._patrol is not None:
            self._patrol.sweep()
        self.day_changes.sweep()
        self.restrictions.sweep()
        self._payments.sweep()
        self._reversals.sweep()
        self._reconciliations.sweep()
        self._peer_totals.sweep()
        self.atm_reports.sweep()

    def on_request(self, exchange: Exchange) -> None:
        caller = Caller(exchange)
        endpoint = exchange.endpoint
        request = parse(caller.request, endpoint.channel, exchange.language, endpoint.notes_minor)
        if isinstance(request, Refusal):
            self._refuse(caller, request)
        elif caller.request.fields["t"][1] == REVERSAL_CLASS:
            self._reversals.take(caller, request)
        elif caller.request.fields["t"][1] == RECONCILIATION_CLASS:
            self._reconciliations.take(caller, request)
        else:
            self._serve(request, caller)

    def _serve(self, request: Request, caller: Caller) -> None:
        self._notice(request)
        fields = request.message.fields
        code = fields.get("3")
        if code is None or not well_formed("3", code):
            self._refuse(caller, malformed("3"))
            return
        service = find_service(fields["t"], code)
        if service is None:
            self._refuse(caller, UNKNOWN_SERVICE)
            return
        fault = service.fault(request)
        if fault is not None:
            self._refuse(caller, fault)
            return
        try:
            self._carry_out(service, request, caller)
        except ImpossibleDayError as error:
            self._refuse(caller, malformed(error.place))

    def _carry_out(self, service: Service, request: Request, caller: Caller) -> None:
        if service.kind is Kind.INQUIRY:
            self._inquire(service, request, caller)
            return
        begin = self.atm_reports.take if service.kind is Kind.REPORT else self._intents.begin
        refusal = begin(service, request, caller)
        if refusal is not None:
            self._refuse(caller, refusal)

    def _inquire(self, service: Service, request: Request, caller: Caller) -> None:
        check_days(request.message, self._tools.today())
        refusal = BARRED if self.restrictions.blocks_who_asks(request) else None
        refusal = refusal or service.rule(request, self._tools.bank)
        peer = refusal or peer_asked(service, request, self._tools)
        if not isinstance(peer, Peer):
            self._refuse(caller, peer)
            return
        if not has_secrets(request.message):
            self._inquiries.ask(service, request, caller, peer, {}, self.day)
            return
        keys = PinKeys(self._tools.ring, caller.exchange.endpoint, peer.pin_key)
        opened = partial(self._opened, service, request, caller, peer)
        secrets_of(request.message, keys, self._tools.guarded("secrets", opened))

    def _opened(
        self, service: Service, request: Request, caller: Caller, peer: Peer, secrets: Secrets | SecurityError
    ) -> None:
        if isinstance(secrets, SecurityError):
            self._refuse(caller, Refusal(refusal_for(secrets, away=MALFUNCTION)))
        elif self.restrictions.blocks_who_asks(request):
            self._refuse(caller, BARRED)
        else:
            self._inquiries.ask(service, request, caller, peer, secrets, self.day)

    def _notice(self, request: Request) -> None:
        """What passes and is only counted: a field 7 far from now, tags that nobody here knows."""
        today = self._tools.today()
        if is_distant(request.message, today):
            self._tools.counters.add("distant_transmissions")
        for tag, _ in request.tags:
            if tag not in TAG_NAMES:
                self._tools.counters.add("unknown_tags")

    def _refuse(self, caller: Caller, refusal: Refusal) -> None:
        self._tools.counters.add("refused", refusal.code)
        caller.answer(refusal.code, self.day, at=refusal.place)
