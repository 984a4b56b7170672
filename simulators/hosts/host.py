"""What the simulated core and the simulated billers have in common: asked once, answered once, undone once.

Rule: `answer` takes a message and gives the fields of its answer, or None where the host stays silent. What it
answered is durable before it returns. Sockets, MACs and faults are `peer`'s business, what a service does is
the core's or the biller's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import msgspec

from simulators.hosts import counting
from simulators.hosts.identity import Identity, content_of, identity_of, identity_of_original
from simulators.hosts.journal import Journal, Remembered
from simulators.hosts.records import APPROVED, Decision, Fact, Record, Undone
from simulators.hosts.terms import REVERSAL_NEEDS, Service, Terms, missing_in
from switch.wire import amounts, dates, mti, tlv
from switch.wire.answer import answer_fields
from switch.wire.codes import ResponseCode
from switch.wire.message import Message

NOT_FOUND = "25"
MALFORMED = "30"
SECURITY = "63"
LANGUAGE = "ar"  # where the asker names none


class Host(ABC):
    """Subclasses say what they do (`services`), and what may be undone."""

    def __init__(self, journal: Journal, terms: Terms) -> None:
        self.journal = journal
        self.habits = terms.habits
        self.miscounts = False  # a fault to play: its totals are wrong
        self._terms = terms
        self._services: Mapping[tuple[str, str], Service] = self.services()

    @abstractmethod
    def services(self) -> Mapping[tuple[str, str], Service]:
        """By MTI class and the first pair of DE 3."""

    def may_undo(self, record: Record) -> str:
        """00, or why an approved question may not be undone."""
        return APPROVED

    def restored(self, record: Record) -> tuple[Fact, ...]:
        """The facts that undoing a change brings back."""
        return ()

    def answer(self, message: Message, *, refuse: str = "") -> dict[str, str] | None:
        """The answer's fields, without MAC. `refuse`: decline with this code, whatever was asked for."""
        if mti.mti_class(message.mti) == counting.RECONCILIATION:
            return self._reconcile(message)
        if self._too_old(message):
            return None
        self.journal.fall_into(message.business_date)
        reversal = mti.mti_class(message.mti) == "4" and self.habits.takes_undo
        service = None if reversal else self._service(message)
        if not reversal and service is None:
            return self._reply(message, "12")
        wrong = missing_in(message, REVERSAL_NEEDS if service is None else service.needed(message))
        if wrong:
            return self._reply(message, MALFORMED, place=wrong)
        if service is None:
            return self._reply(message, self._reverse(message))
        if service.inquiry:
            decision = service.decide(message)
            return self._reply(message, decision.code, _fields(decision, identity_of(message)))
        return self._once(message, service, refuse)

    def cut_over(self, mmdd: str) -> bool:
        """0800/201: the switch has opened this business day."""
        return self.journal.fall_into(mmdd)

    def _reconcile(self, message: Message) -> dict[str, str]:
        """The switch's totals of a day beside ours. A host closes none of the switch's days: it is never too early."""
        wrong = missing_in(message, counting.NEEDS)
        if wrong:
            return self._reply(message, MALFORMED, place=wrong)
        day = self.journal.day_of(message)
        totals, units = self.journal.totals(counting.day_prefix(day)), self.journal.scale.units(day)
        try:
            code, fields = counting.judged(message, totals, units, miscounts=self.miscounts)
        except (KeyError, ValueError):
            return self._reply(message, MALFORMED)
        return self._reply(message, code, fields)

    def _service(self, message: Message) -> Service | None:
        return self._services.get((mti.mti_class(message.mti), (message.processing_code or "")[:2]))

    def _too_old(self, message: Message) -> bool:
        if self.habits.lifetime_s is None:
            return False
        now = self.journal.now()
        try:
            sent = dates.resolve_transmission(message.transmitted_at or "", now)
        except ValueError:
            return False
        return (now - sent).total_seconds() > self.habits.lifetime_s

    def _once(self, message: Message, service: Service, refuse: str) -> dict[str, str] | None:
        """The stored answer of a question that was asked before; else decide, remember, answer."""
        identity, content = identity_of(message), content_of(message, self._terms.secret)
        found = self.journal.find(identity)
        if found is not None:
            return self._again(message, found, content)
        decision = Decision(refuse) if refuse else service.decide(message)
        if not decision.code:  # it never arrived
            return None
        decision = msgspec.structs.replace(decision, fields=_fields(decision, identity), tags=())
        if decision.code not in (MALFORMED, SECURITY):  # these claim no key: mended, it may come again
            units, heading = self.journal.units(message), counting.heading_of(message, self.journal.day)
            reference = message.reference or ""
            self.journal.remember(identity, content, decision, service.name, reference, heading, units=units)
        return None if decision.silent else self._reply(message, decision.code, decision.fields)

    def _again(self, message: Message, found: Remembered, content: bytes) -> dict[str, str]:
        if found.record.is_tombstone:
            return self._reply(message, "68")
        if found.claim.content != content:
            return self._reply(message, "94")
        return self._reply(message, found.record.code, found.record.fields)

    def _reverse(self, message: Message) -> str:
        """The code of a reversal's answer, the same however often it is sent."""
        identity, content = identity_of(message), content_of(message, self._terms.secret)
        try:
            original = identity_of_original(message, self._terms.layout)
            stands_minor = amounts.parse_replacement(message.replacement_amounts)
        except ValueError:
            return MALFORMED
        found = self.journal.find(identity)
        if found is not None:
            undone = found.record.undone
            return undone.code if undone is not None and found.claim.content == content else "94"
        known = self.journal.find(original)
        if known is None:
            return self._unknown(original, identity, content)
        refusal = self._not_undoable(message, known.record, stands_minor)
        if refusal is not None:
            return refusal
        record = known.record
        self.journal.undo(
            known,
            identity,
            content,
            Undone(f"{stands_minor}", APPROVED),
            back_minor=record.amount_minor - stands_minor if record.move else 0,
            facts=self.restored(record),
            reference=message.reference or "",
            heading=counting.heading_of(message, self.journal.day),
        )
        return APPROVED

    def _unknown(self, original: Identity, identity: Identity, content: bytes) -> str:
        code = NOT_FOUND if self.habits.says_unknown else APPROVED
        if self.habits.remembers_undo:
            self.journal.bury(original, identity, content, code)
        return code

    def _not_undoable(self, message: Message, record: Record, stands_minor: int) -> str | None:
        """The code where nothing is left to do, or may not be done; None: undo it."""
        if record.is_tombstone:
            return record.undone.code if record.undone else NOT_FOUND
        if record.code != APPROVED:
            return APPROVED
        if record.undone is not None:
            return APPROVED if record.undone.stands == f"{stands_minor}" else "94"
        if stands_minor and not self._may_stand_in_part(record):
            return "12"
        if record.move and (_amount(message) != record.amount_minor or stands_minor > record.amount_minor):
            return "64"
        refusal = self.may_undo(record)
        return None if refusal == APPROVED else refusal

    def _may_stand_in_part(self, record: Record) -> bool:
        return any(service.partial for service in self._services.values() if service.name == record.service)

    def _reply(
        self, message: Message, code: str, fields: Mapping[str, str] | None = None, *, place: str = ""
    ) -> dict[str, str]:
        return answer_fields(
            message,
            ResponseCode(code),
            language=LANGUAGE,
            business_date=self.journal.day[4:],
            extra=fields,
            words_suffix=place,
            charset=self._terms.charset,
        )


def _fields(decision: Decision, identity: Identity) -> dict[str, str]:
    """The decision's data elements: its own, its tags, and an approval code (DE 38) where money moved."""
    private = {"48": tlv.build(decision.tags)} if decision.tags else {}
    return decision.fields | private | ({"38": identity.digits(6)} if decision.move else {})


def _amount(message: Message) -> int | None:
    try:
        return amounts.parse_amount(message.amount or "")
    except ValueError:
        return None
