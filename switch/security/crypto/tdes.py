"""DES under keys of one, two or three parts, as the one kind of key that the library keeps: 24 bytes.

Rule: whole blocks in, whole blocks out, a fresh context for each call; what runs on under one key (`mac`, `pin`)
keeps its own. Errors tell the sizes allowed, and no byte of a key.
"""

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

BLOCK = 8


def with_parity(key: bytes) -> bytes:
    """A key with the odd parity that hardware modules ask for (FIPS 46-3)."""
    return bytes(byte & 0xFE | (byte & 0xFE).bit_count() % 2 ^ 1 for byte in key)


def algorithm(key: bytes) -> TripleDES:
    """DES EDE; three times one part is single DES, two parts are K1 K2 K1 (ISO/IEC 18033-3)."""
    if len(key) == 24:
        return TripleDES(key)
    if len(key) == 16:
        return TripleDES(key + key[:BLOCK])
    if len(key) == BLOCK:
        return TripleDES(key * 3)
    raise ValueError("a DES key has 8, 16 or 24 bytes")


def ecb(key: bytes) -> Cipher[modes.ECB]:
    """For blocks that stand alone, which is how PIN blocks, derivations and check values are made."""
    return Cipher(algorithm(key), modes.ECB())  # noqa: S305 - each block stands alone


def encrypt(key: bytes, blocks: bytes) -> bytes:
    return ecb(key).encryptor().update(blocks)


def decrypt(key: bytes, blocks: bytes) -> bytes:
    return ecb(key).decryptor().update(blocks)


def xor(one: bytes, other: bytes) -> bytes:
    """Two strings of one length, bit by bit."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))
