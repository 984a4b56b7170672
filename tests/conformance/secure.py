"""What a bank's security module does at its end of the line: MACs and PIN blocks.

Rule: written from the standards (ISO 9797-1, ISO 9564-1, NIST SP 800-38B, X9.143), never from the switch, so that an
agreement between the two means something. Keys come from the card; they are the demo's and guard nothing.
"""

import os

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
    return full_cmac(key, data)[:BLOCK]


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


def check_value(key: bytes, *, aes: bool) -> str:
    """ANSI X9.24-1: the first three bytes of CMAC (AES) or of a block (TDES) over zeros."""
    return (full_cmac(key, bytes(16)) if aes else tdes(key, bytes(BLOCK)))[:3].hex().upper()


def key_block(kek: bytes, header: str, key: bytes) -> str:
    """A key block of version D (ANSI X9.143) under an AES key; `header` is usage, algorithm and mode: "M3TC"."""
    clear = (8 * len(key)).to_bytes(2) + key
    clear += os.urandom(-len(clear) % 16 or 16)
    head = f"D{16 + 2 * (len(clear) + 16):04}{header}00E0000".encode()
    encrypting, proving = _derived(kek, 0), _derived(kek, 1)
    mac = full_cmac(proving, head + clear)
    context = Cipher(AES(encrypting), modes.CBC(mac)).encryptor()
    return head.decode() + (context.update(clear) + context.finalize()).hex().upper() + mac.hex().upper()


def opened_block(kek: bytes, block: str) -> tuple[str, bytes]:
    """Usage, algorithm and mode of a block of version D without optional blocks, and its key."""
    assert (block[0], int(block[1:5])) == ("D", len(block))
    head, mac = block[:16], bytes.fromhex(block[-32:])
    context = Cipher(AES(_derived(kek, 0)), modes.CBC(mac)).decryptor()
    clear = context.update(bytes.fromhex(block[16:-32])) + context.finalize()
    assert full_cmac(_derived(kek, 1), head.encode() + clear) == mac, "the block's MAC is wrong"
    return head[5:9], clear[2 : 2 + int.from_bytes(clear[:2]) // 8]


def _derived(kek: bytes, use: int) -> bytes:
    """X9.143: CMAC over a counter, the use (0 to encrypt, 1 for the MAC), the algorithm and the length."""
    algorithm = {16: 2, 24: 3, 32: 4}[len(kek)].to_bytes(2)
    data = use.to_bytes(2) + b"\0" + algorithm + (8 * len(kek)).to_bytes(2)
    return b"".join(full_cmac(kek, bytes([turn]) + data) for turn in (1, 2))[: len(kek)]


def full_cmac(key: bytes, data: bytes) -> bytes:
    context = CMAC(AES(key))
    context.update(data)
    return context.finalize()


def _triple(key: bytes) -> bytes:
    return {8: key * 3, 16: key + key[:8], 24: key}[len(key)]
