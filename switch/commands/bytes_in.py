"""What a person gives to be decoded, as bytes: hex text in any of its usual forms, a file, or the message itself.

Rule: text that can be hex is taken as hex, unless it makes the better message as it stands. Nothing that was given is
ever repeated in an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from switch.wire.framing import Frame, Framing, FramingError

_BETWEEN_DIGITS = re.compile(r"0x|\\x|[\s:,-]+", re.IGNORECASE)
_NOT_HEX = re.compile(r"[^0-9A-Fa-f]")


class NotHex(ValueError):  # noqa: N818 - its name is the fault
    """Text that is not hexadecimal; says where, not what."""


class Piece(msgspec.Struct, frozen=True):
    """One frame of the input: what stands before the message, and the message. Both are empty in a keep-alive."""

    at: int
    prefix: bytes
    body: bytes

    def __repr__(self) -> str:
        return f"<Piece at {self.at}, {len(self.body)} bytes>"


class Cut(msgspec.Struct, frozen=True):
    """The frames of an input, and in words why not all of it is in them."""

    pieces: tuple[Piece, ...]
    fault: str = ""


def bytes_in(given: bytes, worth: Callable[[bytes], int]) -> bytes:
    """The bytes that were meant; `worth` says how much of a message some bytes are, 0 that they are none. Raises NotHex
    where it is text, but no hex and no message."""
    try:
        text = given.decode("ascii")
    except UnicodeDecodeError:
        return given
    try:
        meant = from_hex(text)
    except NotHex:
        if worth(given) or not "".join(text.split()).isprintable():
            return given
        raise
    return given if worth(given) > worth(meant) else meant


def from_hex(text: str) -> bytes:
    """Hex digits with anything usual between them: spaces, line ends, colons, dashes, commas, 0x and \\x."""
    digits = _BETWEEN_DIGITS.sub("", text)
    stray = _NOT_HEX.search(digits)
    if stray is not None:
        raise NotHex(f"not hexadecimal after {stray.start()} digits")
    if len(digits) % 2:
        raise NotHex(f"{len(digits)} hexadecimal digits: a byte has two")
    return bytes.fromhex(digits)


def cut(data: bytes, framing: Framing | None) -> Cut:
    """The frames of a stream; without a framing all of it is one message."""
    if framing is None:
        return Cut((Piece(0, b"", data),))
    buffer, fault = bytearray(data), ""
    try:
        frames = framing.cut(buffer)
    except FramingError as error:
        frames, fault = error.frames, str(error)
    pieces = _placed(frames, framing)
    if buffer:
        fault = f"the last {len(buffer)} bytes, from byte {len(data) - len(buffer)}: {fault or 'not a whole frame'}"
    return Cut(pieces, fault)


def _placed(frames: list[Frame], framing: Framing) -> tuple[Piece, ...]:
    pieces, at = [], 0
    for prefix, body in frames:
        is_keep_alive = not prefix and not body
        pieces.append(Piece(at, prefix, body))
        at += len(framing.keep_alive if is_keep_alive else framing.wrap(body, prefix))
    return tuple(pieces)
