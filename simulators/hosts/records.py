"""What a simulated host keeps of a question, and what it decides about one.

Rule: values only, and no secret among them: no PAN, PIN, track or activation code.
"""

from __future__ import annotations

import msgspec

APPROVED = "00"


class Move(msgspec.Struct, frozen=True):
    """Money from one account of the host's books to another, as the wire says it. `kind` is the word that a statement
    shows."""

    debit: str
    credit: str
    amount_minor: int
    kind: str


class Fact(msgspec.Struct, frozen=True):
    """Something that changes and must be known after a restart, such as a card's wrong tries."""

    name: str
    value: bytes


class Decision(msgspec.Struct, frozen=True):
    """The answer to a question, and what happens with it: at most one move of money, and facts that change."""

    code: str
    fields: dict[str, str] = {}
    tags: tuple[tuple[str, str], ...] = ()
    move: Move | None = None
    facts: tuple[Fact, ...] = ()
    subject: str = ""  # what a change or a payment is about, where undoing it must know: a fact, a bill
    before: bytes = b""  # what a change replaced
    after: bytes = b""  # and by what
    silent: bool = False  # the host does what it decided and says nothing

    @property
    def approved(self) -> bool:
        return self.code == APPROVED


class Undone(msgspec.Struct, frozen=True, array_like=True):
    """The one reversal of a question: what stands after it, and how it was answered."""

    stands: str
    code: str


class Record(msgspec.Struct, frozen=True, array_like=True):
    """A question as it was answered. An empty `code` is a tombstone: its reversal came first."""

    service: str
    code: str = ""
    fields: dict[str, str] = {}
    amount_minor: int = 0
    move: Move | None = None
    transfer: bytes = b""
    subject: str = ""
    before: bytes = b""
    after: bytes = b""
    undone: Undone | None = None
    units: int = 1  # of the books, in one minor unit of `amount_minor`

    @property
    def is_tombstone(self) -> bool:
        return not self.code

    @property
    def stands(self) -> bool:
        """Whether it was approved and nobody undid it."""
        return self.code == APPROVED and self.undone is None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Record)


def to_bytes(record: Record) -> bytes:
    return _encoder.encode(record)


def from_bytes(data: bytes) -> Record:
    """Raises msgspec.DecodeError if it is something else."""
    return _decoder.decode(data)
