"""The arithmetic of message types."""

from __future__ import annotations

import pytest

from switch.wire import mti


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        *(("0100", "0110"), ("0101", "0110"), ("0200", "0210"), ("0201", "0210"), ("0400", "0410"), ("0401", "0410")),
        *(("0420", "0430"), ("0421", "0430"), ("0500", "0510"), ("0520", "0530"), ("0521", "0530"), ("0600", "0610")),
        *(("0620", "0630"), ("0621", "0630"), ("0800", "0810"), ("0300", "0310"), ("0203", "0212")),
    ],
)
def test_an_answer_has_the_next_function_and_no_repeat_mark(asked: str, answered: str) -> None:
    assert mti.answer_mti(asked) == answered
    assert mti.is_request(asked)
    assert mti.is_answer(answered)
    assert not mti.is_request(answered)


@pytest.mark.parametrize("text", ["0210", "0810", "0240"])
def test_nobody_answers_an_answer_or_a_notification(text: str) -> None:
    assert not mti.is_request(text)
    with pytest.raises(ValueError, match="no answer"):
        mti.answer_mti(text)


def test_a_repeat_differs_in_its_last_digit_only() -> None:
    assert [mti.repeat_of(text) for text in ("0200", "0201", "0420")] == ["0201", "0201", "0421"]
    assert [mti.original_of(text) for text in ("0200", "0201", "0421")] == ["0200", "0200", "0420"]
    assert [mti.is_repeat(text) for text in ("0200", "0201")] == [False, True]


def test_the_digits_have_names() -> None:
    assert (mti.mti_class("0421"), mti.mti_function("0421")) == ("4", "2")
    assert mti.is_network("0800")
    assert not mti.is_network("0200")


def test_another_version_is_not_ours() -> None:
    assert mti.is_ours("0200")
    assert not mti.is_ours("1200")


def test_what_the_switch_serves_are_requests_of_our_version() -> None:
    assert all(mti.is_mti(known) and mti.is_ours(known) and mti.is_request(known) for known in mti.KNOWN_REQUESTS)


@pytest.mark.parametrize("text", ["", "020", "02000", "02O0", "٠٢٠٠", "02 0", "²200"])
def test_what_is_not_four_digits_is_no_mti(text: str) -> None:
    assert not mti.is_mti(text)
