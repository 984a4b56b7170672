"""Certificates for everything that a configuration names, by an authority of one's own: for a demo and for trying out.

Rule: what the switch needs lies where the configuration says. The other sides' lie beside its certificate, where
whoever plays them (the simulators, `barada send`) looks for them: `clients/LISTENER.pem` and `.key`, `peers/PEER.pem`
and `.key`. The authority's key lies beside its certificate, so that what a configuration gains can be made later. What
is there is not written over unless that is asked for; a private key is its owner's alone from its first moment.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.errors import ConfigError
from config.sections import ListenerSettings, PeerSettings, Settings
from config.security_sections import TlsSettings
from switch.flow.admission import Mandate
from switch.security.certificates.authority import Authority, Issued, Purpose
from switch.security.keys.private_file import write_private

AUTHORITY = "Barada test authority"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - not bound to: nobody dials these


@dataclass(frozen=True, slots=True)
class Made:
    """A certificate that is wanted: whose, where, and whether it was made now or was there."""

    whose: str
    certificate: Path
    key: Path
    is_new: bool


def client_files(settings: Settings, listener: ListenerSettings) -> TlsSettings | None:
    """What a channel of this listener comes with; None without TLS."""
    return None if listener.tls is None else _beside(settings.tls[listener.tls], "clients", listener.name)


def peer_files(settings: Settings, peer: PeerSettings) -> TlsSettings | None:
    """What this peer answers with; None without TLS."""
    return None if peer.tls is None else _beside(settings.tls[peer.tls], "peers", peer.name)


def paths_in(settings: Settings, directory: Path) -> dict[str, object]:
    """Overrides that put everything into a directory, one for each identity."""
    return {
        f"tls.{name}.{key}": str(directory / name / file)
        for name in settings.tls
        for key, file in (("certificate", f"{name}.pem"), ("key", f"{name}.key"), ("authorities", "authority.pem"))
    }


def make_demo_certificates(settings: Settings, now: datetime, days: int, *, anew: bool = False) -> list[Made]:
    """Makes what is missing, or everything anew. Raises ConfigError, SecurityError, OSError."""
    made: list[Made] = []
    authorities: dict[str, Authority] = {}
    for name, ours in settings.tls.items():
        if ours.authorities not in authorities:
            found, authority = _authority(ours, now, days, anew)
            authorities[ours.authorities] = authority
            made.append(found)
        for files, purpose in _wanted(settings, name, ours):
            one = _place(purpose.subject, files, anew)
            if one.is_new:
                _write(one, authorities[ours.authorities].issue(purpose, now, days))
            made.append(one)
    return made


def _wanted(settings: Settings, name: str, ours: TlsSettings) -> Iterator[tuple[TlsSettings, Purpose]]:
    """The switch's own, then one for each other side that it meets under that name."""
    listeners = [listener for listener in settings.listeners.values() if listener.tls == name]
    hosts = dict.fromkeys((name, *LOOPBACK, *(one.host for one in listeners if one.host not in ANYWHERE)))
    yield ours, Purpose(name, tuple(hosts), serves=True, dials=True)
    for listener in listeners:
        mandate = Mandate(listener.acquirers, listener.terminals)
        yield _beside(ours, "clients", listener.name), Purpose(listener.name, uris=mandate.uris(), dials=True)
    for peer in settings.peers.values():
        if peer.tls == name:
            yield _beside(ours, "peers", peer.name), Purpose(peer.name, (peer.certificate_name,), serves=True)


def _beside(ours: TlsSettings, side: str, name: str) -> TlsSettings:
    stem = Path(ours.certificate).parent / side / name
    return TlsSettings(name=name, certificate=f"{stem}.pem", key=f"{stem}.key", authorities=ours.authorities)


def _authority(ours: TlsSettings, now: datetime, days: int, anew: bool) -> tuple[Made, Authority]:
    """The one that is there, or a new one."""
    key = Path(ours.authorities).with_suffix(".key")
    files = TlsSettings(certificate=ours.authorities, key=str(key), authorities=ours.authorities)
    one = _place(AUTHORITY, files, anew)
    if one.is_new:
        authority = Authority.new(AUTHORITY, now, days)
        _write(one, authority.issued)
        return one, authority
    try:
        return one, Authority.kept(Issued(one.certificate.read_bytes(), one.key.read_bytes()))
    except ValueError:
        raise ConfigError(f"{one.key}: not the key of {one.certificate}: allowed: an authority made here") from None


def _place(whose: str, files: TlsSettings, anew: bool) -> Made:
    """Whether it is to be made: not if it is there, unless all is made anew."""
    certificate, key = Path(files.certificate), Path(files.key)
    missing = [path for path in (certificate, key) if not path.exists()]
    if len(missing) == 1 and not anew:
        raise ConfigError(f"{missing[0]}: missing: allowed: certificate and key, or neither; --force makes all anew")
    return Made(whose, certificate, key, anew or bool(missing))


def _write(one: Made, issued: Issued) -> None:
    write_private(one.key, issued.key)
    one.certificate.parent.mkdir(parents=True, exist_ok=True)
    one.certificate.write_bytes(issued.certificate)
