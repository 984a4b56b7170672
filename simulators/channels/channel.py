"""A channel's side of the wire: connections to a listener, signed on and echoing, and answers matched to questions.

Rule: this is all that a gateway, an ATM and the website have in common. A question is matched by MTI, 11, 7 and 41
whatever connection its answer comes on, so that a repeat may go another way; an answer that no open question waits
for is counted and forgotten. Answers owed to a broken connection are never kept: its questions turn silent at once.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo

import trio

from simulators.channels.day_book import DayBook
from simulators.channels.questions import Key, Patience, Question, awaited_key
from simulators.channels.terminal import Stamp, Terminal, network, stamp
from simulators.secure import HANDSHAKE_WITHIN_S
from switch.flow.session import KEY_CODES
from switch.net.key_exchange import KeyExchange
from switch.net.network import Network, TcpNetwork, Wire
from switch.net.tls import Tls
from switch.net.transport import Flusher, FrameConnection
from switch.wire.answer import answer_fields
from switch.wire.codes import ResponseCode
from switch.wire.dialect import BadMessage
from switch.wire.envelope import BadMac, Envelope
from switch.wire.framing import Framing
from switch.wire.message import Message

ECHO_AFTER_S = 60.0
RECONNECT_AFTER_S = (0.05, 5.0)
STAN_COUNT = 999_999

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Line:
    """One connection, signed on before it is used."""

    def __init__(self, channel: "Channel", connection: FrameConnection) -> None:
        self._channel = channel
        self._connection = connection
        self._nursery: trio.Nursery | None = None

    def send(self, fields: Mapping[str, str]) -> None:
        self._connection.send(self._channel.envelope.seal(dict(fields)))

    async def run(self) -> None:
        """Serve until the connection ends."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            nursery.start_soon(self._stay_signed_on)
            try:
                await self._connection.run(self._on_frame)
            finally:
                self._channel.line_ended(self)
                nursery.cancel_scope.cancel()

    async def _stay_signed_on(self) -> None:
        """Sign on, then an echo whenever nothing was heard for a while; a peer that doesn't answer is left."""
        if await self.manage("001") != ResponseCode.APPROVED:
            return self._connection.close("sign-on refused")
        self._channel.line_ready(self)
        while True:
            echo_at = self._connection.heard_at + ECHO_AFTER_S  # a moment, not a pause: what is left of one may be
            if trio.current_time() < echo_at:  # too short to be added to a time
                await trio.sleep_until(echo_at)
            elif await self.manage("301") is None:
                return self._connection.close("echo unanswered")

    async def manage(self, code: str) -> str | None:
        """Send 0800 with `code` on this very connection; the answer's 39, or None."""
        return await self._manage({"70": code})

    async def _manage(self, own: Mapping[str, str]) -> str | None:
        channel = self._channel
        fields = network(own["70"], channel.terminal, channel.stamp()) | dict(own)
        with channel.question(fields) as question:
            question.line = self
            self.send(fields)
            answer = await question.hear(channel.patience.answer_within_s)
        return answer.response_code if answer else None

    def _on_frame(self, _prefix: bytes, body: bytes) -> None:
        try:
            message = self._channel.envelope.open(body, refusals_without_mac=True)
        except (BadMessage, BadMac) as fault:
            self._channel.counts[type(fault).__name__] += 1
        else:
            if message.mti == "0800":
                self._answer(message)
            else:
                self._channel.on_answer(message)

    def _answer(self, request: Message) -> None:
        """The listener manages its side: an echo, or a new key."""
        keys = self._channel.keys
        if request.network_code in KEY_CODES and keys is not None:
            keys.take(request, lambda code, _: self._send_answer(request, code), self._ask)
        else:
            self._send_answer(request, ResponseCode.APPROVED)

    def _ask(self, fields: dict[str, str], heard: Callable[[str | None], None]) -> None:
        async def ask() -> None:
            code = None
            try:
                code = await self._manage(fields)
            finally:
                heard(code)

        if self._nursery is not None:
            self._nursery.start_soon(ask)

    def _send_answer(self, request: Message, code: ResponseCode) -> None:
        self.send(answer_fields(request, code, language="en", business_date=None))


class Channel:
    """Some connections to one listener, shared by whoever asks through it."""

    def __init__(
        self,
        address: tuple[str, int],
        envelope: Envelope,
        framing: Framing,
        terminal: Terminal,
        zone: tzinfo,
        *,
        connections: int = 2,
        net: Network | None = None,
        now: Clock = utc_now,
        seed: int = 0,
        patience: Patience = Patience(),  # noqa: B008 - frozen
        keys: KeyExchange | None = None,
        tls: Tls | None = None,
        book: DayBook | None = None,
    ) -> None:
        self.book = book or DayBook()  # what was final, for the day's totals
        self.envelope = envelope
        self.keys = keys
        self.terminal = terminal
        self.patience = patience
        self.counts: Counter[str] = Counter()
        self._address = address
        self._framing = framing
        self._zone = zone
        self._connections = connections
        self._network = net or TcpNetwork()
        self._tls = tls
        self._now = now
        self._random = random.Random(seed)
        self._stan = self._random.randrange(STAN_COUNT)
        self._open: dict[Key, Question] = {}
        self._ready: list[Line] = []
        self._turn = 0
        self._some_ready = trio.Event()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the connections up until cancelled; started as soon as one of them is signed on."""
        flusher = Flusher()
        async with trio.open_nursery() as nursery:
            await nursery.start(flusher.run)
            for _ in range(self._connections):
                nursery.start_soon(self._keep_connected, flusher)
            await self.ready_line()
            task_status.started()

    async def sign_off(self) -> None:
        """Tell the listener that nothing more comes (002); the connections may be cut afterwards."""
        async with trio.open_nursery() as nursery:
            for line in tuple(self._ready):
                nursery.start_soon(line.manage, "002")
        self._ready.clear()

    def stamp(self) -> Stamp:
        """The next STAN, and now."""
        self._stan = self._stan % STAN_COUNT + 1
        return stamp(self._stan, self._now(), self._zone)

    @contextmanager
    def question(self, fields: Mapping[str, str]) -> Iterator[Question]:
        """Listen for answers to `fields`; once closed, they are ignored."""
        key = awaited_key(fields)
        self._open[key] = question = Question(self)
        try:
            yield question
        finally:
            del self._open[key]

    async def ready_line(self) -> Line:
        """The next of the connections that are signed on; waits for one."""
        while not self._ready:
            await self._some_ready.wait()
        self._turn += 1
        return self._ready[self._turn % len(self._ready)]

    def line_ready(self, line: Line) -> None:
        self._ready.append(line)
        self._some_ready.set()

    def line_ended(self, line: Line) -> None:
        if line in self._ready:
            self._ready.remove(line)
            self._some_ready = self._some_ready if self._ready else trio.Event()
        for question in self._open.values():
            if question.line is line:
                question.tell(None)

    def on_answer(self, message: Message) -> None:
        key = (message.mti, message.stan or "", message.transmitted_at or "", message.terminal or "")
        question = self._open.get(key)
        if question is None:
            self.counts["unmatched"] += 1
        else:
            question.tell(message)

    async def _keep_connected(self, flusher: Flusher) -> None:
        pause_s, pause_max_s = RECONNECT_AFTER_S
        while True:
            try:
                wire = await self._dial()
            except (OSError, trio.TooSlowError):
                self.counts["refused"] += 1
            else:
                pause_s, _ = RECONNECT_AFTER_S
                await Line(self, FrameConnection(wire, self._framing, flusher)).run()
                self.counts["cut"] += 1
            await trio.sleep(pause_s * self._random.uniform(0.5, 1.0))
            pause_s = min(2 * pause_s, pause_max_s)

    async def _dial(self) -> Wire:
        wire = await self._network.dial(*self._address)
        if self._tls is None:
            return wire
        with trio.fail_after(HANDSHAKE_WITHIN_S):
            return await self._tls.over(wire)
