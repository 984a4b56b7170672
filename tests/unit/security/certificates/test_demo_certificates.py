"""An authority of one's own makes what a configuration names, and what it made holds a handshake."""

import ssl
import stat
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.sections import Settings
from config.security_sections import TlsSettings
from config.settings import demo_path, load
from switch.flow.admission import Mandate
from switch.net.tls_files import open_identity
from switch.security.certificates.authority import Authority, Issued, Purpose
from switch.security.certificates.demo_certificates import (
    client_files,
    make_demo_certificates,
    paths_in,
    peer_files,
)
from switch.security.certificates.reading import Certificate, CertificateError, read_der, read_pem

NOW = datetime.now(UTC)
DAYS = 30
KNOWN = b"""\
-----BEGIN CERTIFICATE-----
MIIBsDCCAVegAwIBAgIUGnydSiwWllfVsDyJrF2A/ZtWylowCgYIKoZIzj0EAwIw
NTEWMBQGA1UECgwNRk9SIFRFU1QgT05MWTEbMBkGA1UEAwwSa25vd24gdG8gdGhp
cyB0ZXN0MB4XDTI1MTIzMTIzMDAwMFoXDTI3MDEwMTAwMDAwMFowNTEWMBQGA1UE
CgwNRk9SIFRFU1QgT05MWTEbMBkGA1UEAwwSa25vd24gdG8gdGhpcyB0ZXN0MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVKZUbqlZdaj/TgsWAZe4W6KjgH5cdhix
DUOwzXMr5Bzc3NxoTLB7+d1PA0d0NYEyFfst4yJuuFctoJGdS8Fa26NFMEMwHQYD
VR0OBBYEFJmiIl4dvzpwGETEjxrI++EIxp0eMBIGA1UdEwEB/wQIMAYBAf8CAQAw
DgYDVR0PAQH/BAQDAgEGMAoGCCqGSM49BAMCA0cAMEQCIBhyIteUvOlN7yYfJ6EC
atrB2OMRIIoDg6TT1BrIsMJzAiADwkTN9dcHOi6x647XH051AOeBwB7mF/PF5Fkc
m/94fA==
-----END CERTIFICATE-----
"""
KNOWN_PIN = "sha256/9BgoJDB9thYWLkViSrS+seOhSIozlj27ADiHjcl/pvo="  # openssl x509 -pubkey | pkey -outform der | dgst


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The demo's, its certificates in a directory of the test's."""
    return load(demo_path(), paths_in(load(demo_path()), tmp_path))


def said_by(files: TlsSettings | None) -> Certificate:
    assert files is not None
    return read_pem(Path(files.certificate).read_bytes())[0]


def contents(directory: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def handshake(client: ssl.SSLContext, name: str, server: ssl.SSLContext) -> None:
    """Raises SSLError if one does not believe the other."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    dialling = client.wrap_bio(to_client, to_server, server_hostname=name)
    accepting = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (dialling, accepting, dialling):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    accepting.do_handshake()


def test_every_endpoint_of_the_demo_gets_its_own_and_both_sides_believe_each_other(settings: Settings) -> None:
    made = make_demo_certificates(settings, NOW, DAYS)
    assert len(made) == 2 + len(settings.listeners) + len(settings.peers)
    assert all(one.is_new for one in made)
    ours = open_identity(settings.tls["switch"], NOW)
    for listener in settings.listeners.values():
        files = client_files(settings, listener)
        assert files is not None
        handshake(open_identity(files, NOW).client, "switch", ours.server)
        handshake(open_identity(files, NOW).client, "127.0.0.1", ours.server)
    for peer in settings.peers.values():
        files = peer_files(settings, peer)
        assert files is not None
        handshake(ours.client, peer.name, open_identity(files, NOW).server)


def test_a_channel_is_bound_to_its_listener_and_a_peer_to_its_name(settings: Settings) -> None:
    make_demo_certificates(settings, NOW, DAYS)
    atm, core = (
        said_by(client_files(settings, settings.listeners["atm"])),
        said_by(peer_files(settings, settings.peers["core"])),
    )
    assert (atm.mandate, atm.names) == (Mandate(("000124",), ("ATM*",)), ())
    assert (core.mandate, core.names) == (None, ("core",))
    ours = said_by(settings.tls["switch"])
    assert set(ours.names) == {"switch", "localhost", "127.0.0.1", "::1"}
    assert ours.ends - NOW == pytest.approx(timedelta(days=DAYS), abs=timedelta(seconds=1))
    assert not any(one.is_authority for one in (atm, core, ours))
    assert read_pem(Path(settings.tls["switch"].authorities).read_bytes())[0].is_authority


def test_a_private_key_is_its_owners_alone(settings: Settings, tmp_path: Path) -> None:
    make_demo_certificates(settings, NOW, DAYS)
    keys = list(tmp_path.rglob("*.key"))
    assert len(keys) == 2 + len(settings.listeners) + len(settings.peers)
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


def test_what_is_there_is_kept_and_what_is_missing_is_made_by_the_same_authority(
    settings: Settings, tmp_path: Path
) -> None:
    make_demo_certificates(settings, NOW, DAYS)
    before = contents(tmp_path)
    core = peer_files(settings, settings.peers["core"])
    assert core is not None
    Path(core.certificate).unlink()
    Path(core.key).unlink()
    made = make_demo_certificates(settings, NOW, DAYS)
    assert [one.whose for one in made if one.is_new] == ["core"]
    after = contents(tmp_path)
    assert {path for path in before if before[path] != after[path]} == {Path(core.certificate), Path(core.key)}
    handshake(open_identity(settings.tls["switch"], NOW).client, "core", open_identity(core, NOW).server)


def test_anew_replaces_every_file(settings: Settings, tmp_path: Path) -> None:
    make_demo_certificates(settings, NOW, DAYS)
    before = contents(tmp_path)
    make_demo_certificates(settings, NOW, DAYS, anew=True)
    after = contents(tmp_path)
    assert before.keys() == after.keys()
    assert all(before[path] != after[path] for path in before)


@pytest.mark.parametrize("which", ["certificate", "key"])
def test_half_of_a_pair_is_not_completed(settings: Settings, which: str) -> None:
    make_demo_certificates(settings, NOW, DAYS)
    missing = Path(getattr(settings.tls["switch"], which))
    missing.unlink()
    with pytest.raises(ConfigError, match=f"^{missing}: missing: allowed: certificate and key, or neither"):
        make_demo_certificates(settings, NOW, DAYS)


def test_an_authority_that_is_not_ours_signs_nothing(settings: Settings) -> None:
    make_demo_certificates(settings, NOW, DAYS)
    authority = Path(settings.tls["switch"].authorities)
    for foreign in (Authority.new("a bank", NOW, DAYS).issued.certificate, b"nothing"):
        authority.write_bytes(foreign)
        with pytest.raises(ConfigError, match=r"authority\.key: not the key of .*authority\.pem: allowed: an auth"):
            make_demo_certificates(settings, NOW, DAYS)


class TestCertificate:
    def test_a_pin_is_what_openssl_says_it_is(self) -> None:
        assert read_pem(KNOWN)[0].pin == KNOWN_PIN

    @pytest.mark.parametrize("bytes_", [b"", b"0", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    def test_what_is_no_certificate_is_said_to_be_none(self, bytes_: bytes) -> None:
        for read in (read_der, read_pem):
            with pytest.raises(CertificateError, match="not a certificate"):
                read(bytes_)

    def test_a_chain_is_read_from_the_first(self) -> None:
        authority = Authority.new("test", NOW, DAYS)
        issued = authority.issue(Purpose("core", ("core", "10.0.0.1"), serves=True), NOW, DAYS)
        core, signer = read_pem(issued.certificate + authority.issued.certificate)
        assert core.names == ("core", "10.0.0.1")
        assert core.issuer == signer.subject == "CN=test,O=FOR TEST ONLY"

    def test_nothing_shows_a_private_key(self) -> None:
        authority = Authority.new("test", NOW, DAYS)
        issued = authority.issue(Purpose("core", serves=True), NOW, DAYS)
        shown = repr(issued) + repr(authority) + repr(Issued(b"c", b"a secret"))
        assert "PRIVATE" not in shown
        assert "secret" not in shown
