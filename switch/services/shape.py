"""Is the request readable: what a service needs, present and well formed, else 30 with the place of the fault.

Rule: shape only. What the values mean is for the service's own rules, which answer with other codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from switch.flow.refusal import Refusal, malformed

# Carried by every 0100, 0200, 0400, 0420, 0600, 0620 (ISO 8583:1987 names in wire/message.py).
COMMON = ("3", "7", "11", "12", "13", "22", "25", "32", "37", "41", "42")

_MONTH_DAY = "(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_TIME = "(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"
_DAY = f"(?:19|20)[0-9][0-9]{_MONTH_DAY}"

_FORMS: Mapping[str, str] = {
    "2": "[0-9]{12,19}",
    "3": "[0-9]{6}",
    "4": "[ -~]{12}",  # not digits is 13, not 30
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
    "41": "(?! {8})[ -~]{8}",
    "42": "[ -~]{15}",
    "49": "[0-9]{3}",
    "52": "[0-9A-Fa-f]{16}",
    "90": "[0-9]{42}",
    "95": "[0-9]{12}[0-9A-Za-z ]{30}",
    "98": "(?! {25})[ -~]{25}",
    "102": "[0-9A-Za-z]{1,28}",
    "103": "[0-9A-Za-z]{1,28}",
}
_TAG_FORMS: Mapping[str, str] = {
    "01": "[0-9]{8,15}",
    "03": "[ -~]{1,40}",
    "04": "[ -~]{1,40}",
    "07": "[0-9A-Fa-f]{16}",
    "10": _DAY,
    "11": _DAY,
    "12": "[0-9A-Fa-f]{16}",
    "13": "[ -~]{1,200}",
}
Matcher = Callable[[str], object]
_matchers: Mapping[str, Matcher] = {place: re.compile(form).fullmatch for place, form in _FORMS.items()}
_tag_matchers: Mapping[str, Matcher] = {tag: re.compile(form).fullmatch for tag, form in _TAG_FORMS.items()}
_BETWEEN = "\x1f"
_OPTIONAL = ("14", "33", "35", "52", "95", "98", "102", "103")


class Shape(msgspec.Struct, frozen=True):
    """What one way of asking for a service must carry: data elements in the order of the message, tags of field 48."""

    needs: tuple[str, ...]
    tags: tuple[str, ...]
    all_at_once: Matcher  # the needed elements joined by a character that none of them may hold

    def fault(self, fields: Mapping[str, str], tags: Sequence[tuple[str, str]]) -> Refusal | None:
        """The first place that is missing or malformed, as 30."""
        try:
            well = self.all_at_once(_BETWEEN.join([fields[place] for place in self.needs]))
        except KeyError:
            well = None
        if well is None:
            return _first_fault(self.needs, fields)
        for place in _OPTIONAL:
            if place in fields and _matchers[place](fields[place]) is None:
                return malformed(place)
        return self._fault_in_tags(tags)

    def _fault_in_tags(self, tags: Sequence[tuple[str, str]]) -> Refusal | None:
        for tag in self.tags:
            if not any(number == tag for number, _ in tags):
                return malformed(f"48.{tag}")
        for number, value in tags:
            matches = _tag_matchers.get(number)
            if matches is not None and matches(value) is None:
                return malformed(f"48.{number}")
        return None


def by_subscriber(*needs: str, tags: Sequence[str] = ()) -> Shape:
    """A mobile or web message: it names the subscriber (tag 01) and accounts."""
    return _shape(needs, ("01", *tags))


def by_card(*needs: str, tags: Sequence[str] = ()) -> Shape:
    """A message with a card and its PIN."""
    return _shape(("2", "52", *needs), tags)


def _shape(needs: Sequence[str], tags: Sequence[str]) -> Shape:
    """In the order of the message, so that "the first fault" means what a reader expects."""
    places = tuple(sorted({*COMMON, *needs}, key=int))
    return Shape(places, tuple(tags), re.compile(_BETWEEN.join(_FORMS[place] for place in places)).fullmatch)


def _first_fault(needs: Sequence[str], fields: Mapping[str, str]) -> Refusal:
    return malformed(next(place for place in needs if place not in fields or _matchers[place](fields[place]) is None))


REVERSAL = _shape(("4", "49", "90"), ())
