"""TR-31 blocks in a simulated payShield: what a key of each type may say of itself on its way.

Rule: version B, since a zone's master key is TDES here; the letters are those of `key_policy`. Every refusal has the
module's own code.
"""

from collections.abc import Mapping

from simulators.payshield.fields import Fields, Refused
from switch.security.crypto.clear_key import ClearKey
from switch.security.keys.key_policy import RULES, KeyRole
from switch.security.keys.keyblock import FILL_SIZE, KeyHeader, unwrap, wrap
from switch.security.port import SecurityError

VERSION, ALGORITHM = "B", "T"
ROLES: Mapping[str, tuple[KeyRole, ...]] = {
    "000": (KeyRole.KEY_BLOCK_PROTECTION, KeyRole.KEY_ENCRYPTION),
    "001": (KeyRole.PIN,),
    "002": (KeyRole.PIN, KeyRole.PIN_VERIFICATION_IBM, KeyRole.PIN_VERIFICATION_VISA),
    "003": (KeyRole.RETAIL_MAC,),
    "008": (KeyRole.RETAIL_MAC,),
    "009": (KeyRole.BASE_DERIVATION,),
    "402": (KeyRole.CARD_VERIFICATION,),
}


def read_header(fields: Fields, kind: str) -> KeyHeader:
    """The header that a command asks for: "&", usage, mode of use, version number, exportability, no optional block."""
    if not fields.begins("&"):
        raise Refused("15")
    usage, mode, number = fields.take(2), fields.take(1), fields.number(2)
    header = KeyHeader(VERSION, usage, ALGORITHM, mode, fields.one_of(("N", "E", "S"), "AA"), number)
    fields.one_of(("00",), "AB")
    must_fit(header, kind)
    return header


def must_fit(header: KeyHeader, kind: str) -> None:
    """Whether a key of this type may say this of itself."""
    if header.version != VERSION:
        raise Refused("83")
    if header.algorithm != ALGORITHM:
        raise Refused("A7")
    if header.number.startswith("c"):  # a component, not a key
        raise Refused("A9")
    modes = [RULES[role].modes for role in ROLES[kind] if RULES[role].usage == header.usage]
    if not modes:
        raise Refused("A6")
    if header.mode not in modes[0]:
        raise Refused("A8")


def wrapped(zmk: bytes, header: KeyHeader, key: bytes, fill: bytes) -> str:
    """The block; 29 for a key that is longer than what protects it."""
    if len(zmk) < len(key):
        raise Refused("29")
    return "R" + wrap(ClearKey(zmk), header, ClearKey(key), fill[:FILL_SIZE])


def unwrapped(zmk: bytes, block: str, kind: str) -> bytes:
    """The key of a block, as a key of this type."""
    try:
        header, key = unwrap(ClearKey(zmk), block)
    except SecurityError:
        raise Refused("A4") from None
    must_fit(header, kind)
    return key.raw
