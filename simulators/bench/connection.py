"""One of the channel's connections as a bench drives it, and what it looks at in an answer.

Rule: nothing here waits. What the socket does not take stays `unsent` until it is tried again.
"""

import socket
from dataclasses import dataclass, field

from simulators.bench.patches import Shape, frames_in, places, shape_of
from switch.wire.envelope import Envelope

RECEIVE_MAX = 65_536


@dataclass(eq=False)
class Connection:
    """A socket with what is half received, and what is not sent yet."""

    sock: socket.socket
    buffer: bytearray = field(default_factory=bytearray)
    unsent: bytearray = field(default_factory=bytearray)

    def flush(self) -> bool:
        """Send what the socket takes; whether that was all."""
        try:
            del self.unsent[: self.sock.send(self.unsent)]
        except BlockingIOError:
            return False
        return not self.unsent

    def receive(self) -> list[bytes]:
        """The whole messages that have come; echoes and other empty frames are left out."""
        data = self.sock.recv(RECEIVE_MAX)
        if not data:
            raise SystemExit("the switch closed a connection")
        self.buffer += data
        return [body for body in frames_in(self.buffer) if body]


class Answers:
    """Fields 11 and 39, found by decoding only in the first answer of a shape."""

    def __init__(self, envelope: Envelope) -> None:
        self._envelope = envelope
        self._places: dict[Shape, tuple[slice, slice]] = {}

    def read(self, body: bytes) -> tuple[bytes, str]:
        """Its STAN and its code. The first of a shape must have the right MAC."""
        shape = shape_of(body)
        found = self._places.get(shape)
        if found is None:
            self._envelope.open(body)
            where = places(body, self._envelope)
            found = self._places[shape] = slice(*where["11"]), slice(*where["39"])
        return body[found[0]], body[found[1]].decode()
