"""A channel's request with what every service needs of it, parsed once."""

from __future__ import annotations

from switch.flow.refusal import Refusal, malformed
from switch.wire import tlv
from switch.wire.answer import spoken
from switch.wire.message import Message

CARD_CHANNEL = "atm"


class Request:
    """`channel` and `notes_minor` are the endpoint's; `language` too, unless the message names one (tag 02). `by_card`:
    whoever asks is known by a card and its PIN; elsewhere a gateway names the subscriber."""

    __slots__ = ("amount_minor", "biller", "by_card", "channel", "language", "message", "notes_minor", "tags")

    def __init__(self, message: Message, channel: str, language: str, notes_minor: tuple[int, ...] = ()) -> None:
        fields, tags = message.fields, message.tags
        self.message = message
        self.tags = tags
        self.biller = fields.get("98", "").strip(" ")
        self.channel = channel
        self.notes_minor = notes_minor
        self.language = spoken(tags, language)
        self.by_card = channel == CARD_CHANNEL
        amount = fields.get("4")
        self.amount_minor = int(amount) if amount is not None and amount.isascii() and amount.isdigit() else 0

    def tag(self, number: str) -> str:
        """The first value of a field-48 tag, empty if it is not there."""
        return tlv.first(self.tags, number) or ""

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
