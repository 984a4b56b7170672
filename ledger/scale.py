"""In which units the books count a currency that dropped zeros, and how an amount of theirs is shown.

On 1 January 2026 the Syrian pound dropped two zeros (100 old are 1 new) and kept its code, 760: an amount alone does
not say in which pound it is, its business day does. The books count in the finest unit that was ever used, the old
minor unit, before and after. So nothing in them is converted at the change, a contra of a new day gives back to the
last unit what an old day took, and what was no whole new unit stays exact.

Rule: pure. Whoever writes an amount of the wire into the books multiplies it by the units of its day, and whoever
writes an amount of the books on the wire divides; nobody else converts.
"""

from __future__ import annotations

import msgspec

DECIMALS = 2  # of a minor unit on the wire, as every currency that the switch takes


class Scale(msgspec.Struct, frozen=True, array_like=True):
    """`new_from` is the first business day in the new unit, "" if the currency never changed; from then on one minor
    unit of the wire is `old_per_new` units of the books, before then one. Until `both_until`, people are shown both."""

    new_from: str = ""
    old_per_new: int = 1
    both_until: str = ""

    @property
    def changes(self) -> bool:
        return self.new_from != ""

    def units(self, day: str) -> int:
        """Units of the books in one minor unit that is written on this business day."""
        return self.old_per_new if day >= self.new_from else 1

    def on_wire(self, minor: int, day: str) -> int:
        """Units of the books as whole minor units of that day's pound."""
        return whole(minor, self.units(day))

    def shows_both(self, day: str) -> bool:
        return self.changes and self.new_from <= day <= self.both_until


UNCHANGED = Scale()


def whole(minor: int, units: int) -> int:
    """Minor units of so many units of the books; what is left over is dropped, whichever the sign."""
    found = abs(minor) // units
    return found if minor >= 0 else -found


def format_amount(minor: int, day: str, scale: Scale = UNCHANGED) -> str:
    """Units of the books for people, exact, in the pound of that business day: `2,500.00 old` before the change,
    `25.00 (2,500.00 old)` while both are shown, then `25.00`."""
    if not scale.changes:
        return format_plain(minor, day, scale)
    old = f"{_decimal(minor, DECIMALS)} old"
    if day < scale.new_from:
        return old
    new = format_plain(minor, day, scale)
    return f"{new} ({old})" if scale.shows_both(day) else new


def format_plain(minor: int, day: str, scale: Scale = UNCHANGED) -> str:
    """The same in the pound of that day alone, which whoever reads it knows."""
    return _decimal(minor, DECIMALS + len(str(scale.units(day))) - 1)


def _decimal(minor: int, places: int) -> str:
    """At least two decimals, and more only where they say something."""
    whole, rest = divmod(abs(minor), 10**places)
    decimals = f"{rest:0{places}d}"
    kept = decimals[:DECIMALS] + decimals[DECIMALS:].rstrip("0")
    return f"{'-' if minor < 0 else ''}{whole:,}.{kept}"


def disagreement(known: Scale, given: Scale, day: str, *, used: bool) -> str:
    """Why books that say `known` may not go on with `given`, on the open business day `day`; "" if they may.

    What was counted can't be counted anew, so the day and the zeros of a change stand once it has come, and a change
    that has come already can't be added to books that are `used`. Until when both are shown may be said at any time.
    """
    if (known.new_from, known.old_per_new) == (given.new_from, given.old_per_new):
        return ""
    if known.changes and day >= known.new_from:
        return f"the books count {known.old_per_new} to 1 from {known.new_from} on, and go on so"
    if given.changes and day >= given.new_from and used:
        return f"the books have counted on {day} as if nothing had changed: it can be set only before its first day"
    return ""
