"""Makes an encoder for one set of fields: joins and conversions over whole stretches of the message.

Rule: an encoder returns exactly the bytes that pyiso8583 returns, or raises; the codec then asks pyiso8583 itself.
The source of an encoder is written from the specification alone, never from a message: field numbers, sizes, and
constants through repr().
"""

from __future__ import annotations

from binascii import a2b_hex
from collections.abc import Callable, Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

from switch.wire.decoding import Surprise
from switch.wire.layout import (
    PACKED,
    Alphabet,
    Encoding,
    Field,
    Spec,
    Unsupported,
    bitmap_alphabet,
    field_of,
    from_latin,
    mti_field,
)
from switch.wire.lengths import halved, writing_table

Encoder = Callable[[dict[str, str]], bytes]

_IGNORED = frozenset({"p", "1", "65", "h"})
"""What pyiso8583 makes itself, or does not look at: the bitmaps, the mark of a third one, the header that ours lack."""

MAC_ELEMENTS = frozenset({"64", "128"})
ABOVE_64 = frozenset(str(de) for de in range(65, 128))
_BYTES = Alphabet(Encoding.OTHER)


def compile_encoder(spec: Spec, keys: Iterable[object]) -> Encoder:
    """The encoder of dictionaries with exactly these keys. Raises Unsupported."""
    return _compiled(spec, keys, announced=None)


def compile_covered(spec: Spec, keys: Iterable[object]) -> Encoder:
    """The encoder of what a MAC covers: the message with the MAC's own bit set and nothing written for it. The keys are
    without it. Raises Unsupported."""
    found = list(keys)
    if not MAC_ELEMENTS.isdisjoint(found):
        raise Unsupported("a MAC among the fields")
    return _compiled(spec, found, announced=mac_element(found))


def mac_element(keys: Iterable[object]) -> str:
    """Where the MAC of a message with these data elements goes: to its end (ISO 8583:1987 DE 64, 128)."""
    return "64" if ABOVE_64.isdisjoint(keys) else "128"


def _compiled(spec: Spec, keys: Iterable[object], announced: str | None) -> Encoder:
    """`announced` is a data element after all the others: its bit is set, its value is not written."""
    keys = list(keys)
    names = [key for key in keys if isinstance(key, str) and key not in _IGNORED and key != "t"]
    numbers = sorted(_number(name) for name in names)
    if not all(isinstance(key, str) for key in keys) or "t" not in keys:
        raise Unsupported("keys")
    writer = _Writer()
    writer.fixed(mti_field(spec))
    shown = numbers if announced is None else [*numbers, int(announced)]
    writer.piece(bitmap_alphabet(spec), repr(_bitmap(shown)))
    for number in numbers:
        field = field_of(spec, str(number))
        (writer.fixed if field.fixed else writer.variable)(field)
    return writer.function()


def _number(name: str) -> int:
    if not (name.isascii() and name.isdigit() and str(int(name)) == name and 2 <= int(name) <= 128):
        raise Unsupported(name)
    return int(name)


def _bitmap(numbers: list[int]) -> str:
    width = 128 if numbers and numbers[-1] > 64 else 64
    present = [*numbers, 1] if width == 128 else numbers
    return f"{sum(1 << (width - number) for number in present):0{width // 4}X}"


class _Writer:
    """Writes the source: what each field must measure, and the pieces that follow each other on the wire."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._lines: list[str] = []
        self._wrong: list[str] = []
        self._pieces: list[tuple[Alphabet, str]] = []
        self._constants: dict[str, Any] = {"Surprise": Surprise, "unhexlify": a2b_hex}

    def piece(self, alphabet: Alphabet, expression: str) -> None:
        self._pieces.append((alphabet, expression))

    def fixed(self, field: Field) -> None:
        name = self._name(field)
        if field.alphabet.encoding is Encoding.OTHER:
            name = self._encoded(field, name)
        size = field.size_max if field.nibbles or field.alphabet is not PACKED else 2 * field.size_max
        self._wrong.append(f"len({name}) != {size}")
        self.piece(*self._padded(field, name) if field.odd else (_piece_alphabet(field), name))

    def variable(self, field: Field) -> None:
        name = self._name(field)
        if field.alphabet.encoding is Encoding.OTHER:
            name = self._encoded(field, name)
        self._length(field, name)
        if field.nibbles:
            alphabet, padded = self._padded(field, name)
            self.piece(alphabet, f"({padded} if len({name}) & 1 else {name})")
        else:
            self.piece(_piece_alphabet(field), name)

    def function(self) -> Encoder:
        """The finished encoder."""
        names = ", ".join(f"f{key}" for key in self._keys)
        self._constants["get"] = itemgetter(*self._keys)
        checks = [f"if {' or '.join(self._wrong)}: raise Surprise"]
        stretches = [self._stretch(alphabet, [text for _, text in group]) for alphabet, group in self._grouped()]
        whole = f"b''.join(({', '.join(stretches)}))" if len(stretches) > 3 else " + ".join(stretches)
        body = [f"{names} = get(fields)", *self._lines, *checks, f"return {whole}"]
        exec("\n    ".join(["def encode(fields):", *body]), self._constants)  # noqa: S102 - the source is ours, see above
        made: Encoder = self._constants["encode"]
        return made

    def _name(self, field: Field) -> str:
        self._keys.append(field.key)
        return f"f{field.key}"

    def _encoded(self, field: Field, name: str) -> str:
        self._lines.append(f"b{field.key} = {name}.encode({field.alphabet.codec!r})")
        return f"b{field.key}"

    def _padded(self, field: Field, name: str) -> tuple[Alphabet, str]:
        return PACKED, f"{name} + {field.pad!r}" if field.pad_right else f"{field.pad!r} + {name}"

    def _length(self, field: Field, name: str) -> None:
        """The length's piece, from a table; a length that is too long is not in it."""
        table = writing_table(field)
        count_bytes = field.alphabet is PACKED and not field.nibbles
        self._constants[f"L{field.key}"] = halved(table) if count_bytes else table
        assert field.length_alphabet is not None
        binary = field.length_alphabet.encoding in (Encoding.PACKED, Encoding.OTHER)
        self.piece(PACKED if binary else field.length_alphabet, f"L{field.key}[len({name})]")

    def _grouped(self) -> Iterable[tuple[Alphabet, Iterable[tuple[Alphabet, str]]]]:
        return groupby(self._pieces, lambda piece: piece[0])

    def _stretch(self, alphabet: Alphabet, texts: list[str]) -> str:
        """The bytes of neighbouring pieces of one alphabet."""
        if alphabet is _BYTES:
            return texts[0] if len(texts) == 1 else f"b''.join(({', '.join(texts)}))"
        joined = texts[0] if len(texts) == 1 else f"''.join(({', '.join(texts)}))"
        if alphabet.encoding is Encoding.PACKED:
            return f"unhexlify({joined})"
        if alphabet.encoding is Encoding.SINGLE:
            return f"{joined}.encode('latin-1').translate({from_latin(alphabet.codec)!r})"
        return f"{joined}.encode({alphabet.encoding.value!r})"


def _piece_alphabet(field: Field) -> Alphabet:
    return _BYTES if field.alphabet.encoding is Encoding.OTHER else field.alphabet
