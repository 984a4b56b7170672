"""Key blocks: there and back, and nothing through the wall but one refusal."""

import pytest

from switch.security.crypto.clear_key import ClearKey
from switch.security.keys.keyblock import FILL_SIZE, KeyHeader, unwrap, wrap
from switch.security.port import SecurityError

KBPK = ClearKey(bytes(range(32)))
TDES_KBPK = ClearKey(bytes(range(16)))
KEY = ClearKey(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
FILL = bytes(range(FILL_SIZE))
PIN_KEY = KeyHeader("D", "P0", "T", "B")
BLOCK = wrap(KBPK, PIN_KEY, KEY, FILL)


@pytest.mark.parametrize("size", [16, 24])
def test_a_tdes_key_comes_back_from_version_b(size: int) -> None:
    header, key = KeyHeader("B", "K0", "T", "E", "S", "12"), ClearKey(bytes(range(40, 40 + size)))
    assert unwrap(TDES_KBPK, wrap(TDES_KBPK, header, key, FILL)) == (header, key)


@pytest.mark.parametrize("size", [16, 24, 32])
def test_an_aes_key_comes_back_from_version_d(size: int) -> None:
    header, key = KeyHeader("D", "M6", "A", "C"), ClearKey(bytes(range(40, 40 + size)))
    assert unwrap(KBPK, wrap(KBPK, header, key, FILL)) == (header, key)


def test_the_fill_is_the_callers_and_all_that_makes_two_blocks_differ() -> None:
    assert wrap(KBPK, PIN_KEY, KEY, FILL) == BLOCK
    assert wrap(KBPK, PIN_KEY, KEY, FILL[::-1]) != BLOCK
    with pytest.raises(SecurityError, match="fill"):
        wrap(KBPK, PIN_KEY, KEY, FILL[1:])


def test_a_block_hides_how_long_its_key_is() -> None:
    blocks = [wrap(KBPK, PIN_KEY, ClearKey(bytes(size)), FILL) for size in (16, 24)]
    assert len({len(block) for block in blocks}) == 1


def test_any_other_letter_anywhere_in_a_block_is_refused() -> None:
    for at, letter in enumerate(BLOCK):
        for other in {"0", "1", "A", "E", "B"} - {letter}:
            with pytest.raises(SecurityError):
                unwrap(KBPK, BLOCK[:at] + other + BLOCK[at + 1 :])


@pytest.mark.parametrize(
    "block",
    [
        "",
        "D",
        "D0112",
        BLOCK[:-2],
        BLOCK + "00",
        BLOCK[:-1] + " ",
        BLOCK[:-1] + "é",
        "D9999" + BLOCK[5:],
        "D0016P0TB00N0000",
        "D0112P0TB00N9900" + BLOCK[16:],
        "D0112P0TB00N0100" + BLOCK[16:],
        "X" + BLOCK[1:],
        "1" + BLOCK[1:],
        BLOCK.replace("D", "B", 1),
    ],
)
def test_what_is_no_block_is_refused_in_the_same_words_and_nothing_of_it_is_told(block: str) -> None:
    with pytest.raises(SecurityError, match=r"^not a key block under this protection key$") as caught:
        unwrap(KBPK, block)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("size", [0, 8, 15, 16, 24])
def test_a_block_under_another_protection_key_is_refused(size: int) -> None:
    with pytest.raises(SecurityError, match="not a key block"):
        unwrap(ClearKey(bytes(size)), BLOCK)


@pytest.mark.parametrize(
    ("kbpk", "header", "key"),
    [
        (ClearKey(bytes(8)), PIN_KEY, KEY),
        (KBPK, KeyHeader("B", "P0", "T", "B"), KEY),
        (KBPK, KeyHeader("Z", "P0", "T", "B"), KEY),
        (KBPK, KeyHeader("D", "P", "T", "B"), KEY),
        (KBPK, KeyHeader("D", "P0", "TT", "B"), KEY),
        (KBPK, KeyHeader("D", "P0", "T", "é"), KEY),
        (KBPK, PIN_KEY, ClearKey(b"")),
        (KBPK, PIN_KEY, ClearKey(bytes(8))),
    ],
)
def test_what_makes_no_block_is_refused_without_a_cause(kbpk: ClearKey, header: KeyHeader, key: ClearKey) -> None:
    with pytest.raises(SecurityError) as caught:
        wrap(kbpk, header, key, FILL)
    assert caught.value.__context__ is None
