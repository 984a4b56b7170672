"""Begins a payment, or a change at the core: the intent that is durable before anybody is asked.

Rule: what the switch refuses here is stored like any other final answer, but for 30 and 63, which claim no key.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from ledger.model import Claim, Taken
from switch.engine.caller import Caller
from switch.engine.open_payment import OpenPayment, Turn
from switch.engine.payments import Payments
from switch.engine.ports import Peer, Tools
from switch.engine.restrictions import Restrictions
from switch.engine.routing import PEER_DOWN, biller_for, core_for
from switch.engine.secrets import PinKeys, Secrets, has_secrets, refusal_for, secrets_of
from switch.flow.case import OTHER_CONTENT
from switch.flow.dedupe import ORIGINAL, same_content
from switch.flow.events import Event, Refused, Requested
from switch.flow.keys import check_days, identify
from switch.flow.limits import OVER_AMOUNT, UNBOUNDED, Bounds, over_amount
from switch.flow.opening import new_payment
from switch.flow.payment import Payment, Question
from switch.flow.pound import UNCLEAR_POUND, is_unclear
from switch.flow.questions import kept_fields, kept_unasked
from switch.flow.refusal import Refusal
from switch.flow.subscribers import BLOCKED
from switch.security.port import SecurityError
from switch.services.request import Request
from switch.services.service import Leg, Service
from switch.wire.mask import mask_pan
from switch.wire.mti import is_repeat

BARRED = Refusal(BLOCKED)


class _Legs(NamedTuple):
    """Who is asked; of a payment that is refused, who would have been."""

    core: Peer
    biller: Peer | None

    @property
    def biller_name(self) -> str | None:
        return self.biller.name if self.biller is not None else None


class Intents:
    def __init__(self, tools: Tools, payments: Payments, restrictions: Restrictions) -> None:
        self._tools = tools
        self._payments = payments
        self._restrictions = restrictions
        self._begin_guarded = tools.guarded("begin", self._begin)

    def begin(self, service: Service, request: Request, caller: Caller) -> Refusal | None:
        """What is returned is to be answered and not stored. Raises ImpossibleDayError (30)."""
        tools = self._tools
        identity = identify(request.message, tools.today())
        caller.content = tools.vault.fingerprint(identity.content)
        holder = self._restrictions.holder(request)
        core = core_for(service, request, tools)
        biller = biller_for(request, tools) if Leg.BILLER in service.legs else None
        bounds = self._restrictions.bounds(service, request, holder) if service.moves_money else UNBOUNDED
        refusal = BARRED if self._restrictions.blocks(holder) else None
        refusal = (
            refusal
            or service.rule(request, tools.bank)
            or self._unclear_pound(service, request)
            or _refusal_of(core, biller, bounds, request.amount_minor * self._units())
        )
        if refusal is not None and not refusal.stored:
            return refusal
        legs = _Legs(
            core if isinstance(core, Peer) else next(iter(tools.peers.values())),
            biller if isinstance(biller, Peer) else None,
        )
        counted = bounds if refusal is None else UNBOUNDED
        payment = self._new(service, request, caller, identity.key, legs, holder, counted, asks=refusal is None)
        opening = OpenPayment(payment, service, tools.terms(legs.core.name, legs.biller_name))
        opening.callers.append(caller)
        claim = Claim(identity.key, identity.alias, caller.content, ORIGINAL, is_repeat(request.message.mti))
        if refusal is not None:
            self._begin(opening, Refused(payment.accepted_at, refusal.code), claim)
            return None
        opening.ceilings = bounds.days
        if not has_secrets(request.message):
            self._begin_guarded(opening, Requested(payment.accepted_at), claim)
            return None
        keys = PinKeys(tools.ring, caller.exchange.endpoint, legs.core.pin_key)
        secrets_of(request.message, keys, tools.guarded("secrets", partial(self._opened, opening, holder, claim)))
        return None

    def _units(self) -> int:
        """Of the books, in a minor unit of today's wire."""
        return self._tools.scale.units(self._payments.day)

    def _unclear_pound(self, service: Service, request: Request) -> Refusal | None:
        """At the currency's change, a channel whose calendar is on the other side of it."""
        tools = self._tools
        if not (tools.scale.changes and service.moves_money):
            return None
        _, local_day = check_days(request.message, tools.today())
        return UNCLEAR_POUND if is_unclear(local_day, self._payments.day, tools.scale) else None

    def _opened(self, opening: OpenPayment, holder: str, claim: Claim, secrets: Secrets | SecurityError) -> None:
        """What is secret is under the core's key, or can't be: then nothing was begun, and nothing is claimed. A module
        takes its time, in which somebody may have been blocked."""
        (caller,) = opening.callers
        if isinstance(secrets, SecurityError):
            code = refusal_for(secrets)
            self._tools.counters.add("refused", code)
            caller.answer(code, self._payments.day)
            return
        opening.secrets = secrets
        at = opening.payment.accepted_at
        barred = self._restrictions.blocks(holder)
        self._begin(opening, Refused(at, BLOCKED) if barred else Requested(at), claim)

    def _begin(self, opening: OpenPayment, event: Event, claim: Claim) -> None:
        (caller,) = opening.callers
        self._payments.begin(opening, Turn(event, (claim,), partial(self._repeated, caller)))

    def _new(
        self,
        service: Service,
        request: Request,
        caller: Caller,
        key: str,
        legs: _Legs,
        holder: str,
        bounds: Bounds,
        *,
        asks: bool,
    ) -> Payment:
        """`asks`: somebody will be; of what is refused here, less is kept."""
        tools, (core, biller) = self._tools, legs
        payment_id = tools.ids.payment_id()
        pan = request.message.pan
        card = holder if pan is not None else ""
        return new_payment(
            payment_id,
            service=service.name,
            key=key,
            day=self._payments.day,
            endpoint=caller.exchange.endpoint.name,
            language=request.language,
            fields=kept_fields(request.message, tools.forwarder)
            if asks
            else kept_unasked(request.message, tools.forwarder, tools.bank.holds),
            amount_minor=request.amount_minor if service.moves_money else 0,
            accounts=service.accounts(request, card) if asks else ("", ""),
            core=Question(core.name, *core.link.stamp()),
            biller=Question(biller.name, *biller.link.stamp()) if biller is not None else None,
            accepted_at=tools.clock.wall(),
            answer_within_s=tools.answer_within_s,
            biller_timeout_s=biller.timeout_s if biller is not None else 0.0,
            concealed_pan=tools.vault.conceal(pan, payment_id) if pan is not None else b"",
            masked_pan=mask_pan(pan) if pan is not None else "",
            usage_scope=bounds.scopes,
            units=self._units(),
        )

    def _repeated(self, caller: Caller, taken: Taken) -> None:
        """The key was claimed before: the same request again, or another one under its key."""
        if taken.claim.role == ORIGINAL and same_content(taken.claim, caller.content):
            self._payments.answer_repeat(caller, taken.payment)
        else:
            caller.answer(OTHER_CONTENT, self._payments.day)


def _refusal_of(
    core: Peer | Refusal, biller: Peer | Refusal | None, bounds: Bounds, amount_minor: int
) -> Refusal | None:
    """In this order: no route, beyond the limit, a peer that can't be asked now. The amount in units of the books."""
    if isinstance(core, Refusal):
        return core
    if isinstance(biller, Refusal):
        return biller
    if over_amount(bounds, amount_minor):
        return Refusal(OVER_AMOUNT)
    ready = core.link.ready and (biller is None or biller.link.ready)
    return None if ready else PEER_DOWN
