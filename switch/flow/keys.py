"""What makes two requests the same request: the key, the alias for gateways that stamp DE 7 anew, the content.

Rule: text that begins with the request's time, so that neighbours in time lie together in the books. Institutions are
zero filled to 11, because DE 90 writes them so. The year is the one nearest to now.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import msgspec

from switch.wire.dates import compact, month_day, resolve_day
from switch.wire.message import Message
from switch.wire.original import Original, institution

FINANCIAL = "2"
CONTENT = ("2", "3", "4", "32", "41", "42", "49", "90", "95", "98", "102", "103")
NOT_CONTENT_TAGS = frozenset({"02", "07", "12", "32"})  # a language; codes and PINs, enciphered anew each time


class ImpossibleDayError(ValueError):
    """DE 7, 13 or 15 names a day that does not exist; `place` says which."""

    def __init__(self, place: str) -> None:
        super().__init__(f"impossible day in DE {place}")
        self.place = place


class Identity(msgspec.Struct, frozen=True):
    """`content` is for a keyed fingerprint: it holds a card number where the request does."""

    key: str
    alias: str
    content: bytes

    def __repr__(self) -> str:
        return f"<Identity {self.key}>"


def identify(message: Message, today: date) -> Identity:
    """Of a request whose shape is right. Raises ImpossibleDayError."""
    fields = message.fields
    sent_on, local_date = check_days(message, today)
    of = _whose(fields["t"][1], institution(fields.get("32")), message)
    return Identity(
        f"{sent_on}{fields['7'][4:]}|{fields['11']}|{of}", f"{local_date}|{fields['37']}|{of}", content_of(message)
    )


def check_days(message: Message, today: date) -> tuple[str, str]:
    """The days of DE 7 and DE 13 with their years, YYYYMMDD. Raises ImpossibleDayError. A day far from today is no
    fault."""
    fields = message.fields
    return day_of("7", fields["7"], today), day_of("13", fields["13"], today)


def day_of(place: str, value: str, near: date) -> str:
    """The day nearest to another that a data element beginning with MMDD names. Raises ImpossibleDayError."""
    try:
        return _in_year(value[:4], near)
    except ValueError:
        raise ImpossibleDayError(place) from None


def is_distant(message: Message, today: date) -> bool:
    """Whether DE 7 is more than a day from today; what is not there or no day is for others to say."""
    return (message.transmitted_at or "")[:4] not in _days_around(today)


@lru_cache(maxsize=8)
def _days_around(today: date) -> frozenset[str]:
    days = (today + timedelta(days=away) for away in (-1, 0, 1))
    return frozenset(month_day(day) for day in days)


def identify_original(original: Original, reversal: Message, today: date) -> tuple[str, str]:
    """Key and alias of the payment that a reversal speaks of. The key is empty where DE 90's layout can't give one, and
    where it names another institution than the reversal does: nobody reverses, or bars, the payment of another."""
    acquirer = institution(reversal.acquirer)
    of = _whose(FINANCIAL, acquirer, reversal)
    alias = f"{_in_year(reversal['13'], today)}|{reversal['37']}|{of}"
    if original.stan is None or original.transmitted_at is None or institution(original.acquirer) != acquirer:
        return "", alias
    sent_at = original.transmitted_at
    return f"{_in_year(sent_at[:4], today)}{sent_at[4:]}|{original.stan}|{of}", alias


def content_of(message: Message) -> bytes:
    """What may not differ between a request and its repeat. Space padding is no difference."""
    fields = message.fields
    parts = [f"{de}={fields[de].rstrip(' ')}" for de in CONTENT if de in fields]
    if "48" in fields:
        parts += [f"48.{tag}={value}" for tag, value in message.tags if tag not in NOT_CONTENT_TAGS]
    return "\x1f".join(parts).encode()


def _whose(of_class: str, acquirer: str, message: Message) -> str:
    """Of one terminal's requests of one class: the end of key and alias."""
    return f"{of_class}|{acquirer}|{message.fields.get('41', '').strip(' ')}"


@lru_cache(maxsize=1024)
def _in_year(month_day: str, today: date) -> str:
    return compact(resolve_day(month_day, today))
