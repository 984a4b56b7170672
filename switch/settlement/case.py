"""A dispute: a break that people have to settle, from the day it was found until somebody says why it is done.

Rule: pure. Its life is a literal table; every step keeps who and why. One payment has one case at each peer, however
often a settlement finds it; a case that is over opens again only when what is found is no longer what it was about.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from switch.flow.orders import Who, Why, unfit_words
from switch.settlement.line import Key
from switch.settlement.match import Finding, Kind

REGISTER = "disputes"
BY_SETTLEMENT = "settlement"
_ID = re.compile(r"[0-9]{8}\.[0-9a-f]{10}")


class State(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class Act(StrEnum):
    FIND = "find"
    TAKE = "take"
    RESOLVE = "resolve"
    DISMISS = "dismiss"


OVER = frozenset({State.RESOLVED, State.DISMISSED})

TABLE: dict[State, dict[Act, State]] = {
    State.OPEN: {Act.FIND: State.OPEN, Act.TAKE: State.TAKEN, Act.DISMISS: State.DISMISSED},
    State.TAKEN: {
        Act.FIND: State.TAKEN,
        Act.TAKE: State.TAKEN,
        Act.RESOLVE: State.RESOLVED,
        Act.DISMISS: State.DISMISSED,
    },
    State.RESOLVED: {Act.FIND: State.OPEN},
    State.DISMISSED: {Act.FIND: State.OPEN},
}


class Step(msgspec.Struct, frozen=True, array_like=True):
    """What happened to a case. `transfer` is the id, in hexadecimal, of what it moved."""

    at: float
    who: str
    act: Act
    why: str
    transfer: str = ""
    added_minor: int = 0  # what it added to our books of this payment at this peer (negative: took from them)


class Case(msgspec.Struct, frozen=True):
    """`difference_minor` is positive where the peer has more than our books: it is all that may be moved for it."""

    id: str
    version: int
    day: str
    peer: str
    key: Key
    kind: Kind
    payment: str  # in hexadecimal; "": none is known
    currency: str
    moved_minor: int
    difference_minor: int
    account: str
    payee: str
    at_core: bool
    state: State
    opened_at: float
    owner: str = ""
    history: tuple[Step, ...] = ()
    stood_minor: int | None = None  # what our books had of the payment when it was found; None: it was not kept

    @property
    def reference(self) -> str:
        return self.key[2]

    @property
    def amount_minor(self) -> int:
        """How much money it is about."""
        return abs(self.difference_minor)

    @property
    def settled_minor(self) -> int:
        """What all its resolutions added to our books."""
        return sum(step.added_minor for step in self.history)


class Said(msgspec.Struct, frozen=True):
    """Who does something to a case, and why."""

    who: Who
    why: Why


class CaseError(ValueError):
    """What may not be done, in words for the operator."""


def case_id(day: str, peer: str, key: Key) -> str:
    """The same however often it is found on that day."""
    return f"{day}.{case_mark(peer, key)}"


def case_mark(peer: str, key: Key) -> str:
    digest = hashlib.blake2b("\n".join((peer, *key)).encode(), digest_size=5)
    return digest.hexdigest()


def is_case_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def said(who: str, why: str) -> Said:
    """CaseError if the words can't be kept."""
    try:
        words = msgspec.convert({"who": who.strip(), "why": why.strip()}, Said)
    except msgspec.ValidationError as error:
        raise CaseError(str(error)) from None
    fault = unfit_words(words.who, words.why)
    if fault is not None:
        raise CaseError(fault)
    return words


def found(finding: Finding, known: Case | None, at: float) -> Case | None:
    """The case as it is after a settlement found this break; None: nothing that it does not say already."""
    if known is None:
        fresh = _opened(finding, at)
        return _with(fresh, Step(at, BY_SETTLEMENT, Act.FIND, f"found on {finding.day}"))
    same = (known.kind, known.difference_minor) == (finding.kind, finding.difference_minor)
    if same and (known.state in OVER or known.stood_minor == finding.stood_minor):
        return None
    words = f"found again as {finding.kind}: {finding.difference_minor} instead of {known.difference_minor}"
    moved = _move(_about(finding, known), Act.FIND, Step(at, BY_SETTLEMENT, Act.FIND, words))
    return replace(moved, owner="") if known.state in OVER else moved


def take(case: Case, words: Said, at: float) -> Case:
    return replace(_move(case, Act.TAKE, Step(at, words.who, Act.TAKE, words.why)), owner=words.who)


def dismiss(case: Case, words: Said, at: float) -> Case:
    _must_be_owner(case, words)
    return _move(case, Act.DISMISS, Step(at, words.who, Act.DISMISS, words.why))


def resolve(case: Case, words: Said, at: float, transfer: bytes, amount_minor: int) -> Case:
    """The transfer is committed in the same group, or neither is."""
    if not 0 < amount_minor <= case.amount_minor:
        raise CaseError(f"allowed: an amount from 1 to {case.amount_minor}, which the break is about")
    _must_be_owner(case, words)
    added_minor = amount_minor if case.difference_minor > 0 else -amount_minor
    step = Step(at, words.who, Act.RESOLVE, words.why, transfer.hex(), added_minor)
    return _move(case, Act.RESOLVE, step)


def _must_be_owner(case: Case, words: Said) -> None:
    if case.state is State.TAKEN and words.who != case.owner:
        raise CaseError(f"{case.owner} has it: take it first")


def _opened(finding: Finding, at: float) -> Case:
    id_ = case_id(finding.day, finding.peer, finding.key)
    empty = Case(
        id_, 1, finding.day, finding.peer, finding.key, finding.kind, "", "", 0, 0, "", "", False, State.OPEN, at
    )
    return _about(finding, empty)


def _about(finding: Finding, case: Case) -> Case:
    return replace(
        case,
        kind=finding.kind,
        payment=finding.payment.hex(),
        currency=finding.currency,
        moved_minor=finding.moved_minor,
        difference_minor=finding.difference_minor,
        account=finding.account,
        payee=finding.payee,
        at_core=finding.at_core,
        stood_minor=finding.stood_minor,
    )


def _move(case: Case, act: Act, step: Step) -> Case:
    to = TABLE[case.state].get(act)
    if to is None:
        allowed = ", ".join(one for one in TABLE[case.state] if one is not Act.FIND) or "nothing"
        raise CaseError(f"it is {case.state}: allowed: {allowed}")
    return replace(_with(case, step), state=to, version=case.version + 1)


def _with(case: Case, step: Step) -> Case:
    return replace(case, history=(*case.history, step))


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Case)


def to_body(case: Case) -> bytes:
    return _encoder.encode(case)


def from_body(body: bytes) -> Case:
    """Raises msgspec.DecodeError if the register holds something else."""
    return _decoder.decode(body)
