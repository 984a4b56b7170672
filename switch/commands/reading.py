"""A message taken apart for a person: every field with its place in the bytes, and where and why reading ended.

Rule: this is pyiso8583's own reading, field by field, so that what is shown is what the wire says; the switch's codec
gives the same values without the places. Values here are clear: only `explaining` decides what is shown of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import iso8583
import msgspec

from switch.wire.dialect import Dialect
from switch.wire.mti import is_mti

Encoded = Mapping[str, Mapping[str, bytes]]

# Stands for fields above 128, which no specification of ours has: pyiso8583 then says where they would begin.
_NO_FIELD = {"data_enc": "ascii", "len_enc": "ascii", "len_type": 0, "max_len": 1 << 30}
_EXTRA_DATA = "Extra data"


class Field(msgspec.Struct, frozen=True):
    """One field. `length` counts what the field's own length prefix would: bytes, or digits where they are packed."""

    de: str
    at: int  # of its length prefix, if it has one
    length: int
    value: str

    def __repr__(self) -> str:
        return f"<Field {self.de} at {self.at}, {self.length} long>"


class Fault(msgspec.Struct, frozen=True):
    """Why reading ended before the message did: the field's number, where, and in words without any value."""

    field: str
    at: int
    why: str


class Reading(msgspec.Struct, frozen=True):
    """What could be read of a message of `size` bytes."""

    size: int
    fields: tuple[Field, ...]
    fault: Fault | None = None

    @property
    def values(self) -> dict[str, str]:
        return {field.de: field.value for field in self.fields}


class _Specification(dict[str, Any]):
    def __missing__(self, de: str) -> Mapping[str, Any]:
        return _NO_FIELD


def read(body: bytes, dialect: Dialect) -> Reading:
    """A message of this dialect, or as much of it as can be read."""
    spec = _Specification(dialect.codec.spec)
    fault = None
    try:
        decoded, encoded = iso8583.decode(body, spec)
    except iso8583.DecodeError as error:
        decoded, encoded = error.doc_dec, error.doc_enc
        if not error.msg.startswith(_EXTRA_DATA):  # then even the field that it names was read
            decoded = {de: value for de, value in decoded.items() if de != error.field}
        fault = Fault(error.field, error.pos, _reason(error, spec))
    if not is_mti(decoded.get("t", "")):
        why = fault.why if fault is not None and fault.field == "t" else "not four digits"
        return Reading(len(body), (), Fault("t", 0, why))
    return Reading(len(body), _fields(decoded, encoded, spec), fault)


def _fields(decoded: Mapping[str, str], encoded: Encoded, spec: Mapping[str, Any]) -> tuple[Field, ...]:
    fields, at = [], 0
    for de, parts in encoded.items():
        if de in decoded and de != "h":
            in_digits = spec[de].get("len_count") == "nibbles"
            length = len(decoded[de]) if in_digits else len(parts["data"])
            fields.append(Field(de, at, length, decoded[de]))
        at += len(parts["len"]) + len(parts["data"])
    return tuple(fields)


def _reason(error: iso8583.DecodeError, spec: Mapping[str, Any]) -> str:
    """pyiso8583's words: they tell sizes, never a value."""
    if spec[error.field] is _NO_FIELD:
        return "no dialect has this field"
    return error.msg[:1].lower() + error.msg[1:]
