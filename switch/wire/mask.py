"""What of a message may be seen by people: an allow-list of data elements and tags.

Rule: a field is shown only if it is named here. Personal ones keep a few characters at the end, the card number its
first six and last four, as PCI DSS 3.4 allows; everything else, known or not, is a dot.
"""

from __future__ import annotations

from collections.abc import Mapping

from switch.wire import tlv

HIDDEN = "•"

SHOWN = frozenset(
    {
        *("t", "3", "4", "7", "11", "12", "13", "15", "18", "22", "25", "26", "32", "33", "37", "38", "39"),
        *("41", "42", "49", "66", "70", "74", "75", "76", "77", "78", "79", "86", "87", "88", "89", "90", "95"),
        *("97", "98", "99", "100"),
    }
)
TAILS_SHOWN = frozenset({"102", "103"})
TAGS_SHOWN = frozenset({"02", "04", "09", "10", "11", "14", "20", "21", "22", "23", "24", "30", "32"})
TAG_TAILS_SHOWN = frozenset({"01", "03"})

_TAIL = 4
_PAN_MIN = 13


def mask_pan(pan: str) -> str:
    """First six and last four of a card number; nothing of what is too short to be one."""
    if len(pan) < _PAN_MIN:
        return HIDDEN
    return f"{pan[:6]}{HIDDEN * (len(pan) - 10)}{pan[-4:]}"


def mask_tail(value: str) -> str:
    """The last four characters of an account or a telephone number, when they are less than half of it. What was masked
    before stays as it is: no wire writes that mark."""
    if value.startswith(HIDDEN):
        return value
    return HIDDEN + value[-_TAIL:] if len(value) > 2 * _TAIL else HIDDEN


def mask_field(de: str, value: str) -> str:
    """One data element as people may see it."""
    if de in SHOWN:
        return value
    if de == "2":
        return mask_pan(value)
    if de in TAILS_SHOWN:
        return mask_tail(value)
    return mask_private(value) if de == "48" else HIDDEN


def mask_private(private: str) -> str:
    """DE 48 tag by tag; nothing of it when it cannot be read."""
    try:
        pairs = tlv.parse(private)
    except tlv.TlvError:
        return HIDDEN
    return " ".join(f"{tag}={mask_tag(tag, value)}" for tag, value in pairs)


def mask_tag(tag: str, value: str) -> str:
    """One tag of DE 48 as people may see it."""
    if tag in TAGS_SHOWN:
        return value
    return mask_tail(value) if tag in TAG_TAILS_SHOWN else HIDDEN


def mask_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """A decoded message as people may see it, without its bitmaps."""
    return {de: mask_field(de, value) for de, value in fields.items() if de not in ("p", "1")}
