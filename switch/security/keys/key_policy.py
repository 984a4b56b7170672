"""What a key may be used for: read from its key block's header, by one literal table.

Rule: usage, algorithm and mode of use all have to agree (X9.143 tables 5 to 8), at the import of a key and at each
call. Mode N, "no restrictions", is not taken: who sends us a key says what for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from switch.security.crypto.clear_key import ClearKey
from switch.security.keys.keyblock import KeyHeader
from switch.security.port import SecurityError


class KeyRole(Enum):
    """What we use keys for."""

    RETAIL_MAC = auto()
    AES_CMAC = auto()
    PIN = auto()
    STORAGE = auto()
    KEY_BLOCK_PROTECTION = auto()
    KEY_ENCRYPTION = auto()
    BASE_DERIVATION = auto()
    CARD_VERIFICATION = auto()
    PIN_VERIFICATION_IBM = auto()
    PIN_VERIFICATION_VISA = auto()


class KeyAct(Enum):
    """What a key is asked to do. Wrapping a key counts as encrypting it."""

    GENERATE = auto()
    VERIFY = auto()
    ENCRYPT = auto()
    DECRYPT = auto()
    DERIVE = auto()


Sizes = dict[str, tuple[int, ...]]
Modes = dict[str, frozenset[KeyAct]]


@dataclass(frozen=True, slots=True)
class KeyRule:
    """What the header of a key in this role says, and how long in bytes the key is under each algorithm."""

    usage: str
    sizes: Sizes
    modes: Modes


PROVES: Modes = {
    "C": frozenset({KeyAct.GENERATE, KeyAct.VERIFY}),
    "G": frozenset({KeyAct.GENERATE}),
    "V": frozenset({KeyAct.VERIFY}),
}
HIDES: Modes = {
    "B": frozenset({KeyAct.ENCRYPT, KeyAct.DECRYPT}),
    "E": frozenset({KeyAct.ENCRYPT}),
    "D": frozenset({KeyAct.DECRYPT}),
}
BOTH_WAYS: Modes = {"B": HIDES["B"]}
DERIVES: Modes = {"X": frozenset({KeyAct.DERIVE})}

TDES_DOUBLE: Sizes = {"T": (16,)}
TDES: Sizes = {"T": (16, 24)}
AES: Sizes = {"A": (16, 24, 32)}

RULES: Mapping[KeyRole, KeyRule] = {
    KeyRole.RETAIL_MAC: KeyRule("M3", TDES_DOUBLE, PROVES),
    KeyRole.AES_CMAC: KeyRule("M6", AES, PROVES),
    KeyRole.PIN: KeyRule("P0", TDES | AES, HIDES),
    KeyRole.STORAGE: KeyRule("D0", {"A": (32,)}, BOTH_WAYS),
    KeyRole.KEY_BLOCK_PROTECTION: KeyRule("K1", TDES | AES, HIDES),
    KeyRole.KEY_ENCRYPTION: KeyRule("K0", TDES | AES, HIDES),
    KeyRole.BASE_DERIVATION: KeyRule("B0", TDES_DOUBLE | AES, DERIVES),
    KeyRole.CARD_VERIFICATION: KeyRule("C0", TDES_DOUBLE, PROVES),
    KeyRole.PIN_VERIFICATION_IBM: KeyRule("V1", TDES, PROVES),
    KeyRole.PIN_VERIFICATION_VISA: KeyRule("V2", TDES_DOUBLE, PROVES),
}

# Version, with the algorithms of the keys that it may carry, its own first: TDES never protects AES (ISO 11568: a key
# is not protected by a weaker one). Versions A and C are not taken.
VERSIONS: Mapping[str, str] = {"B": "T", "D": "AT"}


def role_of(header: KeyHeader) -> KeyRole:
    """The one role that fits a header. Raises SecurityError where none does."""
    for role, rule in RULES.items():
        if header.usage == rule.usage and header.algorithm in rule.sizes and header.mode in rule.modes:
            return role
    raise SecurityError("a key whose usage, algorithm and mode of use fit nothing here")


def permits(header: KeyHeader, role: KeyRole, act: KeyAct) -> bool:
    """Whether a key may do this in this role."""
    rule = RULES[role]
    fits = header.usage == rule.usage and header.algorithm in rule.sizes
    return fits and act in rule.modes.get(header.mode, ())


def checked_import(kbpk: ClearKey, header: KeyHeader, key: ClearKey) -> KeyRole:
    """The role of a key that we may take in. Raises SecurityError, whose text says which rule it breaks."""
    if header.algorithm not in VERSIONS.get(header.version, ""):
        raise SecurityError("key blocks are taken in version B for TDES keys, and D for TDES and AES keys")
    if header.number.startswith("c"):
        raise SecurityError("a key block with a component, not a key")
    role = role_of(header)
    if len(key) not in RULES[role].sizes[header.algorithm]:
        raise SecurityError("a key of a size that its use does not take")
    if header.algorithm == "T" and _is_degenerate(key.raw):
        raise SecurityError("a TDES key with two parts that are the same")
    if len(kbpk) < len(key) and VERSIONS[header.version][0] == header.algorithm:
        raise SecurityError("a key under a protection key that is weaker than itself")
    return role


def _is_degenerate(key: bytes) -> bool:
    """Whether it is no stronger than DES with one key (NIST SP 800-67 §3.3); the parity bits are no part of a key."""
    parts = [int.from_bytes(key[at : at + 8]) & 0xFEFE_FEFE_FEFE_FEFE for at in range(0, len(key), 8)]
    return any(one == other for one, other in pairwise(parts))
