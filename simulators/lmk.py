"""The standard test LMK of payShield hardware, and keys under it: facts that are published, so a secret of nobody.

Rule: for simulators alone. The set is the one that Thales prints for its test cards, as it stands in jPOS's
`secret.lmk`; how variants and schemes apply is Thales's variant LMK method. ECB, no check of a key's parity, but what
is put under it for the first time gets the odd one that a payShield asks for.
"""

from collections.abc import Mapping
from enum import Enum

from config.security_sections import KeySettings
from switch.security.crypto import tdes
from switch.security.crypto.tdes import with_parity
from switch.security.payshield.keys import SCHEME_OF_SIZE, SCHEMES, must_fit_variant, type_of
from switch.security.port import KeyRefusedError

HALF = 8


def doubled(left: int, right: int) -> bytes:
    return bytes((left,)) * HALF + bytes((right,)) * HALF


TEST_LMK: Mapping[str, bytes] = {
    "00-01": bytes.fromhex("01010101010101017902CD1FD36EF8BA"),
    "02-03": doubled(0x20, 0x31),
    "04-05": doubled(0x40, 0x51),
    "06-07": doubled(0x61, 0x70),
    "08-09": doubled(0x80, 0x91),
    "10-11": doubled(0xA1, 0xB0),
    "12-13": bytes.fromhex("C1C1010101010101D0D0010101010101"),
    "14-15": bytes.fromhex("E0E0010101010101F1F1010101010101"),
    "16-17": bytes.fromhex("1C587F1C13924FEF0101010101010101"),
    "18-19": doubled(0x01, 0x01),
    "20-21": doubled(0x02, 0x04),
    "22-23": doubled(0x07, 0x10),
    "24-25": doubled(0x13, 0x15),
    "26-27": doubled(0x16, 0x19),
    "28-29": doubled(0x1A, 0x1C),
    "30-31": doubled(0x23, 0x25),
    "32-33": doubled(0x26, 0x29),
    "34-35": doubled(0x2A, 0x2C),
    "36-37": doubled(0x2F, 0x31),
    "38-39": doubled(0x01, 0x01),
}

# Added to the first byte of the pair's first half; variant 0 is the pair itself.
VARIANTS = (0x00, 0xA6, 0x5A, 0x6A, 0xDE, 0x2B, 0x50, 0x74, 0x9C, 0xFA)

# The pair and the variant that each type of key is under, by the module's code for it.
KEY_TYPES: Mapping[str, tuple[str, int]] = {
    "000": ("04-05", 0),  # ZMK
    "001": ("06-07", 0),  # ZPK
    "002": ("14-15", 0),  # TPK, TMK, PVK
    "003": ("16-17", 0),  # TAK
    "008": ("26-27", 0),  # ZAK
    "009": ("28-29", 0),  # BDK
    "402": ("14-15", 4),  # CVK
}


class Scheme(Enum):
    """How long a key is, by its letter; what is added to the first byte of the second half of what encrypts it, part by
    part. X and Y are ANSI X9.17's way: all parts under the same."""

    Z = (0x00,)
    U = (0xA6, 0x5A)
    T = (0x6A, 0xDE, 0x2B)
    X = (0x00, 0x00)
    Y = (0x00, 0x00, 0x00)


def token_under_test_lmk(settings: KeySettings, clear: bytes) -> str:
    """The text of a `KeyToken` for a module that holds the test LMK. Raises KeyRefusedError for what it can't hold."""
    must_fit_variant(settings)
    if SCHEME_OF_SIZE.get(len(clear), "") not in SCHEMES[settings.algorithm]:
        raise KeyRefusedError(f"keys.{settings.name}: a length that {settings.algorithm} does not take")
    return under_test_lmk(type_of(settings), clear)


def clear_of_test_token(settings: KeySettings, text: str) -> bytes:
    """The key of such a token again."""
    return from_lmk(*KEY_TYPES[type_of(settings)], Scheme[text[0]], bytes.fromhex(text[1:]))


def under_test_lmk(kind: str, clear: bytes) -> str:
    """A clear key of 16 or 24 bytes as a key of this type, with the letter of its scheme."""
    scheme = Scheme[SCHEME_OF_SIZE[len(clear)]]
    return scheme.name + under_lmk(*KEY_TYPES[kind], scheme, with_parity(clear)).hex().upper()


def under_lmk(pair: str, variant: int, scheme: Scheme, key: bytes) -> bytes:
    """A clear key, encrypted part by part."""
    return encrypted(lmk(pair, variant), scheme, key)


def from_lmk(pair: str, variant: int, scheme: Scheme, key_under_lmk: bytes) -> bytes:
    """The clear key again."""
    return decrypted(lmk(pair, variant), scheme, key_under_lmk)


def lmk(pair: str, variant: int) -> bytes:
    """A pair, varied."""
    first, *rest = TEST_LMK[pair]
    return bytes((first ^ VARIANTS[variant], *rest))


def encrypted(kek: bytes, scheme: Scheme, key: bytes) -> bytes:
    """A key under another of two parts, as the scheme says."""
    parts = parts_of(key, scheme)
    return b"".join(tdes.encrypt(varied, part) for varied, part in zip(by_part(kek, scheme), parts, strict=True))


def decrypted(kek: bytes, scheme: Scheme, key: bytes) -> bytes:
    """The key again."""
    parts = parts_of(key, scheme)
    return b"".join(tdes.decrypt(varied, part) for varied, part in zip(by_part(kek, scheme), parts, strict=True))


def by_part(kek: bytes, scheme: Scheme) -> list[bytes]:
    """What encrypts, as it is for each part of a key."""
    return [bytes((*kek[:HALF], kek[HALF] ^ added, *kek[HALF + 1 :])) for added in scheme.value]


def parts_of(key: bytes, scheme: Scheme) -> list[bytes]:
    if len(key) != HALF * len(scheme.value):
        raise ValueError("a key of another length than its scheme says")
    return [key[at : at + HALF] for at in range(0, len(key), HALF)]
