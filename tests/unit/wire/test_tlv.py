"""DE 48: tags, lengths in bytes, and faults named by their place."""

from __future__ import annotations

import pytest

from switch.wire import tlv
from switch.wire.tlv import TlvError

PAIRS = (("01", "963900000001"), ("02", "ar"), ("08", "first"), ("08", "second"), ("99", ""))


def test_pairs_come_in_their_order_with_repeats_and_unknown_tags() -> None:
    assert tlv.parse("0101296390000000102002ar08005first08006second99000") == PAIRS


def test_what_is_built_is_parsed_again() -> None:
    assert tlv.parse(tlv.build(PAIRS)) == PAIRS


def test_an_empty_field_has_no_pairs() -> None:
    assert tlv.parse("") == ()
    assert tlv.build(()) == ""


def test_the_first_of_repeated_tags_is_found() -> None:
    assert tlv.first(PAIRS, "08") == "first"
    assert tlv.first(PAIRS, "05") is None


def test_size_is_what_the_pairs_take_on_the_wire() -> None:
    assert tlv.size(PAIRS) == len(tlv.build(PAIRS))


@pytest.mark.parametrize(
    ("private", "place"),
    [
        ("0", "48"),
        ("01", "48.01"),
        ("0100", "48.01"),
        ("01003ab", "48.01"),
        ("02002ar03005abcd", "48.03"),
        ("02002ar030x5abcde", "48.03"),
        ("02002ar03-01a", "48.03"),
        ("02002ar0300", "48.03"),
        ("02002arX", "48"),
        ("02002arXX003abc", "48"),
        ("02002ar٠٣003abc", "48"),
        ("03٠٠٣abc", "48.03"),
        (" 1003abc", "48"),
    ],
)
def test_a_broken_length_is_named_by_its_place(private: str, place: str) -> None:
    with pytest.raises(TlvError) as caught:
        tlv.parse(private)
    assert caught.value.place == place


def test_a_fault_says_no_value() -> None:
    with pytest.raises(TlvError) as caught:
        tlv.parse("07006123456" + "03999secret")
    assert "123456" not in repr(caught.value)
    assert "secret" not in repr(caught.value)


@pytest.mark.parametrize("pair", [("1", "x"), ("٠١", "x"), ("ab", "x"), ("01", "x" * 1000), ("06", "دمشق")])
def test_what_is_not_bytes_or_does_not_fit_is_our_mistake(pair: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="tag"):
        tlv.build([pair])


def test_lengths_count_bytes_of_arabic_text() -> None:
    name = "دمشق".encode().decode("latin-1")
    assert tlv.build([("06", name)]) == f"06008{name}"
