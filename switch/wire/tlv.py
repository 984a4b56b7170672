"""DE 48, private data: two digits of tag, three digits of length in bytes, the value; again and again.

Rule: the field is carried as one character per byte, so a length here is a length on the wire, whatever the
alphabet; text inside a tag passes through `Dialect.text_in` and `Dialect.text_out`. Repeated tags keep their order,
unknown ones pass through. A fault is named by its place, as the answer will show it: "48" or "48.03".
"""

from __future__ import annotations

from collections.abc import Iterable

Pairs = tuple[tuple[str, str], ...]

_HEAD = 5
_VALUE_MAX = 999
FIELD_MAX = 999  # LLLVAR

# Tables, because a look-up reads and checks at once; the size of what is no size goes beyond any field.
_TAGS = frozenset(f"{tag:02d}" for tag in range(100))
_SIZES = {f"{size:03d}": size for size in range(_VALUE_MAX + 1)}
_NO_SIZE = 1 << 31


class TlvError(ValueError):
    """Private data that cannot be read. `place` says where; no value is ever part of the text."""

    def __init__(self, place: str) -> None:
        super().__init__(f"private data broken at {place}")
        self.place = place


def parse(private: str) -> Pairs:
    """The (tag, value) pairs in their order, or `TlvError` at the first fault."""
    pairs = []
    at, end = 0, len(private)
    while at < end:
        tag = private[at : at + 2]
        if tag not in _TAGS:
            raise TlvError("48")
        start = at + _HEAD
        at = start + _SIZES.get(private[at + 2 : start], _NO_SIZE)
        if at > end:
            raise TlvError(f"48.{tag}")
        pairs.append((tag, private[start:at]))
    return tuple(pairs)


def build(pairs: Iterable[tuple[str, str]]) -> str:
    """The field of these pairs. Values are one character per byte; anything else is our own mistake."""
    return "".join([f"{tag}{_sized(tag, value):03d}{value}" for tag, value in pairs])


def first(pairs: Iterable[tuple[str, str]], tag: str) -> str | None:
    """The first value under the tag."""
    for name, value in pairs:
        if name == tag:
            return value
    return None


def size(pairs: Iterable[tuple[str, str]]) -> int:
    """How many bytes of DE 48 the pairs take, for those who must know what still fits."""
    return sum(_HEAD + len(value) for _, value in pairs)


def _sized(tag: str, value: str) -> int:
    if tag not in _TAGS:
        raise ValueError(f"not a tag: {tag!r}")
    size = len(value)
    if size > _VALUE_MAX or (not value.isascii() and max(value) > "\xff"):
        raise ValueError(f"tag {tag}: the value is not 0 to {_VALUE_MAX} bytes, one character each")
    return size
