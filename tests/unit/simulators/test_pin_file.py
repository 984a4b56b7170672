"""What the issuer keeps of a PIN fits that PIN of that card, and no other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulators.channels.errands import Withdraw
from simulators.channels.traffic import customers_for, plan
from simulators.issuer.pin_file import PinFile, validation_data
from simulators.people.population import DEMO_TODAY, populate
from tests.unit.simulators.asking import SECRET, STRIPE

FILE = PinFile(SECRET)
PAN = "4000001234567899"

digits = st.text("0123456789", min_size=4, max_size=12)


@given(pin=digits, other=digits)
def test_an_offset_fits_the_pin_it_was_made_of_and_no_other(pin: str, other: str) -> None:
    assert FILE.is_right(PAN, FILE.offset(PAN, pin), other) == (pin == other)


def test_of_all_pins_of_four_digits_one_is_right() -> None:
    kept = FILE.offset(PAN, "0000")
    assert [pin for pin in map("{:04d}".format, range(10_000)) if FILE.is_right(PAN, kept, pin)] == ["0000"]


def test_every_digit_of_a_long_pin_counts() -> None:
    kept = FILE.offset(PAN, "246810")
    assert len(kept) == 6
    assert not FILE.is_right(PAN, kept, "2468")
    assert not FILE.is_right(PAN, kept, "246811")


def test_one_pin_of_two_cards_or_of_two_banks_is_kept_differently() -> None:
    pin = "135792468013"
    assert FILE.offset(PAN, pin) != FILE.offset("4000001234567881", pin)
    assert FILE.offset(PAN, pin) != PinFile(b"another bank").offset(PAN, pin)


def test_an_offset_is_of_the_digits_before_the_check_digit() -> None:
    assert validation_data("4000001234567899") == "0400000123456789"
    assert validation_data("4000001234567890123") == "0000123456789012"


def test_no_mistyped_pin_of_the_demo_is_right_by_chance() -> None:
    people = populate(7, STRIPE, customers_for(3000))
    errands = [errand for visit in plan(people, 7, 3000, DEMO_TODAY).atm for errand in visit.errands]
    mistyped = [errand.card for errand in errands if isinstance(errand, Withdraw) and errand.mistyped]
    assert len(mistyped) > 5
    for card in mistyped:
        kept = FILE.offset(card.pan, card.pin)
        assert not FILE.is_right(card.pan, kept, f"{(int(card.pin) + 1) % 10_000:04d}")
    special = people.special["wrong_pin"].how
    kept = FILE.offset(str(special["pan"]), people.cards[str(special["pan"])].pin)
    assert not FILE.is_right(str(special["pan"]), kept, str(special["pin"]))
