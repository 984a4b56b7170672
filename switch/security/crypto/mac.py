"""Message authentication codes: the retail MAC and AES-CMAC, with everything that depends on the key kept ready.

Rule: an object holds a running cipher, so it is used from one thread, and its cipher only ever gets whole
blocks: a part of one would shift every later result.
"""

from hmac import compare_digest

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from switch.security.crypto import tdes
from switch.wire.envelope import MAC_SIZE

BLOCK = tdes.BLOCK


class RetailMac:
    """ISO 9797-1 algorithm 3 with DES (X9.19), double-length key, padding 1 (zeros) or 2 (80, then zeros).

    DES in CBC with the left half over all blocks but the last, then DES EDE with both halves over the last.
    A new CBC context per message costs as much as twelve blocks, so one context runs on for ever: its chaining
    value is the last block it put out, and adding that to the next message's first block cancels it.
    """

    __slots__ = ("_cbc", "_chained", "_last", "_pad_start")

    def __init__(self, key: bytes, padding: int = 1) -> None:
        if len(key) != 16 or padding not in (1, 2):
            raise ValueError("a retail MAC needs a key of 16 bytes and padding 1 or 2")
        self._cbc = Cipher(tdes.algorithm(key[:BLOCK]), modes.CBC(bytes(BLOCK))).encryptor()
        self._last = tdes.ecb(key).encryptor()
        self._chained = 0
        self._pad_start = b"\x80" if padding == 2 else b""

    def compute(self, data: bytes) -> bytes:
        padded = to_blocks(data + self._pad_start)
        hashed = self._hash(padded[:-BLOCK]) if len(padded) > BLOCK else 0
        return self._last.update((int.from_bytes(padded[-BLOCK:]) ^ hashed).to_bytes(BLOCK))

    def verify(self, data: bytes, mac: bytes) -> bool:
        return compare_digest(self.compute(data), mac)

    def _hash(self, blocks: bytes) -> int:
        """The last block of DES-CBC from a zero vector over whole blocks."""
        first = (int.from_bytes(blocks[:BLOCK]) ^ self._chained).to_bytes(BLOCK)
        self._chained = int.from_bytes(self._cbc.update(first + blocks[BLOCK:])[-BLOCK:])
        return self._chained


class AesCmac:
    """AES-CMAC (NIST SP 800-38B, RFC 4493), cut to its first 8 bytes."""

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        self._keyed = CMAC(AES(key))

    def compute(self, data: bytes) -> bytes:
        running = self._keyed.copy()
        running.update(data)
        return running.finalize()[:MAC_SIZE]

    def verify(self, data: bytes, mac: bytes) -> bool:
        running = self._keyed.copy()
        running.update(data)
        return compare_digest(running.finalize()[:MAC_SIZE], mac)


def cmac(cipher: AES | TripleDES, data: bytes) -> bytes:
    """CMAC in full length, for a key that is used once: check values, derivations."""
    running = CMAC(cipher)
    running.update(data)
    return running.finalize()


def cbc_mac(key: bytes, data: bytes, padding: int = 1) -> bytes:
    """ISO 9797-1 algorithm 1 with TDES: plain CBC, its last block."""
    padded = to_blocks(data + (b"\x80" if padding == 2 else b""))
    return Cipher(tdes.algorithm(key), modes.CBC(bytes(BLOCK))).encryptor().update(padded)[-BLOCK:]


def to_blocks(data: bytes) -> bytes:
    """Filled with zeros to whole blocks, one at least."""
    return data + bytes(-len(data) % BLOCK or (0 if data else BLOCK))
