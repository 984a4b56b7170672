"""The keys of a simulated payShield: under the published test LMK, and under other keys on their way.

Rule: a key is only ever taken out as a key of the type that a command asks for. One of another type comes out as noise,
whose parity is wrong: that is how a variant LMK keeps keys to their use.
"""

from collections.abc import Callable
from functools import lru_cache

from simulators.lmk import HALF, KEY_TYPES, Scheme, decrypted, encrypted, from_lmk, under_test_lmk
from simulators.payshield.fields import Fields, Refused
from switch.security.crypto.mac import RetailMac
from switch.security.crypto.tdes import with_parity

UNDER_LMK = ("U", "T")
KEPT_MAX = 1024  # keys at work, so that a command costs what it does and not what its key does

FIRST_KEY, SECOND_KEY = "10", "11"  # whose parity is wrong


class Vault:
    """`draw` gives so many random bytes: for new keys and for fill."""

    def __init__(self, draw: Callable[[int], bytes]) -> None:
        self.draw = draw
        self.retail_mac = lru_cache(KEPT_MAX)(RetailMac)
        self._from_lmk = lru_cache(KEPT_MAX)(from_lmk)

    def key(self, fields: Fields, kind: str, parity_code: str = FIRST_KEY) -> bytes:
        """The clear key of the next field, of this type."""
        return self.opened(kind, *fields.key(), parity_code)

    def opened(self, kind: str, scheme: str, under: bytes, parity_code: str = FIRST_KEY) -> bytes:
        """A clear key; noise has the wrong parity."""
        if scheme not in UNDER_LMK:
            raise Refused("26")
        clear = self._from_lmk(*KEY_TYPES[kind], Scheme[scheme], under)
        if clear != with_parity(clear):
            raise Refused(parity_code)
        return clear

    def new_key(self, scheme: str) -> bytes:
        return with_parity(self.draw(HALF * len(Scheme[scheme].value)))


def under_lmk_text(kind: str, scheme: str, clear: bytes) -> str:
    """A key as the module gives it back; 27 if the scheme is for another length."""
    if len(clear) != HALF * len(Scheme[scheme].value):
        raise Refused("27")
    return under_test_lmk(kind, clear)


def under_zmk_text(zmk: bytes, scheme: str, clear: bytes) -> str:
    """A key under a zone's master key, which has two parts."""
    if len(zmk) != 2 * HALF or len(clear) != HALF * len(Scheme[scheme].value):
        raise Refused("27")
    return scheme + encrypted(zmk, Scheme[scheme], clear).hex().upper()


def from_zmk(zmk: bytes, scheme: str, under: bytes) -> bytes:
    if len(zmk) != 2 * HALF:
        raise Refused("27")
    return decrypted(zmk, Scheme[scheme], under)


def checked_type(kind: str) -> str:
    """A type of key that this module knows, else 28."""
    if kind not in KEY_TYPES:
        raise Refused("28")
    return kind
