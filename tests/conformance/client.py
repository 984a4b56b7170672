"""A bank's end of one connection: a blocking socket, the listener's dialect, framing and MAC.

Rule: nothing is repaired and nothing is hidden. What arrives is kept as bytes beside its fields, a wrong MAC on
an answer is an error at once, and every wait has an end.
"""

import socket
import ssl
import time
from dataclasses import dataclass

import iso8583

from tests.conformance import dialects, secure
from tests.conformance.card import Listener

Fields = dict[str, str]

ANSWER_S = 10.0  # far above what a healthy answer takes; 25 s is the switch's promise for a sick one
NEW_KEY = "161"
QUIET_S = 0.2  # how long a line must be silent before a test believes that nothing comes


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came; `body` is without length, TPDU or header."""

    fields: Fields
    body: bytes

    @property
    def code(self) -> str:
        return self.fields.get("39", "")


class ClosedError(Exception):
    """The switch closed the connection."""


class Wire:
    """Fields to bytes and back for one listener, MAC included."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.spec = dialects.spec_named(listener.dialect)

    def seal(self, fields: Fields) -> bytes:
        """The message's bytes; its MAC is in 128 when any field above 64 is there, else in 64."""
        if self.listener.mac_key is None or fields["t"].startswith("08"):
            return self.encode(fields)
        return self.remac(self.encode({**fields, mac_field(fields): "0" * 16}))

    def remac(self, whole: bytes) -> bytes:
        """The same bytes with the last field replaced by the MAC over all before it."""
        before = whole[: -self.mac_width]
        return before + self.mac_bytes(before)

    def encode(self, fields: Fields) -> bytes:
        body, _ = iso8583.encode(dict(fields), self.spec)
        return bytes(body)

    def open(self, body: bytes) -> Received:
        """Decodes a message of the switch; its MAC, where it has one, must be right."""
        decoded, _ = iso8583.decode(body, self.spec)
        fields = {de: value for de, value in decoded.items() if de not in ("h", "p", "1")}
        if {"64", "128"} & set(fields) and self.listener.mac_key is not None:
            assert body == self.remac(body), f"the MAC of a {fields['t']}/{fields.get('39')} is wrong"
        return Received(fields, body)

    def framed(self, body: bytes) -> bytes:
        return dialects.framed(self.listener.framing, body)

    def mac_bytes(self, before: bytes) -> bytes:
        """The MAC as the dialect writes it: eight bytes, or their sixteen hex letters."""
        mac = self.mac_of(before)
        return mac if self.mac_width == 8 else mac.hex().upper().encode("ascii")

    def mac_of(self, data: bytes) -> bytes:
        listener = self.listener
        assert listener.mac_key is not None, "this listener has no MAC key"
        if listener.mac_algorithm == "retail":
            return secure.retail_mac(listener.mac_key, data, listener.mac_padding)
        return secure.cmac(listener.mac_key, data)

    @property
    def mac_width(self) -> int:
        return int(self.spec["64"]["max_len"])


class Client:
    """One connection. Answers are matched by MTI, 11, 7 and 41; what nobody asked for stays in `unclaimed`."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.wire = Wire(listener)
        self.unclaimed: list[Received] = []
        self.brought: list[Received] = []  # new keys (161), for the test to answer
        self.socket = connected(listener)
        self._buffer = b""

    def close(self) -> None:
        self.socket.close()

    def send(self, *requests: Fields) -> None:
        """Sends them all in one write."""
        self.send_raw(b"".join(self.wire.framed(self.wire.seal(fields)) for fields in requests))

    def send_body(self, body: bytes) -> None:
        self.send_raw(self.wire.framed(body))

    def send_raw(self, data: bytes) -> None:
        self.socket.settimeout(ANSWER_S)
        self.socket.sendall(data)

    def ask(self, request: Fields, *, within_s: float = ANSWER_S) -> Received:
        self.send(request)
        return self.answer_to(request, within_s=within_s)

    def ask_body(self, request: Fields, body: bytes) -> Received:
        """Sends the bytes as they are and waits for the answer to the request that they stand for."""
        self.send_body(body)
        return self.answer_to(request)

    def answer_to(self, request: Fields, *, within_s: float = ANSWER_S) -> Received:
        """The first answer to this request, whatever else comes before it."""
        for received in self.unclaimed:
            if answers(request, received):
                self.unclaimed.remove(received)
                return received
        return self._wait_for(request, time.monotonic() + within_s)

    def receive(self, *, within_s: float = ANSWER_S) -> Received:
        """The next message, except what keeps the line alive. Raises TimeoutError or ClosedError."""
        return self._next(time.monotonic() + within_s)

    def listen(self, for_s: float = QUIET_S) -> list[Received]:
        """What comes until the line has been quiet for so long, with what nobody claimed before."""
        while True:
            try:
                self.unclaimed.append(self.receive(within_s=for_s))
            except TimeoutError:
                heard, self.unclaimed = self.unclaimed, []
                return heard

    def is_closed(self, *, within_s: float = ANSWER_S) -> bool:
        """Whether the switch closes the connection in that time, whatever it says before."""
        deadline = time.monotonic() + within_s
        try:
            while True:
                self._next(deadline)
        except ClosedError:
            return True
        except TimeoutError:
            return False

    def _wait_for(self, request: Fields, deadline: float) -> Received:
        while True:
            try:
                received = self._next(deadline)
            except TimeoutError:
                raise AssertionError(f"no answer to {request['t']} {request.get('3', '')} in time") from None
            if answers(request, received):
                return received
            self.unclaimed.append(received)

    def _next(self, deadline: float) -> Received:
        while True:
            body = self._next_body(deadline)
            if not body:
                continue
            received = self.wire.open(body)
            if received.fields["t"] != "0800":
                return received
            if received.fields.get("70") == NEW_KEY:
                self.brought.append(received)
            else:
                self.answer_network(received.fields)

    def rekey(self, listener: Listener) -> None:
        """Speak with these keys from here on."""
        self.listener = self.wire.listener = listener

    def answer_network(self, asked: Fields) -> None:
        """The switch may ask too (an echo, a cutover); an answer keeps it content."""
        kept: Fields = {de: asked[de] for de in ("7", "11", "32", "41", "70") if de in asked}
        self.send({"t": "0810", **kept, "39": "00"})

    def _next_body(self, deadline: float) -> bytes:
        """One whole frame; what a deadline cuts stays in the buffer and is read on next time."""
        at = 0

        def read(count: int) -> bytes:
            nonlocal at
            at += count
            while len(self._buffer) < at:
                self._buffer += self._receive(deadline)
            return self._buffer[at - count : at]

        body = dialects.read_frame(self.listener.framing, read)
        self._buffer = self._buffer[at:]
        return body

    def _receive(self, deadline: float) -> bytes:
        self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            raise ClosedError from None
        if not data:
            raise ClosedError
        return data


def connected(listener: Listener) -> socket.socket:
    """Under TLS where the card says so, each side with its certificate."""
    plain, tls = socket.create_connection((listener.host, listener.port), timeout=ANSWER_S), listener.tls
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls is None:
        return plain
    context = ssl.create_default_context(cafile=tls.authorities)
    context.load_cert_chain(tls.certificate, tls.key)
    return context.wrap_socket(plain, server_hostname=tls.server_name)


def mac_field(fields: Fields) -> str:
    return "128" if any(int(de) > 64 for de in fields if de.isdigit()) else "64"


def answer_mti(mti: str) -> str:
    """x2x0 and x2x1 are answered by x2x0 plus ten."""
    return f"{mti[:2]}{int(mti[2]) + 1}0"


def answers(request: Fields, received: Received) -> bool:
    fields = received.fields
    return (
        fields["t"] == answer_mti(request["t"])
        and fields.get("11") == request.get("11")
        and fields.get("7") == request.get("7")
        and fields.get("41", "").strip() == request.get("41", "").strip()
    )
