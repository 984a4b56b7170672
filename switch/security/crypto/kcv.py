"""Key check values: the few bytes that tell two people they hold one key, and nobody else anything about it.

Rule: a check value is public, its key is not. Three bytes are shown; a longer one is only for those who
compare with an older machine.
"""

from cryptography.hazmat.primitives.ciphers.algorithms import AES

from switch.security.crypto import tdes
from switch.security.crypto.mac import cmac

SIZE = 3


def tdes_kcv(key: bytes, size: int = SIZE) -> str:
    """Eight zero bytes enciphered, cut, in upper-case hex."""
    return tdes.encrypt(key, bytes(tdes.BLOCK))[:size].hex().upper()


def aes_kcv(key: bytes, size: int = SIZE) -> str:
    """AES-CMAC over sixteen zero bytes, cut, in upper-case hex (X9.24-1:2017 Annex A)."""
    return cmac(AES(key), bytes(16))[:size].hex().upper()
