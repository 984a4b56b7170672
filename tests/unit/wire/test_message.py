"""A message names its fields, copies nothing, and shows only what may be seen."""

from __future__ import annotations

import pytest

from switch.wire.mask import HIDDEN, SHOWN, TAGS_SHOWN, mask_field, mask_pan, mask_tail
from switch.wire.message import Message
from switch.wire.tlv import TlvError

PAN = "4000001234567899"
SECRET = {
    "2": PAN,
    "14": "2912",
    "34": PAN + "99",
    "35": f"{PAN}=29121010000000000",
    "36": f"{PAN}=29121010000000000",
    "45": f"B{PAN}^SURNAME/NAME^2912",
    "52": "1234567890ABCDEF",
    "54": "1001760C000000125000",
    "55": "9F2608AABBCCDDEEFF0011",
    "63": "arword",
    "64": "AABBCCDDEEFF0011",
    "120": "D0112P0TE00E0000CIPHERTEXT",
    "128": "AABBCCDDEEFF0011",
}
PRIVATE = "010129639000000010701612345678ABCDEF01120161122334455667788060091234 name02002ar"


def test_properties_name_the_data_elements() -> None:
    fields = {
        "t": "0200",
        "2": PAN,
        "3": "011020",
        "4": "000000005000",
        "7": "1122101530",
        "11": "000042",
        "12": "131530",
        "13": "1122",
        "14": "2912",
        "15": "1123",
        "32": "000123",
        "33": "000456",
        "35": "track",
        "38": "123456",
        "39": "00",
        "48": "02002ar",
        "49": "760",
        "52": "abcdef0123456789",
        "54": "amounts",
        "63": "words",
        "70": "301",
        "90": "original",
        "95": "replacement",
        "102": "from",
        "103": "to",
    }
    message = Message(fields)
    assert (message.mti, message.pan) == ("0200", PAN)
    assert (message.processing_code, message.amount) == ("011020", "000000005000")
    assert (message.transmitted_at, message.stan, message.local_time) == ("1122101530", "000042", "131530")
    assert (message.local_date, message.expiry, message.business_date) == ("1122", "2912", "1123")
    assert (message.acquirer, message.forwarder, message.track2) == ("000123", "000456", "track")
    assert (message.approval_code, message.response_code, message.private) == ("123456", "00", "02002ar")
    assert (message.currency, message.pin_block, message.additional_amounts) == ("760", "ABCDEF0123456789", "amounts")
    assert (message.words, message.network_code, message.original_elements) == ("words", "301", "original")
    assert (message.replacement_amounts, message.account_from, message.account_to) == ("replacement", "from", "to")


def test_padded_fields_are_given_without_their_spaces_and_kept_with_them() -> None:
    fields = {"t": "0200", "37": "BARADA      ", "41": "GW1     ", "42": "SHOP           ", "98": "ELEC" + " " * 21}
    message = Message(fields)
    assert (message.reference, message.terminal, message.merchant, message.payee) == ("BARADA", "GW1", "SHOP", "ELEC")
    assert message.fields is fields
    assert message["41"] == "GW1     "


def test_what_is_absent_is_none() -> None:
    message = Message({"t": "0800"})
    names = [name for name in dir(Message) if isinstance(getattr(Message, name), property)]
    absent = [name for name in names if name not in ("mti", "tags")]
    assert len(absent) == 28
    assert [getattr(message, name) for name in absent] == [None] * len(absent)
    assert message.get("41") is None
    assert "41" not in message


def test_messages_with_the_same_fields_are_equal() -> None:
    assert Message({"t": "0800"}) == Message({"t": "0800"})
    assert Message({"t": "0800"}) != Message({"t": "0810"})
    assert Message({"t": "0800"}) != {"t": "0800"}


def test_tags_of_48_are_read_once() -> None:
    message = Message({"t": "0200", "48": "02002ar08005first08006second"})
    assert message.tag("02") == "ar"
    assert message.tag("08") == "first"
    assert message.tag("13") is None
    assert message.tags is message.tags
    assert Message({"t": "0200"}).tags == ()
    with pytest.raises(TlvError):
        _ = Message({"t": "0200", "48": "broken"}).tags


@pytest.mark.parametrize("de", SECRET)
def test_no_secret_is_in_a_repr(de: str) -> None:
    shown = repr(Message({"t": "0200", de: SECRET[de]}))
    assert SECRET[de] not in shown
    assert HIDDEN in shown


def test_no_secret_of_48_is_in_a_repr() -> None:
    shown = repr(Message({"t": "0200", "48": PRIVATE}))
    for secret in ("963900000001", "12345678ABCDEF01", "1122334455667788", "1234 name"):
        assert secret not in shown
    assert "02=ar" in shown


def test_a_broken_48_is_not_shown_at_all() -> None:
    assert "963900" not in repr(Message({"t": "0200", "48": "01999963900000001"}))


def test_a_card_number_shows_six_and_four_digits() -> None:
    assert mask_pan(PAN) == "400000••••••7899"
    assert mask_pan("400000123456") == HIDDEN
    assert repr(Message({"t": "0200", "2": PAN})) == "<Message 0200 2='400000••••••7899'>"


def test_what_was_masked_stays_as_it_is() -> None:
    assert mask_tail(mask_tail("10000000000001")) == "•0001"


def test_accounts_show_their_end_only() -> None:
    assert mask_tail("10000000000042") == "•0042"
    assert mask_tail("12345678") == HIDDEN
    assert mask_field("102", "10000000000042") == "•0042"


def test_only_what_is_allowed_is_shown() -> None:
    everything = {str(de): f"value-{de}-value" for de in range(2, 129)}
    clear = {de for de, value in everything.items() if mask_field(de, value) == value}
    assert clear == SHOWN - {"t"}
    assert clear.isdisjoint(
        {"2", "14", "34", "35", "36", "45", "48", "52", "54", "55", "64", "102", "103", "120", "128"}
    )
    assert TAGS_SHOWN.isdisjoint({"01", "03", "06", "07", "12"})


def test_a_value_cannot_break_out_of_its_line() -> None:
    assert "\n" not in repr(Message({"t": "0200", "41": "GW\n0001 "}))
