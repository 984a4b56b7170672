"""Is the request readable: the data elements a service needs, present and well formed (else 30 with the place).

Rule: shape only. What the values mean is for the service's own rules, which answer with other codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from switch.flow.refusal import Refusal, malformed

# Carried by every 0100, 0200, 0400, 0420, 0600, 0620 (ISO 8583:1987 names in wire/message.py).
COMMON = ("3", "7", "11", "12", "13", "22", "25", "32", "37", "41", "42")

_MONTH_DAY = "(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_TIME = "(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"
_DAY = f"(?:19|20)[0-9][0-9]{_MONTH_DAY}"

_FORMS: Mapping[str, str] = {
    "2": "[0-9]{12,19}",
    "3": "[0-9]{6}",
    "7": _MONTH_DAY + _TIME,
    "11": "[0-9]{6}",
    "12": _TIME,
    "13": _MONTH_DAY,
    "14": "[0-9]{2}(?:0[1-9]|1[0-2])",
    "22": "[0-9]{3}",
    "25": "[0-9]{2}",
    "32": "[0-9]{1,11}",
    "33": "[0-9]{1,11}",
    "35": "[0-9]{12,19}[=D][0-9]{7,}[0-9=D]*",
    "37": "[0-9A-Za-z]{12}",
    "41": "[ -~]{8}",
    "42": "[ -~]{15}",
    "49": "[0-9]{3}",
    "52": "[0-9A-Fa-f]{16}",
    "90": "[0-9]{42}",
    "95": "[0-9]{12}[0-9A-Za-z ]{30}",
    "98": "[ -~]{25}",
    "102": "[0-9A-Za-z]{1,28}",
    "103": "[0-9A-Za-z]{1,28}",
    "48.01": "[0-9]{8,15}",
    "48.03": "[ -~]{1,40}",
    "48.04": "[ -~]{1,40}",
    "48.07": "[0-9A-Fa-f]{16}",
    "48.10": _DAY,
    "48.11": _DAY,
    "48.12": "[0-9A-Fa-f]{16}",
    "48.13": "[ -~]{1,200}",
}
_matchers: Mapping[str, Callable[[str], object]] = {
    place: re.compile(form).fullmatch for place, form in _FORMS.items()
}
_NEVER_EMPTY = ("41", "98")
_OPTIONAL = ("14", "33", "35", "52", "95", "98", "102", "103")


def fault_in(fields: Mapping[str, str], needed: Sequence[str]) -> Refusal | None:
    """The first data element, in the order of the message, that is missing or malformed."""
    for place in needed:
        value = fields.get(place)
        if value is None or _matchers[place](value) is None or (place in _NEVER_EMPTY and not value.strip()):
            return malformed(place)
    for place in _OPTIONAL:
        value = fields.get(place)
        if value is not None and _matchers[place](value) is None:
            return malformed(place)
    return None


def fault_in_tags(tags: Sequence[tuple[str, str]], needed: Sequence[str]) -> Refusal | None:
    """Needed tags of field 48, present and well formed; the others well formed where there is a form."""
    for tag in needed:
        if not any(number == tag for number, _ in tags):
            return malformed(f"48.{tag}")
    for number, value in tags:
        matches = _matchers.get(f"48.{number}")
        if matches is not None and matches(value) is None:
            return malformed(f"48.{number}")
    return None


def ordered(places: Sequence[str]) -> tuple[str, ...]:
    """In the order of the message, so that "the first fault" means what a reader expects."""
    return tuple(sorted(set(places), key=int))
