"""The defaults that the reference names, read from the settings' own structs."""

from __future__ import annotations

from typing import Any

import msgspec


def default_of(kind: type[msgspec.Struct], key: str) -> Any:
    return next(field.default for field in msgspec.structs.fields(kind) if field.name == key)


def seconds(kind: type[msgspec.Struct], key: str) -> str:
    """Such as `60 s`."""
    return f"{default_of(kind, key):g} s"
