"""The standard test LMK of payShield hardware, and keys under it: facts that are published, so a secret of nobody.

Rule: for simulators alone. The set is the one that Thales prints for its test cards, as it stands in jPOS's
`secret.lmk`; how variants and schemes apply is Thales's variant LMK method. ECB, no check of a key's parity.
"""

from collections.abc import Mapping
from enum import Enum

from switch.security import tdes

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


class Scheme(Enum):
    """How long a key is, by its letter; what is added to the first byte of the pair's second half, part by part."""

    Z = (0x00,)
    U = (0xA6, 0x5A)
    T = (0x6A, 0xDE, 0x2B)
    X = (0x00, 0x00)


def under_lmk(pair: str, variant: int, scheme: Scheme, key: bytes) -> bytes:
    """A clear key, encrypted part by part. X is ANSI X9.17's way: all parts under the pair as it is."""
    parts = parts_of(key, scheme)
    return b"".join(tdes.encrypt(lmk, part) for lmk, part in zip(lmks(pair, variant, scheme), parts, strict=True))


def from_lmk(pair: str, variant: int, scheme: Scheme, key_under_lmk: bytes) -> bytes:
    """The clear key again."""
    parts = parts_of(key_under_lmk, scheme)
    return b"".join(tdes.decrypt(lmk, part) for lmk, part in zip(lmks(pair, variant, scheme), parts, strict=True))


def lmks(pair: str, variant: int, scheme: Scheme) -> list[bytes]:
    """The pair as it is for each part of a key."""
    lmk = bytearray(TEST_LMK[pair])
    lmk[0] ^= VARIANTS[variant]
    return [bytes((*lmk[:HALF], lmk[HALF] ^ added, *lmk[HALF + 1 :])) for added in scheme.value]


def parts_of(key: bytes, scheme: Scheme) -> list[bytes]:
    if len(key) != HALF * len(scheme.value):
        raise ValueError("a key of another length than its scheme says")
    return [key[at : at + HALF] for at in range(0, len(key), HALF)]
