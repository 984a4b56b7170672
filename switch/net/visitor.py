"""One connection of a channel to a listener: what is answered at the door, and what is let in.

Rule: nothing that comes on one connection ends it or touches another, except by the rules of the wire. The door's
precedence is: no readable MTI; not a request of ours; not signed on (91); MAC (63); format (30); unknown MTI (12);
network management; institution and terminal (58). Then the handler has it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import trio

from config.sections import ListenerSettings
from switch.flow.admission import Admission
from switch.flow.session import (
    ECHO,
    LISTENER,
    MANAGEMENT,
    MANAGEMENT_CARRIES,
    UNKNOWN_MANAGEMENT,
    Action,
    Event,
    Patience,
    State,
    step,
    watch,
)
from switch.net.edge import Edge
from switch.net.exchange import Exchange, Handler
from switch.net.transport import FrameConnection
from switch.wire.answer import answer_fields, place
from switch.wire.codes import ResponseCode
from switch.wire.dialect import BadMessage, Dialect, UnencodableMessage
from switch.wire.envelope import BadMac, Envelope
from switch.wire.framing import Framing
from switch.wire.message import Message
from switch.wire.mti import KNOWN_REQUESTS, is_network, is_ours, is_request

STRIKES_MAX = 3  # messages without a readable MTI
SERVED = KNOWN_REQUESTS - {"0800"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the connections of one listener have in common. `stamp` gives field 11 and 7 of our own requests."""

    settings: ListenerSettings
    envelope: Envelope
    framing: Framing
    handler: Handler
    edge: Edge
    admission: Admission
    patience: Patience
    language: str
    requests_open_max: int
    stamp: Callable[[], tuple[str, str]]

    def count(self, what: str) -> None:
        self.edge.counters.add("listener_events", self.settings.name, what)

    def answer(self, request: Message, code: ResponseCode, words_suffix: str = "") -> dict[str, str]:
        return answer_fields(
            request,
            code,
            language=self.language,
            business_date=self.edge.business_date(),
            words_suffix=words_suffix,
            charset=self.envelope.dialect.charset,
        )


class Visitor:
    """`requests_open` are those that the handler has not ended. `on_ended` is told when one was."""

    def __init__(self, endpoint: Endpoint, connection: FrameConnection, on_ended: Callable[[], None]) -> None:
        self.connection = connection
        self.state = State.SIGNED_OFF
        self.requests_open = 0
        self._endpoint = endpoint
        self._on_ended = on_ended
        self._strikes = 0
        self._tried_at = -math.inf
        self._echo_stan = ""
        self._home = b""  # the prefix that leads back to this visitor

    @property
    def dialect(self) -> Dialect:
        """What the connection speaks (`Way`)."""
        return self._endpoint.envelope.dialect

    @property
    def language(self) -> str:
        """What its customers are spoken to in, where they don't say (`Way`)."""
        return self._endpoint.language

    async def run(self) -> str:
        """Serve until the connection ends; returns why."""
        reason = await self.connection.run(self._on_frame)
        self.happen(Event.CUT)
        return reason

    def happen(self, event: Event) -> None:
        """Something happened to the session."""
        self.state, actions = step(LISTENER, self.state, event)
        if self.state is State.DRAINING:
            self.connection.pause()
        for action in actions:
            if action is Action.ECHO:
                self._echo()
            elif action is Action.CLOSE:
                self.connection.close(event.value)

    def look(self, now: float) -> float:
        """Do what is due on this connection; returns when to look again."""
        connection, settings = self.connection, self._endpoint.settings
        if connection.paused:  # it is our turn, not the channel's
            return now + settings.frame_s
        if now >= connection.partial_since + settings.frame_s:
            connection.close("unfinished frame")
        event, again_at = watch(now, connection.heard_at, self._tried_at, self._endpoint.patience)
        if event is not None:
            self.happen(event)
        return min(again_at, min(connection.partial_since, now) + settings.frame_s)

    def _on_frame(self, prefix: bytes, frame: bytes) -> None:
        try:
            self._take(self._endpoint.framing.reply_prefix(prefix) if prefix else prefix, frame)
        except Exception as error:
            self._endpoint.edge.fault("frame failed", error, listener=self._endpoint.settings.name)

    def _take(self, prefix: bytes, frame: bytes) -> None:
        code, suffix = None, ""
        try:
            request = self._endpoint.envelope.open(frame)
        except BadMac as bad:
            request, code = bad.message, ResponseCode.SECURITY
        except BadMessage as bad:
            if bad.mti is None:
                return self._strike()
            request, code, suffix = bad.message, ResponseCode.FORMAT_ERROR, place(bad.field)
        if (
            code is None
            and self.state is State.READY
            and request.mti in SERVED
            and self._endpoint.admission.allows(request.acquirer, request.terminal)
        ):
            return self._admit(Exchange(request, prefix, self._endpoint.settings, self))
        return self._turn_away(request, prefix, code, suffix)

    def _admit(self, exchange: Exchange) -> None:
        self.requests_open += 1
        if self.requests_open >= self._endpoint.requests_open_max:
            self.connection.pause()
        try:
            self._endpoint.handler.on_request(exchange)
        except Exception as error:
            self._endpoint.edge.fault("request failed", error, listener=self._endpoint.settings.name)
            exchange.answer(self._endpoint.answer(exchange.request, ResponseCode.MALFUNCTION))

    def _turn_away(self, request: Message, prefix: bytes, code: ResponseCode | None, words_suffix: str) -> None:
        """What is not let in, in the order of precedence."""
        mti = request.mti
        if not is_ours(mti) or not is_request(mti):
            return self._not_asked(request)
        if not is_network(mti) and self.state is not State.READY:
            return self._refuse(request, prefix, ResponseCode.UNAVAILABLE)
        if code is not None:
            return self._refuse(request, prefix, code, words_suffix)
        if mti not in KNOWN_REQUESTS:
            return self._refuse(request, prefix, ResponseCode.INVALID_TRANSACTION)
        if is_network(mti):
            return self._manage(request, prefix)
        return self._refuse(request, prefix, ResponseCode.NOT_PERMITTED_TO_TERMINAL)

    def _strike(self) -> None:
        self._endpoint.count("unreadable")
        self._strikes += 1
        if self._strikes >= STRIKES_MAX:
            self.connection.close("unreadable")

    def _not_asked(self, message: Message) -> None:
        """Another version, a notification or an answer: never answered. The one that we wait for is our echo's."""
        if message.mti == "0810" and message.stan == self._echo_stan:
            self._echo_stan = ""
        else:
            self._endpoint.count("unmatched")

    def _refuse(self, request: Message, prefix: bytes, code: ResponseCode, words_suffix: str = "") -> None:
        self._endpoint.count(f"refused {code.value}")
        self._send(self._endpoint.answer(request, code, words_suffix), prefix)

    def _manage(self, request: Message, prefix: bytes) -> None:
        missing = next((de for de in MANAGEMENT_CARRIES if de not in request), None)
        if missing is not None:
            return self._refuse(request, prefix, ResponseCode.FORMAT_ERROR, place(missing))
        code, event = MANAGEMENT.get(request["70"], UNKNOWN_MANAGEMENT)
        self._home = prefix
        if event is not None:
            self.happen(event)
        return self._send(self._endpoint.answer(request, code), prefix)

    def _echo(self) -> None:
        self._tried_at = trio.current_time()
        self._echo_stan, moment = self._endpoint.stamp()
        self._send({"t": "0800", "7": moment, "11": self._echo_stan, "70": ECHO}, self._home)

    def _send(self, fields: dict[str, str], prefix: bytes) -> None:
        if not self.connection.closed:
            self.connection.send(self._endpoint.envelope.seal(fields), prefix)

    def end(self, exchange: Exchange, fields: dict[str, str] | None) -> None:
        """The handler is done with a request (`Way`)."""
        if fields is not None:
            try:
                self._send(fields, exchange.prefix)
            except UnencodableMessage as error:
                self._endpoint.edge.fault("answer failed", error, field=error.field)
                self._send(self._endpoint.answer(exchange.request, ResponseCode.MALFUNCTION), exchange.prefix)
        self.requests_open -= 1
        if self.connection.paused and self.state is not State.DRAINING:
            self.connection.resume()
        self._on_ended()
