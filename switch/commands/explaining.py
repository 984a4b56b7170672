"""A message explained line by line: every field's number, name, place, length, what may be shown of it, what it means.

Rule: a value is shown only through `switch.wire.mask`; what a line says beside it is made of values that the mask
shows, or of words that are the switch's own. Where a message breaks off, its length prefixes cannot be trusted: digits
of a card might stand in any field after it. So in such a message nothing is shown that comes after a secret which
could have ended elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from switch.commands.meaning import meaning, parts_of
from switch.commands.reading import Fault, Field, Reading
from switch.wire import tlv
from switch.wire.dialect import Dialect
from switch.wire.mask import HIDDEN, mask_field, mask_tag
from switch.wire.names import TEXT_TAGS, field_name, tag_name

_BITMAPS = ("p", "1", "65")
_SECRETS_OF_ANY_LENGTH = frozenset({"2", "34", "35", "36", "45", "48", "55", "120"})
_BITS_OF_ONE = 64


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field ("102"), or a part of one ("48.03"). `value` is masked."""

    field: str
    name: str
    at: int | None = None
    length: int | None = None
    value: str = ""
    meaning: str = ""


class Explained(msgspec.Struct, frozen=True):
    """A message as people may see it. `unread` are the fields that its bitmaps promise beyond the fault."""

    size: int
    lines: tuple[Line, ...]
    fault: Fault | None = None
    unread: tuple[str, ...] = ()


def explain(reading: Reading, dialect: Dialect) -> Explained:
    lines = tuple(line for field in _shown_fields(reading) for line in _lines(*field, reading.values, dialect))
    return Explained(reading.size, lines, reading.fault, tuple(_unread(reading)))


def printable(text: str) -> str:
    """Text from the wire for a terminal: a control character would be obeyed there."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def _shown_fields(reading: Reading) -> Iterator[tuple[Field, bool]]:
    """Each field and whether its value may be looked at, in the order of the message."""
    trusted = True
    for field in reading.fields:
        yield field, trusted
        if reading.fault is not None and not _ends_where_it_says(field):
            trusted = False


def _ends_where_it_says(field: Field) -> bool:
    if field.de == "2":
        return _passes_luhn(field.value)
    if field.de == "48":
        return not _fault_in_tags(field.value)
    return field.de not in _SECRETS_OF_ANY_LENGTH


def _lines(field: Field, trusted: bool, values: Mapping[str, str], dialect: Dialect) -> Iterator[Line]:
    de, value = field.de, field.value
    line = Line(de, field_name(de), field.at, field.length, HIDDEN)
    if not trusted:
        yield line
    elif de in _BITMAPS:
        yield msgspec.structs.replace(line, value=value, meaning=" ".join(_promised_by(de, value)))
    elif de == "48":
        yield msgspec.structs.replace(line, value="")
        yield from _tag_lines(value, dialect)
    else:
        masked = printable(mask_field(de, value))
        yield msgspec.structs.replace(line, value=masked, meaning=printable(meaning(de, values)))
        for name, part, words in parts_of(de, values, dialect.original_layout):
            yield Line(f"{de}.{name}", words, value=printable(part))


def _tag_lines(private: str, dialect: Dialect) -> Iterator[Line]:
    """Tag by tag. In private data that break off a tag's value may be another's, so none is shown."""
    broken = _fault_in_tags(private)
    for tag, value in _whole_tags(private):
        words = dialect.text_in(value) if tag in TEXT_TAGS else value
        shown = HIDDEN if broken else printable(mask_tag(tag, words))
        yield Line(f"48.{tag}", tag_name(tag), None, len(value), shown)
    if broken:
        yield Line(broken, "", meaning="broken from here: two digits of tag, three of length, the value")


def _fault_in_tags(private: str) -> str:
    try:
        tlv.parse(private)
    except tlv.TlvError as error:
        return error.place
    return ""


def _whole_tags(private: str) -> list[tuple[str, str]]:
    """The pairs of DE 48 up to its end or its first fault."""
    pairs: list[tuple[str, str]] = []
    start = 0
    while start < len(private):
        digits = private[start + 2 : start + 5]
        end = start + 5 + (int(digits) if digits.isascii() and digits.isdigit() else 0)
        try:
            pairs += tlv.parse(private[start:end])
        except tlv.TlvError:
            break
        start = end
    return pairs


def _promised_by(de: str, bitmap: str) -> Iterator[str]:
    """The fields whose bits are set; a bitmap's own first bit only promises the next one."""
    first = _BITMAPS.index(de) * _BITS_OF_ONE
    bits = f"{int(bitmap, 16):0{_BITS_OF_ONE}b}"
    return (str(first + number) for number, bit in enumerate(bits, 1) if bit == "1")


def _unread(reading: Reading) -> Iterator[str]:
    values = reading.values
    for de in _BITMAPS:
        if de in values:
            yield from (promised for promised in _promised_by(de, values[de]) if promised not in values)


def _passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B: a card number that is one digit short or long seldom does."""
    if not (digits.isascii() and digits.isdigit()) or len(digits) < 12:
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0
