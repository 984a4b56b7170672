"""Money as digits: DE 4, the balances of DE 54, DE 95, and the counts and sums of reconciliation.

Rule: inside the switch money is an int of minor units; only this file turns it into digits and back. Text that is
not what the field promises raises ValueError; whether that is a 13 or a 30 is for the caller to say.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

AMOUNT_MAX = 10**12 - 1
LEDGER_BALANCE, AVAILABLE_BALANCE = "01", "02"

_GROUP = 20
_GROUPS_MAX = 6
_REPLACEMENT = 42


class Balance(msgspec.Struct, frozen=True):
    """One group of DE 54. A negative amount is in the bank's favour (D)."""

    account_type: str
    amount_type: str
    currency: str
    amount_minor: int


def digits(number: int, width: int) -> str:
    """A number that is not negative, zero filled to its width."""
    text = f"{number:0{width}d}"
    if number < 0 or len(text) != width:
        raise ValueError(f"does not fit n {width}")
    return text


def parse_digits(text: str, width: int) -> int:
    """The number of an `n` field: exactly `width` ASCII digits."""
    if len(text) != width or not (text.isascii() and text.isdigit()):
        raise ValueError(f"not n {width}")
    return int(text)


def format_amount(amount_minor: int) -> str:
    """n 12, as in DE 4."""
    return digits(amount_minor, 12)


def parse_amount(text: str) -> int:
    return parse_digits(text, 12)


def build_balances(balances: Iterable[Balance]) -> str:
    """DE 54: up to six groups of account type, amount type, currency, C or D, n 12."""
    groups = [_group(balance) for balance in balances]
    if len(groups) > _GROUPS_MAX:
        raise ValueError(f"DE 54 holds {_GROUPS_MAX} groups")
    return "".join(groups)


def parse_balances(text: str) -> tuple[Balance, ...]:
    if len(text) % _GROUP or len(text) > _GROUP * _GROUPS_MAX:
        raise ValueError("DE 54 is not whole groups")
    return tuple(_parse_group(text[at : at + _GROUP]) for at in range(0, len(text), _GROUP))


def build_replacement(stands_minor: int) -> str:
    """DE 95: the amount that stands after a partial reversal; settlement amount and fees are zero."""
    return format_amount(stands_minor).ljust(_REPLACEMENT, "0")


def parse_replacement(text: str | None) -> int:
    """The amount that stands according to DE 95; absent or zero: nothing stands."""
    if text is None:
        return 0
    if len(text) != _REPLACEMENT:
        raise ValueError("DE 95 is not 42 long")
    return parse_amount(text[:12])


def format_net(net_minor: int) -> str:
    """DE 97: D when positive (the channel owes), else C, and 16 digits."""
    return ("D" if net_minor > 0 else "C") + digits(abs(net_minor), 16)


def parse_net(text: str) -> int:
    return -_signed(text[:1], parse_digits(text[1:], 16))


def _group(balance: Balance) -> str:
    head = f"{balance.account_type}{balance.amount_type}{balance.currency}"
    if len(head) != 7 or not (head.isascii() and head.isdigit()):
        raise ValueError("DE 54: account type 2, amount type 2, currency 3")
    return head + ("D" if balance.amount_minor < 0 else "C") + format_amount(abs(balance.amount_minor))


def _parse_group(text: str) -> Balance:
    parse_digits(text[:7], 7)
    amount = _signed(text[7], parse_amount(text[8:]))
    return Balance(text[0:2], text[2:4], text[4:7], amount)


def _signed(sign: str, amount: int) -> int:
    if sign not in ("C", "D"):
        raise ValueError("neither C nor D")
    return amount if sign == "C" else -amount
