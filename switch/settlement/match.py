"""Three-way reconciliation: what the ledger moved on a day against what a peer says it moved, payment by payment.

Rule: pure. A movement that stands on both sides with the same amount is matched, on whichever day; one that only one
side has is a break, unless the books themselves explain it. Explained are, and nothing else is:

- another day: the same movement stands in the peer's file, or in our books, of another business day;
- taken back there: of a payment that we know the peer moved an amount and moved it back, and it never stood here;
- not final: the payment is still open or disputed here, and the peer has, or has not yet given back, just its amount;
- still to come: the same, and the peer acknowledged after the last day that it gave us a file for;
- settled: just what was missing was moved when its dispute was resolved.

What is not final or still to come is excused only so long: it is judged again with every later
day until it is decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from switch.settlement.line import OF_CORE, Key, Line
from switch.settlement.pairs import Movement, Pairs, net, pair, take_back, twice

At = tuple[str, Key]  # a peer, and a payment there


class Pending(StrEnum):
    """What may still differ at a peer without anybody being wrong."""

    TAKEN_THERE = "taken there"  # it took the amount, which does not stand here: it will be given back, or posted
    BACK_THERE = "back there"  # it gave back what stands here: an undo whose word is out
    BACK_HERE = "back here"  # given back here; the peer is advised


class Side(msgspec.Struct, frozen=True):
    """What the books say of a payment at one peer. `pending` is what may differ there, and `final_at` when the peer's
    last word on it came (None: it has not)."""

    payment: bytes
    moved: tuple[Movement, ...]
    payee: str
    account: str = ""  # "": not known here, such as the account behind a card
    at_core: bool = True
    amount_minor: int = 0
    pending: Pending | None = None
    final_at: float | None = None


class Kind(StrEnum):
    MATCHED = "matched"
    EXPLAINED = "explained"
    MISSING_HERE = "missing here"
    MISSING_THERE = "missing there"
    TWICE = "there twice"
    AMOUNT_DIFFERS = "amount differs"
    OTHER_ACCOUNT = "other account"
    SETTLED_TWICE = "settled twice"  # by a dispute here, and put right by the peer, too


BREAKS = frozenset(set(Kind) - {Kind.MATCHED, Kind.EXPLAINED})


class Why(StrEnum):
    """Why what differs is no break."""

    OTHER_DAY = "another day"
    TAKEN_BACK = "taken back there"
    NOT_FINAL = "not final here"
    TO_COME = "still to come there"
    SETTLED = "settled by a dispute"


class Finding(msgspec.Struct, frozen=True):
    """What was found of one payment at one peer. `ours_minor` and `theirs_minor` are what is left after all that agrees
    was taken away, less what was given back of it: their difference is what a break is about."""

    day: str
    peer: str
    key: Key
    kind: Kind
    why: Why | None = None
    payment: bytes = b""
    currency: str = ""
    moved_minor: int = 0  # what it was about: the largest single movement
    ours_minor: int = 0
    theirs_minor: int = 0
    account: str = ""
    payee: str = ""
    at_core: bool = False
    stood_minor: int | None = None  # what our books had of it, whatever the peer has; None: nobody looked

    @property
    def difference_minor(self) -> int:
        """Positive: they have more than we do."""
        return self.theirs_minor - self.ours_minor


def reconcile(
    days: Mapping[At, str],
    sides: Mapping[At, Side],
    theirs: Mapping[At, Sequence[Line]],
    heard_until: Mapping[str, float],
    settled: Mapping[At, int],
) -> list[Finding]:
    """Of every payment of `days`, each as of the day that stands there. `theirs` may hold lines of other days, too.

    `heard_until`: by peer, when the newest day ended of which there is a file. `settled`: by how much disputes that
    were resolved added to what our books have (negative: took from it).
    """
    return [
        _judge(
            Judged(day, at, sides.get(at), theirs.get(at, ()), heard_until.get(at[0], 0.0), settled.get(at, 0)),
        )
        for at, day in sorted(days.items())
    ]


class Judged(msgspec.Struct, frozen=True):
    """One payment at one peer, and all that is known of it."""

    day: str
    at: At
    side: Side | None
    lines: Sequence[Line]
    heard_until: float
    settled_minor: int


def touched(day: str, sides: Mapping[At, Side], theirs: Mapping[At, Sequence[Line]]) -> set[At]:
    ours = {at for at, side in sides.items() if any(one.day == day for one in side.moved)}
    return ours | {at for at, lines in theirs.items() if any(line.day == day for line in lines)}


def _judge(one: Judged) -> Finding:
    side = one.side
    pairs = pair(side.moved if side is not None else (), one.lines)
    why = Why.OTHER_DAY if pairs.across else None
    if side is not None and take_back(pairs.theirs):
        why = Why.TAKEN_BACK
    if one.settled_minor:
        return _settled(one, pairs)
    if side is not None and _moved_on(one.day, pairs):
        excuse = _excuse(side, pairs, one.heard_until)
        if excuse is not None:
            return _finding(one, Kind.EXPLAINED, pairs, excuse)
    kind = _kind(one, pairs)
    if kind is Kind.MATCHED and why is not None:
        return _finding(one, Kind.EXPLAINED, pairs, why)
    return _finding(one, kind, pairs)


def _settled(one: Judged, pairs: Pairs) -> Finding:
    """A dispute was resolved: what was moved for it counts as ours, and is to be all that was missing."""
    currency = _currency(one)
    if net(pairs.theirs, currency) - net(pairs.ours, currency) == one.settled_minor:
        return _finding(one, Kind.EXPLAINED, pairs, Why.SETTLED)
    left = bool(pairs.ours or pairs.theirs)
    return _finding(one, _left_over(pairs) if left else Kind.SETTLED_TWICE, pairs)


def _moved_on(day: str, pairs: Pairs) -> bool:
    return any(movement.day == day for movement in pairs.ours) or any(line.day == day for line in pairs.theirs)


def _excuse(side: Side, pairs: Pairs, heard_until: float) -> Why | None:
    """For what is left over, if it is just the one movement that may be missing on one side."""
    if side.pending is None or not _is_pending(side, side.pending, pairs):
        return None
    if side.final_at is None:
        return Why.NOT_FINAL
    return Why.TO_COME if side.final_at >= heard_until else None


def _is_pending(side: Side, pending: Pending, pairs: Pairs) -> bool:
    if pending is Pending.BACK_HERE:
        return not pairs.theirs and len(pairs.ours) == 1 and pairs.ours[0].back
    back = pending is Pending.BACK_THERE
    if pairs.ours or len(pairs.theirs) != 1 or (not back and side.moved):
        return False
    return pairs.theirs[0].back is back and pairs.theirs[0].amount_minor == side.amount_minor


def _kind(one: Judged, pairs: Pairs) -> Kind:
    if _moved_on(one.day, pairs):
        return _left_over(pairs)
    side = one.side
    if side is not None and any(_elsewhere(side, line) for line in one.lines if line.day == one.day):
        return Kind.OTHER_ACCOUNT
    return Kind.MATCHED


def _left_over(pairs: Pairs) -> Kind:
    if pairs.ours:
        return Kind.AMOUNT_DIFFERS if pairs.theirs else Kind.MISSING_THERE
    return Kind.TWICE if twice(pairs) else Kind.MISSING_HERE


def _elsewhere(side: Side, line: Line) -> bool:
    """Whether it went to, or came from, somebody else than our books say."""
    return line.payee != side.payee or (bool(side.account) and line.account != side.account)


def _finding(one: Judged, kind: Kind, pairs: Pairs, why: Why | None = None) -> Finding:
    side, first = one.side, one.lines[0] if one.lines else None
    currency = _currency(one)
    amounts = [moved.amount_minor for moved in (side.moved if side is not None else ())]
    amounts += [line.amount_minor for line in one.lines]
    return Finding(
        one.day,
        *one.at,
        kind,
        why,
        payment=side.payment if side is not None else b"",
        currency=currency,
        moved_minor=max(amounts, default=0),
        ours_minor=net(pairs.ours, currency) + one.settled_minor,
        theirs_minor=net(pairs.theirs, currency),
        account=(side.account if side is not None else "") or (first.account if first is not None else ""),
        payee=side.payee if side is not None else first.payee if first is not None else "",
        at_core=side.at_core if side is not None else first is not None and first.kind in OF_CORE,
        stood_minor=net(side.moved, currency) if side is not None else 0,
    )


def _currency(one: Judged) -> str:
    """Ours, if it moved here at all."""
    moved: Sequence[Movement] | Sequence[Line] = one.side.moved if one.side is not None else ()
    return next((known.currency for known in (*moved, *one.lines)), "")
