"""Bytes to fields and back, by a pyiso8583 specification, many times faster than pyiso8583.

Rule: the result is pyiso8583's, to the last byte and the last word of an error. Compiled functions take what is
ordinary and refuse everything else; what they refuse, pyiso8583 itself decodes, encodes or rejects.

One thing differs, on purpose: `iso8583.encode` writes "p" and "1" into the caller's dictionary and takes "1" and
"65" out of it. `Codec.encode` leaves the caller's dictionary as it is.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import iso8583

from switch.wire.decoding import Decoder, Surprise, compile_decoder
from switch.wire.encoding import Encoder, compile_covered, compile_encoder, mac_element
from switch.wire.layout import Encoding, Spec, Unsupported, bitmap_alphabet, mti_field
from switch.wire.shapes import MEETINGS, SHAPES_MAX, Shapes

# What a compiled function may raise: it met a length that no table has, a value that is no text, a stray byte, ...
_SURPRISES = (Surprise, LookupError, ValueError, TypeError, AttributeError)


NO_MAC = "0" * 16  # as a codec shows eight bytes


def mac_width(spec: Spec) -> int:
    """How many bytes a MAC takes on the wire."""
    return 8 if spec["128"]["data_enc"] == "b" else 16


class Codec:
    """The codec of one specification. Its memory of shapes is bounded; it is not for several threads at once."""

    __slots__ = ("_covered", "_decoders", "_encoders", "_from", "_second_bitmap", "_to", "_to_second", "spec")

    def __init__(self, spec: Spec, *, shapes_max: int = SHAPES_MAX, meetings: int = MEETINGS) -> None:
        self.spec = spec
        self._from, self._to, self._to_second, self._second_bitmap = _bitmap_place(spec)
        self._decoders: Shapes[bytes, Decoder] = Shapes(
            partial(compile_decoder, spec), _refuse, shapes_max=shapes_max, meetings=meetings
        )
        self._encoders: Shapes[tuple[object, ...], Encoder] = Shapes(
            partial(compile_encoder, spec), _refuse, shapes_max=shapes_max, meetings=meetings
        )
        self._covered: Shapes[tuple[object, ...], Encoder] = Shapes(
            partial(compile_covered, spec), _refuse, shapes_max=shapes_max, meetings=meetings
        )

    def decode(self, frame: bytes) -> dict[str, str]:
        """The fields of a frame, as `iso8583.decode` gives them first. Raises what it raises: iso8583.DecodeError."""
        if type(frame) is bytes:
            try:
                bitmap = frame[self._from : self._to_second if frame[self._from] in self._second_bitmap else self._to]
                return self._decoders.compiled[bitmap](frame)
            except _SURPRISES:
                pass
        return self._decode_slowly(frame)

    def encode(self, fields: dict[str, str]) -> bytes:
        """The bytes of the fields, as `iso8583.encode` gives them first. Raises what it raises: iso8583.EncodeError."""
        if type(fields) is dict:
            try:
                return self._encoders.compiled[tuple(fields)](fields)
            except _SURPRISES:
                pass
        return self._encode_slowly(fields)

    def encode_covered(self, fields: dict[str, str]) -> bytes:
        """What a MAC over these fields covers: the bytes up to it, its bit set. No MAC is among the fields. Raises
        iso8583.EncodeError."""
        try:
            return self._covered.compiled[tuple(fields)](fields)
        except _SURPRISES:
            return self._cover_slowly(fields)

    def _cover_slowly(self, fields: dict[str, str]) -> bytes:
        try:
            return self._covered.find(tuple(fields))(fields)
        except _SURPRISES:
            whole = self.encode({**fields, mac_element(fields): NO_MAC})
            return whole[: -mac_width(self.spec)]

    def _decode_slowly(self, frame: bytes) -> dict[str, str]:
        if isinstance(frame, bytes | bytearray):
            frame = bytes(frame)
            second = frame[self._from : self._from + 1]
            end = self._to_second if second and second[0] in self._second_bitmap else self._to
            try:
                return self._decoders.find(frame[self._from : end])(frame)
            except _SURPRISES:
                pass
        return iso8583.decode(frame, self.spec)[0]

    def _encode_slowly(self, fields: dict[str, str]) -> bytes:
        if type(fields) is dict:
            try:
                return self._encoders.find(tuple(fields))(fields)
            except _SURPRISES:
                pass
            fields = dict(fields)
        return bytes(iso8583.encode(fields, self.spec)[0])


def _refuse(_: object) -> Any:
    """Stands for a shape that is not, or cannot be, compiled."""
    raise Surprise


def _bitmap_place(spec: Spec) -> tuple[int, int, int, frozenset[int]]:
    """Where the bitmaps are in a frame: start, end of one, end of two; and the first bytes that promise a second."""
    try:
        alphabet, mti = bitmap_alphabet(spec), mti_field(spec)
    except Unsupported:
        return 0, 0, 0, frozenset()
    start, width = mti.size_max, 8 if alphabet.encoding is Encoding.PACKED else 16
    text = "89ABCDEFabcdef".encode(alphabet.codec or "ascii")
    promising = frozenset(range(0x80, 0x100) if alphabet.encoding is Encoding.PACKED else text)
    return start, start + width, start + 2 * width, promising
