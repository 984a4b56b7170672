"""One connection to a switch, on a blocking socket: a question, and the answer that matches it.

Rule: nothing is run beside it. While it waits it answers the other side's echo, tells of what it did not expect, and
gives up at its deadline. An answer that was not believed is not an answer, and silence is not a decline.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from types import TracebackType

from switch.commands.endpoint import Endpoint
from switch.wire.answer import answer_fields
from switch.wire.codes import ResponseCode
from switch.wire.dialect import BadMessage
from switch.wire.envelope import BadMac
from switch.wire.framing import Frame, FramingError
from switch.wire.message import Message
from switch.wire.mti import answer_mti, is_answer, is_network, is_request

CONNECT_WITHIN_S = 10.0
READ_SIZE = 65_536

_ECHOED = ("11", "7", "41")

Tell = Callable[[str], None]


class NoAnswer(Exception):  # noqa: N818 - an outcome of its own: not known
    """The question has no answer that could be believed; the text says why. What came instead is in `body`."""

    def __init__(self, why: str, body: bytes | None = None) -> None:
        super().__init__(why)
        self.body = body


class Conversation:
    """A context manager: closes its connection. Raises OSError when it cannot connect."""

    def __init__(self, endpoint: Endpoint, tell: Tell) -> None:
        self._endpoint = endpoint
        self._tell = tell
        self._buffer = bytearray()
        self._frames: list[Frame] = []
        self._socket = _connected(endpoint)

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def ask(self, body: bytes, fields: dict[str, str], timeout_s: float) -> tuple[bytes, Message]:
        """Sends a sealed question; the answer with its bytes. Raises NoAnswer."""
        deadline = time.monotonic() + timeout_s
        self._send(body)
        while True:
            prefix, received = self._receive(deadline)
            message = self._opened(received)
            if _answers(message, fields):
                return received, message
            self._answer_or_tell(message, prefix)

    def _send(self, body: bytes, prefix: bytes = b"") -> None:
        try:
            self._socket.sendall(self._endpoint.framing.wrap(body, prefix))
        except OSError as error:
            raise NoAnswer(f"the connection broke: {error.strerror or type(error).__name__}") from None

    def _receive(self, deadline: float) -> Frame:
        """The next message's bytes; keep-alives are passed over."""
        while True:
            while self._frames:
                frame = self._frames.pop(0)
                if any(frame):
                    return frame
            self._read(deadline)

    def _read(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        try:
            self._socket.settimeout(max(left, 0.001))
            data = self._socket.recv(READ_SIZE) if left > 0 else None
        except TimeoutError:
            data = None
        except OSError as error:
            raise NoAnswer(f"the connection broke: {error.strerror or type(error).__name__}") from None
        if data is None:
            raise NoAnswer("no answer in time: the outcome is not known")
        if not data:
            raise NoAnswer("the connection was closed without an answer")
        self._buffer += data
        try:
            self._frames += self._endpoint.framing.cut(self._buffer)
        except FramingError as error:
            raise NoAnswer(f"what came is not framed as {self._endpoint.framing.name}: {error}") from None

    def _opened(self, body: bytes) -> Message:
        try:
            return self._endpoint.envelope.open(body, refusals_without_mac=True)
        except BadMessage as error:
            raise NoAnswer(f"what came cannot be read: {error}", body) from None
        except BadMac:
            raise NoAnswer("the MAC of what came is wrong or missing", body) from None

    def _answer_or_tell(self, message: Message, prefix: bytes) -> None:
        if is_network(message.mti) and is_request(message.mti):
            fields = answer_fields(message, ResponseCode.APPROVED, language="en", business_date=None)
            self._send(self._endpoint.envelope.seal(fields), self._endpoint.framing.reply_prefix(prefix))
            self._tell(f"answered the other side's {message.mti}")
        else:
            self._tell(f"another message came, and was passed over: {message.mti}, field 11 {message.stan or 'absent'}")


def _connected(endpoint: Endpoint) -> socket.socket:
    """Under TLS where the endpoint speaks it. That the other side believed us is known when it says something."""
    plain, tls = socket.create_connection((endpoint.host, endpoint.port), CONNECT_WITHIN_S), endpoint.tls
    if tls is None:
        return plain
    try:
        return tls.context.wrap_socket(plain, server_hostname=tls.server_name)
    except ssl.SSLError as error:
        from switch.net.tls import HandshakeError, refusal_of  # only now, for the sake of the start

        raise HandshakeError(refusal_of(error)) from None


def _answers(message: Message, fields: dict[str, str]) -> bool:
    """By MTI, 11, 7 and 41, those of them that both have."""
    if is_request(fields["t"]):
        if message.mti != answer_mti(fields["t"]):
            return False
    elif not is_answer(message.mti):
        return False
    return all(message[de] == fields[de] for de in _ECHOED if de in message and de in fields)
