"""Data elements and tags: name, form, and where each of them goes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from switch.flow.questions import SECRET, SECRET_TAGS
from switch.reference.endpoints import ranges
from switch.reference.markdown import Lines, code, heading, listed, prose, table
from switch.reference.peers import questions
from switch.services.forms import FORMS, JUDGED_IF_THERE, TAG_FORMS
from switch.services.table import SERVICES
from switch.wire import mask, tlv
from switch.wire.answer import ECHOED
from switch.wire.names import FIELD_NAMES, TAG_NAMES
from switch.wire.specs import READABLE_TEXT, specification

ADDED = ("15", "38", "39", "48", "54", "63", "64", "66", "70", "128")
VALUES: Mapping[str, str] = {
    "02": "`ar` or `en`",
    "05": "`id|period YYYYMM|due YYYYMMDD|amount 12|status U, T or P|least amount 12`",
    "06": "text that people read",
    "08": "`YYYYMMDD|D or C|amount 12|kind|reference`",
    "09": "text",
    "14": "32 hexadecimal digits",
    "30": "6 hexadecimal digits",
    "31": "12 digits",
}
YES, NO = "yes", "–"


def element_section() -> Lines:
    asked = questions()
    core, biller = asked["core: the service"], asked["biller: payment"]
    yield from heading(2, "Data elements")
    yield from prose(f"""
        The size is in bytes of `iso87-ascii`. Form: what is not so is `30` where the service needs the field;
        {_listed_if()} are looked at wherever they are. "Shown" is what `barada decode` and every log show of it.
    """)
    head = ("field", "name", "size", "form", "echoed", "to the core", "to a biller", "shown")
    yield from table(head, (_element(de, core, biller) for de in sorted(used(), key=int)))
    yield from prose(f"""
        The others can be read and go no further: {_others()}.
    """)


def tag_section() -> Lines:
    yield from heading(2, "Private data")
    yield from prose("""
        `48` is made of tags, each two digits of number, three of length (bytes) and the value. A tag may come
        again; the order is kept. A length that does not fit is `30`. Tags that are not in this table pass through
        to the core; a biller and a channel get only what their column or the service names.
    """)
    head = ("tag", "name", "value", "needed by", "added by", "to a biller", "shown")
    biller = {tag for tag, _ in tlv.parse(questions()["biller: payment"]["48"])}
    yield from table(head, (_tag(tag, biller) for tag in TAG_NAMES))


def used() -> set[str]:
    """The data elements that the switch does something with."""
    asked = {de for fields in questions().values() for de in fields if de.isdigit()}
    return {*FORMS, *ECHOED, *SECRET, *ADDED, *asked}


def shown(de: str) -> str:
    if de in mask.SHOWN:
        return "whole"
    if de == "2":
        return "first 6, last 4"
    if de in mask.TAILS_SHOWN:
        return "last 4"
    return "tag by tag" if de == "48" else "nothing"


def tag_shown(tag: str) -> str:
    if tag in mask.TAGS_SHOWN:
        return "whole"
    return "last 4" if tag in mask.TAG_TAILS_SHOWN else "nothing"


def _element(de: str, core: Mapping[str, str], biller: Mapping[str, str]) -> tuple[str, ...]:
    form = FORMS[de].words if de in FORMS else "text that people read" if de in READABLE_TEXT else NO
    secret = "; secret" if de in SECRET else ""
    where = (YES if de in place else NO for place in (ECHOED, core, biller))
    return code(de), FIELD_NAMES[de], _size(de), form, *where, shown(de) + secret


def _tag(tag: str, biller: set[str]) -> tuple[str, ...]:
    value = TAG_FORMS[tag].words if tag in TAG_FORMS else VALUES.get(tag, NO)
    needs, adds = [], []
    for service in SERVICES:
        needs += [service.name] if any(tag in shape.tags for shape in service.shapes) else []
        adds += [service.name] if tag in service.brings_tags else []
    secret = "; secret" if tag in SECRET_TAGS else ""
    who = "every message of a subscriber" if tag == "01" else listed(needs)
    return tag, TAG_NAMES[tag], value, who, listed(adds), YES if tag in biller else NO, tag_shown(tag) + secret


def _size(de: str) -> str:
    entry = specification("iso87-ascii", "utf-8")[de]
    return f"up to {entry['max_len']}" if entry["len_type"] else str(entry["max_len"])


def _listed_if() -> str:
    return listed(JUDGED_IF_THERE)


def _others() -> str:
    """By their names, neighbours of one name together."""
    unused = [de for de in FIELD_NAMES if de.isdigit() and de not in used() and de != "1"]
    return "; ".join(f"{ranges(group)} {name}" for name, group in groupby(unused, FIELD_NAMES.__getitem__))
