"""Reversals by a channel: which payment is meant, and whether it may be reversed as asked.

Rule: what becomes of the payment is the saga's; here stands only what a reversal must say to be taken seriously.
"""

from __future__ import annotations

from datetime import date
from functools import partial

from ledger.model import Claim, Found, PaymentRow, Taken, Unavailable
from switch.engine.caller import Caller
from switch.engine.open_payment import OpenPayment, Turn
from switch.engine.payments import WITHOUT_BOOKS, Payments
from switch.engine.ports import Tools
from switch.engine.waiting import Waiting
from switch.flow.case import OTHER_CONTENT
from switch.flow.dedupe import ORIGINAL, REVERSAL, same_content, stored_reversal_answer
from switch.flow.events import Reversed
from switch.flow.keys import Identity, ImpossibleDayError, identify, identify_original
from switch.flow.opening import new_payment
from switch.flow.payment import Payment, Question
from switch.flow.questions import kept_unasked
from switch.services.request import Request
from switch.services.shape import REVERSAL as SHAPE
from switch.services.shape import card_elsewhere
from switch.services.table import BY_NAME
from switch.wire.amounts import parse_replacement
from switch.wire.mask import mask_pan
from switch.wire.mti import is_repeat
from switch.wire.original import parse as parse_original

AMOUNT_DIFFERS = "64"
NOT_ALLOWED = "12"
TOMBSTONE_SERVICE = "pay-bill"
"""What a tombstone is filed under: its original is not known, and nothing will be asked for it."""


class Asked:
    """A reversal that can be read: who it is, which payment it means, how much is to be given back."""

    __slots__ = ("alias", "amount_minor", "caller", "claim", "identity", "key", "request", "stands_minor")

    def __init__(self, caller: Caller, request: Request, identity: Identity, today: date, layout: str) -> None:
        message = request.message
        self.caller = caller
        self.request = request
        self.identity = identity
        self.claim = Claim(identity.key, identity.alias, caller.content, REVERSAL, is_repeat(message.mti))
        self.key, self.alias = identify_original(parse_original(message["90"], layout), message, today)
        self.amount_minor = request.amount_minor
        self.stands_minor = parse_replacement(message.replacement_amounts)

    @property
    def given_back_minor(self) -> int:
        return self.amount_minor - self.stands_minor


class Reversals:
    def __init__(self, tools: Tools, payments: Payments) -> None:
        self._tools = tools
        self._payments = payments
        self._waiting = Waiting(tools)

    def sweep(self) -> None:
        self._waiting.sweep()

    def take(self, caller: Caller, request: Request) -> None:
        message = request.message
        fault = SHAPE.fault(message.fields, request.tags) or card_elsewhere(message.fields, request.tags)
        today = self._tools.today()
        if fault is not None:
            self._answer(caller, fault.code, at=fault.place)
            return
        try:
            identity = identify(message, today)
            caller.content = self._tools.vault.fingerprint(identity.content)
            asked = Asked(caller, request, identity, today, caller.exchange.dialect.original_layout)
        except ImpossibleDayError as error:
            self._answer(caller, "30", at=error.place)
        except ValueError:
            self._answer(caller, "30", at="90")
        else:
            self._waiting.add(caller, self._payments.day)
            alias = identity.alias if asked.claim.repeat else ""
            found = self._tools.guarded("reversal", partial(self._own_found, asked))
            self._tools.books.find(identity.key, alias, found)

    # First its own key: is it a repeat?

    def _own_found(self, asked: Asked, found: Found | Unavailable) -> None:
        if isinstance(found, Unavailable):
            self._answer(asked.caller, WITHOUT_BOOKS)
        elif found.claim is not None and found.payment is not None and self._is_own(asked, found.claim):
            self._repeated(asked, found.claim, found.payment)
        else:
            original = self._tools.guarded("reversal", partial(self._original_found, asked))
            self._tools.books.find(asked.key, asked.alias, original)

    def _is_own(self, asked: Asked, claim: Claim) -> bool:
        """Found by its reference alone, with other content, it is another reversal: this one was refused."""
        return claim.key == asked.identity.key or same_content(claim, asked.caller.content)

    def _repeated(self, asked: Asked, claim: Claim, row: PaymentRow) -> None:
        if claim.role != REVERSAL or not same_content(claim, asked.caller.content):
            self._answer(asked.caller, OTHER_CONTENT)
            return
        payment = self._payments.current(row)
        asked.caller.answer(stored_reversal_answer(payment), payment.reversal_day)

    # Then its original's.

    def _original_found(self, asked: Asked, found: Found | Unavailable) -> None:
        if isinstance(found, Unavailable):
            self._answer(asked.caller, WITHOUT_BOOKS)
        elif found.payment is None:
            self._entomb(asked)
        else:
            self._reverse(asked, found.payment)

    def _reverse(self, asked: Asked, row: PaymentRow) -> None:
        payment = self._payments.current(row)
        code = _refused(asked, payment)
        if code:
            asked.caller.answer(code, self._payments.day)
            return
        turn = Turn(self._event(asked), (asked.claim,), partial(self._taken, asked), asked.caller)
        self._payments.reverse(row, turn, asked.identity.key, asked.caller)

    def _entomb(self, asked: Asked) -> None:
        """R12: the tombstone takes the original's unique key, so that the original can't pass."""
        tools = self._tools
        core, pan = next(iter(tools.peers)), asked.request.message.pan
        payment = new_payment(
            tools.ids.payment_id(),
            service=TOMBSTONE_SERVICE,
            key=asked.key,
            day=self._payments.day,
            endpoint=asked.caller.exchange.endpoint.name,
            language=asked.request.language,
            fields=kept_unasked(asked.request.message, tools.forwarder, tools.bank.holds),
            amount_minor=asked.amount_minor,
            accounts=("", ""),
            core=Question(core),
            biller=None,
            accepted_at=tools.clock.wall(),
            answer_within_s=tools.answer_within_s,
            masked_pan=mask_pan(pan) if pan is not None else "",
            units=tools.scale.units(self._payments.day),
        )
        opening = OpenPayment(payment, BY_NAME[TOMBSTONE_SERVICE], tools.terms(core, None))
        opening.reversers.append((asked.identity.key, asked.caller))
        original = Claim(asked.key or asked.alias, asked.alias, b"", ORIGINAL, repeat=True)
        turn = Turn(self._event(asked), (asked.claim, original), partial(self._taken, asked))
        self._payments.begin(opening, turn)

    def _taken(self, asked: Asked, taken: Taken) -> None:
        """Between the look and the commit somebody claimed a key: the reversal itself, or its original arrived."""
        if taken.claim.role == ORIGINAL:
            self._reverse(asked, taken.payment)
        else:
            self._repeated(asked, taken.claim, taken.payment)

    def _event(self, asked: Asked) -> Reversed:
        now = self._tools.clock.wall()
        return Reversed(now, asked.identity.key, asked.given_back_minor, partial=asked.stands_minor > 0)

    def _answer(self, caller: Caller, code: str, *, at: str = "") -> None:
        self._tools.counters.add("refused", code)
        caller.answer(code, self._payments.day, at=at)


def _refused(asked: Asked, payment: Payment) -> str:
    """12 for a part of what can't be given back in part, 64 for another amount than the original's.

    Neither is stored, so neither may depend on what became of the payment: the same bytes get the same answer.
    """
    if asked.stands_minor and payment.core.stan and not BY_NAME[payment.service].partial_reversal:
        return NOT_ALLOWED
    if asked.stands_minor > asked.amount_minor or asked.amount_minor != payment.amount_minor:
        return AMOUNT_DIFFERS
    return ""
