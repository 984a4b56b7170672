"""Money as digits and back."""

from __future__ import annotations

import pytest

from switch.wire import amounts
from switch.wire.amounts import Balance

LEDGER = Balance("10", amounts.LEDGER_BALANCE, "760", 125_000)
AVAILABLE = Balance("10", amounts.AVAILABLE_BALANCE, "760", -99)


def test_an_amount_is_twelve_digits_of_minor_units() -> None:
    assert amounts.format_amount(125_000) == "000000125000"
    assert amounts.parse_amount("000000125000") == 125_000
    assert amounts.parse_amount(amounts.format_amount(amounts.AMOUNT_MAX)) == amounts.AMOUNT_MAX


@pytest.mark.parametrize(
    "text", ["", "12500", "0000001250000", "00000012500 ", "-00000125000", "٠٠٠٠٠٠١٢٥٠٠٠", "0000_0125000"]
)
def test_what_is_not_twelve_digits_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="not n 12"):
        amounts.parse_amount(text)


@pytest.mark.parametrize("amount", [-1, amounts.AMOUNT_MAX + 1])
def test_an_amount_that_does_not_fit_is_not_written(amount: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        amounts.format_amount(amount)


def test_balances_are_groups_of_twenty_with_the_sign_of_the_customer() -> None:
    text = amounts.build_balances([LEDGER, AVAILABLE])
    assert text == "1001760C0000001250001002760D000000000099"
    assert amounts.parse_balances(text) == (LEDGER, AVAILABLE)
    assert amounts.parse_balances("") == ()


def test_a_seventh_balance_does_not_fit() -> None:
    assert len(amounts.build_balances([LEDGER] * 6)) == 120
    with pytest.raises(ValueError, match="6 groups"):
        amounts.build_balances([LEDGER] * 7)


@pytest.mark.parametrize(
    "text", ["1001760C00000012500", "1001760X000000125000", "1001SYPC000000125000", "1001760C00000012500x", "1" * 140]
)
def test_broken_balances_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"DE 54|not n|neither"):
        amounts.parse_balances(text)


@pytest.mark.parametrize("balance", [Balance("1", "01", "760", 1), Balance("10", "01", "SYP", 1)])
def test_a_balance_without_its_parts_is_our_mistake(balance: Balance) -> None:
    with pytest.raises(ValueError, match="DE 54"):
        amounts.build_balances([balance])


def test_the_amount_that_stands_is_in_the_first_twelve_digits() -> None:
    assert amounts.build_replacement(5_000) == "000000005000" + "0" * 30
    assert amounts.parse_replacement("000000005000" + "C00000000" * 2 + " " * 12) == 5_000


def test_nothing_stands_when_de_95_is_absent_or_zero() -> None:
    assert amounts.parse_replacement(None) == 0
    assert amounts.parse_replacement("0" * 42) == 0


@pytest.mark.parametrize("text", ["", "000000005000", "x" * 42])
def test_a_broken_de_95_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"DE 95|not n 12"):
        amounts.parse_replacement(text)


@pytest.mark.parametrize(("net", "text"), [(0, "C" + "0" * 16), (5, "D0000000000000005"), (-5, "C0000000000000005")])
def test_a_net_amount_is_debit_when_positive(net: int, text: str) -> None:
    assert amounts.format_net(net) == text
    assert amounts.parse_net(text) == net


def test_counts_are_zero_filled() -> None:
    assert amounts.digits(7, 10) == "0000000007"
    assert amounts.parse_digits("0000000007", 10) == 7
