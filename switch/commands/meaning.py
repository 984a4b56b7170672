"""What a field's value means, in words for the engineer who looks at a message.

Rule: pure, and forgiving: a value that is not what its field promises has no meaning, never an error. Only fields that
the mask shows whole are put into words; of those that it hides, DE 54 tells what its groups are about and DE 63 the
words that are the switch's own, but no balance and no text of anybody else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from switch.services.table import service_of
from switch.wire import codes, names, original
from switch.wire.amounts import parse_amount, parse_balances, parse_digits, parse_net, parse_replacement
from switch.wire.codes import ResponseCode
from switch.wire.mask import HIDDEN

Values = Mapping[str, str]
Part = tuple[str, str, str]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_IN_HUNDREDTHS = frozenset(names.CURRENCIES)
_PLACE = re.compile(r" \([0-9.]{1,6}\)")


def meaning(de: str, values: Values) -> str:
    """What this field says; empty where its value says it itself, or says nothing."""
    words = _WORDS.get(de)
    if words is None:
        return ""
    try:
        return words(values[de], values)
    except (ValueError, LookupError):
        return ""


def parts_of(de: str, values: Values, original_layout: str) -> Iterator[Part]:
    """The parts of a field that has some: (name, value, words)."""
    try:
        if de == "54":
            yield from _balances(values[de])
        elif de == "90":
            yield from _original(values[de], original_layout)
    except ValueError:
        yield "", HIDDEN, "not what the field promises"


def money(amount_minor: int, currency: str | None) -> str:
    """An amount for people; without its currency, or in one whose decimals are not known here, in minor units."""
    if currency not in _IN_HUNDREDTHS:
        return f"{amount_minor:,} minor units"
    return f"{amount_minor // 100:,}.{amount_minor % 100:02d} {names.CURRENCIES[currency]}"


def _processing_code(value: str, values: Values) -> str:
    if not (value.isascii() and value.isdigit()):
        return ""
    service = service_of(values["t"][1], value)
    kinds = [names.ACCOUNT_TYPES.get(value[at : at + 2], "unknown") for at in (2, 4)]
    return f"{service.name if service else 'no service of ours'}, from {kinds[0]}, to {kinds[1]}"


def _amount(value: str, values: Values) -> str:
    return money(parse_amount(value), values.get("49"))


def _total(value: str, values: Values) -> str:
    return money(parse_digits(value, 16), values.get("49"))


def _stands(value: str, values: Values) -> str:
    return f"{money(parse_replacement(value), values.get('49'))} stand"


def _net(value: str, values: Values) -> str:
    net = parse_net(value)
    return f"{money(abs(net), values.get('49'))}, {'the channel owes' if net > 0 else 'the channel is owed'}"


def _moment(value: str, _: Values) -> str:
    return f"{_day_of(value[:4])} {_time_of(value[4:])} UTC"


def _time(value: str, _: Values) -> str:
    return _time_of(value)


def _day(value: str, _: Values) -> str:
    return _day_of(value)


def _response(value: str, _: Values) -> str:
    return codes.words(ResponseCode(value), "en")


def _customer_words(value: str, values: Values) -> str:
    """The switch's own sentence of this response code, in English, with the place of a fault after it."""
    language, code = value[:2], ResponseCode(values["39"])
    own = codes.words(code, language)
    if language not in codes.LANGUAGES or not value[2:].startswith(own):
        return ""
    place = value[2 + len(own) :]
    return f"{language}: {codes.words(code, 'en')}{place if _PLACE.fullmatch(place) else ''}"


def _balances(value: str) -> Iterator[Part]:
    for number, balance in enumerate(parse_balances(value), 1):
        account = names.ACCOUNT_TYPES.get(balance.account_type, balance.account_type)
        kind = names.BALANCE_TYPES.get(balance.amount_type, balance.amount_type)
        currency = names.CURRENCIES.get(balance.currency, balance.currency)
        yield str(number), HIDDEN, f"{account} account, {kind}, {currency}"


def _original(value: str, layout: str) -> Iterator[Part]:
    parsed = original.parse(value, layout)
    parts = (
        ("t", parsed.mti),
        ("7", parsed.transmitted_at),
        ("11", parsed.stan),
        ("12", parsed.local_time),
        ("13", parsed.local_date),
        ("15", parsed.business_date),
        ("32", parsed.acquirer),
        ("33", parsed.forwarder),
        ("37", parsed.reference),
    )
    return ((de, part, f"original's {names.field_name(de)}") for de, part in parts if part is not None)


def _day_of(mmdd: str) -> str:
    return f"{int(mmdd[2:4]):02d} {_MONTHS[_pair(mmdd, 12, first=1) - 1]}"


def _time_of(hhmmss: str) -> str:
    return f"{_pair(hhmmss, 23):02d}:{_pair(hhmmss[2:], 59):02d}:{_pair(hhmmss[4:], 59):02d}"


def _pair(text: str, most: int, *, first: int = 0) -> int:
    number = int(text[:2])
    if not first <= number <= most:
        raise ValueError("no such month, day or time")
    return number


_WORDS: Mapping[str, Callable[[str, Values], str]] = {
    "t": lambda value, _: names.mti_words(value),
    "3": _processing_code,
    "4": _amount,
    "7": _moment,
    "12": _time,
    "13": _day,
    "15": _day,
    "39": _response,
    "49": lambda value, _: names.CURRENCIES[value],
    "63": _customer_words,
    "66": lambda value, _: names.RECONCILIATION_RESULTS[value],
    "70": lambda value, _: names.NETWORK_CODES[value],
    "86": _total,
    "87": _total,
    "88": _total,
    "89": _total,
    "95": _stands,
    "97": _net,
}
