"""Answers as outcomes: one for every answer, and none that is made up."""

import pytest

from switch.security.payshield.answer import Answer, outcome, response_code
from switch.security.payshield.refusals import REFUSALS, word_of
from switch.security.port import KeyRefusedError, ModuleAwayError, PinBlockError, SecurityError


def four_digits(answer: Answer) -> int:
    return answer.number(4)


@pytest.mark.parametrize(("command", "code"), [("A0", "A1"), ("CA", "CB"), ("G0", "G1"), ("M8", "M9"), ("NC", "ND")])
def test_an_answers_code_is_the_commands_one_further(command: str, code: str) -> None:
    assert response_code(command) == code


def test_the_fields_of_a_fine_answer_are_its_value() -> None:
    assert outcome("NC", b"ND001234", four_digits) == 1234


def test_no_answer_is_a_module_that_is_away() -> None:
    assert isinstance(outcome("NC", None, four_digits), ModuleAwayError)


@pytest.mark.parametrize("code", ["13", "40", "41", "42"])
def test_a_module_that_is_out_of_order_counts_as_away(code: str) -> None:
    assert isinstance(outcome("M6", b"M7" + code.encode(), four_digits), ModuleAwayError)


@pytest.mark.parametrize("code", ["20", "22", "23", "24"])
def test_a_pin_block_is_refused_in_the_same_words_whatever_is_wrong(code: str) -> None:
    refused = outcome("CC", b"CD" + code.encode(), four_digits)
    assert isinstance(refused, PinBlockError)
    assert str(refused) == "not a PIN block of the format agreed"


@pytest.mark.parametrize("code", ["10", "11", "12", "15", "26", "27", "28", "29", "68", "A4", "A6"])
def test_what_the_module_will_not_do_with_a_key_is_refused_with_its_code(code: str) -> None:
    refused = outcome("A6", b"A7" + code.encode(), four_digits)
    assert isinstance(refused, KeyRefusedError)
    assert f"answers A6 with {code}" in str(refused)


def test_an_unknown_code_is_told_as_one_and_not_as_absence() -> None:
    refused = outcome("M6", b"M799", four_digits)
    assert type(refused) is SecurityError
    assert str(refused) == "the security module answers M6 with 99: a code that is not known here"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"N",
        b"ND",
        b"ND0",
        b"NE001234",
        b"ND00",
        b"ND00123",
        b"ND00123X",
        b"ND\xff\xff1234",
        b"ND0x1234",
        b"\x00" * 9,
    ],
)
def test_what_can_not_be_read_is_neither_a_value_nor_absence(body: bytes) -> None:
    unread = outcome("NC", body, four_digits)
    assert type(unread) is SecurityError
    assert str(unread) == "the security module's answer to NC can't be read"


@pytest.mark.parametrize("text", ["U" + "0123456789ABCDEF" * 2, "T" + "0123456789ABCDEF" * 3, "S00020P0TB00N0000ABCD"])
def test_a_key_ends_where_its_scheme_says(text: str) -> None:
    assert outcome("A0", f"A100{text}654321".encode(), lambda answer: (answer.key(), answer.take(6))) == (
        text,
        "654321",
    )


def test_a_block_ends_where_it_says_itself() -> None:
    answered = outcome("A8", b"A900RB0020P0TB00N0000ABCD654321", lambda answer: (answer.tr31_block(), answer.take(6)))
    assert answered == ("B0020P0TB00N0000ABCD", "654321")


@pytest.mark.parametrize(
    "text", ["Q0123", "U012345", "Uxyz" + "0" * 29, "X" + "0" * 32, "S00", "S00003", "S09999P0", "RB0020"]
)
def test_a_key_of_another_form_can_not_be_read(text: str) -> None:
    assert type(outcome("A0", f"A100{text}".encode(), Answer.key)) is SecurityError


@pytest.mark.parametrize(
    "text", ["", "B0020P0TB00N0000ABCD", "S00020P0TB00N0000ABCD", "RB0003", "RB9999P0", "RBxxxxP0"]
)
def test_a_block_of_another_form_can_not_be_read(text: str) -> None:
    assert type(outcome("A8", f"A900{text}".encode(), Answer.tr31_block)) is SecurityError


def test_only_codes_that_are_known_here_are_counted_by_name() -> None:
    assert [word_of(code) for code in (b"00", b"01", b"10", b"A4")] == ["00", "01", "10", "A4"]
    assert [word_of(code) for code in (b"", b"0", b"99", b"\xff\xff")] == ["unknown"] * 4


def test_every_refusal_says_more_than_its_code() -> None:
    assert all(meaning or kind is PinBlockError for kind, meaning in REFUSALS.values())
