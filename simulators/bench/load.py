"""Saturates a listener with bill payments: `python -m simulators.bench.load CONFIG CONNECTIONS DEPTH [KEY=VALUE]...`

Rule: it must not be what is measured. Each request is a patched copy under a new MAC (`patches`), each answer is looked
at only for its code. Every line of its standard input is a number of payments to make, DEPTH open at any time on each
connection; it prints what became of them as one JSON object.
"""

import json
import selectors
import socket
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from zoneinfo import ZoneInfo

from config.hardening.process import harden
from config.settings import Settings, load
from simulators.bench.patches import Sealer, Shape, frames_in, places, shape_of
from simulators.channels.mobile_gateway import terminal
from simulators.channels.subscriber_requests import SubscriberRequest
from simulators.channels.terminal import Stamp, network, stamp
from simulators.keys import KeyCase, keys_of
from simulators.options import override
from simulators.people.population import Account
from switch.wire.codes import ResponseCode
from switch.wire.dialect import dialect_named
from switch.wire.message import Message

CUSTOMERS = 1_000
STANS = 1_000_000
RECEIVE_MAX = 65_536
AMOUNT_MINOR = 12_500
SUBSCRIBER, ACCOUNT, BILL = "963900000000", "10000000000001", "E0000000-00001"


@dataclass
class Connection:
    """One of the channel's connections, and how many requests are open on it."""

    sock: socket.socket
    buffer: bytearray = field(default_factory=bytearray)
    open: int = 0


class Requests:
    """Payments without end, no two with the same STAN, by many customers in turn."""

    def __init__(self, settings: Settings, keys: KeyCase) -> None:
        listener = next(iter(settings.listeners.values()))
        self.envelope = keys.envelope(listener, dialect_named(listener.dialect))
        self.terminal = terminal(listener, 1, settings.switch.currency)
        self._zone = ZoneInfo(settings.switch.timezone)
        self._numbers = count(1)
        self.begin()

    def stamp(self) -> Stamp:
        return stamp(next(self._numbers) % STANS, datetime.now(UTC), self._zone)

    def begin(self) -> None:
        """From here on they say that they were sent now."""
        write = SubscriberRequest(self.terminal, self.stamp(), SUBSCRIBER)
        fields = write.bill_payment(Account(ACCOUNT, "20", 0), "ELEC", "10000001", BILL, AMOUNT_MINOR)
        body = self.envelope.seal(fields)
        self._sealer = Sealer(body, self.envelope)
        where = places(body, self.envelope)
        self._stan, self._reference = slice(*where["11"]), slice(where["37"][1] - 6, where["37"][1])
        self._account = _last(body.index(ACCOUNT.encode()) + len(ACCOUNT) - 4, 4)
        self._subscriber = _last(body.index(SUBSCRIBER.encode()) + len(SUBSCRIBER), 4)
        self._bill = _last(body.index(BILL.encode()) + 8, 7)

    def next(self) -> bytes:
        """The next request, framed."""
        number, buffer = next(self._numbers), self._sealer.buffer
        stan, customer = b"%06d" % (number % STANS), b"%04d" % (number % CUSTOMERS)
        buffer[self._stan] = buffer[self._reference] = stan
        buffer[self._account] = buffer[self._subscriber] = customer
        buffer[self._bill] = b"%07d" % number
        return self._sealer.sealed()


def _last(end: int, length: int) -> slice:
    return slice(end - length, end)


class Load:
    def __init__(self, settings: Settings, keys: KeyCase, connections: int, in_flight: int) -> None:
        listener = next(iter(settings.listeners.values()))
        self._requests = Requests(settings, keys)
        self._in_flight = in_flight
        self._codes: dict[Shape, slice] = {}
        self._selector = selectors.DefaultSelector()
        self._connections = [self._connect(listener.host, listener.port) for _ in range(connections)]

    def run(self, payments: int) -> dict[str, object]:
        """Make so many payments; how they were answered, and the seconds it took."""
        self._requests.begin()
        codes: Counter[str] = Counter()
        left = payments
        started = time.monotonic()
        for connection in self._connections:
            left -= self._send(connection, min(self._in_flight, left))
        while sum(codes.values()) < payments:
            for key, _ in self._selector.select():
                connection = key.data
                answers = self._receive(connection)
                codes.update(answers)
                left -= self._send(connection, min(len(answers), left))
        return {"codes": codes, "elapsed_s": time.monotonic() - started}

    def _send(self, connection: Connection, number: int) -> int:
        if number:
            connection.sock.sendall(b"".join([self._requests.next() for _ in range(number)]))
        return number

    def _receive(self, connection: Connection) -> list[str]:
        data = connection.sock.recv(RECEIVE_MAX)
        if not data:
            raise SystemExit("the switch closed a connection")
        connection.buffer += data
        return [self._code_of(body) for body in frames_in(connection.buffer) if body]

    def _code_of(self, body: bytes) -> str:
        """Field 39, found by decoding only in the first answer of a shape."""
        shape = shape_of(body)
        place = self._codes.get(shape)
        if place is None:
            self._requests.envelope.open(body)
            place = self._codes[shape] = slice(*places(body, self._requests.envelope)["39"])
        return body[place].decode()

    def _connect(self, host: str, port: int) -> Connection:
        """A connection that is signed on."""
        sock = socket.create_connection((host, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock)
        body = self._requests.envelope.seal(network("001", self._requests.terminal, self._requests.stamp()))
        sock.sendall(len(body).to_bytes(2) + body)
        while not (frames := frames_in(connection.buffer)):
            connection.buffer += sock.recv(RECEIVE_MAX)
        answer: Message = self._requests.envelope.open(frames[0])
        if answer.response_code != ResponseCode.APPROVED:
            raise SystemExit(f"sign-on refused: {answer.response_code}")
        self._selector.register(sock, selectors.EVENT_READ, connection)
        return connection


if __name__ == "__main__":
    harden()
    config, connections, in_flight, *overrides = sys.argv[1:]
    chosen = load(config, dict(override(text) for text in overrides))
    generator = Load(chosen, keys_of(chosen), int(connections), int(in_flight))
    for line in sys.stdin:
        print(json.dumps(generator.run(int(line))), flush=True)  # noqa: T201 - it is a program
