"""From the files that a configuration names to TLS that is ready for use.

Rule: whatever is wrong with a file is one line (ConfigError): the file, what is wrong, what is allowed. They are read
once, at the start; a renewed certificate is taken up by a restart.
"""

import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from config.errors import ConfigError
from config.sections import Settings
from config.security_sections import TlsSettings
from switch.net.tls import Tls
from switch.security.certificates.reading import Certificate, CertificateError, read_pem
from switch.security.keys.private_file import read_private
from switch.security.port import SecurityError

# Forward secrecy and authenticated encryption, for TLS 1.2; TLS 1.3 has nothing else.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
EXPIRES_SOON = timedelta(days=30)
HINT = "`barada certs demo` makes one for test"


@dataclass(frozen=True, slots=True)
class Identity:
    """A [tls.NAME] at work: our certificate, on connections that come in and on those that we dial."""

    server: ssl.SSLContext
    client: ssl.SSLContext
    ends: datetime

    def accepting(self, pins: Collection[str] = ()) -> Tls:
        return Tls(self.server, None, frozenset(pins))

    def dialling(self, server_name: str, pins: Collection[str] = ()) -> Tls:
        return Tls(self.client, server_name, frozenset(pins))


def open_identities(settings: Settings, now: datetime) -> dict[str, Identity]:
    """Those that an endpoint uses. Raises ConfigError."""
    used = {listener.tls for listener in settings.listeners.values()} | {peer.tls for peer in settings.peers.values()}
    return {name: open_identity(tls, now) for name, tls in settings.tls.items() if name in used}


def open_identity(settings: TlsSettings, now: datetime) -> Identity:
    """Raises ConfigError."""
    ours = _certificate(settings.certificate)
    if not ours.begins <= now < ours.ends:
        wrong = "expired" if now >= ours.ends else "not valid yet"
        raise _fault(
            settings.certificate, f"{wrong} ({ours.begins} to {ours.ends})", "a certificate that is valid today"
        )
    _must_be_its_owners(settings.key)
    _certificate(settings.authorities)
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.num_tickets = 0  # nobody comes back so often that a session would be worth keeping
    for context in (server, client):
        _set_up(context, settings)
    return Identity(server, client, ours.ends)


def expiring(identities: Mapping[str, Identity], now: datetime) -> dict[str, Identity]:
    """Those whose certificate must be renewed soon."""
    return {name: identity for name, identity in identities.items() if identity.ends - now < EXPIRES_SOON}


def _set_up(context: ssl.SSLContext, files: TlsSettings) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED  # a server asks for no certificate unless told
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
    context.set_ciphers(CIPHERS)
    try:
        context.load_cert_chain(
            files.certificate, files.key, password=""
        )  # one is given, so that nobody is asked for it
    except (OSError, ValueError):  # SSLError is an OSError
        allowed = f"the private key of {files.certificate}, PEM, not encrypted"
        raise _fault(files.key, "not the key of the certificate", allowed) from None
    try:
        context.load_verify_locations(files.authorities)
    except OSError:
        raise _fault(files.authorities, "not certificates in PEM", "certificates of authorities, PEM") from None


def _certificate(path: str) -> Certificate:
    """The first one in a file: the others stand between it and its authority."""
    try:
        return read_pem(Path(path).read_bytes())[0]
    except OSError as error:
        raise _fault(path, error.strerror or "can't be read", f"a certificate in PEM; {HINT}") from None
    except CertificateError as error:
        raise _fault(path, str(error), f"a certificate in PEM; {HINT}") from None


def _must_be_its_owners(path: str) -> None:
    try:
        read_private(path)
    except SecurityError as error:
        raise ConfigError(str(error)) from None


def _fault(path: str, wrong: str, allowed: str) -> ConfigError:
    return ConfigError(f"{path}: {wrong}: allowed: {allowed}")
