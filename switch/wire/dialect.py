"""A dialect: which encoding a peer speaks, and how text that people read is written in it.

Rule: the only file that knows the specifications. All dialects hold the same data elements with the same meaning; a
`Message` looks alike whatever dialect it came in. Faults of the codec end here: what leaves this file as an
exception names a field and carries no value in its text.
"""

from __future__ import annotations

from collections.abc import Callable

import iso8583

from switch.wire.codec import Codec, mac_width
from switch.wire.message import Message, Unproven
from switch.wire.mti import KNOWN_MTIS, is_mti
from switch.wire.original import LAYOUTS
from switch.wire.specs import DIALECTS, Spec, bytes_charset, specification
from switch.wire.text import cut


class BadMessage(ValueError):  # noqa: N818 - its name is the fault
    """Bytes that are no message. `field` names where reading ended ("t" the MTI, "p" and "1" the bitmaps).

    `mti` is None if not even that could be read; `fields` holds what was read before the fault, for the answer's echo.
    """

    def __init__(self, mti: str | None, fields: dict[str, str], field: str) -> None:
        super().__init__(f"field {field} cannot be read")
        self.mti = mti
        self.fields = fields
        self.field = field

    @property
    def message(self) -> Unproven:
        """What could be read, as a message. It can be answered only where there is an MTI."""
        return Unproven(self.fields)


class UnencodableMessage(ValueError):  # noqa: N818 - its name is the fault
    """Fields that the dialect cannot write: our own mistake. Says the field, never the value."""

    def __init__(self, field: str) -> None:
        super().__init__(f"field {field} cannot be written")
        self.field = field


class Dialect:
    """How one endpoint writes messages."""

    __slots__ = ("_bytes_charset", "charset", "codec", "mac_width", "name", "original_layout")

    def __init__(self, name: str, spec: Spec, charset: str, original_layout: str) -> None:
        self.name = name
        self.charset = charset
        self.codec = Codec(spec)
        self.mac_width = mac_width(spec)
        self.original_layout = original_layout
        self._bytes_charset = bytes_charset(spec)

    def __repr__(self) -> str:
        return f"<Dialect {self.name}>"

    def decode(self, frame: bytes) -> Message:
        """The message of a frame's body. Raises BadMessage."""
        try:
            fields = self.codec.decode(frame)
        except iso8583.DecodeError as error:
            bad = _bad_message(error.doc_dec, error.field)
        except KeyError as error:
            # A field that no specification of ours has: the tertiary bitmap promises 129 to 192.
            bad = _bad_message(self._readable_mti(frame), str(error.args[0]))
        else:
            if fields["t"] in KNOWN_MTIS or is_mti(fields["t"]):
                return Message(fields)
            bad = BadMessage(None, {}, "t")
        raise bad

    def encode(self, fields: dict[str, str]) -> bytes:
        """The frame's body of these fields. Raises UnencodableMessage."""
        return _written(self.codec.encode, fields)

    def encode_covered(self, fields: dict[str, str]) -> bytes:
        """What a MAC over these fields covers; they hold none. Raises UnencodableMessage."""
        return _written(self.codec.encode_covered, fields)

    def text_in(self, text: str) -> str:
        """A tag's text as people read it, from one character per byte. What is not text becomes U+FFFD."""
        return text.encode(self._bytes_charset).decode(self.charset, "replace")

    def text_out(self, text: str) -> str:
        """Text for a tag, one character per byte. What the charset lacks becomes a question mark."""
        return text.encode(self.charset, "replace").decode(self._bytes_charset)

    def _readable_mti(self, frame: bytes) -> dict[str, str]:
        try:
            iso8583.decode(frame[:4], self.codec.spec)
        except iso8583.DecodeError as error:
            return error.doc_dec
        return {}

    def text_for(self, other: Dialect, text: str, size: int) -> str:
        """A tag's text as another dialect writes it, cut at a character to at most so many bytes."""
        return other.text_out(cut(self.text_in(text), size, other.charset))


def dialect_named(name: str, charset: str = "utf-8", original_layout: str = "iso") -> Dialect:
    """The dialect of that name; ValueError says what is allowed, LookupError names an unknown charset."""
    if name not in DIALECTS:
        raise ValueError(f"dialect {name!r}: {' | '.join(DIALECTS)}")
    if original_layout not in LAYOUTS:
        raise ValueError(f"original_layout {original_layout!r}: {' | '.join(LAYOUTS)}")
    return Dialect(name, specification(name, charset, original_layout), charset, original_layout)


def _written(encode: Callable[[dict[str, str]], bytes], fields: dict[str, str]) -> bytes:
    try:
        return encode(fields)
    except iso8583.EncodeError as error:
        field = error.field
    except KeyError as error:
        field = str(error.args[0])
    raise UnencodableMessage(field)


def _bad_message(read: dict[str, str], field: str) -> BadMessage:
    """The fields before the fault; the codec leaves an empty value for the one that it could not read."""
    fields = {de: value for de, value in read.items() if de != field}
    if not is_mti(fields.get("t", "")):
        return BadMessage(None, {}, "t")
    return BadMessage(fields["t"], fields, field)
