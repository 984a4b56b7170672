"""PIN keys: what goes from one zone to another, what never does, and what a refusal tells."""

from itertools import product

import pytest

from switch.security.crypto.dukpt_aes import AesDukpt, DukptKeyType, DukptUse
from switch.security.crypto.ksn import Ksn
from switch.security.crypto.pin import (
    WITH_CARD,
    WITHOUT_CARD,
    AesPinCipher,
    PinCipher,
    PinFormat,
    PinZone,
    open_pin,
    seal_pin,
    translate,
)
from switch.security.crypto.pin_block import FILL_SIZE, build_format_0, build_format_1, build_format_2
from switch.security.port import PinBlockError

PAN = "4000001234562007"
OTHER_PAN = "4000009876543219"
FILL, OTHER_FILL = bytes(range(FILL_SIZE)), bytes(range(50, 50 + FILL_SIZE))
KEY_A = PinCipher(bytes(range(16)))
KEY_B = PinCipher(bytes(range(16, 32)))
SOURCES: dict[int, PinZone] = {
    0: KEY_A,
    1: PinCipher(bytes(range(24)), PinFormat.ISO_1),
    3: PinCipher(bytes(range(24)), PinFormat.ISO_3),
    4: AesPinCipher(bytes(range(32))),
}
TARGETS: dict[int, PinZone] = {
    0: KEY_B,
    1: PinCipher(bytes(range(40, 56)), PinFormat.ISO_1),
    3: PinCipher(bytes(range(40, 56)), PinFormat.ISO_3),
    4: AesPinCipher(bytes(range(40, 56))),
}
# PCI PIN Security 3-3, written out once more: with a card number into a format that is bound to it, and no other.
ALLOWED_WITH_A_CARD = {(0, 0), (0, 3), (0, 4), (1, 0), (1, 3), (1, 4), (3, 0), (3, 3), (3, 4), (4, 0), (4, 3), (4, 4)}


@pytest.mark.parametrize(("source", "target"), [*product(SOURCES, TARGETS)])
def test_a_cards_pin_goes_only_where_it_stays_bound_to_the_card(source: int, target: int) -> None:
    block = seal_pin("12345", PAN, SOURCES[source], FILL)
    if (source, target) in ALLOWED_WITH_A_CARD:
        there = translate(block, PAN, SOURCES[source], TARGETS[target], OTHER_FILL)
        assert open_pin(there, PAN, TARGETS[target]) == "12345"
    else:
        with pytest.raises(PinBlockError):
            translate(block, PAN, SOURCES[source], TARGETS[target], OTHER_FILL)


def test_a_code_without_a_card_goes_from_format_1_to_format_1_under_tdes_alone() -> None:
    code = seal_pin("987654", None, KEY_A, FILL)
    assert open_pin(translate(code, None, KEY_A, KEY_B), None, KEY_B) == "987654"
    for source, target in ((KEY_A, TARGETS[4]), (SOURCES[4], KEY_B), (SOURCES[4], TARGETS[4])):
        with pytest.raises(PinBlockError):
            translate(code, None, source, target, FILL)


def test_the_chips_format_is_never_taken_on_a_line() -> None:
    assert PinFormat.ISO_2 not in WITH_CARD
    assert PinFormat.ISO_2 not in WITHOUT_CARD
    block = KEY_A.encipher(build_format_2("1234"))
    for pan in (PAN, None):
        with pytest.raises(PinBlockError):
            translate(block, pan, KEY_A, KEY_B)
    with pytest.raises(ValueError, match="format 0, 1 or 3"):
        PinCipher(bytes(16), PinFormat.ISO_2)


def test_a_block_whose_format_stays_is_the_same_block_under_the_other_key() -> None:
    block = KEY_A.encipher(build_format_0("123456", PAN))
    assert KEY_B.decipher(translate(block, PAN, KEY_A, KEY_B)) == build_format_0("123456", PAN)
    code = KEY_A.encipher(build_format_1("987654", "0A1B2C3D"))
    assert KEY_B.decipher(translate(code, None, KEY_A, KEY_B)) == build_format_1("987654", "0A1B2C3D")


def test_a_format_that_needs_fill_is_not_made_without_it() -> None:
    block = seal_pin("1234", PAN, KEY_A)
    for target in (TARGETS[3], TARGETS[4]):
        with pytest.raises(PinBlockError):
            translate(block, PAN, KEY_A, target)
    assert translate(block, PAN, KEY_A, TARGETS[4], FILL) != translate(block, PAN, KEY_A, TARGETS[4], OTHER_FILL)


@pytest.mark.parametrize("source", [0, 3, 4])
def test_a_bound_block_is_not_translated_for_another_card(source: int) -> None:
    block = seal_pin("1234", PAN, SOURCES[source], FILL)
    for target in (0, 3, 4):
        with pytest.raises(PinBlockError):
            translate(block, OTHER_PAN, SOURCES[source], TARGETS[target], FILL)


def test_a_terminals_pin_reaches_the_core_under_the_cores_key() -> None:
    ksn = Ksn.parse("123456789012345600000007")
    key = AesDukpt(bytes(range(16))).working_key(ksn, DukptUse.PIN, DukptKeyType.AES_128)
    block = seal_pin("1234", PAN, AesPinCipher(key), FILL)
    assert open_pin(translate(block, PAN, AesPinCipher(key), KEY_B), PAN, KEY_B) == "1234"


AES_A = SOURCES[4]
SHORT = seal_pin("1234", PAN, KEY_A)
LONG = seal_pin("1234", PAN, AES_A, FILL)


@pytest.mark.parametrize(
    ("zone", "block", "pan"),
    [
        (KEY_A, KEY_B.encipher(build_format_0("1234", PAN)), PAN),
        (KEY_A, SHORT, None),
        (KEY_A, KEY_A.encipher(build_format_1("1234", "0123456789")), PAN),
        (KEY_A, SHORT, "40000012345"),
        (KEY_A, SHORT, ""),
        (KEY_A, LONG, PAN),
        (KEY_A, "", PAN),
        (KEY_A, "0123456789ABCDE", PAN),
        (KEY_A, "0123456789ABCDEF00", PAN),
        (KEY_A, "0123456789ABCDEG", PAN),
        (KEY_A, "01 23456789ABCDEF", PAN),
        (KEY_A, "01 23 45 67 89 AB", PAN),
        (KEY_A, "٠١٢٣٤٥٦٧٨٩ABCDEF", PAN),
        (AES_A, LONG[:-2] + "00", PAN),
        (AES_A, LONG, "40000012345"),
        (AES_A, LONG, ""),
        (AES_A, LONG, None),
        (AES_A, SHORT, PAN),
        (AES_A, LONG + "00", PAN),
        (AES_A, LONG[:-1] + "G", PAN),
        (AES_A, "", PAN),
    ],
)
def test_a_block_that_is_not_as_agreed_is_refused(zone: PinZone, block: str, pan: str | None) -> None:
    with pytest.raises(PinBlockError):
        translate(block, pan, zone, KEY_B)
    with pytest.raises(PinBlockError) as caught:
        open_pin(block, pan, zone)
    assert not any(letter.isdigit() for letter in str(caught.value))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_refused_block_does_not_disturb_the_next() -> None:
    for zone, block in ((KEY_A, SHORT), (AES_A, LONG)):
        for wrong in (block[:-2], block[2:], block + block, ""):
            with pytest.raises(PinBlockError):
                open_pin(wrong, PAN, zone)
        assert open_pin(block, PAN, zone) == "1234"


@pytest.mark.parametrize("zone", [KEY_A, AES_A])
def test_what_is_no_clear_block_is_not_enciphered(zone: PinZone) -> None:
    for size in (0, 7, 15, 17):
        with pytest.raises(PinBlockError):
            zone.encipher(bytes(size), PAN)


@pytest.mark.parametrize("size", [0, 8, 32])
def test_a_tdes_pin_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="16 or 24 bytes"):
        PinCipher(bytes(size))


@pytest.mark.parametrize("size", [0, 8, 17, 64])
def test_an_aes_pin_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="16, 24 or 32 bytes"):
        AesPinCipher(bytes(size))


def test_a_pin_key_shows_nothing() -> None:
    for zone in (PinCipher(b"A" * 16), AesPinCipher(b"A" * 16)):
        assert "A" * 4 not in repr(zone)
        assert "41" * 4 not in repr(zone)
        assert not hasattr(zone, "__dict__")
