"""Every code of DE 39 has words, short and in both languages."""

from __future__ import annotations

import pytest

from switch.wire.codes import LANGUAGES, WITHOUT_MAC, ResponseCode, words

# The table of field 39, written down a second time so that a code cannot be lost unnoticed.
CODES = [
    *("00", "09", "12", "13", "14", "25", "30", "40", "51", "54", "55", "57", "58", "61", "62", "63", "64", "65", "68"),
    *("75", "76", "80", "81", "82", "83", "84", "90", "91", "92", "94", "95", "96"),
]

WORDS_BYTES_MAX = 120


def test_every_code_is_known_by_its_digits() -> None:
    assert sorted(ResponseCode) == CODES
    assert ResponseCode("91") is ResponseCode.UNAVAILABLE
    assert f"{ResponseCode.APPROVED}" == "00"


@pytest.mark.parametrize("code", ResponseCode)
def test_a_customer_reads_arabic_letters_or_english_ones(code: ResponseCode) -> None:
    arabic, english = words(code, "ar"), words(code, "en")
    assert all("\u0600" <= letter <= "\u06ff" or letter == " " for letter in arabic), arabic
    assert english.isascii()
    assert english[0].isupper()
    assert not english.endswith(".")


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_short_and_no_two_codes_share_them(language: str) -> None:
    all_words = [words(code, language) for code in ResponseCode]
    assert len(set(all_words)) == len(all_words)
    assert max(len(text.encode()) for text in all_words) <= WORDS_BYTES_MAX


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_name_no_digits_of_anything(language: str) -> None:
    assert not any(letter.isdigit() for code in ResponseCode for letter in words(code, language))


def test_what_is_final_stored_and_sealed() -> None:
    assert [code.value for code in ResponseCode if not code.is_final] == ["09"]
    assert [code.value for code in ResponseCode if not code.is_stored] == ["09", "30", "63"]
    assert sorted(WITHOUT_MAC) == ["30", "63"]
