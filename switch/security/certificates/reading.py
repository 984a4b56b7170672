"""What a certificate says: whose it is, how long, for whom it may speak, and the pin of its key.

Rule: a certificate is public, so all of this may be shown. Nothing here believes one: that is for whoever holds the
authorities.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from switch.flow.admission import Mandate, find_mandate


class CertificateError(Exception):
    """It can't be read; the text is safe to show."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """`names` are what a client may have dialled, DNS and IP; `mandate` is None for one that speaks for nobody."""

    subject: str
    issuer: str
    begins: datetime
    ends: datetime
    is_authority: bool
    names: tuple[str, ...]
    mandate: Mandate | None
    pin: str


def read_der(der: bytes) -> Certificate:
    """Raises CertificateError."""
    try:
        return _read(x509.load_der_x509_certificate(der))
    except _UNREADABLE:
        raise CertificateError("not a certificate") from None


def read_pem(pem: bytes) -> list[Certificate]:
    """The certificates of a file, at least one. Raises CertificateError."""
    try:
        return [_read(one) for one in x509.load_pem_x509_certificates(pem)]
    except _UNREADABLE:
        raise CertificateError("not a certificate in PEM") from None


_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)
# What extensions are not understood say nothing: then a certificate has no name and speaks for nobody.
_NOT_UNDERSTOOD = (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


def _read(certificate: x509.Certificate) -> Certificate:
    alternatives = _alternatives(certificate)
    return Certificate(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        begins=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
        is_authority=_is_authority(certificate),
        names=tuple(str(one.value) for one in alternatives if isinstance(one, x509.DNSName | x509.IPAddress)),
        mandate=find_mandate(one.value for one in alternatives if isinstance(one, x509.UniformResourceIdentifier)),
        pin=_pin(certificate),
    )


def _alternatives(certificate: x509.Certificate) -> list[x509.GeneralName]:
    try:
        return list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except _NOT_UNDERSTOOD:
        return []


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except _NOT_UNDERSTOOD:
        return False


def _pin(certificate: x509.Certificate) -> str:
    """Of the key, not the certificate (RFC 7469 §2.4), so that a renewed certificate of the same key keeps it."""
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"sha256/{base64.b64encode(hashlib.sha256(key).digest()).decode()}"
