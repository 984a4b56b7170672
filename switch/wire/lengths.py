"""Tables of length prefixes: how each length is written, and what each prefix says.

Rule: a look-up both reads a length and checks it, since one that is too long, signed or not digits is not in the table.
Fields of the same kind share their table: some have a thousand rows, and every compiled function needs a few.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from switch.wire.layout import Encoding, Field

_KINDS_MAX = 256


def reading_table(field: Field) -> dict[Hashable, int]:
    """From the prefix to the length: text for a text prefix, the byte for one of a single byte, else the bytes."""
    return _reading_table(_prefix_encoding(field), field.length_width, field.size_max)


def writing_table(field: Field) -> tuple[str, ...]:
    """From the length to the prefix: as text for a text prefix, in hex for others."""
    return _writing_table(_prefix_encoding(field), field.length_width, field.size_max)


@lru_cache(_KINDS_MAX)
def halved(table: tuple[str, ...]) -> dict[int, str]:
    """The same prefixes by the number of hex digits, for fields that count bytes but are given in hex."""
    return {2 * n: prefix for n, prefix in enumerate(table)}


@lru_cache(_KINDS_MAX)
def _reading_table(encoding: Encoding, width: int, size_max: int) -> dict[Hashable, int]:
    written = _writing_table(encoding, width, size_max)
    if encoding not in (Encoding.PACKED, Encoding.OTHER):
        return {prefix: n for n, prefix in enumerate(written)}
    if width == 1:
        return {int(prefix, 16): n for n, prefix in enumerate(written)}
    return {bytes.fromhex(prefix): n for n, prefix in enumerate(written)}


@lru_cache(_KINDS_MAX)
def _writing_table(encoding: Encoding, width: int, size_max: int) -> tuple[str, ...]:
    if encoding is Encoding.PACKED:
        width *= 2
    if encoding is Encoding.OTHER:
        return tuple(f"{n:0{2 * width}x}" for n in range(min(size_max, 256**width - 1) + 1))
    return tuple(f"{n:0{width}d}" for n in range(min(size_max, 10**width - 1) + 1))


def _prefix_encoding(field: Field) -> Encoding:
    assert field.length_alphabet is not None
    return field.length_alphabet.encoding
