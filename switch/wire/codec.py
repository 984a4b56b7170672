"""Bytes to fields and back, by a pyiso8583 specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import iso8583


class Codec:
    def __init__(self, spec: Mapping[str, Mapping[str, Any]]) -> None:
        self.spec = spec

    def decode(self, frame: bytes) -> dict[str, str]:
        return iso8583.decode(frame, self.spec)[0]

    def encode(self, fields: dict[str, str]) -> bytes:
        return bytes(iso8583.encode(dict(fields), self.spec)[0])
