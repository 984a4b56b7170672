"""The biller as a model: what it does with a message, by its abilities.

Rule: it is honest, but it does no more than it offers: without `repeats` the same request a second time is a second
payment, without a remembered undo a payment that comes after its undo is taken.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulators.check.abilities import Abilities
from simulators.check.core import Reaction
from simulators.check.flight import Flight, is_late
from simulators.check.situation import BillerBook
from switch.flow.terms import Undo


def on_payment(book: int, abilities: Abilities) -> Iterator[Reaction]:
    if book == BillerBook.UNKNOWN:
        yield "the biller takes the payment", BillerBook.PAID, Flight.PAID
        yield "the biller refuses the payment", BillerBook.REFUSED, Flight.REFUSED
    elif book == BillerBook.BARRED:
        yield "the payment comes to the biller after its undo, and is refused with 68", book, 0
    elif not abilities.repeats:
        yield "the biller takes the payment a second time", BillerBook.PAID_TWICE, Flight.PAID
    elif book == BillerBook.REFUSED:
        yield "the biller repeats its refusal", book, Flight.REFUSED
    else:
        yield "the biller repeats its 00", book, Flight.PAID


def on_query(book: int, message: int) -> Iterator[Reaction]:
    if book in (BillerBook.PAID, BillerBook.PAID_TWICE):
        yield "the biller is asked, and says: paid", book, Flight.FOUND
    elif book == BillerBook.REFUSED:
        yield "the biller is asked, and says: refused", book, Flight.FOUND_REFUSED
    else:
        late = is_late(message, Flight.QUERY_EARLY)
        yield (
            "the biller is asked, and says: not found",
            book,
            Flight.NOT_FOUND_LATE if late else Flight.NOT_FOUND_EARLY,
        )


def on_undo(book: int, message: int, abilities: Abilities) -> Iterator[Reaction]:
    late = is_late(message, Flight.UNDO_EARLY)
    undone = Flight.UNDONE_LATE if late else Flight.UNDONE_EARLY
    unknown = Flight.UNDO_UNKNOWN_LATE if late else Flight.UNDO_UNKNOWN_EARLY
    if book == BillerBook.PAID and not abilities.undoes_paid:
        yield "the biller refuses the undo: paid, and final", book, Flight.STANDS
    elif book == BillerBook.PAID:
        yield "the biller undoes the payment", BillerBook.UNDONE, undone
    elif book in (BillerBook.UNDONE, BillerBook.REFUSED):
        yield "the biller, with nothing left to undo, says 00", book, undone
    elif abilities.undo is Undo.REMEMBERED:
        words = "the biller does not know it and remembers the undo"
        yield words, BillerBook.BARRED, unknown if abilities.says_unknown else undone
    else:
        yield "the biller does not know what it is to undo", book, unknown if abilities.says_unknown else undone
