"""Keys as a payShield gives them out: under its local master key (LMK), a pair of it for each kind of key.

Rule: a token's text is a key under the LMK and nothing else. Under a variant LMK it is "U" and 32 hexadecimal digits or
"T" and 48, before it the three characters of its type where that is not the first that TYPES names for its use; under a
key block LMK it is "S" and the block, which says itself what the key is. Only the latter can hold AES.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from config.choices import KeyAlgorithm, KeyUse
from config.security_sections import KeySettings
from switch.security.port import KeyRefusedError, KeyToken


class KeyType(StrEnum):
    """The kinds of key, by the codes that the module knows them by."""

    ZMK = "000"
    ZPK = "001"
    TPK = "002"
    TAK = "003"
    ZAK = "008"
    BDK = "009"
    IN_ITS_BLOCK = "FFF"


# A zone's key comes first, a terminal's second: ZPK and TPK are asked for by other commands.
TYPES: Mapping[KeyUse, tuple[KeyType, ...]] = {
    KeyUse.MAC: (KeyType.ZAK, KeyType.TAK),
    KeyUse.PIN: (KeyType.ZPK, KeyType.TPK),
    KeyUse.DUKPT: (KeyType.BDK,),
    KeyUse.KEK: (KeyType.ZMK,),
}
# The schemes that a key of this algorithm can have under a variant LMK.
SCHEMES: Mapping[KeyAlgorithm, tuple[str, ...]] = {KeyAlgorithm.RETAIL: ("U",), KeyAlgorithm.TDES: ("U", "T")}
SCHEME_OF_SIZE = {16: "U", 24: "T"}
BLOCK_SCHEME = "S"

VARIANT_KEY = re.compile(r"([0-9A-F]{3})?(U[0-9A-F]{32}|T[0-9A-F]{48})")
KEY_BLOCK = re.compile(r"S[01][0-9]{4}[0-9A-Za-z]{30,500}")


@dataclass(frozen=True, slots=True, repr=False)
class LmkKey:
    """A key under the LMK: its type, and its scheme and digits as the module wants them back."""

    kind: KeyType
    text: str

    def __repr__(self) -> str:
        return f"<key of type {self.kind}>"

    @property
    def is_block(self) -> bool:
        return self.kind is KeyType.IN_ITS_BLOCK


def lmk_key(key: KeyToken, *uses: KeyUse) -> LmkKey:
    """The key of a token, for one of these uses. Raises KeyRefusedError."""
    settings = key.settings
    if settings.use not in uses:
        raise KeyRefusedError(f"keys.{settings.name}: for {settings.use}: allowed here: {' or '.join(uses)}")
    if KEY_BLOCK.fullmatch(key.text):
        return LmkKey(KeyType.IN_ITS_BLOCK, key.text)
    must_fit_variant(settings)
    found = variant_key(settings, key.text)
    if found is None:
        raise KeyRefusedError(
            f"keys.{settings.name}: what is in the store is no key of its use under a payShield's LMK"
        )
    return found


def variant_key(settings: KeySettings, text: str) -> LmkKey | None:
    """The key in a token's text, if its scheme and its type are such as the settings may have."""
    found = VARIANT_KEY.fullmatch(text)
    if found is None or found[2][0] not in SCHEMES[settings.algorithm]:
        return None
    kind = found[1] or type_of(settings)
    return LmkKey(KeyType(kind), found[2]) if kind in TYPES[settings.use] else None


def may_be_held(settings: KeySettings, text: str) -> bool:
    """Whether a key of these settings may be this text in a store."""
    if settings.algorithm in SCHEMES and variant_key(settings, text) is not None:
        return True
    return KEY_BLOCK.fullmatch(text) is not None


def must_fit_variant(settings: KeySettings) -> None:
    """A variant LMK encrypts DES keys part by part. Raises KeyRefusedError."""
    if settings.use not in TYPES:
        raise KeyRefusedError(f"keys.{settings.name}: for {settings.use}: allowed in a payShield: {', '.join(TYPES)}")
    if settings.algorithm not in SCHEMES:
        allowed = " or ".join(SCHEMES)
        raise KeyRefusedError(
            f"keys.{settings.name}: {settings.algorithm}: allowed under a variant LMK: {allowed}; "
            "a key block LMK holds it"
        )


def type_of(settings: KeySettings) -> KeyType:
    """The type of a new key for this use. Raises KeyError where a payShield has none."""
    return TYPES[settings.use][0]
