"""DE 90 in both layouts."""

from __future__ import annotations

import pytest

from switch.wire import original
from switch.wire.message import Message
from switch.wire.original import Original

PAYMENT = Message(
    {
        "t": "0201",
        "7": "1122101530",
        "11": "000042",
        "12": "131530",
        "13": "1122",
        "32": "000123",
        "37": "BARADA000042",
    }
)


def test_the_iso_layout_right_justifies_and_zero_fills() -> None:
    text = original.build(original.original_of(PAYMENT))
    assert text == "0200" + "000042" + "1122101530" + "00000000123" + "00000000000"
    assert len(text) == original.LENGTH


def test_the_original_of_a_repeat_is_what_was_first_sent() -> None:
    assert original.original_of(PAYMENT).mti == "0200"


def test_the_iso_layout_is_read_back() -> None:
    found = original.parse("0200" + "000042" + "1122101530" + "00000000123" + "00000000000")
    assert found == Original(
        mti="0200", stan="000042", transmitted_at="1122101530", acquirer="00000000123", forwarder="00000000000"
    )


def test_institutions_compare_with_or_without_leading_zeros() -> None:
    assert original.institution("000123") == original.institution("123") == "00000000123"
    assert original.institution(None) == "0" * 11


def test_the_other_layout_names_the_reference_and_the_local_moment() -> None:
    text = original.build(original.original_of(PAYMENT), "base24")
    assert text == "0200" + "BARADA000042" + "1122" + "13153000" + "1122" + " " * 10
    found = original.parse(text, "base24")
    assert (found.mti, found.reference, found.local_date, found.local_time) == (
        "0200",
        "BARADA000042",
        "1122",
        "131530",
    )
    assert found.stan is None


@pytest.mark.parametrize("layout", original.LAYOUTS)
@pytest.mark.parametrize("text", ["", "0200", "x" * 42, "٠" * 42, "0200" + " " * 38])
def test_what_is_not_the_layout_is_refused(layout: str, text: str) -> None:
    with pytest.raises(ValueError, match="DE 90"):
        original.parse(text, layout)


def test_a_part_that_is_too_long_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="DE 90"):
        original.build(Original(mti="0200", stan="1234567"))
