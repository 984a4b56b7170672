"""PIN blocks: what is refused, and that a refusal tells nothing."""

import traceback
from collections.abc import Callable

import pytest

from switch.security.pin import (
    PinCipher,
    build_format_0,
    build_format_1,
    parse_format_0,
    parse_format_1,
    translate,
)
from switch.security.port import PinBlockError

PAN = "4000001234562007"
KEY_A = PinCipher(bytes(range(16)))
KEY_B = PinCipher(bytes(range(16, 32)))
# Format 0 fields before the card number is added; each breaks one rule of ISO 9564-1.
BROKEN_FIELDS = {
    "control": "141234FFFFFFFFFF",
    "too short a PIN": "03123FFFFFFFFFFF",
    "too long a PIN": "0D1234567890123F",
    "letters in the PIN": "0412A4FFFFFFFFFF",
    "fill": "041234FFFFFFFFFE",
    "fill right after the PIN": "0412340FFFFFFFFF",
}


def over_the_card(field: str) -> bytes:
    """The field with the card number added, as a machine with such a fault would make it."""
    zero = int.from_bytes(build_format_0("0000", PAN)) ^ int("040000FFFFFFFFFF", 16)
    return (int(field, 16) ^ zero).to_bytes(8)


@pytest.mark.parametrize("field", BROKEN_FIELDS.values(), ids=BROKEN_FIELDS)
def test_a_field_that_breaks_a_rule_of_format_0_is_refused(field: str) -> None:
    assert parse_format_0(over_the_card("041234FFFFFFFFFF"), PAN) == "1234"
    with pytest.raises(PinBlockError):
        parse_format_0(over_the_card(field), PAN)


@pytest.mark.parametrize("block", ["0412340000000000", "1312300000000000", "1D12345678901234", "1412A40000000000"])
def test_a_block_that_breaks_a_rule_of_format_1_is_refused(block: str) -> None:
    assert parse_format_1(bytes.fromhex("1412340000000000")) == "1234"
    with pytest.raises(PinBlockError):
        parse_format_1(bytes.fromhex(block))


def test_a_block_over_another_card_is_refused() -> None:
    block = build_format_0("1234", PAN)
    with pytest.raises(PinBlockError):
        parse_format_0(block, "4000009876543219")


def test_a_translated_block_is_the_same_block_under_the_other_key() -> None:
    block = KEY_A.encipher(build_format_0("123456", PAN))
    assert parse_format_0(KEY_B.decipher(translate(block, PAN, KEY_A, KEY_B)), PAN) == "123456"
    code = KEY_A.encipher(build_format_1("987654", "0A1B2C3D"))
    assert KEY_B.decipher(translate(code, None, KEY_A, KEY_B)) == build_format_1("987654", "0A1B2C3D")


@pytest.mark.parametrize(
    ("block", "pan"),
    [
        (KEY_B.encipher(build_format_0("1234", PAN)), PAN),
        (KEY_A.encipher(build_format_0("1234", PAN)), None),
        (KEY_A.encipher(build_format_1("1234", "0123456789")), PAN),
        (KEY_A.encipher(build_format_0("1234", PAN)), "40000012345"),
        (KEY_A.encipher(build_format_0("1234", PAN)), ""),
        ("", PAN),
        ("0123456789ABCDE", PAN),
        ("0123456789ABCDEF00", PAN),
        ("0123456789ABCDEG", PAN),
        ("01 23456789ABCDEF", PAN),
        ("01 23 45 67 89 AB", PAN),
        ("٠١٢٣٤٥٦٧٨٩ABCDEF", PAN),
    ],
)
def test_a_block_that_is_not_as_agreed_is_not_translated(block: str, pan: str | None) -> None:
    with pytest.raises(PinBlockError):
        translate(block, pan, KEY_A, KEY_B)


@pytest.mark.parametrize("pin", ["", "123", "1234567890123", "12a4", "١٢٣٤", "12²4", "-123", " 1234"])
def test_what_is_no_pin_makes_no_block(pin: str) -> None:
    with pytest.raises(PinBlockError):
        build_format_0(pin, PAN)
    with pytest.raises(PinBlockError):
        build_format_1(pin, "0123456789")


@pytest.mark.parametrize("fill", ["", "012345678", "01234 6789", "٠١٢٣٤٥٦٧٨٩", "+123456789"])
def test_what_is_no_fill_makes_no_block(fill: str) -> None:
    with pytest.raises(PinBlockError):
        build_format_1("1234", fill)


@pytest.mark.parametrize("pan", ["", "1234567", "12345678901234567890", "400000123456200X", "٤٠٠٠٠٠١٢٣٤٥٦"])
def test_what_is_no_card_number_makes_no_block(pan: str) -> None:
    with pytest.raises(PinBlockError):
        build_format_0("1234", pan)


@pytest.mark.parametrize("size", [0, 8, 32])
def test_a_pin_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="16 or 24 bytes"):
        PinCipher(bytes(size))


FAULTS: list[Callable[[], object]] = [
    *(lambda field=field: parse_format_0(over_the_card(field), PAN) for field in BROKEN_FIELDS.values()),
    lambda: parse_format_0(build_format_0("1234", PAN), "4000009876543219"),
    lambda: parse_format_1(bytes.fromhex("0412340000000000")),
    lambda: KEY_A.decipher("0123456789ABCDEG"),
    lambda: KEY_A.encipher(b"1234567"),
    lambda: build_format_0("12345678901234", PAN),
    lambda: build_format_0("1234", "400000123456200X"),
    lambda: build_format_1("1234", "0123"),
]


def test_a_refusal_carries_no_digit_and_no_cause() -> None:
    for fault in FAULTS:
        with pytest.raises(PinBlockError) as caught:
            fault()
        error = caught.value
        assert not any(letter.isdigit() for letter in f"{error}{error.args}")
        assert error.__cause__ is None
        assert error.__context__ is None or error.__suppress_context__
        assert "fromhex" not in "".join(traceback.format_exception_only(error))


def test_content_that_is_wrong_is_refused_in_the_same_words_whatever_is_wrong() -> None:
    texts = set()
    for field in BROKEN_FIELDS.values():
        with pytest.raises(PinBlockError) as caught:
            parse_format_0(over_the_card(field), PAN)
        texts.add(str(caught.value))
    assert len(texts) == 1
