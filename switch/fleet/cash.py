"""What is left in a machine's cassettes: as they were counted, less what was paid out since.

Rule: pure, and an estimate: a machine is taken to pay each amount in its largest notes first, as long as their cassette
has any. In which order the amounts came is not kept, so once a cassette has run out in between, a smaller one may be
said to hold a few notes more or less than it does. The next count puts it right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from switch.fleet.report import Cassette


def left_in(cassettes: Sequence[Cassette], paid: Mapping[int, int], currency: str) -> tuple[Cassette, ...]:
    """`paid`: amount → how often. Notes of another currency stay as they are."""
    notes = {place: one.notes for place, one in enumerate(cassettes) if one.currency == currency and one.dispenses}
    by_size = sorted(notes, key=lambda place: -cassettes[place].denomination_minor)
    for amount_minor, times in sorted(paid.items(), reverse=True):
        _pay(cassettes, notes, by_size, amount_minor, times)
    return tuple(replace(one, notes=notes.get(place, one.notes)) for place, one in enumerate(cassettes))


def cash_minor(cassettes: Sequence[Cassette], currency: str) -> int:
    """What can be paid out: of cassettes that give notes."""
    return sum(one.denomination_minor * one.notes for one in cassettes if one.currency == currency and one.dispenses)


def _pay(
    cassettes: Sequence[Cassette], notes: dict[int, int], by_size: Sequence[int], amount_minor: int, times: int
) -> None:
    """All at once as long as the notes last for the same mix each time, then with the mix that is left."""
    while times > 0:
        mix = _mix(cassettes, notes, by_size, amount_minor)
        if not mix:
            return
        together = min(times, *(notes[place] // count for place, count in mix.items()))
        for place, count in mix.items():
            notes[place] -= count * together
        times -= together


def _mix(
    cassettes: Sequence[Cassette], notes: Mapping[int, int], by_size: Sequence[int], amount_minor: int
) -> dict[int, int]:
    """How many notes of each cassette; what can't be made with what is left is left out."""
    mix, rest = {}, amount_minor
    for place in by_size:
        count = min(rest // cassettes[place].denomination_minor, notes[place])
        if count:
            mix[place] = count
            rest -= count * cassettes[place].denomination_minor
    return mix
