"""One connection of a link: dialled, signed on, echoed when quiet, dialled again when it ends.

Rule: the session table decides; this file carries out. A line that is not READY is never given a question.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import trio

from config.sections import PeerSettings
from switch.flow.reply import Answered, Reply, Unreachable
from switch.flow.retry import BackOff
from switch.flow.session import (
    CUTOVER,
    ECHO,
    KEY_CODES,
    LINK,
    MANAGEMENT,
    SIGN_OFF,
    SIGN_ON,
    UNKNOWN_MANAGEMENT,
    Action,
    Event,
    Patience,
    State,
    step,
    watch,
)
from switch.net.edge import Edge
from switch.net.key_exchange import KeyExchange
from switch.net.network import Wire
from switch.net.questions import Questions, management
from switch.net.tls import HandshakeError, Tls
from switch.net.transport import FrameConnection
from switch.wire.answer import answer_fields, place
from switch.wire.codes import WITHOUT_MAC, ResponseCode
from switch.wire.dialect import BadMessage
from switch.wire.envelope import BadMac, Envelope, Opened, Sealed, Unjudged
from switch.wire.framing import Framing
from switch.wire.message import Message
from switch.wire.mti import KNOWN_MTIS, KNOWN_REQUESTS, NETWORK, is_answer, is_network, is_ours, is_request

ANSWERS = KNOWN_MTIS - KNOWN_REQUESTS  # the usual ones, told at a glance
BACK_OFF = BackOff(first_s=0.5, most_s=30.0)
DIAL_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Trunk:
    """What the lines of one link have in common. `on_change` is told when a line's state changed,
    `on_deadline` when a line wants to be looked at."""

    settings: PeerSettings
    envelope: Envelope
    framing: Framing
    edge: Edge
    questions: Questions
    patience: Patience
    on_change: Callable[[], None]
    on_deadline: Callable[[float], None]
    keys: KeyExchange | None = None
    wrong_macs_max: int = 10
    tls: Tls | None = None

    def count(self, what: str) -> None:
        self.edge.counters.add("link_events", self.settings.name, what)


class Line:
    def __init__(self, trunk: Trunk) -> None:
        self.state = State.DOWN
        self.connection: FrameConnection | None = None
        self._trunk = trunk
        self._stopped = False
        self._was_ready = False
        self._wrong_macs = 0
        self._keys_tried = False  # after wrong MACs
        self._tried_at = -math.inf

    async def keep(self) -> None:
        """Stay connected until cancelled, or stopped."""
        failures, edge = 0, self._trunk.edge
        while not self._stopped:
            failures = 0 if await self._connect_and_serve(tell=failures == 0) else failures + 1
            await trio.sleep(BACK_OFF.delay_s(failures, edge.rng.random()))

    async def _connect_and_serve(self, *, tell: bool) -> bool:
        """One connection from dialling to its end; whether it was signed on in between. Only the first of several
        failures in a row is told; all are counted."""
        settings, edge = self._trunk.settings, self._trunk.edge
        self._was_ready = False
        self.happen(Event.DIALLED)
        try:
            with trio.fail_after(DIAL_WITHIN_S):
                wire = await self._dial()
        except (OSError, UnicodeError, trio.TooSlowError) as error:
            self._trunk.count(error.refusal if isinstance(error, HandshakeError) else "dial failed")
            if tell:
                edge.report("dial failed", peer=settings.name, error=str(error) or "timed out")
            self.happen(Event.CUT)
            return False
        self.connection = FrameConnection(wire, self._trunk.framing, edge.flusher)
        self._tried_at, self._wrong_macs, self._keys_tried = -math.inf, 0, False
        try:
            self._trunk.on_deadline(self.connection.heard_at + min(settings.frame_s, *self._trunk.patience))
            self.happen(Event.CONNECTED)
            reason = await self.connection.run(self._on_frame)
            edge.counters.add("link_closes", settings.name, reason)
            edge.report("link cut", peer=settings.name, reason=reason)
        finally:
            self.happen(Event.CUT)
            self._trunk.questions.cut(self.connection)
        return self._was_ready

    async def _dial(self) -> Wire:
        settings, tls = self._trunk.settings, self._trunk.tls
        wire = await self._trunk.edge.network.dial(settings.host, settings.port)
        return wire if tls is None else await tls.over(wire)

    def stop(self) -> None:
        """Finish what is open; no question and no new connection any more."""
        self._stopped = True
        self.happen(Event.STOPPED)

    def happen(self, event: Event) -> None:
        """Something happened to the session."""
        before = self.state
        self.state, actions = step(LINK, self.state, event)
        for action in actions:
            self._do(action, event)
        if self.state is not before:
            self._was_ready = self._was_ready or self.state is State.READY
            self._trunk.on_change()

    def look(self, now: float) -> float:
        """Do what is due on this line; returns when to look again."""
        connection, frame_s = self.connection, self._trunk.settings.frame_s
        if connection is None or connection.closed:
            return math.inf
        if now >= connection.partial_since + frame_s:
            connection.close("unfinished frame")
        event, again_at = watch(now, connection.heard_at, self._tried_at, self._trunk.patience)
        if event is not None:
            self.happen(event)
        return min(again_at, min(connection.partial_since, now) + frame_s)

    def _do(self, action: Action, event: Event) -> None:
        if action is Action.SIGN_ON:
            self._manage(SIGN_ON, self._on_signed_on)
        elif action is Action.SIGN_OFF:
            self._manage(SIGN_OFF, _ignore)
        elif action is Action.ECHO:
            self._manage(ECHO, _ignore)
        elif self.connection is not None:
            self.connection.close(event.value)

    def change_keys(self) -> bool:
        """Bring the peer new keys; False where keys don't change, or this line is not up."""
        keys = self._changing_keys()
        if keys is not None:
            keys.bring(self._ask)
        return keys is not None

    def tell_day(self, mmdd: str) -> None:
        """A business day has been opened. A peer that does not answer this is not for that taken for silent."""
        questions, connection = self._trunk.questions, self.connection
        if connection is not None:
            fields = management({"70": CUTOVER, "15": mmdd}, questions.stamp())
            questions.ask(connection, fields, self._trunk.patience.answer_s, _ignore)

    def _changing_keys(self) -> KeyExchange | None:
        keys = self._trunk.keys
        return keys if keys is not None and keys.possible and self.state is State.READY else None

    def _manage(self, code: str, done: Callable[[Reply], None]) -> None:
        self._question({"70": code}, done)

    def _question(self, fields: dict[str, str], done: Callable[[Reply], None]) -> None:
        questions, connection = self._trunk.questions, self.connection
        if connection is None:
            return done(Unreachable("not connected"))
        self._tried_at = trio.current_time()
        return questions.ask(connection, management(fields, questions.stamp()), self._trunk.patience.answer_s, done)

    def _ask(self, fields: dict[str, str], heard: Callable[[str | None], None]) -> None:
        self._question(fields, lambda reply: heard(_code(reply)))

    def _on_signed_on(self, reply: Reply) -> None:
        if not isinstance(reply, Answered):
            self.happen(Event.REFUSED)
        elif not reply.late:  # a late one was for another connection than the one that may be up by now
            approved = reply.message.response_code == ResponseCode.APPROVED
            self.happen(Event.SIGNED_ON if approved else Event.REFUSED)
            if approved and self._trunk.keys is not None:
                self._trunk.keys.bring_again(self._ask)

    def _on_frame(self, _prefix: bytes, frame: bytes) -> None:
        envelope = self._trunk.envelope
        try:
            if envelope.waits:
                envelope.opened(frame, self._opened, refusals_without_mac=True)
            else:
                self._take(envelope.judged(frame, refusals_without_mac=True))
        except Exception as error:
            self._trunk.edge.fault("frame failed", error, peer=self._trunk.settings.name)

    def _opened(self, found: Opened) -> None:
        """A device has judged its MAC."""
        try:
            self._take(found)
        except Exception as error:
            self._trunk.edge.fault("frame failed", error, peer=self._trunk.settings.name)

    def _take(self, found: Opened) -> None:
        if not isinstance(found, Message):
            return self._disbelieve(found)
        mti = found.mti
        if mti in ANSWERS or (is_ours(mti) and is_answer(mti)):
            if mti[1] != NETWORK and found.fields.get("39") not in WITHOUT_MAC:
                self._wrong_macs = 0
            return self._trunk.questions.on_reply(found)
        if is_ours(mti) and is_network(mti) and is_request(mti):
            return self._answer(found)
        return self._trunk.count("unasked")

    def _disbelieve(self, found: BadMac | BadMessage | Unjudged) -> None:
        if isinstance(found, BadMac):
            self._trunk.count("bad mac")
            self._doubt()
        else:
            self._trunk.count("nobody to judge a MAC" if isinstance(found, Unjudged) else "bad message")

    def _doubt(self) -> None:
        """One wrong MAC more. Too many in a row: the keys may have drifted apart; if new ones don't help, it is cut."""
        self._wrong_macs += 1
        if self._wrong_macs < self._trunk.wrong_macs_max:
            return
        self._wrong_macs = 0
        self._trunk.count("too many wrong MACs")
        keys = self._changing_keys()
        changing = not self._keys_tried and keys is not None and keys.bring_if_few(self._ask)
        if not changing and self.connection is not None:
            self.connection.close("wrong MACs")
        self._keys_tried = True

    def _answer(self, request: Message) -> None:
        """The peer manages its side of the session."""
        if request.network_code in KEY_CODES and self._trunk.keys is not None and self.state is State.READY:
            return self._trunk.keys.take(request, partial(self._send_answer, request), self._ask)
        if request.network_code == CUTOVER and self.state is State.READY:
            answer = partial(self._send_answer, request)
            return self._trunk.edge.cutover(f"peers.{self._trunk.settings.name}", request, answer)
        code, event = MANAGEMENT.get(request.network_code or "", UNKNOWN_MANAGEMENT)
        self._send_answer(request, code)
        if event is not None:
            self.happen(event)
        return None

    def _send_answer(self, request: Message, code: ResponseCode, at: str = "") -> None:
        suffix = place(at) if at else ""
        fields = answer_fields(request, code, language="en", business_date=None, words_suffix=suffix)
        if self.connection is not None:
            self._trunk.envelope.sealed(fields, partial(self._send, self.connection))

    def _send(self, connection: FrameConnection, body: Sealed) -> None:
        if body is not None:
            connection.send(body)


def _code(reply: Reply) -> str | None:
    """What a reply says; None for silence, and for a word that comes too late to be acted on."""
    return reply.message.response_code if isinstance(reply, Answered) and not reply.late else None


def _ignore(_: Reply) -> None:
    """An echo proves itself by being heard at all; nobody waits for the answer to a sign-off or a cutover."""
