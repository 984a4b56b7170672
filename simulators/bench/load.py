"""Presses a listener: `python -m simulators.bench.load CONFIG SERVICE CONNECTIONS [KEY=VALUE]...`

Rule: it must not be what is measured. Each request is a patched copy (`requests`), each answer is looked at only for
its STAN and its code. Every line of its standard input is an order (`orders`); for each it prints what became of it.

Closed: so many requests, a number of them open at any time. Open: requests leave at their moments whatever is answered,
and each waits from its moment, not from when it left.
"""

import select
import selectors
import socket
import sys
import time
from collections import defaultdict
from itertools import cycle

from config.hardening.process import harden
from config.settings import Settings, load
from simulators.bench.connection import RECEIVE_MAX, Answers, Connection
from simulators.bench.histogram import Histogram
from simulators.bench.orders import Closed, Open, Outcome, Window, order_in
from simulators.bench.patches import frames_in
from simulators.bench.requests import Asked, Requests
from simulators.bench.schedule import moments_ns
from simulators.channels.terminal import network
from simulators.keys import KeyCase, keys_of
from simulators.options import override
from switch.wire.codes import ResponseCode

SECOND_NS = 1_000_000_000
TRY_AGAIN_S = 0.001  # where a socket took no more
RENEW_NS = SECOND_NS  # requests say at most this much too early when they were sent


class Load:
    """All connections of one channel, each signed on."""

    def __init__(self, settings: Settings, keys: KeyCase, asked: Asked, connections: int) -> None:
        listener = next(iter(settings.listeners.values()))
        self._requests = Requests(settings, keys, asked)
        self._answers = Answers(self._requests.envelope)
        self._selector = selectors.EpollSelector()
        self._connections = [self._connect(listener.host, listener.port) for _ in range(connections)]
        self._turn = cycle(self._connections)
        self._unsent: set[Connection] = set()
        self._asked: dict[bytes, int] = {}
        self._begun_ns = 0
        self._window_ns = SECOND_NS
        self._windows: dict[int, Window] = {}
        self._renew_at_ns = 0

    def closed(self, order: Closed) -> Outcome:
        """Keep so many open until all are answered."""
        self._begin(SECOND_NS)
        left = order.requests
        for connection in self._connections:
            left -= self._ask_again(connection, min(order.in_flight, left), self._begun_ns)
        while self._asked:
            self._flush()
            for connection, answered, now in self._receive(TRY_AGAIN_S if self._unsent else None):
                left -= self._ask_again(connection, min(answered, left), now)
        return self._outcome(Histogram())

    def open(self, order: Open) -> Outcome:
        """Send at the moments of the schedule; afterwards wait for what is unanswered, but not for ever."""
        self._begin(round(order.window_s * SECOND_NS))
        late = Histogram()
        moments = moments_ns(order.phases)
        due = next(moments, None)
        end_ns = self._begun_ns + round(sum(phase.seconds for phase in order.phases) * SECOND_NS)
        give_up_ns = end_ns + round(order.drain_s * SECOND_NS)
        while (now := time.monotonic_ns()) < end_ns or (self._asked and now < give_up_ns):
            while due is not None and self._begun_ns + due <= now:
                self._ask(next(self._turn), self._begun_ns + due)
                late.add((now - self._begun_ns - due) // 1000)
                due = next(moments, None)
            self._flush()
            next_ns = self._begun_ns + due if due is not None else end_ns
            self._receive(self._pause_s(next_ns if now < end_ns else give_up_ns))
        return self._outcome(late)

    def _begin(self, window_ns: int) -> None:
        self._asked.clear()
        self._windows = defaultdict(Window)
        self._window_ns = window_ns
        self._begun_ns = time.monotonic_ns()
        self._renew_at_ns = 0

    def _outcome(self, late: Histogram) -> Outcome:
        elapsed_s = (time.monotonic_ns() - self._begun_ns) / SECOND_NS
        windows = [self._windows[number] for number in range(max(self._windows, default=-1) + 1)]
        return Outcome(elapsed_s, self._window_ns / SECOND_NS, windows, len(self._asked), late)

    def _ask_again(self, connection: Connection, number: int, now: int) -> int:
        for _ in range(number):
            self._ask(connection, now)
        return number

    def _ask(self, connection: Connection, moment: int) -> None:
        if moment >= self._renew_at_ns:
            self._requests.begin()
            self._renew_at_ns = moment + RENEW_NS
        frame, stan = self._requests.next()
        connection.unsent += frame
        self._unsent.add(connection)
        self._asked[stan] = moment
        self._window_at(moment).asked += 1

    def _flush(self) -> None:
        self._unsent -= {connection for connection in self._unsent if connection.flush()}

    def _pause_s(self, until_ns: int) -> float:
        left_s = max((until_ns - time.monotonic_ns()) / SECOND_NS, 0)
        return min(left_s, TRY_AGAIN_S) if self._unsent else left_s

    def _receive(self, within_s: float | None) -> list[tuple[Connection, int, int]]:
        """What came in: by connection how many answers, and when."""
        if within_s is not None:
            select.select([self._selector], [], [], within_s)  # epoll's own timeout counts in milliseconds
        found = []
        for key, _ in self._selector.select(None if within_s is None else 0):
            connection: Connection = key.data
            bodies = connection.receive()
            now = time.monotonic_ns()
            found.append((connection, sum([self._note(body, now) for body in bodies]), now))
        return found

    def _note(self, body: bytes, now: int) -> bool:
        """Whether it is an answer to what is open. What comes after its order was given up is nobody's."""
        stan, code = self._answers.read(body)
        moment = self._asked.pop(stan, None)
        if moment is None:
            return False
        self._window_at(now).codes[code] += 1
        if code == ResponseCode.APPROVED:
            self._window_at(moment).latency.add((now - moment) // 1000)
        return True

    def _window_at(self, moment: int) -> Window:
        return self._windows[(moment - self._begun_ns) // self._window_ns]

    def _connect(self, host: str, port: int) -> Connection:
        """A connection that is signed on."""
        sock = socket.create_connection((host, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock)
        body = self._requests.envelope.seal(network("001", self._requests.terminal, self._requests.stamp()))
        sock.sendall(len(body).to_bytes(2) + body)
        while not (frames := frames_in(connection.buffer)):
            connection.buffer += sock.recv(RECEIVE_MAX)
        answer = self._requests.envelope.open(frames[0])
        if answer.response_code != ResponseCode.APPROVED:
            raise SystemExit(f"sign-on refused: {answer.response_code}")
        sock.setblocking(False)
        self._selector.register(sock, selectors.EVENT_READ, connection)
        return connection


if __name__ == "__main__":
    harden()
    config, asked, connections, *overrides = sys.argv[1:]
    chosen = load(config, dict(override(text) for text in overrides))
    generator = Load(chosen, keys_of(chosen), Asked(asked), int(connections))
    for line in sys.stdin:
        order = order_in(line)
        outcome = generator.closed(order) if isinstance(order, Closed) else generator.open(order)
        print(outcome.told(), flush=True)  # noqa: T201 - it is a program
