"""The books say themselves in which units they count: one row of a register, by currency.

Rule: a setting may be lost or mistyped, and would then make every payment a hundred times too large or too small; what
the books say can't be, since the hash chain covers it. Whoever starts on books agrees with them first (`scale`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from ledger.model import Group, RegisterRow
from ledger.scale import UNCHANGED, Scale

REGISTER = "scale"

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Scale)


def scale_in(rows: Sequence[RegisterRow], currency: str) -> Scale:
    """What the rows of the register say of a currency."""
    known = _row_of(rows, currency)
    return UNCHANGED if known is None else _decoder.decode(known.body)


def noting(scale: Scale, rows: Sequence[RegisterRow], currency: str) -> Group | None:
    """The group that makes the books say it; None if they do. The same of whichever worker comes first."""
    known = _row_of(rows, currency)
    if scale == scale_in(rows, currency):
        return None
    version, body = 1 if known is None else known.version + 1, _encoder.encode(scale)
    id_ = hashlib.blake2b(f"{REGISTER}\n{currency}\n{version}\n".encode() + body, digest_size=16).digest()
    return Group(id_, registers=(RegisterRow(REGISTER, currency, version, body),))


def _row_of(rows: Sequence[RegisterRow], currency: str) -> RegisterRow | None:
    return next((row for row in rows if row.key == currency), None)
