"""DE 90, original data elements: which message a reversal or an advice speaks about.

Rule: 42 characters in the layout that the dialect names. "iso" is ISO 8583:1987 DE 90: MTI 4, DE 11 6, DE 7 10, DE
32 11, DE 33 11, each right justified and zero filled. "base24" is what switches of that family send instead: MTI 4,
DE 37 12, local date 4, local time 8 (hundredths last), capture date 4, filler 10. What a layout does not hold is
None.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from switch.wire import mti as mtis
from switch.wire.message import Message

LENGTH = 42


class Original(msgspec.Struct, frozen=True):
    """The fields of the original by which it is found. Institutions are zero filled to 11, as on the wire."""

    mti: str
    stan: str | None = None
    transmitted_at: str | None = None
    acquirer: str | None = None
    forwarder: str | None = None
    reference: str | None = None
    local_date: str | None = None
    local_time: str | None = None
    business_date: str | None = None


def institution(identifier: str | None) -> str:
    """DE 32 or 33 zero filled to 11: the form in which two of them can be compared."""
    return (identifier or "").zfill(11)


def original_of(message: Message) -> Original:
    """What a reversal of this message says about it. The MTI is that of the first sending (0200 for 0201)."""
    return Original(
        mti=mtis.original_of(message.mti),
        stan=message.stan,
        transmitted_at=message.transmitted_at,
        acquirer=institution(message.acquirer),
        forwarder=institution(message.forwarder),
        reference=message.reference,
        local_date=message.local_date,
        local_time=message.local_time,
        business_date=message.business_date,
    )


def build(original: Original, layout: str = "iso") -> str:
    """DE 90 in the named layout; ValueError if a part is missing or too long."""
    text = _BUILDERS[layout](original)
    if len(text) != LENGTH:
        raise ValueError("DE 90: a part of the original is missing or too long")
    return text


def parse(text: str, layout: str = "iso") -> Original:
    """What DE 90 says; ValueError if it is not what the layout promises."""
    if len(text) != LENGTH:
        raise ValueError("DE 90 is not 42 long")
    return _PARSERS[layout](text)


def _build_iso(original: Original) -> str:
    return "".join(
        (
            original.mti,
            (original.stan or "").zfill(6),
            (original.transmitted_at or "").zfill(10),
            institution(original.acquirer),
            institution(original.forwarder),
        )
    )


def _parse_iso(text: str) -> Original:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("DE 90 is not digits")
    return Original(
        mti=text[0:4],
        stan=text[4:10],
        transmitted_at=text[10:20],
        acquirer=text[20:31],
        forwarder=text[31:42],
    )


def _build_base24(original: Original) -> str:
    return "".join(
        (
            original.mti,
            (original.reference or "").ljust(12),
            (original.local_date or "").zfill(4),
            (original.local_time or "").zfill(6) + "00",
            (original.business_date or original.local_date or "").zfill(4),
            " " * 10,
        )
    )


def _parse_base24(text: str) -> Original:
    moment = text[0:4] + text[16:32]
    if not (moment.isascii() and moment.isdigit()):
        raise ValueError("DE 90: MTI, date or time is not digits")
    return Original(
        mti=text[0:4],
        reference=text[4:16].strip(),
        local_date=text[16:20],
        local_time=text[20:26],
        business_date=text[28:32],
    )


_BUILDERS: dict[str, Callable[[Original], str]] = {"iso": _build_iso, "base24": _build_base24}
_PARSERS: dict[str, Callable[[str], Original]] = {"iso": _parse_iso, "base24": _parse_base24}

LAYOUTS = tuple(_BUILDERS)
