"""A key as the configuration tells it, in the words of key blocks.

Rule: what a block must say to be the key that the settings mean stands here once, for each module that makes or takes
one; what such a key may then do is `key_policy`'s.
"""

from __future__ import annotations

from config.choices import KeyAlgorithm, KeyUse
from config.security_sections import KeySettings
from switch.security.crypto.clear_key import ClearKey
from switch.security.crypto.kcv import aes_kcv, tdes_kcv
from switch.security.keys.key_policy import RULES, KeyRole
from switch.security.keys.keyblock import KeyHeader

ROLES = {
    KeyAlgorithm.RETAIL: KeyRole.RETAIL_MAC,
    KeyAlgorithm.AES_CMAC: KeyRole.AES_CMAC,
    KeyUse.PIN: KeyRole.PIN,
    KeyUse.DUKPT: KeyRole.BASE_DERIVATION,
    KeyUse.KEK: KeyRole.KEY_BLOCK_PROTECTION,
    KeyUse.STORAGE: KeyRole.STORAGE,
}
KEPT_HERE = (KeyUse.KEK, KeyUse.STORAGE, KeyUse.DUKPT)  # never given to others


def role_meant(settings: KeySettings) -> KeyRole:
    """What its block must say that it is for."""
    return ROLES[settings.algorithm if settings.use is KeyUse.MAC else settings.use]


def fits(header: KeyHeader, settings: KeySettings) -> bool:
    """Whether a block with this header has a key such as the settings say."""
    return header.usage == RULES[role_meant(settings)].usage and header.algorithm == _algorithm(settings)


def header_of(settings: KeySettings, version: str) -> KeyHeader:
    """The header of a key that is made here."""
    rule = RULES[role_meant(settings)]
    exportability = "N" if settings.use in KEPT_HERE else "E"
    return KeyHeader(version, rule.usage, _algorithm(settings), next(iter(rule.modes)), exportability)


def kcv_of(settings: KeySettings, clear: ClearKey) -> str:
    """The key's check value, six digits."""
    return tdes_kcv(clear.raw) if is_tdes(settings) else aes_kcv(clear.raw)


def is_tdes(settings: KeySettings) -> bool:
    return settings.algorithm in (KeyAlgorithm.TDES, KeyAlgorithm.RETAIL)


def _algorithm(settings: KeySettings) -> str:
    """As a header says it."""
    return "T" if is_tdes(settings) else "A"
