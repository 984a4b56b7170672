"""Certificates for the tests of TLS: an authority, and identities at work that it issued, made once per run."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from config.security_sections import TlsSettings
from switch.flow.admission import Mandate
from switch.net.tls import Tls
from switch.net.tls_files import Identity, open_identity
from switch.security.certificates.authority import Authority, Purpose
from switch.security.certificates.reading import Certificate, read_pem
from tests.unit.net.kit import ACQUIRER

NOW = datetime.now(UTC)  # OpenSSL asks the machine's clock
LONG_AGO = NOW - timedelta(days=60)
DAYS = 30

OURS = Purpose("switch", ("switch",), serves=True, dials=True)


def a_channel(institutions: Sequence[str] = (ACQUIRER,), terminals: Sequence[str] = ("*",)) -> Purpose:
    return Purpose("gateway", uris=Mandate(tuple(institutions), tuple(terminals)).uris(), dials=True)


def a_peer(name: str) -> Purpose:
    return Purpose(name, (name,), serves=True)


@dataclass(frozen=True)
class Certified:
    """An identity, and what its certificate says."""

    identity: Identity
    certificate: Certificate

    @property
    def pin(self) -> str:
        return self.certificate.pin


@dataclass(frozen=True)
class Office:
    """Issues, and opens what it issued as if it were `when`; everybody here trusts `ours` only."""

    ours: Authority = field(default_factory=lambda: Authority.new("ours", LONG_AGO, 365))
    others: Authority = field(default_factory=lambda: Authority.new("others", LONG_AGO, 365))

    def certified(self, purpose: Purpose, when: datetime = NOW, by: Authority | None = None) -> Certified:
        issued = (by or self.ours).issue(purpose, when, DAYS)
        with tempfile.TemporaryDirectory() as place:
            files = TlsSettings(**{name: f"{place}/{name}" for name in ("certificate", "key", "authorities")})
            Path(files.certificate).write_bytes(issued.certificate)
            Path(files.authorities).write_bytes(self.ours.issued.certificate)
            Path(files.key).touch(0o600)
            Path(files.key).write_bytes(issued.key)
            return Certified(open_identity(files, when), read_pem(issued.certificate)[0])


@cache
def office() -> Office:
    return Office()


@cache
def switch() -> Certified:
    """The switch of every test, which is called so."""
    return office().certified(OURS)


@cache
def gateway() -> Certified:
    """A channel that may speak for the listener's acquirer and any terminal."""
    return office().certified(a_channel())


def dialling(certified: Certified, name: str = "switch") -> Tls:
    return certified.identity.dialling(name)
