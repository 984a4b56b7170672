"""A certification authority of one's own, for demonstrations and tests.

Rule: keys are made here and leave as bytes; files are somebody else's business. The time is an argument. It says in
every certificate's subject that it is for test, and it is no more than that: it revokes nothing, and its key lies in a
file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ORGANISATION = "FOR TEST ONLY"
CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True, repr=False)
class Issued:
    """A certificate and its private key, PEM."""

    certificate: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Purpose:
    """Whom a certificate is for, and whether for taking connections, dialling or both: `names` are what its clients
    dial (DNS or IP), `uris` for whom it may speak."""

    subject: str
    names: Sequence[str] = ()
    uris: Sequence[str] = ()
    serves: bool = False
    dials: bool = False


class Authority:
    """Signs what it is asked to. `issued` is what it is kept as; `kept` takes it up again."""

    __slots__ = ("_certificate", "_key")

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._certificate = certificate
        self._key = key

    @classmethod
    def new(cls, subject: str, now: datetime, days: int) -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(subject)
        builder = (
            _builder(name, key.public_key(), now, days)
            .issuer_name(name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        )
        return cls(builder.sign(key, hashes.SHA256()), key)

    @classmethod
    def kept(cls, issued: Issued) -> "Authority":
        """Raises ValueError if it is none of ours."""
        key = load_pem_private_key(issued.key, None)
        certificate = x509.load_pem_x509_certificate(issued.certificate)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise ValueError("not the key of this certificate")
        return cls(certificate, key)

    @property
    def issued(self) -> Issued:
        return _pem(self._certificate, self._key)

    def issue(self, purpose: Purpose, now: datetime, days: int) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            _builder(_name(purpose.subject), key.public_key(), now, days)
            .issuer_name(self._certificate.subject)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage(_uses(purpose)), critical=False)
            .add_extension(issuer_key, critical=False)
        )
        alternatives = [*map(_alternative, purpose.names), *map(x509.UniformResourceIdentifier, purpose.uris)]
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        return _pem(builder.sign(self._key, hashes.SHA256()), key)


def _builder(subject: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, days: int) -> x509.CertificateBuilder:
    """What an authority's certificate and any other have in common."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(subject: str) -> x509.Name:
    return x509.Name(
        (
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, subject),
        )
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _uses(purpose: Purpose) -> list[x509.ObjectIdentifier]:
    """A peer's certificate is none that a channel could come with, nor the other way about."""
    serves = [ExtendedKeyUsageOID.SERVER_AUTH] if purpose.serves else []
    return serves + ([ExtendedKeyUsageOID.CLIENT_AUTH] if purpose.dials else [])


def _usage(**allowed: bool) -> x509.KeyUsage:
    every = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{use: allowed.get(use, False) for use in every})


def _pem(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Issued:
    return Issued(
        certificate.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
