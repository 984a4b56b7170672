"""One connection of a channel to a listener: what is answered at the door, and what is let in.

Rule: nothing that comes on one connection ends it or touches another, except by the rules of the wire. The door's
precedence is: no readable MTI; not a request of ours; not signed on (91); MAC (63); format (30); unknown MTI (12);
network management; institution and terminal (58); too much in progress (91, 09). Then the handler has it.
"""

import math
from collections.abc import Callable
from functools import partial

import trio

from switch.flow.session import (
    CUTOVER,
    ECHO,
    KEY_CODES,
    LISTENER,
    MANAGEMENT,
    MANAGEMENT_CARRIES,
    UNKNOWN_MANAGEMENT,
    Action,
    Event,
    State,
    step,
    watch,
)
from switch.net.endpoint import Endpoint
from switch.net.exchange import Exchange
from switch.net.key_exchange import KeyExchange
from switch.net.transport import FrameConnection
from switch.services.turned_away import turned_away
from switch.wire.answer import place
from switch.wire.codes import ResponseCode
from switch.wire.dialect import BadMessage, UnencodableMessage
from switch.wire.envelope import BadMac, Opened, Sealed, Unjudged
from switch.wire.message import Message
from switch.wire.mti import KNOWN_REQUESTS, is_network, is_ours, is_request

STRIKES_MAX = 3  # messages without a readable MTI
ASKED_MAX = 8  # questions of ours that may be open on one connection
SERVED = KNOWN_REQUESTS - {"0800"}


class Visitor:
    """`requests_open` are those that the handler has not ended. `on_ended` is told when one was."""

    def __init__(self, endpoint: Endpoint, connection: FrameConnection, on_ended: Callable[[], None]) -> None:
        self.connection = connection
        self.dialect = endpoint.envelope.dialect
        self.language = endpoint.language
        self.state = State.SIGNED_OFF
        self.requests_open = 0
        self._endpoint = endpoint
        self._on_ended = on_ended
        self._strikes = 0
        self._judging = 0  # frames whose MAC is being judged
        self._wrong_macs = 0
        self._keys_tried = False  # after wrong MACs
        self._tried_at = -math.inf
        self._signed_off_at = connection.heard_at
        self._asked: dict[str, Callable[[str | None], None]] = {}  # our own questions, by their STAN
        self._home = b""  # the prefix that leads back to this visitor

    async def run(self) -> str:
        """Serve until the connection ends; returns why."""
        try:
            return await self.connection.run(self._on_frame)
        finally:
            self.happen(Event.CUT)
            while self._asked:
                self._asked.popitem()[1](None)

    def happen(self, event: Event) -> None:
        """Something happened to the session."""
        before = self.state
        self.state, actions = step(LISTENER, self.state, event)
        if self.state is State.DRAINING:
            self.connection.pause()
        elif self.state is State.SIGNED_OFF and before is State.READY:
            self._signed_off_at = trio.current_time()
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
        signed_on_by = self._signed_off_at + settings.signs_on_within_s if self.state is State.SIGNED_OFF else math.inf
        if now >= signed_on_by:
            connection.close("not signed on")
        event, again_at = watch(now, connection.heard_at, self._tried_at, self._endpoint.patience)
        if event is not None:
            self.happen(event)
        return min(again_at, signed_on_by, min(connection.partial_since, now) + settings.frame_s)

    def change_keys(self) -> bool:
        """Bring the channel new keys; False where keys don't change, or nobody has signed on."""
        keys = self._changing_keys()
        if keys is not None:
            keys.bring(self._ask)
        return keys is not None

    def tell_day(self, mmdd: str) -> None:
        """A business day has been opened. A channel that is not signed on reads it in the next answer's DE 15."""
        if self.state is State.READY:
            self._ask({"70": CUTOVER, "15": mmdd}, _heard)

    def _changing_keys(self) -> KeyExchange | None:
        keys = self._endpoint.keys
        return keys if keys is not None and keys.possible and self.state is State.READY else None

    def _on_frame(self, prefix: bytes, frame: bytes) -> None:
        endpoint = self._endpoint
        try:
            home = endpoint.framing.reply_prefix(prefix) if prefix else prefix
            if not endpoint.envelope.waits:
                self._take(home, endpoint.envelope.judged(frame))
            elif self.state is State.READY:
                self._judge(home, frame)
            else:
                self._glance(home, frame)
        except Exception as error:
            self._endpoint.edge.fault("frame failed", error, listener=self._endpoint.settings.name)

    def _judge(self, home: bytes, frame: bytes) -> None:
        """A device judges its MAC first. What it has not judged yet counts against this connection alone."""
        self._judging += 1
        if self._judging >= self._endpoint.requests_open_max:
            self.connection.pause()
        try:
            self._endpoint.envelope.opened(frame, partial(self._opened, home))
        except BaseException:
            self._judging -= 1
            raise

    def _glance(self, home: bytes, frame: bytes) -> None:
        """Before the sign-on no device is asked about what would be answered 91 whatever it said."""
        try:
            message = self._endpoint.envelope.dialect.decode(frame)
        except BadMessage as fault:
            return self._take(home, fault)
        return self._judge(home, frame) if is_network(message.mti) else self._turn_away(message, home)

    def _opened(self, prefix: bytes, found: Opened) -> None:
        """A device has judged its MAC."""
        self._judging -= 1
        self._resume_if_room()
        try:
            self._take(prefix, found)
        except Exception as error:
            self._endpoint.edge.fault("frame failed", error, listener=self._endpoint.settings.name)

    def _take(self, prefix: bytes, found: Opened) -> None:
        if isinstance(found, Message):
            if (
                self.state is State.READY
                and found.fields["t"] in SERVED
                and self._endpoint.admission.allows(found.fields.get("32"), found.terminal)
            ):
                self._wrong_macs = 0
                if self._endpoint.door.has_room or not self._shed(found, prefix):
                    self._admit(Exchange(found, prefix, self._endpoint.settings, self))
                return None
            return self._turn_away(found, prefix)
        if isinstance(found, BadMac):
            self._turn_away(found.message, prefix, ResponseCode.SECURITY)
            return self._doubt()
        if isinstance(found, Unjudged):
            return self._endpoint.count("nobody to judge a MAC")
        if found.mti is None:
            return self._strike()
        return self._turn_away(found.message, prefix, ResponseCode.FORMAT_ERROR, place(found.field))

    def _doubt(self) -> None:
        """One wrong MAC more. Too many in a row: the keys may have drifted apart, else somebody is guessing."""
        self._wrong_macs += 1
        if self._wrong_macs < self._endpoint.wrong_macs_max:
            return
        self._wrong_macs = 0
        self._endpoint.count("too many wrong MACs")
        self._endpoint.tell("request refused", "too many wrong MACs", self.connection.peer)
        keys = self._changing_keys()
        if self._keys_tried or keys is None or not keys.bring_if_few(self._ask):
            self.connection.close("wrong MACs")
        self._keys_tried = True

    def _shed(self, request: Message, prefix: bytes) -> bool:
        """Whether it was turned away, because there is too much to do already."""
        code = turned_away(request)
        if code is None:
            return False
        self._endpoint.count("turned away")
        self._endpoint.tell("overload", "too many requests in progress", self.connection.peer)
        self._send(self._endpoint.answer(request, code), prefix)
        return True

    def _admit(self, exchange: Exchange) -> None:
        self.requests_open += 1
        self._endpoint.door.enter()
        if self.requests_open >= self._endpoint.requests_open_max:
            self.connection.pause()
        try:
            self._endpoint.handler.on_request(exchange)
        except Exception as error:
            self._endpoint.edge.fault("request failed", error, listener=self._endpoint.settings.name)
            exchange.answer(self._endpoint.answer(exchange.request, ResponseCode.MALFUNCTION))

    def _turn_away(
        self, request: Message, prefix: bytes, code: ResponseCode | None = None, words_suffix: str = ""
    ) -> None:
        """What is not let in, in the order of precedence."""
        mti = request.mti
        if not is_ours(mti) or not is_request(mti):
            return self._not_asked(request) if code is None else self._endpoint.count("unmatched")
        if not is_network(mti) and self.state is not State.READY:
            return self._refuse(request, prefix, ResponseCode.UNAVAILABLE)
        if code is not None:
            return self._refuse(request, prefix, code, words_suffix)
        if mti not in KNOWN_REQUESTS:
            return self._refuse(request, prefix, ResponseCode.INVALID_TRANSACTION)
        if is_network(mti):
            return self._manage(request, prefix)
        who = {"acquirer": request.acquirer, "terminal": request.terminal}
        self._endpoint.tell("request refused", "speaks for another", self.connection.peer, **who)
        return self._refuse(request, prefix, ResponseCode.NOT_PERMITTED_TO_TERMINAL)

    def _strike(self) -> None:
        self._endpoint.count("unreadable")
        self._strikes += 1
        if self._strikes >= STRIKES_MAX:
            self.connection.close("unreadable")

    def _not_asked(self, message: Message) -> None:
        """Another version, a notification or an answer: never answered. What we wait for are answers to our own."""
        asked = self._asked.pop(message.stan or "", None) if message.mti == "0810" else None
        if asked is None:
            self._endpoint.count("unmatched")
        else:
            asked(message.response_code)

    def _refuse(self, request: Message, prefix: bytes, code: ResponseCode, words_suffix: str = "") -> None:
        self._endpoint.count(f"refused {code.value}")
        self._send(self._endpoint.answer(request, code, words_suffix), prefix)

    def _manage(self, request: Message, prefix: bytes) -> None:
        missing = next((de for de in MANAGEMENT_CARRIES if de not in request), None)
        if missing is not None:
            return self._refuse(request, prefix, ResponseCode.FORMAT_ERROR, place(missing))
        self._home = prefix
        keys = self._endpoint.keys
        if request["70"] in KEY_CODES and keys is not None:
            return self._exchange_keys(keys, request, prefix)
        if request["70"] == CUTOVER:
            return self._cut_over(request, prefix)
        code, event = MANAGEMENT.get(request["70"], UNKNOWN_MANAGEMENT)
        self._send(self._endpoint.answer(request, code), prefix)
        if event is not None:
            self.happen(event)
        if event is Event.SIGNED_ON and keys is not None:
            keys.bring_again(self._ask)
        return None

    def _cut_over(self, request: Message, prefix: bytes) -> None:
        if self.state is not State.READY:
            return self._refuse(request, prefix, ResponseCode.UNAVAILABLE)
        endpoint = self._endpoint
        return endpoint.edge.cutover(f"listeners.{endpoint.settings.name}", request, self._answering(request, prefix))

    def _answering(self, request: Message, prefix: bytes) -> Callable[[ResponseCode, str], None]:
        def answer(code: ResponseCode, at: str) -> None:
            self._send(self._endpoint.answer(request, code, place(at) if at else ""), prefix)

        return answer

    def _exchange_keys(self, keys: KeyExchange, request: Message, prefix: bytes) -> None:
        if self.state is not State.READY:
            return self._refuse(request, prefix, ResponseCode.UNAVAILABLE)
        return keys.take(request, self._answering(request, prefix), self._ask)

    def _echo(self) -> None:
        self._tried_at = trio.current_time()
        self._ask({"70": ECHO}, _heard)

    def _ask(self, fields: dict[str, str], heard: Callable[[str | None], None]) -> None:
        """A question of ours. Silence is heard when the connection ends; a few may be open."""
        if self.connection.closed:
            return heard(None)
        stan, moment = self._endpoint.stamp()
        while len(self._asked) >= ASKED_MAX:
            self._asked.pop(next(iter(self._asked)))(None)
        self._asked[stan] = heard
        return self._send({"t": "0800", "7": moment, "11": stan, **fields}, self._home)

    def _send(self, fields: dict[str, str], prefix: bytes, then: Callable[[], None] | None = None) -> None:
        """Raises UnencodableMessage. `then` comes when it was sent, or can't be."""
        envelope = self._endpoint.envelope
        if envelope.waits and not self.connection.closed:
            envelope.sealed(fields, partial(self._sealed, prefix, then))
            return
        if not self.connection.closed:
            self.connection.send(envelope.seal(fields), prefix)
        if then is not None:
            then()

    def _sealed(self, prefix: bytes, then: Callable[[], None] | None, body: Sealed) -> None:
        if body is None:
            self._endpoint.count("nobody to make a MAC")
        else:
            self.connection.send(body, prefix)
        if then is not None:
            then()

    def end(self, exchange: Exchange, fields: dict[str, str] | None) -> None:
        """The handler is done with a request (`Way`)."""
        if fields is None:
            self._ended()
            return
        try:
            self._send(fields, exchange.prefix, self._ended)
        except UnencodableMessage as error:
            self._endpoint.edge.fault("answer failed", error, field=error.field)
            self._send_malfunction(exchange)

    def _send_malfunction(self, exchange: Exchange) -> None:
        try:
            self._send(self._endpoint.answer(exchange.request, ResponseCode.MALFUNCTION), exchange.prefix, self._ended)
        except UnencodableMessage:
            self._ended()  # there is nothing that could be said

    def _ended(self) -> None:
        self.requests_open -= 1
        self._endpoint.door.leave()
        if self.connection.paused:
            self._resume_if_room()
        self._on_ended()

    def _resume_if_room(self) -> None:
        if self.connection.paused and self.state is not State.DRAINING:
            most = self._endpoint.requests_open_max
            if self.requests_open < most and self._judging < most:
                self.connection.resume()


def _heard(_: str | None) -> None:
    """An echo proves itself by being heard at all; a day that was not heard of stands in every answer."""
