"""What an issuer computes beyond the published answers."""

import pytest

from simulators.issuer.cvv import cvv
from simulators.issuer.digits import digits_first
from simulators.issuer.ibm3624 import chosen_pin, natural_pin, offset
from simulators.issuer.pvv import pvv

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
PAN = "4000001234562007"
TABLE = "0123456789012345"


def test_decimal_digits_go_before_letters() -> None:
    assert digits_first("a1b2c3d4", 4) == "1234"
    assert digits_first("abcdef12", 6) == "120123"


@pytest.mark.parametrize("pin", ["0000", "1234", "999999", "123456789012"])
def test_a_chosen_pin_comes_back_from_its_offset(pin: str) -> None:
    kept = offset(KEY, PAN, TABLE, pin)
    assert chosen_pin(KEY, PAN, TABLE, kept) == pin
    assert chosen_pin(KEY, PAN, TABLE, "0" * len(pin)) == natural_pin(KEY, PAN, TABLE, len(pin))


def test_a_value_hangs_on_all_that_goes_into_it() -> None:
    assert len({cvv(KEY, PAN, *rest) for rest in (("2812", "101"), ("2812", "000"), ("1228", "101"))}) == 3
    assert len({pvv(KEY, PAN, index, pin) for index in "123" for pin in ("1234", "1235")}) == 6
