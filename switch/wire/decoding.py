"""Makes a decoder for one bitmap: a straight line of slices in place of pyiso8583's loop over dictionaries.

Rule: a decoder returns exactly what pyiso8583 returns, or raises; it never returns anything else. It may be as
narrow as it likes (a length with a sign, a stray byte, a missing pad, one byte too few or too many all raise),
because the codec then asks pyiso8583 itself.

The source of a decoder is written from the specification alone, never from what came over the wire: field numbers,
offsets, and constants through repr().
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby
from typing import Any

from switch.wire.layout import (
    Alphabet,
    Encoding,
    Field,
    Spec,
    Unsupported,
    bitmap_alphabet,
    field_of,
    mti_field,
    to_latin,
)

Decoder = Callable[[bytes], dict[str, str]]

_HEX = re.compile("[0-9A-Fa-f]{16}(?:[0-9A-Fa-f]{16})?")
_TEXT = (Encoding.ASCII, Encoding.LATIN, Encoding.SINGLE)


class Surprise(Exception):  # noqa: N818 - not an error: the codec goes the slow way
    """Compiled code met what it was not made for."""


def compile_decoder(spec: Spec, bitmap: bytes) -> Decoder:
    """The decoder of frames with exactly these bytes of bitmap. Raises Unsupported."""
    alphabet = bitmap_alphabet(spec)
    shown = _shown(bitmap, alphabet)
    keys = _fields_of(shown)
    writer = _Writer()
    writer.fixed(mti_field(spec))
    writer.skip(len(bitmap), alphabet)
    writer.constant("p", shown[:16])
    if len(shown) > 16:
        writer.constant("1", shown[16:])
    writer.fields([field_of(spec, key) for key in keys])
    return writer.function()


def _shown(bitmap: bytes, alphabet: Alphabet) -> str:
    """The bitmap as pyiso8583 shows it: packed ones in upper case, text as it came."""
    if alphabet.encoding is Encoding.PACKED:
        return bitmap.hex().upper()
    text = bitmap.decode(alphabet.codec or alphabet.encoding.value, "replace")
    if not _HEX.fullmatch(text):
        raise Unsupported("bitmap")
    return text


def _fields_of(bitmap: str) -> list[str]:
    width = 4 * len(bitmap)
    bits = int(bitmap, 16)
    numbers = [de for de in range(1, width + 1) if bits >> (width - de) & 1]
    if (1 in numbers) != (width == 128) or 65 in numbers:
        raise Unsupported("bitmap")
    return [str(de) for de in numbers if de != 1]


class _Writer:
    """Writes the source from left to right. A place is the end of the last variable field and an offset from it."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._values: dict[str, str] = {}
        self._constants: dict[str, Any] = {
            "Surprise": Surprise,
            "strip_left": _strip_left,
            "strip_right": _strip_right,
        }
        self._views: dict[Alphabet, str] = {}
        self._ascii_spans: list[tuple[str, str]] = []
        self._any_packed = False
        self._base, self._offset = "", 0

    def constant(self, key: str, value: str) -> None:
        self._values[key] = repr(value)

    def skip(self, width: int, alphabet: Alphabet) -> None:
        """Passes over the bitmaps, whose bytes are known."""
        start = self._place()
        self._offset += width
        self._note(alphabet, start, self._place())

    def fields(self, fields: list[Field]) -> None:
        """Neighbouring packed fields of fixed size are unpacked together, the others one by one."""
        for together, group in groupby(
            fields, lambda field: field.fixed and field.alphabet.encoding is Encoding.PACKED
        ):
            if together:
                self._packed_run(list(group))
            else:
                for field in group:
                    (self.fixed if field.fixed else self._variable)(field)

    def fixed(self, field: Field) -> None:
        if field.alphabet.encoding is Encoding.PACKED:
            self._packed_run([field])
            return
        start = self._place()
        self._offset += field.size_max
        self._values[field.key] = self._slice(field.alphabet, start, self._place())

    def function(self) -> Decoder:
        """The finished decoder."""
        views = [f"{name} = {_view(alphabet, name)}" for alphabet, name in self._views.items()]
        body = [*views, *self._lines, *self._checks()]
        shown = ", ".join(f"{key!r}: {value}" for key, value in self._values.items())
        source = "\n    ".join(["def decode(frame):", *body, f"return {{{shown}}}"])
        exec(source, self._constants)  # noqa: S102 - the source is ours, see above
        made: Decoder = self._constants["decode"]
        return made

    def _packed_run(self, run: list[Field]) -> None:
        name, start, nibble = f"h{len(self._lines)}", self._place(), 0
        pads = []
        for field in run:
            size = field.size_max if field.nibbles else 2 * field.size_max
            first = nibble + (field.odd and not field.pad_right)
            if field.odd:
                pad = nibble + size if field.pad_right else nibble
                pads.append(f"{name}[{pad}:{pad + 1}] != {field.pad!r}")
            self._values[field.key] = f"{name}[{first}:{first + size}]"
            nibble += 2 * field.bytes_fixed
        self._offset += nibble // 2
        self._any_packed = True
        self._lines.append(f"{name} = frame[{start}:{self._place()}].hex().upper()")
        if pads:
            self._lines.append(f"if {' or '.join(pads)}: raise Surprise")

    def _variable(self, field: Field) -> None:
        self._read_length(field)
        start, end = self._place(), f"q{len(self._lines)}"
        self._lines.append(f"{end} = {start} + {'(n + 1 >> 1)' if field.nibbles else 'n'}")
        self._base, self._offset = end, 0
        if field.alphabet.encoding is not Encoding.PACKED:
            self._values[field.key] = self._slice(field.alphabet, start, end)
            return
        self._any_packed = True
        value = f"v{field.key}"
        self._lines.append(f"{value} = frame[{start}:{end}].hex().upper()")
        if field.nibbles:
            self._lines.append(
                f"if n & 1: {value} = strip_{'right' if field.pad_right else 'left'}({value}, {field.pad!r})"
            )
        self._values[field.key] = value

    def _read_length(self, field: Field) -> None:
        alphabet, width = field.length_alphabet, field.length_width
        assert alphabet is not None
        start = self._place()
        self._offset += width
        if alphabet.encoding in _TEXT:
            read = self._slice(alphabet, start, self._place())
        else:
            read = f"frame[{start}:{self._place()}]"
        name = f"L{field.key}"
        self._constants[name] = {written: n for n, written in enumerate(written_lengths(field))}
        self._lines.append(f"n = {name}[{read}]")

    def _slice(self, alphabet: Alphabet, start: str, end: str) -> str:
        self._note(alphabet, start, end)
        if alphabet.encoding is Encoding.OTHER:
            return f"frame[{start}:{end}].decode({alphabet.codec!r})"
        if alphabet.encoding is Encoding.ASCII:
            alphabet = Alphabet(Encoding.LATIN)  # the same characters; that they are below 128 is checked at the end
        view = self._views.setdefault(alphabet, f"t{len(self._views)}")
        return f"{view}[{start}:{end}]"

    def _note(self, alphabet: Alphabet, start: str, end: str) -> None:
        """Remembers where all must be ASCII, as few stretches as possible."""
        if alphabet.encoding is not Encoding.ASCII:
            return
        if self._ascii_spans and self._ascii_spans[-1][1] == start:
            start = self._ascii_spans.pop()[0]
        self._ascii_spans.append((start, end))

    def _checks(self) -> list[str]:
        checks = [f"if {self._place()} != len(frame): raise Surprise"]
        if self._ascii_spans:
            stretches = " and ".join(f"frame[{start}:{end}].isascii()" for start, end in self._ascii_spans)
            whole = "" if self._any_packed else "not frame.isascii() and "
            checks.append(f"if {whole}not ({stretches}): raise Surprise")
        return checks

    def _place(self) -> str:
        if not self._base:
            return str(self._offset)
        return f"{self._base}+{self._offset}" if self._offset else self._base


def written_lengths(field: Field) -> list[str] | list[bytes]:
    """How each length from zero to the field's largest is written: text for a text prefix, else bytes."""
    alphabet, width = field.length_alphabet, field.length_width
    assert alphabet is not None
    if alphabet.encoding in _TEXT:
        return [f"{n:0{width}d}" for n in range(min(field.size_max, 10**width - 1) + 1)]
    if alphabet.encoding is Encoding.PACKED:
        return [bytes.fromhex(f"{n:0{2 * width}d}") for n in range(min(field.size_max, 100**width - 1) + 1)]
    return [n.to_bytes(width, "big") for n in range(min(field.size_max, 256**width - 1) + 1)]


def _view(alphabet: Alphabet, name: str) -> str:
    """The whole frame as text, one character per byte."""
    if alphabet.encoding is Encoding.LATIN:
        return "frame.decode('latin-1')"
    return f"frame.translate({to_latin(alphabet.codec)!r}).decode('latin-1')"


def _strip_left(digits: str, pad: str) -> str:
    if digits[:1] != pad:
        raise Surprise
    return digits[1:]


def _strip_right(digits: str, pad: str) -> str:
    if digits[-1:] != pad:
        raise Surprise
    return digits[:-1]
