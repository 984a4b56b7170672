"""Days that never were: payments as the ledger has them, and what their peers' files say of the same."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import msgspec
from hypothesis import strategies as st

from switch.settlement.line import Kind, Line
from switch.settlement.match import At, Pending, Side
from switch.settlement.pairs import Movement

DAY, NEXT = "20261122", "20261123"
DAY_ENDS, NEXT_ENDS = 1000.0, 2000.0  # when each was closed
SYP = "760"
CORE, POWER = "core", "power"


class Fate(Enum):
    """What became of a payment, and when."""

    POSTED = "posted"
    GIVEN_BACK = "given back on the same day"
    PART_GIVEN_BACK = "a part of it given back"
    GIVEN_BACK_LATER = "given back on the next day"
    UNDONE = "taken there and given back there, and never posted"
    UNDONE_LATER = "the same, given back there on the next day"
    ADVISED = "given back here, the core not heard yet"
    HELD = "taken there, and still open here"
    LATE = "posted on this day, and in the peer's file of the next one"


FINAL = (Fate.POSTED, Fate.GIVEN_BACK, Fate.PART_GIVEN_BACK, Fate.UNDONE)
"""Of which the file of the day itself has every line."""


class Paid(msgspec.Struct, frozen=True):
    """One payment at one peer: what the books say, and the peer's lines, of both days."""

    at: At
    side: Side
    lines: tuple[Line, ...]
    fate: Fate


def line(
    number: int = 1,
    minor: int = 5000,
    *,
    day: str = DAY,
    back: bool = False,
    peer: str = CORE,
    payee: str = "biller:ELEC",
    account: str = "",
) -> Line:
    kinds = (Kind.DEBIT, Kind.REVERSAL) if peer == CORE else (Kind.PAYMENT, Kind.UNDO)
    return Line(
        day=day,
        reference=f"R{number:011d}",
        stan=f"{number:06d}",
        transmitted_at="1122100000",
        kind=kinds[back],
        account=account or f"100{number:011d}",
        payee=payee,
        amount_minor=minor,
        currency=SYP,
        at=f"{day[:4]}-{day[4:6]}-{day[6:]}T10:00:00Z",
    )


def paid(number: int, minor: int, fate: Fate, peer: str = CORE) -> Paid:
    part = max(1, minor // 2) if fate is Fate.PART_GIVEN_BACK else minor

    def ours(*moves: tuple[bool, str]) -> tuple[Movement, ...]:
        return tuple(Movement(back, part if back else minor, SYP, day) for back, day in moves)

    def theirs(*moves: tuple[bool, str]) -> tuple[Line, ...]:
        return tuple(line(number, part if back else minor, day=day, back=back, peer=peer) for back, day in moves)

    took, gave = (False, DAY), (True, DAY)
    moved, lines, pending, final_at = {
        Fate.POSTED: (ours(took), theirs(took), None, None),
        Fate.GIVEN_BACK: (ours(took, gave), theirs(took, gave), Pending.BACK_HERE, 900.0),
        Fate.PART_GIVEN_BACK: (ours(took, gave), theirs(took, gave), Pending.BACK_HERE, 900.0),
        Fate.GIVEN_BACK_LATER: (ours(took, (True, NEXT)), theirs(took, (True, NEXT)), Pending.BACK_HERE, 1900.0),
        Fate.UNDONE: (ours(), theirs(took, gave), Pending.TAKEN_THERE, 900.0),
        Fate.UNDONE_LATER: (ours(), theirs(took, (True, NEXT)), Pending.TAKEN_THERE, 1100.0),
        Fate.ADVISED: (ours(took, gave), theirs(took), Pending.BACK_HERE, None),
        Fate.HELD: (ours(), theirs(took), Pending.TAKEN_THERE, None),
        Fate.LATE: (ours(took), theirs((False, NEXT)), None, None),
    }[fate]
    known = line(number, minor, peer=peer)
    side = Side(number.to_bytes(16), moved, known.payee, known.account, peer == CORE, minor, pending, final_at)
    return Paid((peer, known.key), side, lines, fate)


def days(fates: Sequence[Fate] = tuple(Fate)) -> st.SearchStrategy[list[Paid]]:
    """Payments of one day, each at one peer."""
    one = st.tuples(st.integers(1, 10**9), st.sampled_from(fates), st.sampled_from((CORE, POWER)))
    return st.lists(one, max_size=12).map(
        lambda drawn: [paid(number, minor, fate, peer) for number, (minor, fate, peer) in enumerate(drawn, 1)]
    )
