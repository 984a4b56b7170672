"""The core as a model: what it does with a message, by its abilities.

Rule: it is honest. It runs a debit once, gives it back once, and tells what its books say.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulators.check.abilities import Abilities
from simulators.check.flight import Flight, is_late
from simulators.check.situation import CoreBook

Reaction = tuple[str, int, int]  # in words, the book afterwards, the reply's bit (0: none)


def on_debit(book: int) -> Iterator[Reaction]:
    if book == CoreBook.UNKNOWN:
        yield "the core debits", CoreBook.DEBITED, Flight.DEBITED
        yield "the core refuses the debit", CoreBook.DECLINED, Flight.DECLINED
    elif book == CoreBook.BARRED:
        yield "the debit comes to the core after its reversal, and is refused with 68", book, 0


def on_advice(book: int, message: int, abilities: Abilities, *, in_part: bool) -> Iterator[Reaction]:
    late = is_late(message, Flight.ADVICE_EARLY)
    given_back = Flight.REVERSED_LATE if late else Flight.REVERSED_EARLY
    unknown = Flight.UNKNOWN_LATE if late else Flight.UNKNOWN_EARLY
    if book in (CoreBook.DEBITED, CoreBook.UNKNOWN) and abilities.core_refuses:
        yield "the core refuses the advice", book, Flight.NOT_REVERSED
    elif book == CoreBook.DEBITED:
        yield "the core gives back", CoreBook.PART_REVERSED if in_part else CoreBook.REVERSED, given_back
    elif book in (CoreBook.REVERSED, CoreBook.PART_REVERSED, CoreBook.DECLINED):
        yield "the core, with nothing left to give back, says 00", book, given_back
    elif abilities.core_remembers:
        yield "the core does not know it, remembers the advice and says 25", CoreBook.BARRED, unknown
    else:
        yield "the core does not know it and says 25", book, unknown
