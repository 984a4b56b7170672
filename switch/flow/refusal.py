"""A refusal by the switch itself: a value, with the place of the fault where there is one."""

from __future__ import annotations

import msgspec

from switch.wire.codes import ResponseCode


class Refusal(msgspec.Struct, frozen=True):
    code: str  # DE 39
    place: str = ""  # "102", "48.03": on 30 only

    @property
    def stored(self) -> bool:
        """30 and 63 claim no key: the same request, mended, may come under the same one."""
        return ResponseCode(self.code).is_stored


def malformed(place: str) -> Refusal:
    return Refusal("30", place)
