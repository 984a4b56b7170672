"""The specifications behind the dialects, in pyiso8583's own form.

Rule: a dialect differs from pyiso8583's two published specifications only where this file says so and why.

- `iso87-ascii`   `iso8583.specs.default_ascii`.
- `iso87-binary`  `iso8583.specs.default`.
- `iso87-bcd`     as binary, with numeric fields and every length prefix packed, as banks do it: a fixed `n` field of
                  odd length has a zero before it; a variable one counts its digits (nibbles), not bytes, and is filled
                  likewise. Tracks are no numbers (attribute z) and stay text.
- `iso87-ebcdic`  as binary, with text and length prefixes in cp500.

In all of them DE 43, 63 and 104 are in the endpoint's charset, and DE 48 is one character per byte.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any

from iso8583.specs import default, default_ascii

Spec = dict[str, dict[str, Any]]

DIALECTS = ("iso87-ascii", "iso87-binary", "iso87-bcd", "iso87-ebcdic")
READABLE_TEXT = ("43", "63", "104")
BYTES = "48"

# ISO 8583:1987, the data elements of attribute n. 28 to 31 and 97 are x+n: their C or D is a letter, so they stay text,
# as do 54 and 95 (an). 49 to 51 may be letters by the standard, but every bank that packs sends the number.
_PACKED = frozenset(
    str(de)
    for de in (
        *range(2, 28),
        *(32, 33, 49, 50, 51, 53),
        *range(66, 91),
        *(99, 100),
    )
)


def specification(name: str, charset: str, original_layout: str = "iso") -> Spec:
    """The specification of a dialect; LookupError for an unknown charset."""
    codecs.lookup(charset)
    spec = _BUILDERS[name]()
    if original_layout != "iso" and spec["90"]["data_enc"] == "b":
        spec["90"] = _entry(default["90"])  # other layouts hold letters and spaces, which cannot be packed
    for de in READABLE_TEXT:
        spec[de]["data_enc"] = charset
    return spec


def bytes_charset(spec: Mapping[str, Mapping[str, Any]]) -> str:
    """The encoding under which DE 48 is one character per byte."""
    return str(spec[BYTES]["data_enc"])


def _ascii() -> Spec:
    return _one_character_per_byte(default_ascii)


def _binary() -> Spec:
    return _one_character_per_byte(default)


def _ebcdic() -> Spec:
    spec = _binary()
    for entry in spec.values():
        entry["len_enc"] = "cp500"
        if entry["data_enc"] != "b":
            entry["data_enc"] = "cp500"
    return spec


def _bcd() -> Spec:
    spec = _binary()
    spec["t"]["data_enc"] = "b"
    spec["t"]["max_len"] = 2
    for de, entry in spec.items():
        entry["len_enc"] = "bcd"
        entry["len_type"] = (entry["len_type"] + 1) // 2
        if de in _PACKED:
            entry.update(data_enc="b", len_count="nibbles", left_pad="0")
    return spec


def _one_character_per_byte(published: Mapping[str, Mapping[str, Any]]) -> Spec:
    spec = {de: _entry(entry) for de, entry in published.items()}
    spec[BYTES]["data_enc"] = "latin-1"
    return spec


def _entry(published: Mapping[str, Any]) -> dict[str, Any]:
    return dict(published)


_BUILDERS = {"iso87-ascii": _ascii, "iso87-binary": _binary, "iso87-bcd": _bcd, "iso87-ebcdic": _ebcdic}
