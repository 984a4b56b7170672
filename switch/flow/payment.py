"""One payment as the journal keeps it: everything needed to finish it after a crash, and no secret.

Rule: a value. What happens to it is decided in `saga`, by whom it is carried out is the engine's business.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

import msgspec

IN_PROGRESS = "09"


class State(StrEnum):
    NONE = "NONE"  # not in the journal yet
    HELD = "HELD"
    UNCERTAIN = "UNCERTAIN"
    UNDOING = "UNDOING"
    RELEASING = "RELEASING"
    POSTED = "POSTED"
    DECLINED = "DECLINED"
    RELEASED = "RELEASED"
    REVERSED = "REVERSED"
    DISPUTED = "DISPUTED"


TRYING = frozenset({State.UNCERTAIN, State.UNDOING, State.RELEASING, State.REVERSED})  # again and again, by itself


class Question(msgspec.Struct, frozen=True, array_like=True):
    """A request to a peer as it was sent: what its reversal must name (ISO 8583:1987 DE 90)."""

    peer: str
    stan: str = ""  # DE 11
    transmitted_at: str = ""  # DE 7, MMDDhhmmss UTC


class Reversal(msgspec.Struct, frozen=True, array_like=True):
    """The one reversal a payment may have."""

    key: str
    given_back_minor: int
    answer: str = ""  # R: empty until it is certain, then written once
    day: str = ""  # the business day that it belongs to: of its contra transfer, and of DE 15 of its answer


class Note(msgspec.Struct, frozen=True, array_like=True):
    """What an operator did and why: stored by the commit that it caused, or not at all."""

    at: float
    who: str
    action: str
    why: str


class Payment(msgspec.Struct, frozen=True, array_like=True):
    """Amounts are minor units as on the wire, in the pound of the day of acceptance; times are POSIX seconds. `version`
    is the one last committed (0: not yet)."""

    id: bytes  # 16 bytes, time-ordered; the low four bits are zero and number the payment's transfers
    version: int
    state: State
    service: str
    day: str  # the business day YYYYMMDD that it belongs to: of its post or void, and of DE 15 of its answer
    endpoint: str  # the listener it came by
    key: str
    fields: dict[str, str]  # the request's data elements that questions and advices are built from
    language: str
    amount_minor: int
    currency: str
    debit: str  # ledger accounts; empty for a change that moves no money
    credit: str
    accepted_at: float
    ask_by: float  # after this no request that moves money is sent to a peer
    answer_by: float  # by then the channel has an answer, if only 09
    core: Question
    biller: Question | None  # None: one leg
    concealed_pan: bytes = b""
    usage_scope: str = ""
    # what is known
    biller_asked: bool = False
    core_debited: bool = False  # the third commit
    held: bool = False
    posted: bool = False
    cancelled: bool = False
    undo_sent: bool = False
    back: dict[str, str] = {}  # data elements and tags that the peers' approvals bring for the channel
    decline: str = ""  # the code A takes if the payment ends undone
    answer: str = ""  # A: empty until final, then written once
    reversal: Reversal | None = None
    disputed_from: State | None = None
    why: str = ""
    # the next action
    since: float = 0.0  # when the present state began
    attempts: int = 0  # of the present state's queries, undos or advices
    tried_at: float = 0.0  # when the last of them was due to leave
    advised: bool = False  # the core's advice was acknowledged
    next_at: float | None = None
    notes: tuple[Note, ...] = ()  # the newest last
    masked_pan: str = ""  # for people: DE 2 as far as it may be shown
    accepted_day: str = ""  # the day of its hold, where `day` is another one: that one was closed before the outcome
    units: int = 1  # of the books in one minor unit of `amount_minor`, by the business day of its acceptance, for good

    @property
    def moves_money(self) -> bool:
        return self.amount_minor > 0 and bool(self.debit)

    @property
    def given_back_minor(self) -> int:
        """What the core is to give back: the part a partial reversal names, else all."""
        in_part = State.REVERSED in (self.state, self.disputed_from)
        if in_part and self.reversal is not None:
            return self.reversal.given_back_minor
        return self.amount_minor

    @property
    def given_back_day(self) -> str:
        """The business day of what gives it back: of the reversal once it is posted, until then its own."""
        return self.reversal_day if self.posted else self.day

    @property
    def reversal_day(self) -> str:
        """The business day of its reversal; its own where there is none, or one from before days were kept."""
        return (self.reversal.day if self.reversal is not None else "") or self.day

    @property
    def usage_day(self) -> str:
        """The day whose use of a limit it counts towards: that in which it was accepted."""
        return self.accepted_day or self.day

    @property
    def may_name_card(self) -> bool:
        """Whether an advice to the core may still have to name the card (DE 2). What is posted may be reversed, what
        was released may turn out to be debited; a refusal, and a reversal that is acknowledged, are the end."""
        reversed_for_good = self.state is State.REVERSED and self.advised
        return self.state is not State.DECLINED and not reversed_for_good

    @property
    def approval_code(self) -> str:
        """DE 38: six digits, the same however often the answer is repeated."""
        return f"{int.from_bytes(self.id) % 999_983:06d}"

    def __repr__(self) -> str:
        return f"<Payment {self.id.hex()} {self.service} {self.state.value} v{self.version}>"


class Part(IntEnum):
    """The transfers of one payment, by the number in the low bits of their ids."""

    HOLD = 1
    POST = 2
    VOID = 3
    CONTRA = 4


_LAST_BYTES = [bytes([low]) for low in range(256)]


def transfer_id(payment_id: bytes, part: Part) -> bytes:
    """Derived, so that a commit that is sent twice names the same transfers."""
    return payment_id[:-1] + _LAST_BYTES[payment_id[-1] & 0xF0 | part]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Payment)


def to_record(payment: Payment) -> bytes:
    return _encoder.encode(payment)


def from_record(record: bytes) -> Payment:
    """Raises msgspec.DecodeError if the journal holds something else."""
    return _decoder.decode(record)
