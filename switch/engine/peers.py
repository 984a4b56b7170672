"""Asks the core and the billers what a payment's effects call for, and says what was heard as events.

Rule: an event is made of every word a peer says; what it means for the payment is for the saga.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from switch.engine.guesses import TRIES_USED_UP, Guesses
from switch.engine.places import Places
from switch.engine.ports import Tools
from switch.flow.events import BillerUnreachable, CoreDeclined, CoreUnreachable, Event
from switch.flow.evidence import advice_evidence, biller_evidence, core_evidence, query_evidence, undo_evidence
from switch.flow.payment import TRYING, Payment, Question, State
from switch.flow.pound import day_told
from switch.flow.questions import biller_payment, biller_query, biller_undo, core_advice, core_question
from switch.flow.reply import Answered, Reply
from switch.flow.terms import Terms
from switch.services.service import Service
from switch.wire import tlv
from switch.wire.message import Message
from switch.wire.names import TEXT_TAGS

Heard = Callable[[Event], None]
Carry = Callable[[str, int], str]


class Peers:
    def __init__(self, tools: Tools, guesses: Guesses) -> None:
        self._peers = tools.peers
        self._guesses = guesses
        self._clock = tools.clock
        self._scale = tools.scale
        self._vault = tools.vault
        self._counters = tools.counters
        self._places = {name: Places(peer.retries_open_max, peer.timeout_s) for name, peer in tools.peers.items()}

    def have_room_for(self, payment: Payment, now: float) -> bool:
        """Whether its next attempt may be made now; until it is answered or silent it has a place at its peer."""
        asked = payment.core if payment.state in (State.RELEASING, State.REVERSED) else payment.biller
        if payment.state is State.HELD:  # nobody remembers what was asked: whoever may have been paid is asked first
            asked = payment.biller or payment.core
        elif payment.state not in TRYING or asked is None:
            return True
        return self._places[asked.peer].take(payment.id, now)

    def ask_core(
        self, payment: Payment, service: Service, terms: Terms, secrets: Mapping[str, str], heard: Heard
    ) -> None:
        if self._clock.wall() > payment.ask_by:
            heard(CoreUnreachable(self._clock.wall()))
            return
        fields = core_question(service.core_mti, payment.fields, secrets, payment.core, self._day_told(payment))

        def done(reply: Reply) -> None:
            word, back = _said(reply, service)
            heard(core_evidence(word, back, terms.core, self._clock.wall()))

        watched = self._guesses.watched(secrets, done)
        if watched is None:
            heard(CoreDeclined(self._clock.wall(), TRIES_USED_UP))
        else:
            self._ask(payment.core, fields, watched)

    def ask_biller(self, payment: Payment, service: Service, terms: Terms, heard: Heard, *, repeat: bool) -> None:
        asked = payment.biller
        assert asked is not None
        if self._clock.wall() > payment.ask_by:
            if not repeat:
                heard(BillerUnreachable(self._clock.wall()))
            return

        def done(reply: Reply) -> None:
            word, back = _said(reply, service)
            event = biller_evidence(word, back, terms.biller, self._clock.wall())
            if not (repeat and isinstance(event, BillerUnreachable)):  # the first one may have arrived
                heard(event)

        self._ask(asked, biller_payment(payment, asked, self._day_told(payment), repeat=repeat), done)

    def query_biller(self, payment: Payment, service: Service, terms: Terms, heard: Heard) -> None:
        asked, asked_at = self._stamped(payment.biller), self._clock.wall()

        def done(reply: Reply) -> None:
            word, back = _said(reply, service)
            _tell(heard, query_evidence(word, back, terms.biller, asked_at, self._clock.wall()))

        self._try(payment, asked, biller_query(payment, asked, self._day_told(payment)), done)

    def undo_biller(self, payment: Payment, heard: Heard) -> None:
        asked, asked_at = self._stamped(payment.biller), self._clock.wall()

        def done(reply: Reply) -> None:
            _tell(heard, undo_evidence(_word(reply), asked_at, self._clock.wall()))

        layout = self._peers[asked.peer].dialect.original_layout
        day, repeat = self._day_told(payment), payment.attempts > 1
        self._try(payment, asked, biller_undo(payment, asked, day, repeat=repeat, layout=layout), done)

    def advise_core(self, payment: Payment, service: Service, terms: Terms, heard: Heard) -> None:
        asked, asked_at = self._stamped(payment.core), self._clock.wall()
        pan = self._vault.reveal(payment.concealed_pan, payment.id) if payment.concealed_pan else ""

        def done(reply: Reply) -> None:
            _tell(heard, advice_evidence(_word(reply), terms.core, asked_at, self._clock.wall()))

        layout = self._peers[asked.peer].dialect.original_layout
        day, repeat = self._day_told(payment), payment.attempts > 1
        fields = core_advice(payment, service.core_mti, pan, asked, day, repeat=repeat, layout=layout)
        self._try(payment, asked, fields, done)

    def _day_told(self, payment: Payment) -> str:
        return day_told(payment, self._scale)

    def _stamped(self, of: Question | None) -> Question:
        """R8: each query, undo and advice has a STAN of its own."""
        assert of is not None
        return Question(of.peer, *self._peers[of.peer].link.stamp())

    def _try(self, payment: Payment, asked: Question, fields: dict[str, str], done: Callable[[Reply], None]) -> None:
        def settled(reply: Reply) -> None:
            self._places[asked.peer].leave(payment.id)
            done(reply)

        self._ask(asked, fields, settled)

    def _ask(self, asked: Question, fields: dict[str, str], done: Callable[[Reply], None]) -> None:
        peer = self._peers[asked.peer]
        peer.link.ask(fields, peer.timeout_s, done)


def _tell(heard: Heard, event: Event | None) -> None:
    if event is not None:
        heard(event)


def _word(reply: Reply) -> str | Reply:
    return reply.message.response_code or reply if isinstance(reply, Answered) else reply


def _said(reply: Reply, service: Service) -> tuple[str | Reply, dict[str, str]]:
    """The word, and what came with it for the channel."""
    if not isinstance(reply, Answered):
        return reply, {}
    return reply.message.fields.get("39") or reply, brought_by(reply.message, service)


def brought_by(answer: Message, service: Service, carry: Carry | None = None) -> dict[str, str]:
    """What of a peer's answer the channel gets: data elements, and field 48 with the tags that the service names.

    `carry` takes text from the peer's alphabet to the channel's, where they differ, in at most so many bytes.
    """
    fields = answer.fields
    found = {de: fields[de] for de in service.brings if de in fields}
    if service.brings_tags and "48" in fields:
        try:
            pairs = [pair for pair in answer.tags if pair[0] in service.brings_tags]
        except tlv.TlvError:
            return found
        if carry is not None:
            pairs = _carried(pairs, carry)
        if pairs:
            found["48"] = tlv.build(pairs)
    return found


def _carried(pairs: Sequence[tuple[str, str]], carry: Carry) -> list[tuple[str, str]]:
    """A page that is full may not grow beyond the field in another alphabet: a name gives way, no bill and no token."""
    room = tlv.FIELD_MAX - tlv.size((tag, "" if tag in TEXT_TAGS else value) for tag, value in pairs)
    found = []
    for tag, value in pairs:
        carried = carry(value, room) if tag in TEXT_TAGS else value
        room -= len(carried) if tag in TEXT_TAGS else 0
        found.append((tag, carried))
    return found
