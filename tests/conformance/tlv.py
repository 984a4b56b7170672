"""Field 48 (two digits of tag, three of length in bytes, value) and field 54 (groups of twenty).

Rule: values in, values out; a broken field is an AssertionError, because it came from the switch.
"""

import re
from dataclasses import dataclass

Pairs = list[tuple[str, str]]

GROUP = re.compile(r"(\d\d)(\d\d)(\d{3})([CD])(\d{12})")


def build(*pairs: tuple[str, str]) -> str:
    return "".join(f"{tag}{len(value):03d}{value}" for tag, value in pairs)


def parse(private: str) -> Pairs:
    """Every tag in its order; nothing may be left over."""
    pairs: Pairs = []
    rest = private
    while rest:
        assert re.match(r"\d{5}", rest), f"field 48: no tag and length at {len(private) - len(rest)}"
        tag, length = rest[:2], int(rest[2:5])
        assert len(rest) >= 5 + length, f"field 48: tag {tag} is cut off"
        pairs.append((tag, rest[5 : 5 + length]))
        rest = rest[5 + length :]
    return pairs


def every(pairs: Pairs, tag: str) -> list[str]:
    return [value for name, value in pairs if name == tag]


@dataclass(frozen=True, slots=True)
class Balance:
    """One group of field 54; the amount is positive in the customer's favour."""

    account_type: str
    amount_type: str
    currency: str
    minor: int


def balances(additional: str) -> list[Balance]:
    """Field 54: up to six groups of account type, amount type, currency, sign and amount."""
    assert len(additional) % 20 == 0, "field 54: not groups of twenty"
    assert 20 <= len(additional) <= 120, "field 54: one to six groups"
    return [_group(additional[at : at + 20]) for at in range(0, len(additional), 20)]


def _group(text: str) -> Balance:
    found = GROUP.fullmatch(text)
    assert found, f"field 54: {text!r} is not type, type, currency, C or D, amount"
    account_type, amount_type, currency, sign, digits = found.groups()
    return Balance(account_type, amount_type, currency, int(digits) if sign == "C" else -int(digits))


@dataclass(frozen=True, slots=True)
class BillLine:
    """Tag 05: a bill (or an instalment) as an inquiry shows it."""

    bill_id: str
    period: str
    due: str
    amount_minor: int
    status: str
    least_minor: int


def bill_line(value: str) -> BillLine:
    parts = value.split("|")
    assert len(parts) == 6, f"tag 05: {len(parts)} parts, not six"
    bill_id, period, due, amount, status, least = parts
    assert re.fullmatch(r"\d{6}", period), "tag 05: the period is YYYYMM"
    assert re.fullmatch(r"\d{8}", due), "tag 05: the due day is YYYYMMDD"
    assert re.fullmatch(r"\d{12}", amount), "tag 05: the amount has twelve digits"
    assert re.fullmatch(r"\d{12}", least), "tag 05: the least amount has twelve digits"
    assert status in ("U", "T", "P"), "tag 05: the status is U, P or T"
    return BillLine(bill_id, period, due, int(amount), status, int(least))


@dataclass(frozen=True, slots=True)
class StatementLine:
    """Tag 08; the amount is negative where the line is a debit."""

    day: str
    minor: int
    kind: str
    reference: str


def statement_line(value: str) -> StatementLine:
    parts = value.split("|")
    assert len(parts) == 5, f"tag 08: {len(parts)} parts, not five"
    day, sign, amount, kind, reference = parts
    assert re.fullmatch(r"\d{8}", day), "tag 08: the day is YYYYMMDD"
    assert sign in ("D", "C"), "tag 08: D or C"
    assert re.fullmatch(r"\d{12}", amount), "tag 08: the amount has twelve digits"
    return StatementLine(day, int(amount) if sign == "C" else -int(amount), kind, reference)
