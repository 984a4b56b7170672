"""What came of comparing one day's totals with one other side, and how it is kept for the settlement desk.

Rule: pure. A row stands for one day, one pair of institutions and one currency; the newest outcome stands. A closed day
never changes, so the same figures get the same result for ever; a day that is not closed has none yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from ledger.model import DAY_CLOSED, BusinessDay
from switch.flow.totals import differing, standing_differently
from switch.wire.figures import Figures, find_figures
from switch.wire.message import Message

REGISTER = "reconciliations"
PEER = "peers."
"""How the institution begins where the other side is a peer of the configuration."""


class Result(StrEnum):
    """DE 66, and nothing where no such word came."""

    NONE = ""
    BALANCED = "1"
    OUT_OF_BALANCE = "2"
    TOO_EARLY = "3"


WORDS = {
    Result.NONE: "no answer",
    Result.BALANCED: "in balance",
    Result.OUT_OF_BALANCE: "out of balance",
    Result.TOO_EARLY: "too early",
}
CODES = {Result.BALANCED: "00", Result.OUT_OF_BALANCE: "95", Result.TOO_EARLY: "09"}
"""DE 39 beside DE 66. Too early is 09, not final: the same request will be told something else, and must come again."""


class Reconciliation(msgspec.Struct, frozen=True, array_like=True):
    """`acquirer` counted what it sent to `institution`. Of a channel's the institution is the switch; of our own the
    acquirer is the switch, and the institution "peers." and the peer's name. Fields are appended, never moved: a
    register is read by others, and for years."""

    day: str
    acquirer: str
    institution: str
    currency: str
    result: Result
    code: str = ""  # DE 39, as it was answered
    ours: Figures | None = None  # None: the day was still open
    theirs: Figures | None = None
    differs: tuple[str, ...] = ()  # the data elements that do not agree
    at: float = 0.0
    settles_at: str = ""  # DE 99, as it was said
    # of our own questions
    attempts: int = 0
    next_at: float | None = None
    stan: str = ""  # of the question that is unanswered
    transmitted_at: str = ""
    asked_at: float = 0.0

    @property
    def key(self) -> str:
        return key_of(self.day, self.acquirer, self.institution, self.currency)

    @property
    def peer(self) -> str:
        """Its name, "" where the other side is a channel."""
        return self.institution.removeprefix(PEER) if self.institution.startswith(PEER) else ""

    def says_the_same(self, other: Reconciliation) -> bool:
        """But for when."""
        return msgspec.structs.replace(self, at=other.at) == other


def keys_of(day: str, acquirer: str = "", institution: str = "") -> str:
    """How the keys of a day's rows begin; of an acquirer's; of those that name an institution that begins so."""
    return f"{day}|{acquirer}|{institution}" if acquirer else f"{day}|"


def key_of(day: str, acquirer: str, institution: str, currency: str) -> str:
    return f"{day}|{acquirer}|{institution}|{currency}"


def to_body(kept: Reconciliation) -> bytes:
    return _encoder.encode(kept)


def from_body(body: bytes) -> Reconciliation:
    """Raises msgspec.DecodeError if the register holds something else."""
    return _decoder.decode(body)


def is_over(day: str, days: Iterable[BusinessDay]) -> bool | None:
    """Whether a day is closed for good; None: there was no such day, and there will be none, because days are opened
    in their order only. One that lies ahead may come, and is not over."""
    newest = ""
    for known in days:
        if known.day == day:
            return known.state == DAY_CLOSED
        newest = max(newest, known.day)
    return None if day < newest else False


def judge(ours: Figures, theirs: Figures) -> tuple[Result, tuple[str, ...]]:
    """An acquirer's figures beside ours, and in which data elements they differ."""
    differs = differing(ours, theirs)
    return (Result.OUT_OF_BALANCE if differs else Result.BALANCED), differs


def heard_from_peer(ours: Figures, answer: Message) -> tuple[Result, tuple[str, ...]]:
    """What a peer's answer comes to. Figures of its own decide, where it tells any; our own sent back are none."""
    code, said = answer.response_code, answer.get("66")
    if said == Result.TOO_EARLY or code == CODES[Result.TOO_EARLY]:
        return Result.TOO_EARLY, ()
    if code not in (CODES[Result.BALANCED], CODES[Result.OUT_OF_BALANCE]):
        return Result.NONE, ()
    theirs = find_figures(answer.fields)
    if theirs is not None and theirs != ours:
        differs = standing_differently(ours, theirs)
        return (Result.OUT_OF_BALANCE if differs else Result.BALANCED), differs
    if said == Result.OUT_OF_BALANCE or code == CODES[Result.OUT_OF_BALANCE]:
        return Result.OUT_OF_BALANCE, ()
    return (Result.BALANCED if said == Result.BALANCED else Result.NONE), ()


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Reconciliation)
