"""What makes two messages the same one: key, alias and content, for the core and the billers.

Rule: pure. A request's key is (32, 41, 11, 7, MTI class); a repeat whose key is unknown is looked up once more by
(32, 41, 37, 13, class), because some senders stamp 7 anew. Keys begin with the time: the books keep neighbours
in time on one page.
"""

from __future__ import annotations

import hashlib

import msgspec

from switch.wire import mti, original
from switch.wire.message import Message

CONTENT = ("2", "3", "4", "32", "41", "42", "49", "90", "95", "98", "102", "103")
# The language is not content; a PIN or a code enciphered anew is no change.
NOT_CONTENT = frozenset({"02", "07", "12"})
PAYMENT_TAG = "14"


class Identity(msgspec.Struct, frozen=True):
    """`payment` is the asker's own id of the payment (tag 14), where it tells one."""

    key: str
    alias: str
    repeat: bool = False
    payment: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key under which the question may be known, the surest first."""
        return (self.payment, self.key) if self.payment else (self.key,)

    def digits(self, count: int) -> str:
        """Digits that are the question's own, such as an approval code."""
        digest = hashlib.blake2b(self.keys[0].encode(), digest_size=8).digest()
        return f"{int.from_bytes(digest) % 10**count:0{count}d}"


def identity_of(message: Message) -> Identity:
    """The identity of a request, advice or reversal itself."""
    mti_class = mti.mti_class(message.mti)
    return Identity(
        key=_key(message.transmitted_at, message.stan, message.terminal, message.acquirer, mti_class),
        alias=_alias(message, mti_class),
        repeat=mti.is_repeat(message.mti),
        payment=_payment(message, mti_class),
    )


def identity_of_original(reversal: Message, layout: str = "iso") -> Identity:
    """The identity of what a reversal speaks about; ValueError if DE 90 is broken.

    Only where the layout of 90 gives no full key is it looked for by 41, 37 and 13: a terminal may use a 37 twice, and
    the reversal of a payment that never came would else give back another one.
    """
    found = original.parse(reversal["90"], layout)
    mti_class = mti.mti_class(found.mti)
    whole = found.stan is not None
    return Identity(
        key=_key(found.transmitted_at, found.stan, reversal.terminal, found.acquirer, mti_class),
        alias="" if whole else _alias(reversal, mti_class),
        repeat=not whole,
        payment=_payment(reversal, mti_class),
    )


def content_of(message: Message, secret: bytes = b"") -> bytes:
    """16 bytes that differ when the content does. `secret` keeps a PAN from being guessed out of them.

    Raises TlvError if DE 48 is broken.
    """
    digest = hashlib.blake2b(key=secret[:64], digest_size=16)
    for de in CONTENT:
        digest.update(f"{de}={message.get(de) or ''}\n".encode())
    for tag, value in message.tags:
        if tag not in NOT_CONTENT:
            digest.update(f"48.{tag}={value}\n".encode())
    return digest.digest()


def _key(*parts: str | None) -> str:
    transmitted_at, stan, terminal, acquirer, mti_class = parts
    return f"{transmitted_at}/{stan}/{terminal}/{original.institution(acquirer)}/{mti_class}"


def _alias(message: Message, mti_class: str) -> str:
    acquirer = original.institution(message.acquirer)
    return f"{message.local_date}/{message.reference}/{message.terminal}/{acquirer}/{mti_class}"


def _payment(message: Message, mti_class: str) -> str:
    """Only a payment is known by tag 14: a reversal's own key must not be its original's."""
    told = message.tag(PAYMENT_TAG)
    return payment_key(told) if told and mti_class == "2" else ""


def payment_key(payment: str) -> str:
    """The key of the asker's own id of a payment."""
    return f"{PAYMENT_TAG}/{payment}"
