"""The door of a simulated core or biller: takes a switch's connections, and lets faults happen to what passes.

Rule: what is at the door (frames, MACs, sign-on, echo, malformed messages) is `switch.net`'s own; what a question
means is the host's; this file only carries, and breaks what it is told to break.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import trio

from config.sections import ListenerSettings, PeerSettings
from simulators.hosts.faults import Draw, Fault, Faults
from simulators.secure import HANDSHAKE_WITHIN_S
from switch.flow.admission import Admission
from switch.flow.session import Patience
from switch.net.edge import Answer, Edge
from switch.net.endpoint import Endpoint
from switch.net.exchange import Exchange
from switch.net.key_exchange import KeyExchange
from switch.net.network import Wire, keep_accepting
from switch.net.stamps import Stamps
from switch.net.sweeper import Sweeper
from switch.net.tls import Refusal, Tls
from switch.net.transport import FrameConnection
from switch.net.visitor import Visitor
from switch.wire.answer import answer_fields
from switch.wire.codes import ResponseCode
from switch.wire.envelope import Envelope
from switch.wire.framing import Framing
from switch.wire.message import Message

SWEEP_GRAIN_S = 0.1
REQUESTS_OPEN_MAX = 1_000_000  # a stalled request must not stop the others


class Answerer(Protocol):
    """A host: the fields of an answer, or None where it says nothing."""

    def answer(self, message: Message, *, refuse: str = "") -> dict[str, str] | None: ...
    def cut_over(self, mmdd: str) -> bool:
        """The asker has opened this business day (DE 15); False: no such day can be."""


class Anybody(Admission):
    """A host's line is the switch's own: whom it speaks for was judged at the switch."""

    def __init__(self) -> None:
        super().__init__((), ())

    def judge(self, acquirer: str | None, terminal: str | None) -> bool:
        return True


class PeerServer:
    """Serves one peer of the configuration, in clear or under `tls`. `port` is the real one once `serve` has started.

    `refusal` is the code of a drawn decline.
    """

    def __init__(
        self,
        settings: PeerSettings,
        answerer: Answerer,
        envelope: Envelope,
        framing: Framing,
        edge: Edge,
        *,
        faults: Faults | None = None,
        refusal: str = "51",
        keys: KeyExchange | None = None,
        tls: Tls | None = None,
    ) -> None:
        self.port = 0
        self._tls = tls
        self._name = settings.name
        self._frame_s = settings.frame_s
        self._answerer = answerer
        self._edge = edge
        self._faults = faults or Faults()
        self._refusal = refusal
        self._endpoint = Endpoint(
            settings=ListenerSettings(name=settings.name, port=0, acquirers=(), frame_s=settings.frame_s),
            envelope=envelope,
            framing=framing,
            handler=self,
            edge=replace(edge, cutover=self._cut_over),
            admission=Anybody(),
            patience=Patience(settings.echo_after_s, settings.idle_s, settings.idle_s),
            language="ar",
            requests_open_max=REQUESTS_OPEN_MAX,
            stamp=Stamps(edge.clock, edge.rng).take,
            keys=keys,
        )
        self._visitors: dict[Visitor, None] = {}  # in order of arrival: a seeded run is the same every time
        self._sweeper = Sweeper(self._sweep, SWEEP_GRAIN_S)
        self._nursery: trio.Nursery | None = None

    async def serve(
        self, host: str, port: int, *, task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Listen until cancelled; starts with the real port. An OSError says why the port can't be had."""
        listening = await self._edge.network.listen(host, port)
        self.port = listening.number
        try:
            async with trio.open_nursery() as self._nursery:
                self._nursery.start_soon(self._sweeper.run)
                task_status.started(self.port)
                await keep_accepting(listening, self._take, self._accept_failed)
        finally:
            listening.close()

    def on_request(self, exchange: Exchange) -> None:
        """Every request that came through the door (`Handler`)."""
        draw = self._faults.draw(exchange.request)
        if draw.fault is not None:
            self._edge.counters.add("peer_faults", self._name, draw.fault.value)
        if draw.fault is Fault.LOSE:
            exchange.drop()
            return
        wait_s = draw.wait_s + (self._faults.rates.late_s if draw.fault is Fault.STALL else 0)
        self._after(wait_s, exchange, lambda: self._carry_out(exchange, draw))

    def _cut_over(self, endpoint: str, request: Message, answer: Answer) -> None:
        taken = self._answerer.cut_over(request.business_date or "")
        answer(ResponseCode.APPROVED if taken else ResponseCode.INVALID_TRANSACTION, "")

    def _carry_out(self, exchange: Exchange, draw: Draw) -> None:
        refuse = self._refusal if draw.fault is Fault.DECLINE else ""
        fields = self._answerer.answer(exchange.request, refuse=refuse)
        if fields is None:
            exchange.drop()
            return
        late_s = self._faults.rates.late_s if draw.fault is Fault.LATE else 0
        self._after(late_s, exchange, lambda: self._answer(exchange, fields, draw.fault))

    def _answer(self, exchange: Exchange, fields: dict[str, str], fault: Fault | None) -> None:
        visitor = exchange.connection
        assert isinstance(visitor, Visitor)
        if fault in (Fault.DROP, Fault.GARBAGE, Fault.DISCONNECT):
            exchange.drop()
        else:
            exchange.answer(_as_if_to_another(fields, fault))
        if fault is Fault.DUPLICATE:
            visitor.connection.send(self._endpoint.envelope.seal(fields), exchange.prefix)
        elif fault is Fault.GARBAGE:
            visitor.connection.send(self._faults.garbage(), exchange.prefix)
        elif fault is Fault.DISCONNECT:
            visitor.connection.abort("fault")

    def _after(self, wait_s: float, exchange: Exchange, do: Callable[[], None]) -> None:
        """At once if there is nothing to wait for, so that answers keep the order of their requests."""
        if wait_s <= 0 or self._nursery is None:
            do()
        else:
            self._nursery.start_soon(self._wait_and, wait_s, exchange, do)

    async def _wait_and(self, wait_s: float, exchange: Exchange, do: Callable[[], None]) -> None:
        await trio.sleep(wait_s)
        try:
            do()
        except Exception as error:
            self._edge.fault("request failed", error, peer=self._name)
            exchange.answer(
                answer_fields(exchange.request, ResponseCode.MALFUNCTION, language="ar", business_date=None)
            )

    def _take(self, wire: Wire) -> None:
        assert self._nursery is not None
        if self._tls is None:
            self._nursery.start_soon(self._attend, self._let_in(wire))
        else:
            self._nursery.start_soon(self._shake_hands, wire, self._tls)

    async def _shake_hands(self, wire: Wire, tls: Tls) -> None:
        try:
            with trio.fail_after(HANDSHAKE_WITHIN_S):
                secure = await tls.over(wire)
        except (OSError, trio.TooSlowError):
            self._edge.counters.add("peer_closes", self._name, Refusal.FAILED)
        else:
            await self._attend(self._let_in(secure))

    def _let_in(self, wire: Wire) -> Visitor:
        connection = FrameConnection(wire, self._endpoint.framing, self._edge.flusher)
        visitor = Visitor(self._endpoint, connection, _nothing)
        self._visitors[visitor] = None
        self._sweeper.by(connection.heard_at + self._frame_s)
        return visitor

    async def _attend(self, visitor: Visitor) -> None:
        try:
            self._edge.counters.add("peer_closes", self._name, await visitor.run())
        finally:
            self._visitors.pop(visitor, None)

    def _accept_failed(self, error: OSError) -> None:
        self._edge.report("accept failed", peer=self._name, error=error.strerror)

    def _sweep(self, now: float) -> float:
        return min((visitor.look(now) for visitor in tuple(self._visitors)), default=now + self._frame_s)


def _as_if_to_another(fields: dict[str, str], fault: Fault | None) -> dict[str, str]:
    """An answer that says of another question what is true of this one; unchanged without such a fault."""
    if fault is Fault.WRONG_STAN:
        return {**fields, "11": f"{(int(fields['11']) + 500_000) % 1_000_000:06d}"}
    if fault is Fault.WRONG_TERMINAL:
        return {**fields, "41": fields["41"][::-1]}
    if fault is Fault.WRONG_AMOUNT and "4" in fields:
        return {**fields, "4": f"{int(fields['4']) + 1:012d}"}
    return fields


def _nothing() -> None:
    """No one waits for the end of a request here."""
