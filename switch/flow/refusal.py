"""A refusal by the switch itself: a value, with the place of the fault where there is one."""

from __future__ import annotations

import msgspec

UNSTORED = frozenset({"30", "63"})


class Refusal(msgspec.Struct, frozen=True):
    code: str  # DE 39
    place: str = ""  # "102", "48.03": on 30 only

    @property
    def stored(self) -> bool:
        """30 and 63 claim no key: the same request, mended, may come under the same one."""
        return self.code not in UNSTORED

    @property
    def suffix(self) -> str:
        return f" ({self.place})" if self.place else ""


def malformed(place: str) -> Refusal:
    return Refusal("30", place)
