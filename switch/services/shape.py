"""Is the request readable: what a service needs, present and well formed, else 30 with the place of the fault.

Rule: shape only. What the values mean is for the service's own rules, which answer with other codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from switch.flow.questions import KEPT
from switch.flow.refusal import Refusal, malformed
from switch.services.forms import FORMS, JUDGED_IF_THERE, TAG_FORMS
from switch.wire.figures import ELEMENTS

# Carried by every 0100, 0200, 0400, 0420, 0600, 0620 (ISO 8583:1987 names in wire/names.py).
COMMON = ("3", "7", "11", "12", "13", "22", "25", "32", "37", "41", "42")

Matcher = Callable[[str], object]
_matchers: Mapping[str, Matcher] = {place: re.compile(form.pattern).fullmatch for place, form in FORMS.items()}
_tag_matchers: Mapping[str, Matcher] = {tag: re.compile(form.pattern).fullmatch for tag, form in TAG_FORMS.items()}
_BETWEEN = "\x1f"
_KEPT_AS_TEXT = tuple(de for de in KEPT if de != "48")


class Shape(msgspec.Struct, frozen=True):
    """What one way of asking for a service must carry: data elements in the order of the message, tags of field 48."""

    needs: tuple[str, ...]
    tags: tuple[str, ...]
    all_at_once: Matcher  # the needed elements joined by a character that none of them may hold
    also: frozenset[str]  # the others that are judged where they are there

    def fault(self, fields: Mapping[str, str], tags: Sequence[tuple[str, str]]) -> Refusal | None:
        """The first place that is missing or malformed, as 30."""
        try:
            well = self.all_at_once(_BETWEEN.join([fields[place] for place in self.needs]))
        except KeyError:
            well = None
        if well is None:
            return _first_fault(self.needs, fields)
        if not self.also.isdisjoint(fields):
            for place in JUDGED_IF_THERE:
                if place in fields and _matchers[place](fields[place]) is None:
                    return malformed(place)
        return self._fault_in_tags(tags)

    def _fault_in_tags(self, tags: Sequence[tuple[str, str]]) -> Refusal | None:
        """A tag that says who, what or to whom stands there once: two peers could else each believe another one."""
        numbers = [number for number, _ in tags]
        for tag in self.tags:
            if numbers.count(tag) != 1:
                return malformed(f"48.{tag}")
        for number, value in tags:
            matches = _tag_matchers.get(number)
            if matches is not None and matches(value) is None:
                return malformed(f"48.{number}")
        return None


def well_formed(place: str, value: str) -> bool:
    """One data element by itself."""
    return _matchers[place](value) is not None


def card_elsewhere(fields: Mapping[str, str], tags: Sequence[tuple[str, str]]) -> Refusal | None:
    """The card number of DE 2 is concealed, and no track is kept. Anywhere else it would be kept as it stands there: 30
    with the place."""
    pan = fields.get("2")
    if pan is None:
        return None
    for place in _KEPT_AS_TEXT:
        if pan in fields.get(place, ""):
            return malformed(place)
    return next((malformed(f"48.{number}") for number, value in tags if pan in value), None)


def by_subscriber(*needs: str, tags: Sequence[str] = ()) -> Shape:
    """A mobile or web message: it names the subscriber (tag 01) and accounts."""
    return _shape(needs, ("01", *tags))


def by_card(*needs: str, tags: Sequence[str] = ()) -> Shape:
    """A message with a card and its PIN."""
    return _shape(("2", "52", *needs), tags)


def by_machine(*needs: str, tags: Sequence[str] = ()) -> Shape:
    """A machine's message about itself: no card, no customer."""
    return _shape(needs, tags)


def _shape(needs: Sequence[str], tags: Sequence[str]) -> Shape:
    return _exactly((*COMMON, *needs), tags)


def _exactly(needs: Sequence[str], tags: Sequence[str]) -> Shape:
    """In the order of the message, so that "the first fault" means what a reader expects."""
    places = tuple(sorted(set(needs), key=int))
    all_at_once = re.compile(_BETWEEN.join(FORMS[place].pattern for place in places)).fullmatch
    return Shape(places, tuple(tags), all_at_once, frozenset(JUDGED_IF_THERE).difference(places))


def _first_fault(needs: Sequence[str], fields: Mapping[str, str]) -> Refusal:
    return malformed(next(place for place in needs if place not in fields or _matchers[place](fields[place]) is None))


REVERSAL = _shape(("4", "49", "90"), ())
RECONCILIATION = _exactly(("7", "11", "15", "32", "49", *ELEMENTS, "99"), ())
