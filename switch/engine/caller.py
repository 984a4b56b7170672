"""Whoever waits for an answer: the exchange, and how an answer to it is made."""

from __future__ import annotations

from collections.abc import Mapping

from switch.engine.ports import Exchange
from switch.wire.answer import answer_fields, place
from switch.wire.codes import RESPONSE_CODES
from switch.wire.message import Message


class Caller:
    """One request and its way back."""

    __slots__ = ("answered", "content", "exchange", "request")

    def __init__(self, exchange: Exchange) -> None:
        self.answered = False  # or dropped: whoever comes later has nothing to say
        self.content = b""  # the fingerprint of what may not differ in a repeat
        self.exchange = exchange
        self.request: Message = exchange.request

    def answer(
        self,
        code: str,
        day: str,
        extra: Mapping[str, str] | None = None,
        *,
        at: str = "",
        said_in: str = "",
    ) -> None:
        """`day` is YYYYMMDD; `at` the place of a fault; `said_in` the language of an answer that was given before."""
        if self.answered:
            return
        fields = answer_fields(
            self.request,
            RESPONSE_CODES[code],
            language=self.exchange.language,
            business_date=day[4:] or None,
            extra=extra,
            words_suffix=place(at) if at else "",
            charset=self.exchange.endpoint.charset,
            said_in=said_in,
        )
        self.answered = True
        self.exchange.answer(fields)

    def drop(self) -> None:
        self.answered = True
        self.exchange.drop()
