"""Clear PIN blocks: what is refused in each format, and that a refusal tells nothing."""

import traceback
from collections.abc import Callable

import pytest

from switch.security.crypto.pin_block import (
    FILL_SIZE,
    PinFormat,
    build,
    build_field_4,
    build_format_0,
    build_format_1,
    build_format_2,
    build_format_3,
    pan_field,
    pan_field_4,
    parse,
    parse_field_4,
    parse_format_0,
    parse_format_1,
    parse_format_2,
    parse_format_3,
)
from switch.security.port import PinBlockError

PAN = "4000001234562007"
OTHER_PAN = "4000009876543219"
# Fields before the card number is added; each breaks one rule of ISO 9564-1.
BROKEN_0 = {
    "control": "141234FFFFFFFFFF",
    "control of the chip's format": "241234FFFFFFFFFF",
    "too short a PIN": "03123FFFFFFFFFFF",
    "too long a PIN": "0D1234567890123F",
    "letters in the PIN": "0412A4FFFFFFFFFF",
    "fill in the PIN": "05123FFFFFFFFFFF",
    "fill": "041234FFFFFFFFFE",
    "fill right after the PIN": "0412340FFFFFFFFF",
    "nothing but fill": "FFFFFFFFFFFFFFFF",
}
BROKEN_3 = {
    "control": "041234ABCDEFABCD",
    "too short a PIN": "33123ABCDEFABCDE",
    "too long a PIN": "3D1234567890123F",
    "letters in the PIN": "3412A4ABCDEFABCD",
    "fill in the PIN": "35123ABCDEFABCDE",
    "a digit as fill": "341234ABCDEFABC9",
    "nothing but fill": "ABCDEFABCDEFABCD",
}
BROKEN_1 = ["0412340000000000", "1312300000000000", "1D12345678901234", "1412A40000000000", "14123400000000", "", "00"]
BROKEN_2 = ["041234FFFFFFFFFF", "2F123456789012FF", "22123456789012FF", "2C123456789012CF", "2C12345678901FFF", "24"]
BROKEN_4 = [
    "341234AAAAAAAAAA0123456789ABCDEF",
    "431234AAAAAAAAAA0123456789ABCDEF",
    "4D1234567890123A0123456789ABCDEF",
    "4412A4AAAAAAAAAA0123456789ABCDEF",
    "451234AAAAAAAAAA0123456789ABCDEF",
    "441234AAAAAAAAAB0123456789ABCDEF",
    "441234AAAAAAAAA00123456789ABCDEF",
    "441234AAAAAAAAAA0123456789ABCD",
    "441234AAAAAAAAAA0123456789ABCDEF00",
    "441234AAAAAAAAAA",
]


def over_the_card(field: str) -> bytes:
    """The field with the card number added, as a machine with such a fault would make it."""
    return (int(field, 16) ^ pan_field(PAN)).to_bytes(8)


@pytest.mark.parametrize("field", BROKEN_0.values(), ids=BROKEN_0)
def test_a_field_that_breaks_a_rule_of_format_0_is_refused(field: str) -> None:
    assert parse_format_0(over_the_card("041234FFFFFFFFFF"), PAN) == "1234"
    with pytest.raises(PinBlockError):
        parse_format_0(over_the_card(field), PAN)


@pytest.mark.parametrize("field", BROKEN_3.values(), ids=BROKEN_3)
def test_a_field_that_breaks_a_rule_of_format_3_is_refused(field: str) -> None:
    assert parse_format_3(over_the_card("341234ABCDEFABCD"), PAN) == "1234"
    with pytest.raises(PinBlockError):
        parse_format_3(over_the_card(field), PAN)


@pytest.mark.parametrize("block", BROKEN_1)
def test_a_block_that_breaks_a_rule_of_format_1_is_refused(block: str) -> None:
    assert parse_format_1(bytes.fromhex("1412340000000000")) == "1234"
    with pytest.raises(PinBlockError):
        parse_format_1(bytes.fromhex(block))


@pytest.mark.parametrize("block", BROKEN_2)
def test_a_block_that_breaks_a_rule_of_format_2_is_refused(block: str) -> None:
    with pytest.raises(PinBlockError):
        parse_format_2(bytes.fromhex(block))


@pytest.mark.parametrize("field", BROKEN_4)
def test_a_field_that_breaks_a_rule_of_format_4_is_refused(field: str) -> None:
    assert parse_field_4(bytes.fromhex("441234AAAAAAAAAA0123456789ABCDEF")) == "1234"
    with pytest.raises(PinBlockError):
        parse_field_4(bytes.fromhex(field))


@pytest.mark.parametrize("size", [0, 7, 9, 16])
def test_a_block_of_another_size_is_refused_even_with_a_good_block_in_it(size: int) -> None:
    good = build_format_0("1234", PAN), build_format_3("1234", PAN, "A" * 10)
    for block, read in zip(good, (parse_format_0, parse_format_3), strict=True):
        with pytest.raises(PinBlockError):
            read(block[:size].rjust(size, b"\0"), PAN)


def test_a_block_over_another_card_is_refused() -> None:
    for block, read in (
        (build_format_0("1234", PAN), parse_format_0),
        (build_format_3("1234", PAN, "ABCDEFABCD"), parse_format_3),
    ):
        with pytest.raises(PinBlockError):
            read(block, OTHER_PAN)


def test_the_longest_pin_fills_a_block_but_for_one_byte() -> None:
    pin = "123456789012"
    assert build_format_2(pin).hex() == "2c123456789012ff"
    assert parse_format_3(build_format_3(pin, PAN, "AB"), PAN) == pin
    assert build_field_4(pin, "0" * 16).hex() == "4c123456789012aa" + "0" * 16


def test_the_fill_makes_two_blocks_of_one_pin_differ() -> None:
    for form in (PinFormat.ISO_1, PinFormat.ISO_3, PinFormat.ISO_4):
        one, other = (build(form, "1234", PAN, bytes((byte,)) * FILL_SIZE) for byte in (1, 2))
        assert one != other
        assert parse(form, one, PAN) == parse(form, other, PAN) == "1234"


def test_every_byte_of_fill_is_a_letter_in_format_3() -> None:
    fields = [build(PinFormat.ISO_3, "1234", PAN, bytes((byte,)) * FILL_SIZE) for byte in range(256)]
    assert {parse_format_3(field, PAN) for field in fields} == {"1234"}
    assert len(set(fields)) == 6


@pytest.mark.parametrize(
    ("pan", "field"),
    [
        ("12345678", "00000123456780000000000000000000"),
        ("123456789012", "01234567890120000000000000000000"),
        ("4111111111111111", "44111111111111111000000000000000"),
        ("1234567890123456789", "71234567890123456789000000000000"),
    ],
)
def test_format_4_takes_the_whole_card_number_with_its_length(pan: str, field: str) -> None:
    assert f"{pan_field_4(pan):032x}" == field


@pytest.mark.parametrize("pin", ["", "123", "1234567890123", "12a4", "١٢٣٤", "12²4", "-123", " 1234"])
def test_what_is_no_pin_makes_no_block(pin: str) -> None:
    for form in PinFormat:
        with pytest.raises(PinBlockError):
            build(form, pin, PAN, bytes(FILL_SIZE))


@pytest.mark.parametrize("fill", ["", "012345678", "01234 6789", "٠١٢٣٤٥٦٧٨٩", "+123456789"])
def test_what_is_no_fill_makes_no_block(fill: str) -> None:
    with pytest.raises(PinBlockError):
        build_format_1("1234", fill)
    with pytest.raises(PinBlockError):
        build_format_3("1234", PAN, fill)
    with pytest.raises(PinBlockError):
        build_field_4("1234", fill)


def test_a_format_with_fill_is_not_built_without_it() -> None:
    for form in (PinFormat.ISO_1, PinFormat.ISO_3, PinFormat.ISO_4):
        with pytest.raises(PinBlockError):
            build(form, "1234", PAN, bytes(FILL_SIZE - 1))


@pytest.mark.parametrize("pan", ["", "1234567", "12345678901234567890", "400000123456200X", "٤٠٠٠٠٠١٢٣٤٥٦"])
def test_what_is_no_card_number_makes_no_block(pan: str) -> None:
    for form in (PinFormat.ISO_0, PinFormat.ISO_3):
        with pytest.raises(PinBlockError):
            build(form, "1234", pan, bytes(FILL_SIZE))
        with pytest.raises(PinBlockError):
            parse(form, build(form, "1234", PAN, bytes(FILL_SIZE)), None)
    with pytest.raises(PinBlockError):
        pan_field_4(pan)


FAULTS: list[Callable[[], object]] = [
    *(lambda field=field: parse_format_0(over_the_card(field), PAN) for field in BROKEN_0.values()),
    *(lambda field=field: parse_format_3(over_the_card(field), PAN) for field in BROKEN_3.values()),
    *(lambda block=block: parse_format_1(bytes.fromhex(block)) for block in BROKEN_1),
    *(lambda block=block: parse_format_2(bytes.fromhex(block)) for block in BROKEN_2),
    *(lambda field=field: parse_field_4(bytes.fromhex(field)) for field in BROKEN_4),
    lambda: parse_format_0(build_format_0("1234", PAN), OTHER_PAN),
]
MISTAKES: list[Callable[[], object]] = [
    lambda: build_format_0("12345678901234", PAN),
    lambda: build_format_0("1234", "400000123456200X"),
    lambda: build_format_1("1234", "0123"),
    lambda: build_format_3("1234", PAN, "0123456789"),
    lambda: build(PinFormat.ISO_0, "1234", None),
    lambda: build(PinFormat.ISO_4, "1234", PAN),
]


def test_a_refusal_carries_no_digit_and_no_cause() -> None:
    for fault in (*FAULTS, *MISTAKES):
        with pytest.raises(PinBlockError) as caught:
            fault()
        error = caught.value
        assert not any(letter.isdigit() for letter in f"{error}{error.args}")
        assert error.__cause__ is None
        assert error.__context__ is None or error.__suppress_context__
        assert "fromhex" not in "".join(traceback.format_exception_only(error))


def test_a_block_is_refused_in_the_same_words_whatever_is_wrong_with_it() -> None:
    texts = set()
    for fault in FAULTS:
        with pytest.raises(PinBlockError) as caught:
            fault()
        texts.add(str(caught.value))
    assert len(texts) == 1
