"""The message that `barada send` sends: the person's own fields, and what every message must carry filled in.

Rule: pure, and obedient: what is given is sent as given, right or wrong, because wrong messages are what a test needs;
only what is absent is filled in, and a value too short for its fixed field is padded as the standard says. Errors name
places, never values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from switch.flow.session import CUTOVER
from switch.services.service import Service
from switch.services.table import BY_NAME
from switch.wire import dates, original, tlv
from switch.wire.amounts import AMOUNT_MAX
from switch.wire.dialect import Dialect
from switch.wire.figures import COUNTS, NET, SUMS, Figures, figure_fields
from switch.wire.message import Message
from switch.wire.mti import is_mti, is_network
from switch.wire.names import TEXT_TAGS
from switch.wire.text import fill

NETWORK_SERVICES: Mapping[str, str] = {"sign-on": "001", "sign-off": "002", "echo": "301", "cutover": CUTOVER}
RECONCILIATION = "reconciliation"
SERVICE_NAMES = (*BY_NAME, *NETWORK_SERVICES, RECONCILIATION)
_WITHOUT_SIGN_ON = frozenset(("001", "002", "301"))

MACS = ("64", "128")
ENTRY_KEYED, ENTRY_WITH_PIN = "012", "021"  # ISO 8583:1987 DE 22: keyed, no PIN; track 2, PIN can be entered
CONDITION = "00"  # DE 25: normal presentment

_PADDED_WITH_SPACES: Mapping[str, int] = {"41": 8, "42": 15, "98": 25}
_AMOUNT_WIDTH = len(str(AMOUNT_MAX))
_NO_FIGURES = figure_fields(Figures())
_PADDED_WITH_ZEROS: Mapping[str, int] = {"4": _AMOUNT_WIDTH, **{de: len(_NO_FIGURES[de]) for de in (*COUNTS, *SUMS)}}
_ALLOWED = "t, or the number of a field, 2 to 127 without 64 and 65"

Given = Mapping[str, Any]


class BadField(ValueError):  # noqa: N818 - its name is the fault
    """A field that cannot be sent; says its place and what is allowed."""


class Speaker(msgspec.Struct, frozen=True):
    """For whom the message speaks, where a configuration says so. What is empty is left out of the message."""

    acquirer: str = ""
    terminal: str = ""
    merchant: str = ""
    currency: str = ""


class Stamp(msgspec.Struct, frozen=True):
    """What makes a message one message: its moment and its trace number."""

    moment: datetime
    stan: str
    zone: tzinfo

    @property
    def reference(self) -> str:
        """DE 37 as is usual: the last digit of the year, the day of the year, the hour, the trace number."""
        local = self.moment.astimezone(self.zone)
        return f"{local.year % 10}{local.timetuple().tm_yday:03d}{local.hour:02d}{self.stan}"


def question(
    given: Given, service: str | None, speaker: Speaker, stamp: Stamp, dialect: Dialect, pin_block: str | None = None
) -> dict[str, str]:
    """The fields to seal. Raises BadField."""
    own = dict(_own_fields(given, dialect))
    if pin_block is not None:
        own.setdefault("52", pin_block)
    asked = {**_of_service(service, speaker), **own}
    if not is_mti(asked.get("t", "")):
        raise BadField("t: allowed: the four digits of the MTI, or name a --service")
    if is_network(asked["t"]):
        return {**network_fields(speaker, stamp), **asked}
    return {**_common_fields(speaker, stamp, with_pin="52" in asked), **asked}


def network_fields(speaker: Speaker, stamp: Stamp) -> dict[str, str]:
    """What 0800 carries beside its code."""
    terminal = {"41": speaker.terminal} if speaker.terminal else {}
    acquirer = {"32": speaker.acquirer} if speaker.acquirer else {}
    return {"7": dates.transmission(stamp.moment), "11": stamp.stan, **acquirer, **terminal}


def needs_sign_on(fields: Mapping[str, str]) -> bool:
    """Whether the line must be signed on first: for all but its own management."""
    return not (is_network(fields["t"]) and fields.get("70") in _WITHOUT_SIGN_ON)


def sign_on(speaker: Speaker, stamp: Stamp) -> dict[str, str]:
    return {"t": "0800", **network_fields(speaker, stamp), "70": NETWORK_SERVICES["sign-on"]}


def _common_fields(speaker: Speaker, stamp: Stamp, *, with_pin: bool) -> dict[str, str]:
    merchant = {"42": speaker.merchant} if speaker.merchant else {}
    return {
        **network_fields(speaker, stamp),
        "12": dates.local_time(stamp.moment, stamp.zone),
        "13": dates.local_date(stamp.moment, stamp.zone),
        "22": ENTRY_WITH_PIN if with_pin else ENTRY_KEYED,
        "25": CONDITION,
        "37": stamp.reference,
        **merchant,
    }


def _of_service(name: str | None, speaker: Speaker) -> dict[str, str]:
    if name is None:
        return {}
    if name in NETWORK_SERVICES:
        return {"t": "0800", "70": NETWORK_SERVICES[name]}
    currency = {"49": speaker.currency} if speaker.currency else {}
    if name == RECONCILIATION:
        return {"t": "0500", **currency, **_NO_FIGURES, **({"99": speaker.acquirer} if speaker.acquirer else {})}
    service = BY_NAME[name]
    mti = "0200" if "0200" in service.mtis else service.mtis[0]
    return {"t": mti, "3": f"{service.codes[0]}0000", **(currency if _means_money(service) else {})}


def _means_money(service: Service) -> bool:
    return any("49" in shape.needs for shape in service.shapes)


def _own_fields(given: Given, dialect: Dialect) -> Iterator[tuple[str, str]]:
    for de, value in given.items():
        if de in MACS:
            raise BadField(f"{de}: the MAC is computed: give its key instead")
        if de != "t" and not _is_field(de):
            raise BadField(f"a field that there is not: allowed: {_ALLOWED}")
        if isinstance(value, dict) and de == "48":
            yield de, _private(value, dialect)
        elif isinstance(value, dict) and de == "90":
            yield de, _original(value, dialect)
        else:
            yield de, _padded(de, _text(de, value))


def _is_field(de: str) -> bool:
    return de.isascii() and de.isdigit() and str(int(de)) == de and 2 <= int(de) <= 127 and de != "65"


def _text(place: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    objects = ", or an object of tags" if place == "48" else ", or an object of fields" if place == "90" else ""
    raise BadField(f"{place}: allowed: a text{objects}")


def _padded(de: str, value: str) -> str:
    if de in _PADDED_WITH_ZEROS and value.isascii() and value.isdigit():
        return value.zfill(_PADDED_WITH_ZEROS[de])
    if de == NET and value[:1] in ("C", "D") and value[1:].isascii() and value[1:].isdigit():
        return value[0] + value[1:].zfill(len(_NO_FIGURES[NET]) - 1)
    return fill(value, _PADDED_WITH_SPACES[de]) if 0 < len(value) < _PADDED_WITH_SPACES.get(de, 0) else value


def _value(dialect: Dialect, tag: str, value: str) -> str:
    return dialect.text_out(value) if tag in TEXT_TAGS else value


def _private(tags: Given, dialect: Dialect) -> str:
    """DE 48 of {"01": "…"}; a tag that comes several times has a list of values."""
    pairs = [
        (tag, _value(dialect, tag, _text(f"48.{tag}", value)))
        for tag, values in tags.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    try:
        return tlv.build(pairs)
    except ValueError:
        raise BadField("48: allowed: tags of two digits, values of up to 999 bytes") from None


def _original(about: Given, dialect: Dialect) -> str:
    """DE 90 of the original's own fields, {"t": "0200", "11": "…", "7": "…", "32": "…"}."""
    try:
        fields = {de: _text("90", value) for de, value in about.items()}
        return original.build(original.original_of(Message(fields)), dialect.original_layout)
    except (ValueError, KeyError):
        raise BadField("90: allowed: 42 digits, or an object of the original's t, 7, 11, 32, 33") from None
