"""Clear PIN blocks of ISO 9564-1: how a PIN, a card number and fill become a block, and a block a PIN again.

Rule: a block that is not exactly what the standard says is refused with one and the same text, whatever is
wrong with it; no error carries a digit of a PIN, a card number or a block, nor has one as its cause. Fill is
drawn by the caller. Format 2 is for a card's own chip: built and read here, never taken on a line (`pin`).
"""

from enum import IntEnum
from string import hexdigits
from typing import Final

from switch.security.port import PinBlockError

BLOCK = 8
FIELD_4 = 16
PIN_LENGTHS = range(4, 13)
PAN_LENGTHS = range(8, 20)
# Enough for the fill of any format: format 3 takes one byte for each letter.
FILL_SIZE = 10

_LETTERS = "ABCDEF"
_HEX = frozenset(hexdigits)


class PinFormat(IntEnum):
    """The control nibble of a block says its format."""

    ISO_0 = 0
    ISO_1 = 1
    ISO_2 = 2
    ISO_3 = 3
    ISO_4 = 4


ISO_0: Final = PinFormat.ISO_0
ISO_1: Final = PinFormat.ISO_1
ISO_2: Final = PinFormat.ISO_2
ISO_3: Final = PinFormat.ISO_3
ISO_4: Final = PinFormat.ISO_4

# How a field begins, control and length, and so where its PIN ends.
_ENDS = {form: {f"{form:x}{length:x}": 2 + length for length in PIN_LENGTHS} for form in PinFormat}


def build(form: PinFormat, pin: str, pan: str | None, fill: bytes = b"") -> bytes:
    """A clear block (format 4: the PIN field). `fill` is FILL_SIZE random bytes where the format has fill."""
    if form is ISO_0:
        return build_format_0(pin, required(pan))
    if form is ISO_2:
        return build_format_2(pin)
    if len(fill) < FILL_SIZE:
        raise PinBlockError("a PIN block with fill needs it from the caller")
    if form is ISO_1:
        return build_format_1(pin, fill.hex())
    if form is ISO_3:
        return build_format_3(pin, required(pan), "".join(_LETTERS[byte % len(_LETTERS)] for byte in fill))
    return build_field_4(pin, fill.hex())


def parse(form: PinFormat, clear: bytes, pan: str | None) -> str:
    """The PIN in a clear block. What binds format 4 to a card number is its encipherment."""
    if form is ISO_0:
        return parse_format_0(clear, required(pan))
    if form is ISO_1:
        return parse_format_1(clear)
    if form is ISO_3:
        return parse_format_3(clear, required(pan))
    return parse_format_2(clear) if form is ISO_2 else parse_field_4(clear)


def build_format_0(pin: str, pan: str) -> bytes:
    """The clear format 0 block of a PIN over a card number."""
    return over_pan(f"0{checked_pin(pin)}".ljust(2 * BLOCK, "F"), pan)


def parse_format_0(clear: bytes, pan: str) -> str:
    """The PIN in a clear format 0 block over this card number."""
    return pin_in(without_pan(clear, pan).rstrip("f"), ISO_0)


def build_format_1(pin: str, fill: str) -> bytes:
    """The clear format 1 block of a PIN. The fill (hex digits, as many as the PIN leaves free of 14, or more) must
    be new each time, random or of the transaction: it is all that makes two blocks of one PIN differ."""
    return filled(f"1{checked_pin(pin)}", fill, 2 * BLOCK)


def parse_format_1(clear: bytes) -> str:
    """The PIN in a clear format 1 block; what follows it may be anything."""
    field = sized(clear, BLOCK)
    return pin_in(field[: _ENDS[ISO_1].get(field[:2], 0)], ISO_1)


def build_format_2(pin: str) -> bytes:
    """The clear format 2 block of a PIN, as a chip compares it."""
    return bytes.fromhex(f"2{checked_pin(pin)}".ljust(2 * BLOCK, "F"))


def parse_format_2(clear: bytes) -> str:
    """The PIN in a clear format 2 block."""
    return pin_in(sized(clear, BLOCK).rstrip("f"), ISO_2)


def build_format_3(pin: str, pan: str, fill: str) -> bytes:
    """The clear format 3 block of a PIN over a card number; its fill is random letters, A to F."""
    if not set(fill) <= set(_LETTERS):
        raise PinBlockError("the fill of a format three block is the letters A to F")
    return over_pan(filled(f"3{checked_pin(pin)}", fill, 2 * BLOCK).hex(), pan)


def parse_format_3(clear: bytes, pan: str) -> str:
    """The PIN in a clear format 3 block over this card number.

    The standard's own limit: a card number that differs only under the fill may turn each letter of it into another
    letter, and then the same PIN is read. Format 0 has no such gap, format 4 binds every digit.
    """
    return pin_in(without_pan(clear, pan).rstrip("abcdef"), ISO_3)


def build_field_4(pin: str, fill: str) -> bytes:
    """The PIN field of format 4 (ISO 9564-1:2017 §9.4): 16 hex digits of fill, new each time."""
    return filled(f"4{checked_pin(pin)}".ljust(FIELD_4, "A"), fill, 2 * FIELD_4)


def parse_field_4(field: bytes) -> str:
    """The PIN in a PIN field of format 4, whose second half is random."""
    return pin_in(sized(field, FIELD_4)[:FIELD_4].rstrip("a"), ISO_4)


def pan_field_4(pan: str) -> int:
    """Format 4, 32 hex digits: by how much the card number is longer than twelve, itself in twelve or more, zeros."""
    digits = len(checked_pan(pan))
    width = digits if digits > 12 else 12  # cheaper than `max`, twice for each PIN
    return ((width - 12) << 4 * width | int(pan, 16)) << 4 * (2 * FIELD_4 - 1 - width)


def pan_field(pan: str) -> int:
    """ISO 9564-1 formats 0 and 3: four zeros and the card number's twelve rightmost digits without the check digit."""
    return int(checked_pan(pan)[-13:-1], 16)


def over_pan(field: str, pan: str) -> bytes:
    """The PIN field with the card number added."""
    return (int(field, 16) ^ pan_field(pan)).to_bytes(BLOCK)


def without_pan(clear: bytes, pan: str) -> str:
    """The hex digits of the PIN field again."""
    if len(clear) != BLOCK:
        raise refusal()
    return f"{int.from_bytes(clear) ^ pan_field(pan):016x}"


def filled(field: str, fill: str, width: int) -> bytes:
    """A field of hex digits brought to its width."""
    free = width - len(field)
    if len(fill) < free or not set(fill) <= _HEX:
        raise PinBlockError("the fill of a PIN block is hexadecimal digits up to its end")
    return bytes.fromhex(field + fill[:free])


def sized(clear: bytes, size: int) -> str:
    """The hex digits of what must have this size."""
    if len(clear) != size:
        raise refusal()
    return clear.hex()


def pin_in(field: str, form: PinFormat) -> str:
    """The PIN in a field whose fill was taken off: control nibble, length, PIN and nothing else."""
    pin = field[2:]
    if _ENDS[form].get(field[:2]) != len(field) or not pin.isdigit():
        raise refusal()
    return pin


def checked_pin(pin: str) -> str:
    """The PIN with its length before it."""
    if len(pin) not in PIN_LENGTHS or not (pin.isascii() and pin.isdigit()):
        raise PinBlockError("a PIN has four to twelve digits")
    return f"{len(pin):X}{pin}"


def checked_pan(pan: str) -> str:
    if len(pan) not in PAN_LENGTHS or not (pan.isascii() and pan.isdigit()):
        raise PinBlockError("a card number has eight to nineteen digits")
    return pan


def required(pan: str | None) -> str:
    if pan is None:
        raise PinBlockError("a PIN block of this format needs a card number")
    return pan


def refusal() -> PinBlockError:
    return PinBlockError("not a PIN block of the format agreed")
