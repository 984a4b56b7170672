"""A wire under TLS: the same non-blocking calls as a socket's, over any other wire.

Rule: what a send says it took has left as whole records, and nothing else has left that the other side could read. A
record of which only a part went out can't be deciphered, so its bytes are not taken yet (R10 hangs on that); the
record is kept, and the next send, which begins with the same bytes, goes on with it instead of sealing them again.

One `recv` takes at most RAW_MAX bytes from below, whatever they turn out to be: a peer that sends key updates or asks
to negotiate anew gets no more of a turn than one that sends frames. What is refused is an OSError (`ssl.SSLError` is
one), as on a socket that was cut.
"""

import contextlib
import errno
import ssl

import trio

from switch.net.network import Wire
from switch.security.certificates.reading import Certificate

RECORD_MAX = 16_384  # of clear text in one record (RFC 8446 §5.1)
RAW_MAX = 32_768
ALERTS_MAX = 4_096  # bytes of them that may wait for a send of ours to leave with

_NOTHING = memoryview(b"")


class TlsWire:
    """A wire whose handshake is done. `certificate` is the other side's.

    `incoming` and `outgoing` are the memory between `tls` and the wire below; what the other side sent right behind
    its handshake is in there already.
    """

    __slots__ = (
        "_fault",
        "_incoming",
        "_more",
        "_outgoing",
        "_recv_below",
        "_sealed",
        "_sealed_size",
        "_send_below",
        "_tls",
        "_wire",
        "certificate",
        "peer",
    )

    def __init__(
        self,
        wire: Wire,
        tls: ssl.SSLObject,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        certificate: Certificate,
    ) -> None:
        self.peer = wire.peer
        self.certificate = certificate
        self._wire = wire
        self._recv_below = wire.recv
        self._send_below = wire.send
        self._tls = tls
        self._incoming = incoming
        self._outgoing = outgoing
        self._more = incoming.pending > 0  # there may be something to read without asking the wire below
        self._fault: OSError | None = None  # to be raised when what came before it was read
        self._sealed = _NOTHING  # what the wire below has not taken yet of a record…
        self._sealed_size = 0  # …and how much clear text is in that

    def recv(self, size: int) -> bytes:
        """As a socket's. That the other side ended without TLS's own farewell is no fault: a message says how long it
        is, so one that was cut short is not taken for whole."""
        if self._fault is not None:
            raise self._fault
        if not self._more:
            raw = self._recv_below(RAW_MAX)
            if not raw:
                return b""
            self._incoming.write(raw)
            self._more = True
        return self._opened(size)

    def _opened(self, size: int) -> bytes:
        """What is legible of what came, from as many records as there are."""
        parts: list[bytes] = []
        tls, incoming = self._tls, self._incoming
        try:
            while size and self._more:
                part = tls.read(min(size, RECORD_MAX))
                if not part:  # the farewell: read again, it is read again
                    return b"".join(parts)
                parts.append(part)
                size -= len(part)
                self._more = incoming.pending > 0 or tls.pending() > 0
        except ssl.SSLWantReadError:
            self._more = False
        except ssl.SSLError as error:
            self._fail(error)
        if self._outgoing.pending > ALERTS_MAX:
            self._fail(OSError(errno.EPROTO, "too many alerts provoked"))
        if not parts:
            raise self._fault or BlockingIOError()
        return b"".join(parts)

    def send(self, data: bytes | memoryview) -> int:
        """As a socket's. What was not taken must be what the next send begins with."""
        taken = self._finish_record() if self._sealed else 0
        while taken < len(data):
            record = data[taken : taken + RECORD_MAX]
            self._tls.write(record)
            sealed = self._outgoing.read()
            try:
                sent = self._send_below(sealed)
            except OSError as error:
                if not taken and not isinstance(error, BlockingIOError):
                    raise
                sent = 0  # a fault is met again; what was taken before it must be told
            if sent < len(sealed):
                self._sealed, self._sealed_size = memoryview(sealed)[sent:], len(record)
                break
            taken += len(record)
        if not taken:
            raise BlockingIOError
        return taken

    def _finish_record(self) -> int:
        """Hand over the rest of a record; how much clear text was in it."""
        self._sealed = self._sealed[self._send_below(self._sealed) :]
        if self._sealed:
            raise BlockingIOError
        return self._sealed_size

    async def wait_readable(self) -> None:
        if self._more:
            await trio.lowlevel.checkpoint()
        else:
            await self._wire.wait_readable()

    async def wait_writable(self) -> None:
        await self._wire.wait_writable()

    def close(self) -> None:
        """Say farewell if that can leave at once, and close. After half a record nothing more is said: its other half
        would make it legible."""
        if not self._sealed:
            with contextlib.suppress(OSError):
                self._tls.unwrap()
            self._say_what_is_left()
        self._more = False
        self._wire.close()

    def _fail(self, fault: OSError) -> None:
        """Nothing that came after this can be believed. The other side is told why, if that can leave at once."""
        self._fault = fault
        self._more = True
        if not self._sealed:
            self._say_what_is_left()

    def _say_what_is_left(self) -> None:
        with contextlib.suppress(OSError):
            self._send_below(self._outgoing.read())
