"""A channel's request with what every service needs of it, parsed once."""

from __future__ import annotations

from switch.flow.refusal import Refusal, malformed
from switch.wire import tlv
from switch.wire.message import Message

Tags = tuple[tuple[str, str], ...]


class Request:
    """`channel` and `language` are the endpoint's unless the message names a language (tag 02)."""

    __slots__ = ("amount_minor", "channel", "language", "message", "tags")

    def __init__(self, message: Message, tags: Tags, channel: str, language: str) -> None:
        self.message = message
        self.tags = tags
        self.channel = channel
        self.language = language
        amount = message.amount
        self.amount_minor = int(amount) if amount is not None and amount.isascii() and amount.isdigit() else 0

    def tag(self, number: str) -> str:
        """The first value of a field-48 tag, empty if it is not there."""
        for tag, value in self.tags:
            if tag == number:
                return value
        return ""

    @property
    def by_card(self) -> bool:
        return self.message.pan is not None

    @property
    def subscriber(self) -> str:
        return self.tag("01")

    @property
    def biller(self) -> str:
        return self.message.payee or ""


LANGUAGES = frozenset({"ar", "en"})


def parse(message: Message, channel: str, default_language: str) -> Request | Refusal:
    """30 with the place where field 48 is broken."""
    private = message.private
    if private is None:
        return Request(message, (), channel, default_language)
    try:
        tags = tlv.parse(private)
    except tlv.TlvError as error:
        return malformed(error.place)
    language = tlv.first(tags, "02")
    return Request(message, tags, channel, language if language in LANGUAGES else default_language)
