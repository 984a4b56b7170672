"""Inquiries: one question, one answer. They move nothing and are not stored; a repeat asks again."""

from __future__ import annotations

from functools import partial

from switch.engine.caller import Caller
from switch.engine.guesses import TRIES_USED_UP, Guesses
from switch.engine.payments import MALFUNCTION
from switch.engine.peers import brought_by
from switch.engine.ports import Peer, Tools
from switch.flow.case import APPROVED, PEER_DOWN
from switch.flow.payment import Question
from switch.flow.questions import biller_inquiry, core_question, kept_fields
from switch.flow.reply import Answered, Reply
from switch.services.request import Request
from switch.services.service import Leg, Service
from switch.wire.mti import original_of

_NO_USABLE_WORD = frozenset({"09", "90", "91"})


class Inquiries:
    def __init__(self, tools: Tools, guesses: Guesses) -> None:
        self._tools = tools
        self._guesses = guesses

    def ask(
        self, service: Service, request: Request, caller: Caller, peer: Peer, secrets: dict[str, str], day: str
    ) -> None:
        if not peer.link.ready:
            self._answer(service, caller, PEER_DOWN, day)
            return
        asked = Question(peer.name, *peer.link.stamp())
        kept = kept_fields(request.message, self._tools.forwarder)
        if Leg.CORE in service.legs:
            fields = core_question(original_of(request.message.mti), kept, secrets, asked, day)
        else:
            fields = biller_inquiry(kept, asked, day)

        def done(reply: Reply) -> None:
            if caller.answered:
                self._tools.counters.add("inquiries_answered_late", service.name)
            else:
                self._hear(service, caller, reply, peer, day)

        watched = self._guesses.watched(secrets, done)
        if watched is None:
            self._answer(service, caller, TRIES_USED_UP, day)
        else:
            peer.link.ask(fields, peer.timeout_s, watched)

    def _hear(self, service: Service, caller: Caller, reply: Reply, peer: Peer, day: str) -> None:
        if not isinstance(reply, Answered):
            self._answer(service, caller, PEER_DOWN, day)
            return
        code = reply.message.response_code
        if code == APPROVED:
            theirs, ours = peer.dialect, caller.exchange.dialect
            found = brought_by(reply.message, service, partial(theirs.text_for, ours))
            self._answer(service, caller, code, day, found)
        elif code in peer.promises.refusals:
            self._answer(service, caller, str(code), day)
        else:
            self._answer(service, caller, PEER_DOWN if code in _NO_USABLE_WORD else MALFUNCTION, day)

    def _answer(
        self, service: Service, caller: Caller, code: str, day: str, extra: dict[str, str] | None = None
    ) -> None:
        self._tools.counters.add("answers", service.name, code)
        caller.answer(code, day, extra)
