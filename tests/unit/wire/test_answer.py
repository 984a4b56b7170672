"""What an answer echoes, what it adds, and what it never carries."""

from __future__ import annotations

import pytest

from switch.wire.answer import answer_fields, language_of, place
from switch.wire.codes import ResponseCode, words
from switch.wire.message import Message

ECHOED = [
    *("3", "4", "7", "11", "12", "13", "32", "33", "37", "41", "42", "49", "70", "90", "95", "98", "100", "102", "103"),
]
EVERYTHING = {"t": "0200", **{str(de): f"<{de}>" for de in range(2, 129) if de != 48}, "48": "02002en"}


def answered(request: dict[str, str], code: ResponseCode = ResponseCode.APPROVED, **more: str) -> dict[str, str]:
    return answer_fields(Message(request), code, language="ar", business_date="1123", **more)  # type: ignore[arg-type]


def test_an_answer_echoes_its_list_and_adds_39_15_and_63_and_nothing_else() -> None:
    fields = answered(EVERYTHING)
    assert {de: fields[de] for de in ECHOED} == {de: EVERYTHING[de] for de in ECHOED}
    assert set(fields) == {"t", *ECHOED, "15", "39", "63"}
    assert (fields["t"], fields["15"], fields["39"]) == ("0210", "1123", "00")


def test_what_the_request_had_not_is_not_echoed() -> None:
    assert set(answered({"t": "0100", "3": "310000", "11": "000042"})) == {"t", "3", "11", "15", "39", "63"}


@pytest.mark.parametrize("de", ["2", "14", "35", "45", "48", "52", "55", "64", "120", "128"])
def test_no_secret_is_echoed(de: str) -> None:
    assert de not in answered(EVERYTHING, ResponseCode.FORMAT_ERROR)


def test_a_repeat_is_answered_like_the_original() -> None:
    assert answered({**EVERYTHING, "t": "0201"}) == answered(EVERYTHING)
    assert answered({**EVERYTHING, "t": "0421"})["t"] == "0430"


def test_an_0810_echoes_five_fields_and_has_words_only_on_failure() -> None:
    request = {**EVERYTHING, "t": "0800"}
    assert set(answered(request)) == {"t", "7", "11", "32", "41", "70", "39"}
    refused = answered(request, ResponseCode.INVALID_TRANSACTION)
    assert set(refused) == {"t", "7", "11", "32", "41", "70", "39", "63"}
    assert refused["63"] == "en" + words(ResponseCode.INVALID_TRANSACTION, "en")


def test_before_a_day_is_known_there_is_no_15() -> None:
    fields = answer_fields(Message({"t": "0200"}), ResponseCode.MALFUNCTION, language="ar", business_date=None)
    assert "15" not in fields


def test_what_the_service_adds_comes_last() -> None:
    fields = answer_fields(
        Message(EVERYTHING),
        ResponseCode.APPROVED,
        language="ar",
        business_date="1123",
        extra={"38": "123456", "4": "changed"},
    )
    assert (fields["38"], fields["4"]) == ("123456", "changed")


@pytest.mark.parametrize(
    ("private", "language"),
    [
        (None, "ar"),
        ("", "ar"),
        ("02002en", "en"),
        ("02002ar", "ar"),
        ("02002fr", "ar"),
        ("02002EN", "ar"),
        ("02000", "ar"),
        ("0100512345" + "02002en", "en"),
        ("02002en" + "broken", "ar"),
    ],
)
def test_the_language_is_that_of_tag_02_or_the_endpoints(private: str | None, language: str) -> None:
    request = {"t": "0200"} if private is None else {"t": "0200", "48": private}
    assert language_of(Message(request), "ar") == language
    assert answered(request)["63"] == language + words(ResponseCode.APPROVED, language)


def test_the_endpoints_language_may_be_english() -> None:
    assert language_of(Message({"t": "0200"}), "en") == "en"


def test_the_words_of_a_fault_end_with_its_place() -> None:
    fields = answered({"t": "0200"}, ResponseCode.FORMAT_ERROR, words_suffix=place("48.03"))
    assert fields["63"] == "ar" + words(ResponseCode.FORMAT_ERROR, "ar") + " (48.03)"


def test_a_charset_without_arabic_gets_english_words() -> None:
    assert answered({"t": "0200"}, charset="cp500")["63"].startswith("en")
    assert answered({"t": "0200"}, charset="cp1256")["63"].startswith("ar")


@pytest.mark.parametrize("code", ResponseCode)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_words_fit_their_field(code: ResponseCode, language: str) -> None:
    fields = answer_fields(
        Message({"t": "0200"}), code, language=language, business_date=None, words_suffix=place("48.03")
    )
    assert len(fields["63"].encode()) <= 200


def test_the_request_stays_as_it_is() -> None:
    request = dict(EVERYTHING)
    answered(request)
    assert request == EVERYTHING
