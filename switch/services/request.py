"""A channel's request with what every service needs of it, parsed once."""

from __future__ import annotations

from switch.flow.refusal import Refusal, malformed
from switch.wire import tlv
from switch.wire.answer import language_of
from switch.wire.message import Message

CARD_CHANNEL = "atm"


class Request:
    """`channel` and `notes_minor` are the endpoint's; `language` too, unless the message names one (tag 02)."""

    __slots__ = ("amount_minor", "biller", "channel", "language", "message", "notes_minor", "tags")

    def __init__(self, message: Message, channel: str, language: str, notes_minor: tuple[int, ...] = ()) -> None:
        self.message = message
        self.tags = message.tags
        self.biller = message.payee or ""
        self.channel = channel
        self.notes_minor = notes_minor
        self.language = language_of(message, language)
        amount = message.amount
        self.amount_minor = int(amount) if amount is not None and amount.isascii() and amount.isdigit() else 0

    def tag(self, number: str) -> str:
        """The first value of a field-48 tag, empty if it is not there."""
        return tlv.first(self.tags, number) or ""

    @property
    def by_card(self) -> bool:
        """Whoever asks is known by a card and its PIN; elsewhere a gateway names the subscriber."""
        return self.channel == CARD_CHANNEL

    @property
    def subscriber(self) -> str:
        return self.tag("01")


def parse(
    message: Message, channel: str, default_language: str, notes_minor: tuple[int, ...] = ()
) -> Request | Refusal:
    """30 with the place where field 48 is broken."""
    try:
        return Request(message, channel, default_language, notes_minor)
    except tlv.TlvError as error:
        return malformed(error.place)
