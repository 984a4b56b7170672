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
from operator import itemgetter
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
from switch.wire.lengths import reading_table

Decoder = Callable[[bytes], dict[str, str]]

_HEX = re.compile("[0-9A-Fa-f]{16}(?:[0-9A-Fa-f]{16})?")
_PACKED_VIEW = "h"
_LATIN = Alphabet(Encoding.LATIN)
_TEXT = (Encoding.ASCII, Encoding.LATIN, Encoding.SINGLE)


class Surprise(Exception):  # noqa: N818 - not an error: the codec goes the slow way
    """Compiled code met what it was not made for."""


def compile_decoder(spec: Spec, bitmap: bytes) -> Decoder:
    """The decoder of frames with exactly these bytes of bitmap. Raises Unsupported."""
    alphabet = bitmap_alphabet(spec)
    shown = _shown(bitmap, alphabet)
    keys = _fields_of(shown)
    bitmaps = {"p": shown[:16], "1": shown[16:]} if len(shown) > 16 else {"p": shown}
    writer = _Writer({"t": "", **bitmaps})
    writer.fields([mti_field(spec)])
    writer.skip(len(bitmap), alphabet)
    writer.fields([field_of(spec, key) for key in keys])
    return writer.function()


def _shown(bitmap: bytes, alphabet: Alphabet) -> str:
    """The bitmap as pyiso8583 shows it: packed ones in upper case, text as it came. Whole, or Unsupported."""
    if alphabet.encoding is Encoding.PACKED:
        text = bitmap.hex().upper()
    else:
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
    """Writes the source from left to right. A place is the end of the last variable field and an offset from it.

    The decoder copies a template that has all keys of the result, and fills it: that is quicker than a literal of 20
    pairs. Neighbouring fixed fields are cut out of one stretch by an itemgetter of slices.
    """

    def __init__(self, known: dict[str, str]) -> None:
        self._template: dict[str, str] = known
        self._constants: dict[str, Any] = {"Surprise": Surprise, "strip_left": _strip_left, "strip_right": _strip_right}
        self._lines: list[str] = []
        self._views: dict[Alphabet, str] = {}
        self._ascii_spans: list[tuple[str, str]] = []
        self._any_packed = False
        self._base, self._offset = "", 0

    def skip(self, width: int, alphabet: Alphabet) -> None:
        """Passes over the bitmaps, whose bytes are known."""
        start = self._place()
        self._offset += width
        self._note(alphabet, start)

    def fields(self, fields: list[Field]) -> None:
        for view, group in groupby(fields, self._view_if_fixed):
            if view is None:
                for field in group:
                    self._alone(field)
            elif view == _PACKED_VIEW:
                self._packed_run(list(group))
            else:
                self._text_run(view, list(group))

    def function(self) -> Decoder:
        """The finished decoder."""
        self._constants["copy"] = self._template.copy
        views = [f"{name} = {_whole_frame(alphabet)}" for alphabet, name in self._views.items()]
        body = [*views, "d = copy()", *self._lines, *self._checks(), "return d"]
        exec("\n    ".join(["def decode(frame):", *body]), self._constants)  # noqa: S102 - the source is ours, see above
        made: Decoder = self._constants["decode"]
        return made

    def _view_if_fixed(self, field: Field) -> str | None:
        """Which text a fixed field is cut out of; None for a field that is read alone."""
        if not field.fixed or field.alphabet.encoding is Encoding.OTHER:
            return None
        return _PACKED_VIEW if field.alphabet.encoding is Encoding.PACKED else self._view(field.alphabet)

    def _text_run(self, view: str, run: list[Field]) -> None:
        start, at, cuts = self._place(), 0, []
        for field in run:
            field_start = self._place()
            self._offset += field.size_max
            self._note(field.alphabet, field_start)
            cuts.append(slice(at, at + field.size_max))
            at += field.size_max
        self._cut(run, cuts, f"{view}[{start}:{self._place()}]")

    def _packed_run(self, run: list[Field]) -> None:
        start, nibble, cuts, pads = self._place(), 0, [], []
        for field in run:
            size = field.size_max if field.nibbles else 2 * field.size_max
            first = nibble + (field.odd and not field.pad_right)
            if field.odd:
                pad = nibble + size if field.pad_right else nibble
                pads.append(f"h[{pad}:{pad + 1}] != {field.pad!r}")
            cuts.append(slice(first, first + size))
            nibble += 2 * field.bytes_fixed
        self._offset += nibble // 2
        self._any_packed = True
        self._lines.append(f"h = frame[{start}:{self._place()}].hex().upper()")
        if pads:
            self._lines.append(f"if {' or '.join(pads)}: raise Surprise")
        self._cut(run, cuts, "h")

    def _cut(self, run: list[Field], cuts: list[slice], stretch: str) -> None:
        """Fills a run of fields with the cuts of one stretch, or a single one with all of it."""
        targets = ", ".join(self._target(field) for field in run)
        if len(run) == 1 and not run[0].odd:
            self._lines.append(f"{targets} = {stretch}")
            return
        name = f"cut{len(self._lines)}"
        self._constants[name] = itemgetter(*cuts)
        self._lines.append(f"{targets} = {name}({stretch})")

    def _alone(self, field: Field) -> None:
        """A variable field, or a fixed one in an encoding of its own."""
        count = str(field.size_max) if field.fixed else self._read_length(field)
        start, end = self._place(), f"q{field.key}"
        self._lines.append(f"{end} = {start} + {f'({count} + 1 >> 1)' if field.nibbles else count}")
        self._base, self._offset = end, 0
        self._lines.append(f"{self._target(field)} = {self._value(field.alphabet, start, end)}")
        if field.nibbles:
            side = "right" if field.pad_right else "left"
            self._lines.append(f"if n & 1: {self._target(field)} = strip_{side}({self._target(field)}, {field.pad!r})")

    def _read_length(self, field: Field) -> str:
        alphabet, width = field.length_alphabet, field.length_width
        assert alphabet is not None
        start = self._place()
        self._offset += width
        if alphabet.encoding in _TEXT:
            read = self._value(alphabet, start, self._place())
        else:
            read = f"frame[{start}]" if width == 1 else f"frame[{start}:{self._place()}]"
        self._constants[f"L{field.key}"] = reading_table(field)
        self._lines.append(f"n = L{field.key}[{read}]")
        return "n"

    def _value(self, alphabet: Alphabet, start: str, end: str) -> str:
        if alphabet.encoding is Encoding.PACKED:
            self._any_packed = True
            return f"frame[{start}:{end}].hex().upper()"
        if alphabet.encoding is Encoding.OTHER:
            return f"frame[{start}:{end}].decode({alphabet.codec!r})"
        self._note(alphabet, start)
        return f"{self._view(alphabet)}[{start}:{end}]"

    def _view(self, alphabet: Alphabet) -> str:
        if alphabet.encoding is Encoding.ASCII:
            alphabet = _LATIN  # the same characters; that they are below 128 is checked at the end
        return self._views.setdefault(alphabet, f"t{len(self._views)}")

    def _target(self, field: Field) -> str:
        self._template.setdefault(field.key, "")
        return f"d[{field.key!r}]"

    def _note(self, alphabet: Alphabet, start: str) -> None:
        """Remembers that all must be ASCII from there to here, in as few stretches as possible."""
        if alphabet.encoding is not Encoding.ASCII:
            return
        if self._ascii_spans and self._ascii_spans[-1][1] == start:
            start = self._ascii_spans.pop()[0]
        self._ascii_spans.append((start, self._place()))

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


def _whole_frame(alphabet: Alphabet) -> str:
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
