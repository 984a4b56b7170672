"""PIN keys at work: blocks of ISO 9564-1 under TDES and AES, and from one zone's key to another's.

Rule: what may become what is in the two tables below and nowhere else (PCI PIN Security 3-3, ISO 9564-1): a PIN
that is bound to a card stays bound, to the same card. A cipher runs on under its key, so it is used from one
thread and only ever gets whole blocks (see `mac`).
"""

from collections.abc import Mapping
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from switch.security.crypto import tdes
from switch.security.crypto.pin_block import (
    BLOCK,
    FIELD_4,
    ISO_0,
    ISO_1,
    ISO_3,
    ISO_4,
    PinFormat,
    build,
    build_format_0,
    build_format_1,
    pan_field_4,
    parse,
    parse_format_0,
    parse_format_1,
    required,
)
from switch.security.port import PinBlockError

__all__ = [
    "AesPinCipher",
    "PinCipher",
    "PinFormat",
    "PinZone",
    "build_format_0",
    "build_format_1",
    "open_pin",
    "parse_format_0",
    "parse_format_1",
    "seal_pin",
    "translate",
]

# From which format to which, when there is a card number: whatever came, it leaves bound to it.
WITH_CARD: Mapping[PinFormat, frozenset[PinFormat]] = {
    ISO_0: frozenset({ISO_0, ISO_3, ISO_4}),
    ISO_1: frozenset({ISO_0, ISO_3, ISO_4}),
    ISO_3: frozenset({ISO_0, ISO_3, ISO_4}),
    ISO_4: frozenset({ISO_0, ISO_3, ISO_4}),
}
# When there is none: an activation code, bound to nothing on either side.
WITHOUT_CARD: Mapping[PinFormat, frozenset[PinFormat]] = {
    ISO_0: frozenset(),
    ISO_1: frozenset({ISO_1}),
    ISO_3: frozenset(),
    ISO_4: frozenset(),
}


class PinZone(Protocol):
    """A PIN key and the format that is agreed for what it enciphers."""

    def format_of(self, pan: str | None) -> PinFormat:
        """The format of a PIN of this card, or of a code that has no card."""

    def encipher(self, clear: bytes, pan: str | None = None) -> str:
        """The block under the key, in upper-case hex."""

    def decipher(self, block_hex: str, pan: str | None = None) -> bytes:
        """The clear block; whether it is one is not known yet."""


class PinCipher:
    """TDES over single blocks, key of two or three parts: formats 0, 1 and 3. What has no card is format 1."""

    __slots__ = ("_card_format", "_decryptor", "_encryptor")

    def __init__(self, key: bytes, card_format: PinFormat = ISO_0) -> None:
        if len(key) not in (16, 24) or card_format not in (ISO_0, ISO_1, ISO_3):
            raise ValueError("a TDES PIN key has 16 or 24 bytes, and blocks of format 0, 1 or 3")
        cipher = tdes.ecb(key)
        self._encryptor, self._decryptor = cipher.encryptor(), cipher.decryptor()
        self._card_format = card_format

    def format_of(self, pan: str | None) -> PinFormat:
        return ISO_1 if pan is None else self._card_format

    def encipher(self, clear: bytes, pan: str | None = None) -> str:
        """The block as 16 hex digits under the key. The card number is in the block already."""
        if len(clear) != BLOCK:
            raise PinBlockError("a clear PIN block is eight bytes")
        return self._encryptor.update(clear).hex().upper()

    def decipher(self, block_hex: str, pan: str | None = None) -> bytes:
        return self._decryptor.update(block_of(block_hex, BLOCK))


class AesPinCipher:
    """AES over the PIN field and again with the card number added: format 4 (ISO 9564-1:2017 §9.4)."""

    __slots__ = ("_decryptor", "_encryptor")

    def __init__(self, key: bytes) -> None:
        if len(key) not in (16, 24, 32):
            raise ValueError("an AES PIN key has 16, 24 or 32 bytes")
        cipher = Cipher(AES(key), modes.ECB())  # noqa: S305 - ISO 9564-1: a block is one block
        self._encryptor, self._decryptor = cipher.encryptor(), cipher.decryptor()

    def format_of(self, pan: str | None) -> PinFormat:
        return ISO_4

    def encipher(self, clear: bytes, pan: str | None = None) -> str:
        if len(clear) != FIELD_4:
            raise PinBlockError("a clear PIN field of format four is sixteen bytes")
        inner = int.from_bytes(self._encryptor.update(clear)) ^ pan_field_4(required(pan))
        return self._encryptor.update(inner.to_bytes(FIELD_4)).hex().upper()

    def decipher(self, block_hex: str, pan: str | None = None) -> bytes:
        field = pan_field_4(required(pan))
        inner = int.from_bytes(self._decryptor.update(block_of(block_hex, FIELD_4))) ^ field
        return self._decryptor.update(inner.to_bytes(FIELD_4))


def translate(block_hex: str, pan: str | None, source: PinZone, target: PinZone, fill: bytes = b"") -> str:
    """A valid block under another zone's key, in that zone's format. `fill`: FILL_SIZE random bytes, needed where
    the format changes to one that has fill. Raises PinBlockError."""
    given, wanted = source.format_of(pan), target.format_of(pan)
    same = given is wanted and (given is ISO_1) is (pan is None)  # the tables say so too, but looking there costs more
    if not same and wanted not in (WITHOUT_CARD if pan is None else WITH_CARD)[given]:
        raise PinBlockError("a PIN block may not go from this format to that one")
    clear = source.decipher(block_hex, pan)
    pin = parse(given, clear, pan)
    return target.encipher(clear if same else build(wanted, pin, pan, fill), pan)


def seal_pin(pin: str, pan: str | None, zone: PinZone, fill: bytes = b"") -> str:
    """The encrypted block of a PIN: for those who may see one, and for the random ones that a machine makes."""
    return zone.encipher(build(zone.format_of(pan), pin, pan, fill), pan)


def open_pin(block_hex: str, pan: str | None, zone: PinZone) -> str:
    """The PIN of an encrypted block, for those who may see it. Raises PinBlockError."""
    return parse(zone.format_of(pan), zone.decipher(block_hex, pan), pan)


def block_of(block_hex: str, size: int) -> bytes:
    """The bytes of an encrypted block."""
    try:
        block = bytes.fromhex(block_hex)
    except ValueError:
        block = b""
    if len(block) != size or len(block_hex) != 2 * size:
        raise PinBlockError("an encrypted PIN block is hexadecimal, of its cipher's size") from None
    return block
