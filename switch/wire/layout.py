"""How each field of a pyiso8583 specification lies on the wire, in the terms that the compilers need.

Rule: a field is described here only if its description says everything about it. Whatever has a corner that the
compilers do not know (a text that counts nibbles, a length wider than a table) is left out, and the codec hands
messages with such a field to pyiso8583 itself.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Any

import msgspec

Entry = Mapping[str, Any]
Spec = Mapping[str, Entry]

TABLE_MAX = 9999
"""The longest variable field that gets a table of its lengths."""


class Encoding(Enum):
    """How the characters of a field become bytes."""

    ASCII = "ascii"  # one byte each, below 128
    LATIN = "latin-1"  # one byte each, any
    SINGLE = "single"  # one byte each, any, through a table: cp500 and its like
    PACKED = "packed"  # two hex digits in a byte
    OTHER = "other"  # whatever the named codec does: UTF-8 and the rest


class Alphabet(msgspec.Struct, frozen=True):
    """An encoding, and the codec's name where the encoding alone does not say it."""

    encoding: Encoding
    codec: str = ""


class Field(msgspec.Struct, frozen=True):
    """One field. `size_max` counts bytes, or nibbles where `nibbles` is set; a fixed field has exactly that much."""

    key: str
    alphabet: Alphabet
    size_max: int
    nibbles: bool = False
    pad: str = ""
    pad_right: bool = False
    length_width: int = 0
    length_alphabet: Alphabet | None = None

    @property
    def fixed(self) -> bool:
        return self.length_width == 0

    @property
    def odd(self) -> bool:
        """A fixed field with a pad nibble."""
        return self.fixed and self.nibbles and self.size_max % 2 == 1

    @property
    def bytes_fixed(self) -> int:
        return (self.size_max + 1) // 2 if self.nibbles else self.size_max


class Unsupported(Exception):  # noqa: N818 - not an error: the codec goes the slow way
    """The compilers do not know this field or message."""


ASCII = Alphabet(Encoding.ASCII)
PACKED = Alphabet(Encoding.PACKED)

_BINARY_LENGTH = Alphabet(Encoding.OTHER, "b")


def mti_field(spec: Spec) -> Field:
    """The MTI: two bytes packed or four characters, whatever the specification's length says, as in pyiso8583."""
    alphabet = alphabet_of(spec["t"]["data_enc"])
    return Field(key="t", alphabet=alphabet, size_max=2 if alphabet is PACKED else 4)


def bitmap_alphabet(spec: Spec) -> Alphabet:
    """How the bitmaps are written: packed, or as ASCII characters."""
    primary, secondary = (alphabet_of(spec[key]["data_enc"]) for key in ("p", "1"))
    if primary != secondary or primary.encoding is Encoding.OTHER or spec["h"]["max_len"] > 0:
        raise Unsupported("bitmaps")
    return primary


def field_of(spec: Spec, key: str) -> Field:
    """The field of that number, or Unsupported."""
    entry = spec.get(key)
    if entry is None:
        raise Unsupported(key)
    alphabet = alphabet_of(entry["data_enc"])
    nibbles = entry.get("len_count", "bytes") == "nibbles"
    left, right = entry.get("left_pad", "")[:1], entry.get("right_pad", "")[:1]
    field = Field(
        key=key,
        alphabet=alphabet,
        size_max=entry["max_len"],
        nibbles=nibbles,
        pad=left or right,
        pad_right=not left and bool(right),
        length_width=entry["len_type"],
        length_alphabet=_length_alphabet(entry) if entry["len_type"] else None,
    )
    if not (_sized(field) and 0 <= field.size_max <= TABLE_MAX):
        raise Unsupported(key)
    return field


def _sized(field: Field) -> bool:
    """Whether its size is plain: in bytes, or in nibbles of a packed field that says how it is padded."""
    if not field.nibbles:
        return True
    even = field.fixed and field.size_max % 2 == 0
    return field.alphabet is PACKED and (even or field.pad != "")


@lru_cache(64)
def alphabet_of(data_enc: str) -> Alphabet:
    """The alphabet of a specification's encoding."""
    if data_enc == "b":
        return PACKED
    try:
        name = codecs.lookup(data_enc).name
    except LookupError:
        raise Unsupported(data_enc) from None
    if name == "ascii":
        return ASCII
    if name == "iso8859-1":
        return Alphabet(Encoding.LATIN)
    return Alphabet(Encoding.SINGLE if _is_permutation(name) else Encoding.OTHER, name)


def to_latin(codec: str) -> bytes:
    """The translation table from a SINGLE codec's bytes to those of latin-1."""
    return bytes(range(256)).decode(codec).encode("latin-1")


def from_latin(codec: str) -> bytes:
    """The translation table from latin-1 to a SINGLE codec."""
    return bytes(range(256)).decode("latin-1").encode(codec)


def _length_alphabet(entry: Entry) -> Alphabet:
    if entry["len_enc"] == "bcd":
        return PACKED
    if entry["len_enc"] == "b":
        return _BINARY_LENGTH
    alphabet = alphabet_of(entry["len_enc"])
    if alphabet.encoding in (Encoding.PACKED, Encoding.OTHER):
        raise Unsupported("length")
    return alphabet


def _is_permutation(codec: str) -> bool:
    """Whether the codec gives each of the 256 bytes one of the first 256 characters, and back."""
    everything = bytes(range(256))
    try:
        text = everything.decode(codec)
        return sorted(text) == [chr(n) for n in range(256)] and text.encode(codec) == everything
    except (UnicodeError, LookupError):
        return False
