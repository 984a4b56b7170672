"""What a bank's security module does at its end of the line: MACs and PIN blocks.

Rule: written from the standards (ISO 9797-1, ISO 9564-1, NIST SP 800-38B), never from the switch, so that an
agreement between the two means something. Keys come from the card; they are the demo's and guard nothing.
"""

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

BLOCK = 8


def tdes(key: bytes, data: bytes, *, decrypt: bool = False) -> bytes:
    """TDES in ECB mode under a single, double or triple length key."""
    cipher = Cipher(TripleDES(_triple(key)), modes.ECB())
    context = cipher.decryptor() if decrypt else cipher.encryptor()
    return context.update(data) + context.finalize()


def retail_mac(key: bytes, data: bytes, padding: int = 1) -> bytes:
    """ISO 9797-1 algorithm 3 (ANSI X9.19): a DES chain, its last block under both halves of the key."""
    left, right = key[:BLOCK], key[BLOCK : 2 * BLOCK]
    chain = Cipher(TripleDES(_triple(left)), modes.CBC(bytes(BLOCK))).encryptor()
    last = (chain.update(padded(data, padding)) + chain.finalize())[-BLOCK:]
    return tdes(left, tdes(right, last, decrypt=True))


def cmac(key: bytes, data: bytes) -> bytes:
    """AES-CMAC (NIST SP 800-38B), cut to its first eight bytes."""
    context = CMAC(AES(key))
    context.update(data)
    return context.finalize()[:BLOCK]


def padded(data: bytes, padding: int) -> bytes:
    """ISO 9797-1: method 1 fills with zeros, method 2 puts 0x80 first and so always adds something."""
    marked = data if padding == 1 else data + b"\x80"
    return marked + bytes(-len(marked) % BLOCK)


def pin_block_0(pin: str, pan: str) -> bytes:
    """ISO 9564-1 format 0: the PIN over the twelve rightmost digits of the PAN but its check digit."""
    digits = f"0{len(pin):X}{pin}".ljust(16, "F")
    account = pan[:-1][-12:].rjust(16, "0")
    return bytes(a ^ b for a, b in zip(bytes.fromhex(digits), bytes.fromhex(account), strict=True))


def pin_block_1(digits: str, fill: str = "0A1B2C3D4E5F60") -> bytes:
    """ISO 9564-1 format 1: no PAN in it, the rest is filled with what makes each block another."""
    head = f"1{len(digits):X}{digits}"
    return bytes.fromhex(head + fill[: 16 - len(head)])


def _triple(key: bytes) -> bytes:
    return {8: key * 3, 16: key + key[:8], 24: key}[len(key)]
