"""How a payment is taken back by a channel, and what that is answered: the saga itself is asked about every case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from switch.flow.events import AdviseCore, AnswerReversal, Commit, Effect, Reversed, UndoBiller
from switch.flow.payment import Part, Payment, Reversal, State
from switch.flow.saga import advance
from switch.flow.terms import Promises, Terms, Undo
from switch.reference.markdown import Lines, bold, code, heading, listed, prose, table
from switch.reference.specimen import VALUES, bill_payment, payment
from switch.services.shape import COMMON, REVERSAL
from switch.services.table import SERVICES
from switch.wire.message import Message
from switch.wire.original import LAYOUTS, build, original_of

WHOLE_MINOR = int(VALUES["4"])
ASKED = Reversed(10.0, "the reversal's key", WHOLE_MINOR)
UNDOES = Terms(Promises(undo=Undo.REMEMBERED), Promises(undo=Undo.REMEMBERED))
KEEPS = Terms(Promises(undo=Undo.REMEMBERED), Promises())


class Situation(NamedTuple):
    words: str
    payment: Payment
    terms: Terms = UNDOES
    asked: Reversed = ASKED


def situations() -> Iterator[Situation]:
    one, two = payment(legs=1), payment(legs=2)
    paid, bill = (replace(of, state=State.POSTED, posted=True, answer="00") for of in (one, two))
    held, going = (replace(of, state=State.HELD, held=True) for of in (one, two))
    asked = replace(going, biller_asked=True)
    unsure = replace(asked, state=State.UNCERTAIN)
    undone = replace(paid, state=State.REVERSED, reversal=Reversal("another", WHOLE_MINOR, "00"))
    part = replace(ASKED, given_back_minor=WHOLE_MINOR - 1, partial=True)
    none = replace(ASKED, given_back_minor=0, partial=True)
    yield Situation("approved, without a biller", paid)
    yield Situation("approved, its biller can undo", bill)
    yield Situation("approved, its biller cannot undo", bill, KEEPS)
    yield Situation("a withdrawal; `95` lets a part stand", paid, UNDOES, part)
    yield Situation("a withdrawal; `95` lets all of it stand", paid, UNDOES, none)
    yield Situation("on its way, no biller was asked", held)
    yield Situation("a withdrawal on its way; `95` lets a part stand", held, UNDOES, part)
    yield Situation("on its way, its biller can undo", asked)
    yield Situation("on its way, its biller cannot undo", asked, KEEPS)
    yield Situation("answered **09**, its biller can undo", unsure)
    yield Situation("answered **09**, its biller cannot undo", unsure, KEEPS)
    yield Situation("declined", replace(one, state=State.DECLINED, answer="51"))
    yield Situation("reversed before, with the same `95`", undone)
    yield Situation("reversed before, with another `95`", undone, UNDOES, part)
    yield Situation("with an operator", replace(asked, state=State.DISPUTED, disputed_from=State.UNCERTAIN))
    yield Situation("not known", replace(one, answer=""))


def outcome(of: Situation) -> tuple[str, str]:
    """The answer's code, and what follows, as the saga decides."""
    after, effects = advance(of.payment, of.asked, of.terms)
    told = next(effect.code for effect in effects if isinstance(effect, AnswerReversal))
    said = [f"the original is answered {bold(after.answer)}"] if after.answer != of.payment.answer else []
    return told, "; ".join([*_consequences(effects), *said]) or "nothing moves"


def reversal_section() -> Lines:
    yield from heading(2, "Reversals")
    yield from prose(f"""
        `0400` asks for it and `0420` says that it is so; the switch treats them alike. Financial messages (class 2)
        can be reversed. `7` and `11` are the reversal's own; the fields that every request carries and `102`,
        `103`, `98`, `2` are the original's, and `35` and `52` are left out. Beyond what every request carries it
        needs {listed(de for de in REVERSAL.needs if de not in COMMON)}.

        `90` says which message is meant. Its layouts, for the bill payment above:
    """)
    yield from table(("layout", "parts", "`90`"), _layouts())
    yield from prose(f"""
        - The MTI in `90` is the first one, `0200` even if a `0201` was sent; institutions are right justified and
          filled with zeros. Where the original has no `33`, there are zeros.
        - The original is the financial message with the `32`, `11` and `7` in `90` and the reversal's own `41`;
          where there is none, or the layout does not hold these, the one with the reversal's own `32`, `41`, `37`
          and `13`.
        - `4` repeats the original's amount; any other is **64**. Without `95`, or with zeros in it, all is given
          back. Its first 12 digits say how much is to stand: the rest of `4` goes back, and more than `4` is
          **64**. Only {listed(_reversible_in_part())} can be reversed in part: with another service that is **12**.
    """)
    yield from table(("the original is", "answer", "what follows"), _outcomes())
    yield from prose("""
        - **00** means that it is certain, **12** that the payment stands, **09** that neither is: repeat the
          reversal. A repeat gets the answer as it is by then.
        - After **25** nothing is left to do either: the switch remembers the reversal, and the original, should it
          come, moves nothing. Repeat a reversal (`0401`, `0421`) after **09**, **90**, **91**, **96** and silence,
          and after nothing else.
        - A payment is reversed once. After sending a reversal, take no more notice of answers to the original.
        - Who repeats the original once it is reversed gets the original's own answer.
    """)


def _layouts() -> Iterator[tuple[str, ...]]:
    original = original_of(Message(bill_payment()))
    for layout in LAYOUTS:
        yield code(layout), PARTS[layout], code(build(original, layout))


PARTS = {
    "iso": "MTI 4, `11` 6, `7` 10, `32` 11, `33` 11",
    "base24": "MTI 4, `37` 12, `13` 4, `12` 8 with hundredths, `15` 4, spaces 10",
}


def _outcomes() -> Iterator[tuple[str, ...]]:
    for situation in situations():
        told, consequences = outcome(situation)
        yield situation.words, bold(told), consequences


def _consequences(effects: tuple[Effect, ...]) -> Iterator[str]:
    for effect in effects:
        if isinstance(effect, Commit):
            yield from (_PARTS[part] for part in effect.parts)
        elif isinstance(effect, UndoBiller):
            yield "the biller is asked to undo it"
        elif isinstance(effect, AdviseCore):
            yield "the core is told until it acknowledges"


_PARTS = {
    Part.CONTRA: "a contra transfer is posted",
    Part.VOID: "the hold is released",
}


def _reversible_in_part() -> list[str]:
    return [service.name for service in SERVICES if service.partial_reversal]
