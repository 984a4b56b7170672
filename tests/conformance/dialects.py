"""The four dialects and the framings as an integrator sets them up with pyiso8583.

Rule: a field is a Python string. Fields of text that people read hold one character a byte (the dialect's
single-byte code), because a length on the wire counts bytes; `words` and `letters` turn them into text.
"""

from collections.abc import Callable
from typing import Any

import iso8583.specs

Spec = dict[str, dict[str, Any]]

TEXT = ("43", "48", "63", "104")
# The n fields of ISO 8583:1987 (2 is the PAN, 90 the original's data elements); x+n and z are not among them.
NUMBERS = ("2", *map(str, range(3, 28)), "32", "33", "49", "50", "51", "53", *map(str, range(66, 91)))
NUMBERS_LONG = ("99", "100")
TPDU = bytes.fromhex("6000010002")


def spec_named(dialect: str) -> Spec:
    """The pyiso8583 table of a dialect by the name on the card."""
    if dialect == "iso87-ascii":
        return _ascii()
    return {"iso87-binary": _binary, "iso87-bcd": _bcd, "iso87-ebcdic": _ebcdic}[dialect]()


def single_byte(dialect: str) -> str:
    """The code in which a text field's bytes are one character each."""
    return "cp500" if dialect == "iso87-ebcdic" else "latin-1"


def _ascii() -> Spec:
    return _with_text(_copy(iso8583.specs.default_ascii), "latin-1")


def _binary() -> Spec:
    return _with_text(_copy(iso8583.specs.default), "latin-1")


def _ebcdic() -> Spec:
    """As binary, with cp500 wherever it says ASCII, lengths included."""
    spec = _copy(iso8583.specs.default)
    for field in spec.values():
        field["data_enc"] = "cp500" if field["data_enc"] == "ascii" else field["data_enc"]
        field["len_enc"] = "cp500" if field["len_enc"] == "ascii" else field["len_enc"]
    return spec


def _bcd() -> Spec:
    """As binary, with numbers and length prefixes packed; an odd number of digits gets a zero in front."""
    spec = _binary()
    for field in spec.values():
        field["len_enc"] = "bcd"
        field["len_type"] = (field["len_type"] + 1) // 2
    for name in (*NUMBERS, *NUMBERS_LONG):
        spec[name] |= {"data_enc": "b", "len_count": "nibbles", "left_pad": "0"}
    spec["t"] |= {"data_enc": "b", "max_len": 2}
    return spec


def _copy(spec: Any) -> Spec:
    return {name: dict(field) for name, field in spec.items()}


def _with_text(spec: Spec, code: str) -> Spec:
    for name in TEXT:
        spec[name]["data_enc"] = code
    return spec


def framed(framing: str, body: bytes) -> bytes:
    """The message as it goes on the socket."""
    if framing == "ascii4":
        return b"%04d" % len(body) + body
    if framing == "bcd2":
        return bytes.fromhex(f"{len(body):04d}") + body
    inner = header_of(framing) + body
    counted = len(inner) + 2 if framing == "length2-inclusive" else len(inner)
    return counted.to_bytes(2, "big") + inner


def read_frame(framing: str, read: Callable[[int], bytes]) -> bytes:
    """The next message's bytes without length, TPDU or header; b"" is a keep-alive."""
    if framing == "ascii4":
        return read(int(read(4)))
    if framing == "bcd2":
        return read(int(read(2).hex()))
    length = int.from_bytes(read(2), "big")
    inner = read(length - 2 if framing == "length2-inclusive" else length)
    return inner[len(header_of(framing)) :]


def header_of(framing: str) -> bytes:
    """What stands between the length and the message."""
    if framing == "length2-tpdu":
        return TPDU
    _, _, literal = framing.partition("length2-header:")
    return literal.encode()
