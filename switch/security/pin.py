"""PIN blocks of ISO 9564-1, formats 0 and 1, clear and enciphered.

Rule: a block that is not exactly what the standard says is refused with one and the same text, whatever is
wrong with it; no error carries a digit of a PIN, a card number or a block, nor has one as its cause.
"""

from string import hexdigits

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from switch.security.port import PinBlockError

BLOCK = 8
PIN_LENGTHS = range(4, 13)
PAN_LENGTHS = range(8, 20)


class PinCipher:
    """A PIN key at work: TDES over single blocks, double-length key. Used from one thread (see `mac`)."""

    __slots__ = ("_decryptor", "_encryptor")

    def __init__(self, key: bytes) -> None:
        if len(key) != 16:
            raise ValueError("a PIN key has 16 bytes")
        cipher = Cipher(TripleDES(key + key[:8]), modes.ECB())  # noqa: S305 - ISO 9564: a block is one block
        self._encryptor, self._decryptor = cipher.encryptor(), cipher.decryptor()

    def encipher(self, clear: bytes) -> str:
        """The block as 16 hex digits under the key."""
        if len(clear) != BLOCK:
            raise PinBlockError("a clear PIN block is eight bytes")
        return self._encryptor.update(clear).hex().upper()

    def decipher(self, block_hex: str) -> bytes:
        """The clear block."""
        try:
            block = bytes.fromhex(block_hex)
        except ValueError:
            block = b""
        if len(block) != BLOCK or len(block_hex) != 2 * BLOCK:
            raise PinBlockError("an encrypted PIN block is eight bytes in hexadecimal") from None
        return self._decryptor.update(block)


def build_format_0(pin: str, pan: str) -> bytes:
    """The clear format 0 block of a PIN over a card number."""
    field = f"0{checked_pin(pin)}".ljust(2 * BLOCK, "F")
    return (int(field, 16) ^ pan_field(pan)).to_bytes(BLOCK)


def parse_format_0(clear: bytes, pan: str) -> str:
    """The PIN in a clear format 0 block over this card number."""
    field = (int.from_bytes(clear) ^ pan_field(pan)).to_bytes(BLOCK).hex()
    pin = pin_in(field, "0")
    if field[2 + len(pin) :].strip("f"):
        raise refusal()
    return pin


def build_format_1(pin: str, fill: str) -> bytes:
    """The clear format 1 block of a PIN. The fill (hex digits, as many as the PIN leaves free of 14, or more) must
    be new each time, random or of the transaction: it is all that makes two blocks of one PIN differ."""
    field = f"1{checked_pin(pin)}"
    free = 2 * BLOCK - len(field)
    if len(fill) < free or not set(fill) <= set(hexdigits):
        raise PinBlockError("the fill of a PIN block is hexadecimal digits up to its end")
    return bytes.fromhex(field + fill[:free])


def parse_format_1(clear: bytes) -> str:
    """The PIN in a clear format 1 block."""
    return pin_in(clear.hex(), "1")


def translate(block_hex: str, pan: str | None, source: PinCipher, target: PinCipher) -> str:
    """A valid block under another key: format 0 over the card number, or format 1 where there is none."""
    clear = source.decipher(block_hex)
    if pan is None:
        parse_format_1(clear)
    else:
        parse_format_0(clear, pan)
    return target.encipher(clear)


def pin_in(field: str, control: str) -> str:
    """The digits of the PIN field: control nibble, length, PIN."""
    length = int(field[1], 16)
    pin = field[2 : 2 + length]
    if field[0] != control or length not in PIN_LENGTHS or not pin.isdigit():
        raise refusal()
    return pin


def checked_pin(pin: str) -> str:
    """The PIN with its length before it."""
    if len(pin) not in PIN_LENGTHS or not (pin.isascii() and pin.isdigit()):
        raise PinBlockError("a PIN has four to twelve digits")
    return f"{len(pin):X}{pin}"


def pan_field(pan: str) -> int:
    """ISO 9564-1 format 0: four zeros and the card number's twelve rightmost digits without the check digit."""
    if len(pan) not in PAN_LENGTHS or not (pan.isascii() and pan.isdigit()):
        raise PinBlockError("a card number has eight to nineteen digits")
    return int(pan[-13:-1], 16)


def refusal() -> PinBlockError:
    return PinBlockError("not a PIN block of the format agreed")
