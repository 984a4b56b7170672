"""DUKPT with AES: the keys of one transaction of one terminal, from the base key and its serial number.

Rule: X9.24-3:2017 §6, the host's side. The keys of a transaction are made when they are asked for and not kept;
kept, in a bounded number, are the keys half-way, which the host could make at any time anyway.
"""

from enum import Enum
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from switch.security.crypto.ksn import AES_DEVICE_DIGITS, Ksn
from switch.security.port import SecurityError

KEPT_MAX = 4096
COUNTER_BITS, ALL_ONES = 32, 0xFFFFFFFF
BLOCK = 16


class DukptUse(Enum):
    """What a derived key is for (X9.24-3:2017 §6.3.2)."""

    KEY_ENCRYPTION = 0x0002
    PIN = 0x1000
    MAC_GENERATION = 0x2000
    MAC_VERIFICATION = 0x2001
    MAC_BOTH_WAYS = 0x2002
    DATA_ENCRYPTION = 0x3000
    DATA_DECRYPTION = 0x3001
    DATA_BOTH_WAYS = 0x3002
    DERIVATION = 0x8000
    INITIAL_KEY = 0x8001


class DukptKeyType(Enum):
    """What kind of key is derived: its algorithm's number and its size in bytes (X9.24-3:2017 §6.3.2)."""

    TDES_2 = 0, 16
    TDES_3 = 1, 24
    AES_128 = 2, 16
    AES_192 = 3, 24
    AES_256 = 4, 32


AES_OF_SIZE = {kind.value[1]: kind for kind in (DukptKeyType.AES_128, DukptKeyType.AES_192, DukptKeyType.AES_256)}


class AesDukpt:
    """A base derivation key at work. Raises SecurityError for a serial number that is not AES's."""

    __slots__ = ("_bdk", "_kind", "_register")

    def __init__(self, bdk: bytes) -> None:
        if len(bdk) not in AES_OF_SIZE:
            raise ValueError("a base derivation key for AES has 16, 24 or 32 bytes")
        self._bdk = bdk
        self._kind = AES_OF_SIZE[len(bdk)]
        self._register = lru_cache(KEPT_MAX)(self._derived)

    def initial_key(self, device: str) -> bytes:
        """What is loaded into the device of this initial key id."""
        if len(device) != AES_DEVICE_DIGITS:
            raise SecurityError("not a device with AES keys")
        return derive(self._bdk, DukptUse.INITIAL_KEY, self._kind, bytes.fromhex(device))

    def transaction_key(self, ksn: Ksn) -> bytes:
        """The key that the working keys of the transaction are derived from."""
        if not ksn.counter:
            raise SecurityError("a key serial number whose counter no transaction has")
        parent = self._register(ksn.device, before(ksn.counter))
        return derive(parent, DukptUse.DERIVATION, self._kind, context(ksn.device, ksn.counter))

    def working_key(self, ksn: Ksn, use: DukptUse, kind: DukptKeyType) -> bytes:
        return derive(self.transaction_key(ksn), use, kind, context(ksn.device, ksn.counter))

    def _derived(self, device: str, counter: int) -> bytes:
        """The key half-way: over all of a counter's ones but the lower ones."""
        if not counter:
            return self.initial_key(device)
        parent = self._register(device, before(counter))
        return derive(parent, DukptUse.DERIVATION, self._kind, context(device, counter))


def update_key(initial_key: bytes, device: str, kind: DukptKeyType) -> bytes:
    """What a device's next initial key is sent under, once its numbers are used up: derived like a transaction's, for
    the counter of all ones that no transaction has (X9.24-3:2017 §6.5.3)."""
    key, own_kind = initial_key, AES_OF_SIZE[len(initial_key)]
    for low_bits in range(COUNTER_BITS - 1, -1, -1):
        counter = (ALL_ONES >> low_bits) << low_bits
        key = derive(key, DukptUse.DERIVATION, own_kind, context(device, counter))
    return derive(key, DukptUse.KEY_ENCRYPTION, kind, context(device, ALL_ONES))


def before(counter: int) -> int:
    """The counter without its lowest one: what its key is derived from."""
    return counter & (counter - 1)


def context(device: str, counter: int) -> bytes:
    """What ties a key to its transaction: the device's own half of the initial key id, and the counter."""
    return bytes.fromhex(device)[4:] + counter.to_bytes(4)


def derive(key: bytes, use: DukptUse, kind: DukptKeyType, tied_to: bytes) -> bytes:
    """The key derivation of X9.24-3:2017 §6.3.1: as many numbered blocks as the new key needs."""
    number, size = kind.value
    rest = use.value.to_bytes(2) + number.to_bytes(2) + (8 * size).to_bytes(2) + tied_to
    blocks = b"".join(bytes((1, at)) + rest for at in range(1, -(-size // BLOCK) + 1))
    return Cipher(AES(key), modes.ECB()).encryptor().update(blocks)[:size]  # noqa: S305 - as the standard says
