"""What the bank knows of its subscribers beside the core: who was activated, who is blocked, what was ordered for whom.

The core decides who is activated (80). Here is the list of what it decided, and the place where somebody is blocked:
the answer is 62 then, to everything but a reversal, which gives money back, and a repeat of what was answered before.

Three registers in the books. `subscribers`: a row for each activation, "NUMBER|payment id", which never changes: so it
can't collide with another, and the payment's own commit writes it. `blocks`: a row for each customer that was ever
blocked. `ceilings`: a row for each customer and service.

Rule: pure. A customer is named as in the ledger: "subscriber:NUMBER", or "card:" and the keyed hash of its number.
"""

from __future__ import annotations

import re

import msgspec

from ledger.model import RegisterRow, next_version
from switch.flow.ceilings import Ceiling
from switch.flow.payment import Note, Payment, State
from switch.wire import tlv

SUBSCRIBERS, BLOCKS, CEILINGS = "subscribers", "blocks", "ceilings"
BLOCKED = "62"
HISTORY_MAX = 32  # the journal has the older ones too
HOLDER = r"(?:subscriber:[0-9]{8,15}|card:[0-9a-f]{32})"

_BETWEEN = "|"
_NUMBER_TAG = "01"


class Activation(msgspec.Struct, frozen=True, array_like=True):
    """The core approved it. `at` is when it was posted, `endpoint` the listener it came by."""

    number: str
    account: str
    at: float
    endpoint: str

    def __repr__(self) -> str:
        return f"<Activation by {self.endpoint}>"


class Block(msgspec.Struct, frozen=True, array_like=True):
    """Whether somebody is blocked, since when it is as it is, and every order about it, the newest last. `card` is a
    card's number as far as it may be shown."""

    blocked: bool
    since: float
    history: tuple[Note, ...] = ()
    card: str = ""


def subscriber_holder(number: str) -> str:
    return f"subscriber:{number}"


def card_holder(fingerprint: str) -> str:
    """Of the keyed hash of its number, in hexadecimal."""
    return f"card:{fingerprint}"


def number_of(holder: str) -> str:
    """Empty for a card."""
    kind, _, name = holder.partition(":")
    return name if kind == "subscriber" else ""


def card_of(payment: Payment) -> str:
    """The card that a payment was made with, as a holder; empty where the record does not name it."""
    found = re.search(r"card:[0-9a-f]{32}", f"{payment.debit}\n{payment.usage_scope}")
    return found[0] if found else ""


def activation_row(before: Payment, payment: Payment) -> RegisterRow | None:
    """What joins the one commit by which an activation becomes approved."""
    if payment.state is not State.POSTED or before.posted:
        return None
    number = tlv.first(tlv.parse(payment.fields.get("48", "")), _NUMBER_TAG) or ""
    activation = Activation(number, payment.fields.get("102", ""), payment.since, payment.endpoint)
    return RegisterRow(SUBSCRIBERS, f"{number}{_BETWEEN}{payment.id.hex()}", 1, _encode(activation))


def activations_of(number: str) -> str:
    """How the keys of a number's activations begin."""
    return f"{number}{_BETWEEN}"


def block_row(
    known: RegisterRow | None, holder: str, note: Note, *, blocked: bool, card: str = ""
) -> RegisterRow | None:
    """The row as it becomes; None: it is so already."""
    before = block_of(known) if known is not None else Block(blocked=False, since=0.0)
    if before.blocked is blocked:
        return None
    block = Block(blocked, note.at, (*before.history, note)[-HISTORY_MAX:], card or before.card)
    return RegisterRow(BLOCKS, holder, next_version(known), _encode(block))


def ceilings_row(known: RegisterRow | None, key: str, ceilings: tuple[Ceiling, ...]) -> RegisterRow:
    return RegisterRow(CEILINGS, key, next_version(known), _encode(ceilings))


def ceilings_key(holder: str, service: str) -> str:
    return f"{holder}{_BETWEEN}{service}"


def holder_and_service(key: str) -> tuple[str, str]:
    """Of a row of `ceilings`."""
    holder, _, service = key.partition(_BETWEEN)
    return holder, service


def activation_of(row: RegisterRow) -> Activation:
    return _activations.decode(row.body)


def block_of(row: RegisterRow) -> Block:
    return _blocks.decode(row.body)


def ceilings_of(row: RegisterRow) -> tuple[Ceiling, ...]:
    return _ceilings.decode(row.body)


_encode = msgspec.msgpack.Encoder().encode
_activations = msgspec.msgpack.Decoder(Activation)
_blocks = msgspec.msgpack.Decoder(Block)
_ceilings = msgspec.msgpack.Decoder(tuple[Ceiling, ...])
