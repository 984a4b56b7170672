"""How a channel compares a day's totals with the switch, and what a peer is asked."""

from __future__ import annotations

from collections.abc import Iterator

from switch.engine.peer_totals import PAUSES, YOUNG_S
from switch.flow.reconciliation import CODES, WORDS, Result
from switch.flow.totals import DEBIT, TRANSFER
from switch.reference.markdown import Lines, bold, code, heading, listed, prose, table
from switch.reference.specimen import CURRENCY
from switch.services.shape import RECONCILIATION
from switch.services.table import COUNTED_AS
from switch.wire.figures import ELEMENTS, NET
from switch.wire.names import FIELD_NAMES

DAY_S = 86_400


def reconciliation_section() -> Lines:
    yield from heading(2, "Reconciliation")
    yield from prose(f"""
        An acquirer compares a business day's totals with the ledger's: `0500` asks, `0520` says the same as
        information; the switch treats them alike. It carries {listed(RECONCILIATION.needs)}, no `3`, and a MAC where
        the listener has a key. `15` is the day; its year is the one that puts it nearest to the current business
        day. The totals are those of `32`, for `49` ({CURRENCY}; another is **12**) and for that day; `99` is kept
        and not judged.
    """)
    yield from table(("field", "what is counted"), _figures())
    yield from prose(f"""
        - What counts is what the channel got as final: a payment in the day that the `15` of its approval names, what
          was given back in the day that the `15` of the reversal's **00** names, whatever day the payment was of. A
          reversal that moved nothing counts nothing. Transfers have a number and no amount, credits are zero.
        - A sum is in the pound of its day ([two pounds](#what-a-request-carries)): what was in the other one is added
          at its worth, and what is no whole unit of the sum is dropped.
        - `{NET}` is `88` - `89` - `86` + `87`, `D` when it is positive.
    """)
    yield from table(("`66`", "means", "`39`", "the answer adds"), _results())
    yield from prose(f"""
        - `15` of the answer is the day that was asked about.
        - Each figure is compared. A closed day never changes: whoever asks again about it, by `0501` or anew, with the
          same figures gets the same answer. {bold(CODES[Result.TOO_EARLY])} is not final: repeat until the day is
          closed.
        - A day before the current one that was no business day is **12**; one that is still to come is too early.
        - The newest outcome is kept for the settlement desk, also when it is too early.

        The switch asks the core and the billers likewise, once a day is closed, about what it posted with their word:
        `0500` with the fields above, `32` and `99` its own number. With a peer it is what stands that must agree, the
        numbers `76` - `77` and `78` - `79`, and `{NET}`: a debit that was taken back before it was posted here is two
        entries there and none here. What counts at the peer is each question by its `15`, reversals by their own.
        An answer with figures in it is judged by these, another by its `66`. Without an answer the question is repeated
        (`0501`) after {PAUSES.first_s:g} s, then twice that, at most every {PAUSES.most_s:g} s, for
        {YOUNG_S / DAY_S:g} days; anything but a balance is asked anew at the same pace. A peer with
        `reconciles = false` is not asked.
    """)


def _figures() -> Iterator[tuple[str, ...]]:
    for de in ELEMENTS:
        yield code(de), COUNTED.get(de, f"{FIELD_NAMES[de]}: zero")


def _results() -> Iterator[tuple[str, ...]]:
    for result, number in CODES.items():
        adds = f"our figures: {listed(ELEMENTS)}" if result is Result.OUT_OF_BALANCE else "–"
        yield code(result.value), WORDS[result], bold(number), adds


def _codes_of(kind: str) -> str:
    return ", ".join(first for first, counted in sorted(COUNTED_AS.items()) if counted == kind)


COUNTED = {
    "76": f"{FIELD_NAMES['76']}: approved, `3` beginning with {_codes_of(DEBIT)}",
    "77": f"{FIELD_NAMES['77']}: of these, those of which something was given back",
    "78": f"{FIELD_NAMES['78']}: approved, `3` beginning with {_codes_of(TRANSFER)}",
    "79": f"{FIELD_NAMES['79']}: of these, those that were given back",
    "88": f"{FIELD_NAMES['88']}: of `76`",
    "89": f"{FIELD_NAMES['89']}: given back, of `77`",
    NET: "the net: who owes whom how much",
}
