"""TLS for the connections of one endpoint: the handshake, and whether the other side is believed.

Rule: mutual, always. Whoever gets a wire from `over` may trust that its other side holds a certificate of our
authorities, with the name that was dialled and one of the keys that were pinned. Nothing it sent is read before that.
Under TLS 1.3 the dialling side is done before the other has judged its certificate: a refusal is heard on first
reading, so a link counts as up only when it was signed on.
"""

import contextlib
import ssl
from dataclasses import dataclass
from enum import StrEnum

from switch.net.network import Wire
from switch.net.tls_wire import TlsWire
from switch.security.certificates.reading import Certificate, CertificateError, read_der

HANDSHAKE_READ_MAX = 16_384
HANDSHAKE_MAX = 262_144  # bytes of one handshake, of which a chain of certificates is a few thousand
# Why OpenSSL refuses a certificate (X509_verify_cert_error_string(3)), where it has a word of its own here.
EXPIRED, OTHER_NAMES = (10,), (62, 64)


class Refusal(StrEnum):
    """Why there is no connection, in words that are counted and logged."""

    FAILED = "handshake failed"
    TOO_SLOW = "handshake too slow"
    NO_CERTIFICATE = "no certificate"
    NOT_TRUSTED = "certificate not trusted"
    EXPIRED = "certificate expired"
    OTHER_NAME = "certificate names another"
    NOT_PINNED = "certificate not pinned"
    BINDS_NOBODY = "certificate binds to nobody"
    REFUSED = "refused by the other side"


class HandshakeError(OSError):
    """The connection can't be used. Its text is the refusal's."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Tls:
    """`server_name` is whom we dial, None where we are dialled. `pins` are the keys that are taken; none: any."""

    context: ssl.SSLContext
    server_name: str | None = None
    pins: frozenset[str] = frozenset()

    async def over(self, wire: Wire) -> TlsWire:
        """The wire under TLS. If that can't be, or on cancellation, `wire` is closed. Raises HandshakeError; callers
        own the timeout."""
        try:
            return await self._over(wire)
        except HandshakeError:
            wire.close()
            raise
        except (OSError, ValueError):  # it was cut; or the name is none that TLS can ask for
            wire.close()
            raise HandshakeError(Refusal.FAILED) from None
        except BaseException:
            wire.close()
            raise

    async def _over(self, wire: Wire) -> TlsWire:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        server_side = self.server_name is None
        tls = self.context.wrap_bio(incoming, outgoing, server_side=server_side, server_hostname=self.server_name)
        left = HANDSHAKE_MAX
        while not await _step(tls, wire, outgoing):
            left -= incoming.write(await _receive(wire, min(left, HANDSHAKE_READ_MAX)))
        return TlsWire(wire, tls, incoming, outgoing, self._believed(tls))

    def _believed(self, tls: ssl.SSLObject) -> Certificate:
        """The other side's certificate; its authority, its dates and its name were judged by OpenSSL."""
        try:
            certificate = read_der(tls.getpeercert(binary_form=True) or b"")
        except CertificateError:
            raise HandshakeError(Refusal.NOT_TRUSTED) from None
        if self.pins and certificate.pin not in self.pins:
            raise HandshakeError(Refusal.NOT_PINNED)
        return certificate


def refusal_of(error: ssl.SSLError) -> Refusal:
    """What OpenSSL met, in our words: its own may quote a certificate."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in EXPIRED:
            return Refusal.EXPIRED
        return Refusal.OTHER_NAME if error.verify_code in OTHER_NAMES else Refusal.NOT_TRUSTED
    if error.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE":
        return Refusal.NO_CERTIFICATE
    return Refusal.REFUSED if "ALERT" in (error.reason or "") else Refusal.FAILED


async def _step(tls: ssl.SSLObject, wire: Wire, outgoing: ssl.MemoryBIO) -> bool:
    """Go on with the handshake, and send what that calls for; whether it is done."""
    done = False
    try:
        tls.do_handshake()
        done = True
    except ssl.SSLWantReadError:
        pass
    except ssl.SSLError as error:
        with contextlib.suppress(OSError):
            wire.send(outgoing.read())  # why, if that can leave at once
        raise HandshakeError(refusal_of(error)) from None
    await _send_all(wire, outgoing.read())
    return done


async def _send_all(wire: Wire, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[wire.send(rest) :]
        except BlockingIOError:
            await wire.wait_writable()


async def _receive(wire: Wire, size: int) -> bytes:
    """Some bytes, at least one."""
    while True:
        await wire.wait_readable()
        try:
            data = wire.recv(size)
        except BlockingIOError:
            continue
        if not data:
            raise HandshakeError(Refusal.FAILED)
        return data
