"""A port where channels connect.

Rule: any bytes at all, on any number of connections, cost those connections at most. What a connection may do is
`visitor.py`; here is how many there may be, who is let in under TLS, when they are looked at, and how they end. One
that is still in its handshake counts like any other.
"""

import math
from collections import Counter
from dataclasses import replace

import trio

from config.sections import ListenerSettings
from switch.flow.admission import Admission
from switch.flow.overload import Door, Gate
from switch.flow.session import Event, Patience
from switch.net.edge import Edge
from switch.net.endpoint import Endpoint
from switch.net.exchange import Handler
from switch.net.key_exchange import KeyExchange
from switch.net.network import Port, Wire, keep_accepting
from switch.net.stamps import Stamps
from switch.net.sweeper import Sweeper
from switch.net.tls import HandshakeError, Refusal, Tls
from switch.net.tls_wire import TlsWire
from switch.net.transport import FrameConnection
from switch.net.visitor import Visitor
from switch.wire.envelope import Envelope
from switch.wire.framing import Framing

ECHO_AFTER_S = 60.0
SWEEP_GRAIN_S = 0.1
# Ends of a connection that its other side brought about by what it sent, or by how slowly.
UNWELCOME = frozenset(
    ("not signed on", "unfinished frame", "frame too long", "bad length", "unreadable", "slow reader"),
)


class Listener:
    """Serves one endpoint of the configuration, in clear or under `tls`. `port` is the real one once `serve` has
    started; `language` stands in where the settings name none; `gate` is shared with the other listeners."""

    def __init__(
        self,
        settings: ListenerSettings,
        envelope: Envelope,
        framing: Framing,
        handler: Handler,
        edge: Edge,
        *,
        language: str = "ar",
        requests_open_max: int = 64,
        keys: KeyExchange | None = None,
        wrong_macs_max: int = 10,
        gate: Gate | None = None,
        tls: Tls | None = None,
    ) -> None:
        self.name = settings.name
        self.port = settings.port
        self._edge = edge
        self._tls = tls
        patience = Patience(ECHO_AFTER_S, settings.idle_s, settings.idle_s)
        self._look_within_s = min(settings.frame_s, settings.signs_on_within_s, *patience)
        self._settings = settings
        self._endpoint = Endpoint(
            settings=settings,
            envelope=envelope,
            framing=framing,
            handler=handler,
            edge=edge,
            admission=Admission(settings.acquirers, settings.terminals),
            patience=patience,
            language=settings.language or language,
            requests_open_max=requests_open_max,
            stamp=Stamps(edge.clock, edge.rng, share=edge.share).take,
            keys=keys,
            wrong_macs_max=wrong_macs_max,
            door=Door(gate if gate is not None else Gate()),
        )
        self._visitors: dict[Visitor, None] = {}  # in order of arrival, so that a seeded run is the same every time
        self._in_handshake = 0
        self._per_peer: Counter[str] = Counter()
        self._sweeper = Sweeper(self._sweep, SWEEP_GRAIN_S)
        self._port: Port | None = None
        self._nursery: trio.Nursery | None = None
        self._stopping = False
        self._at_rest = trio.Event()
        self._stopped = trio.Event()

    @property
    def connections(self) -> int:
        return len(self._visitors) + self._in_handshake

    @property
    def requests_open(self) -> int:
        return sum(visitor.requests_open for visitor in self._visitors)

    async def serve(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Listen, and serve until `stop` or until cancelled. An OSError says why the port can't be had."""
        self._port = await self._edge.network.listen(self._settings.host, self._settings.port)
        self.port = self._port.number
        try:
            async with trio.open_nursery() as self._nursery:
                self._nursery.start_soon(self._sweeper.run)
                task_status.started()
                await keep_accepting(self._port, self._take, self._accept_failed)
                await self._stopped.wait()
                self._nursery.cancel_scope.cancel()
        finally:
            self._port.close()

    def change_keys(self) -> bool:
        """Bring the channel new keys, on one of its connections; False where that can't be."""
        return any(visitor.change_keys() for visitor in self._visitors)

    def tell_day(self, mmdd: str) -> None:
        """To every channel that is signed on."""
        for visitor in self._visitors:
            visitor.tell_day(mmdd)

    async def stop(self, within_s: float) -> None:
        """Accept and read nothing more, answer what is open for at most `within_s`, then close."""
        self._stopping = True
        if self._port is not None:
            self._port.close()
        for visitor in self._visitors:
            visitor.happen(Event.STOPPED)
        self._request_ended()
        with trio.move_on_after(within_s):
            await self._at_rest.wait()
            async with trio.open_nursery() as nursery:
                for visitor in self._visitors:
                    nursery.start_soon(visitor.connection.finish)
        for visitor in self._visitors:
            visitor.happen(Event.DRAINED)
        self._stopped.set()

    def _take(self, wire: Wire) -> None:
        """A connection arrived: serve it, unless there are too many."""
        refusal = self._refusal(wire.peer)
        if refusal or self._nursery is None:
            self._turn_away(wire, refusal or "stopping")
            return
        self._per_peer[wire.peer] += 1
        if self._tls is None:
            self._nursery.start_soon(self._attend, self._let_in(wire, self._endpoint))
        else:
            self._in_handshake += 1
            self._nursery.start_soon(self._shake_hands, wire, self._tls)

    def _refusal(self, peer: str) -> str:
        if self._stopping:
            return "stopping"
        if self.connections >= self._settings.connections_max:
            return "too many connections"
        if self._per_peer[peer] >= self._settings.connections_per_peer_max:
            return "too many connections of one peer"
        return ""

    async def _shake_hands(self, wire: Wire, tls: Tls) -> None:
        """A connection under TLS, from its first byte to its last."""
        visitor = None
        try:
            with trio.fail_after(self._settings.handshake_s):
                secure = await tls.over(wire)
            visitor = self._recognise(secure)
        except trio.TooSlowError:
            self._turn_away(wire, Refusal.TOO_SLOW)
        except HandshakeError as error:
            self._turn_away(wire, error.refusal)
        except Exception as error:
            self._turn_away(wire, Refusal.FAILED)
            self._edge.fault("handshake failed", error, listener=self.name)
        finally:
            self._in_handshake -= 1
            if visitor is None:
                self._left(wire.peer)
        if visitor is not None:
            await self._attend(visitor)

    def _recognise(self, wire: TlsWire) -> Visitor | None:
        """Let in for whom both the listener and the certificate allow."""
        mandate = wire.certificate.mandate
        if mandate is None or self._stopping:
            self._turn_away(wire, "stopping" if self._stopping else Refusal.BINDS_NOBODY)
            return None
        admission = self._endpoint.admission.within(mandate.admission)
        return self._let_in(wire, replace(self._endpoint, admission=admission))

    def _let_in(self, wire: Wire, endpoint: Endpoint) -> Visitor:
        connection = FrameConnection(wire, endpoint.framing, self._edge.flusher)
        visitor = Visitor(endpoint, connection, self._request_ended)
        self._visitors[visitor] = None
        self._sweeper.by(connection.heard_at + self._look_within_s)
        return visitor

    def _turn_away(self, wire: Wire, why: str) -> None:
        """Every one is counted, and told of once per window and reason."""
        wire.close()
        self._endpoint.count(why)
        self._endpoint.tell("connection refused", why, wire.peer)

    async def _attend(self, visitor: Visitor) -> None:
        try:
            reason = await visitor.run()
            self._edge.counters.add("listener_closes", self.name, reason)
            if reason in UNWELCOME:
                self._endpoint.tell("connection refused", reason, visitor.connection.peer)
        finally:
            del self._visitors[visitor]
            self._left(visitor.connection.peer)
            self._request_ended()

    def _left(self, peer: str) -> None:
        self._per_peer[peer] -= 1
        if not self._per_peer[peer]:
            del self._per_peer[peer]

    def _accept_failed(self, error: OSError) -> None:
        self._endpoint.count("accept failed")
        self._edge.report("accept failed", listener=self.name, error=error.strerror)

    def _request_ended(self) -> None:
        if self._stopping and not self.requests_open:
            self._at_rest.set()

    def _sweep(self, now: float) -> float:
        return min((visitor.look(now) for visitor in tuple(self._visitors)), default=math.inf)
