"""One message, four ways of writing it; and what happens to bytes that are none."""

from __future__ import annotations

import iso8583
import pytest
from iso8583.specs import default, default_ascii

from simulators.bench.codec import FINANCIAL
from switch.wire.dialect import BadMessage, Dialect, UnencodableMessage, dialect_named
from switch.wire.message import Message
from switch.wire.original import Original, build
from switch.wire.specs import DIALECTS, specification

PAN = FINANCIAL["2"]


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return dialect_named(request.param)


def without_bitmaps(message: Message) -> dict[str, str]:
    return {de: value for de, value in message.fields.items() if de not in ("p", "1")}


def test_all_dialects_carry_the_same_message(dialect: Dialect) -> None:
    assert without_bitmaps(dialect.decode(dialect.encode(FINANCIAL))) == FINANCIAL


def test_ascii_and_binary_are_the_published_specifications() -> None:
    plain = {de: value for de, value in FINANCIAL.items() if de != "1"}
    for name, published in (("iso87-ascii", default_ascii), ("iso87-binary", default)):
        assert dialect_named(name).encode(dict(plain)) == bytes(iso8583.encode(dict(plain), published)[0])


def test_only_four_fields_differ_from_the_published_specifications() -> None:
    for name, published in (("iso87-ascii", default_ascii), ("iso87-binary", default)):
        spec = specification(name, "utf-8")
        assert [de for de in spec if spec[de] != published[de]] == ["43", "48", "63", "104"]


def test_numbers_and_lengths_are_packed_in_bcd() -> None:
    dialect = dialect_named("iso87-bcd")
    fields = {"t": "0200", "2": "4000001234567", "3": "310000", "22": "021", "32": "123", "41": "GW000001"}
    fields["48"] = "02002ar"
    wire = dialect.encode(fields)
    assert (
        wire
        == bytes.fromhex("0200" + "6000040100810000" + "13" + "04000001234567" + "310000" + "0021" + "03" + "0123")
        + b"GW000001"
        + b"\x00\x07"
        + b"02002ar"
    )
    assert without_bitmaps(dialect.decode(wire)) == fields


def test_track_2_is_no_number_and_stays_text_in_bcd() -> None:
    dialect = dialect_named("iso87-bcd")
    wire = dialect.encode({"t": "0200", "35": f"{PAN}=29121010000"})
    assert wire[10:] == b"\x28" + f"{PAN}=29121010000".encode()
    assert dialect.decode(wire).track2 == f"{PAN}=29121010000"


def test_ebcdic_text_is_cp500_with_binary_bitmaps() -> None:
    wire = dialect_named("iso87-ebcdic").encode({"t": "0200", "2": PAN, "41": "GW000001", "52": "0123456789ABCDEF"})
    assert wire == (
        "0200".encode("cp500")
        + bytes.fromhex("4000000000801000")
        + f"16{PAN}GW000001".encode("cp500")
        + bytes.fromhex("0123456789ABCDEF")
    )


def test_text_for_people_is_utf8_unless_the_endpoint_says_otherwise(dialect: Dialect) -> None:
    words = "arتمّت العملية"
    assert words.encode() in dialect.encode({"t": "0210", "63": words})
    windows = dialect_named(dialect.name, charset="cp1256")
    assert words.replace("ّ", "").encode("cp1256") in windows.encode({"t": "0210", "63": words.replace("ّ", "")})
    assert windows.decode(windows.encode({"t": "0210", "63": "تم"})).words == "تم"


def test_names_in_48_count_bytes_and_come_back_as_letters(dialect: Dialect) -> None:
    name = "ليلى حدّاد"
    carried = dialect.text_out(name)
    assert len(carried) == len(name.encode())
    wire = dialect.encode({"t": "0210", "48": f"06{len(carried):03d}{carried}"})
    assert name.encode() in wire
    assert dialect.text_in(dialect.decode(wire).tag("06") or "") == name


def test_what_a_charset_lacks_does_not_stop_a_payment() -> None:
    latin = dialect_named("iso87-ascii", charset="latin-1")
    assert latin.text_out("ليلى") == "????"
    assert dialect_named("iso87-ascii").text_in("\xd8") == "\ufffd"


def test_a_mac_is_eight_bytes_or_sixteen_hex_digits() -> None:
    assert [dialect_named(name).mac_width for name in DIALECTS] == [16, 8, 8, 8]


def test_another_layout_of_de_90_is_text_in_bcd() -> None:
    text = build(Original(mti="0200", reference="BARADA000042", local_date="1122", local_time="131530"), "base24")
    dialect = dialect_named("iso87-bcd", original_layout="base24")
    assert dialect.original_layout == "base24"
    assert dialect.decode(dialect.encode({"t": "0420", "90": text})).original_elements == text


def test_an_unknown_name_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(ValueError, match=r"iso87-ascii \| iso87-binary \| iso87-bcd \| iso87-ebcdic"):
        dialect_named("iso93-ascii")
    with pytest.raises(ValueError, match=r"iso \| base24"):
        dialect_named("iso87-ascii", original_layout="other")
    with pytest.raises(LookupError, match="no-such-charset"):
        dialect_named("iso87-ascii", charset="no-such-charset")


def test_a_message_cut_short_says_where_and_keeps_what_came_before(dialect: Dialect) -> None:
    wire = dialect.encode({"t": "0200", "3": "310000", "11": "000042", "102": "10000000000001"})
    with pytest.raises(BadMessage) as caught:
        dialect.decode(wire[:-1])
    bad = caught.value
    assert (bad.mti, bad.field) == ("0200", "102")
    assert without_bitmaps(bad.message) == {"t": "0200", "3": "310000", "11": "000042"}


@pytest.mark.parametrize("junk", [b"", b"\x02", b"\x16\x0a\x01\x02\x00", b"\xff" * 40, b"\x0aBCD" + b"0" * 16])
def test_bytes_without_an_mti_have_none(dialect: Dialect, junk: bytes) -> None:
    with pytest.raises(BadMessage) as caught:
        dialect.decode(junk)
    assert (caught.value.mti, caught.value.fields, caught.value.field) == (None, {}, "t")


def test_a_third_bitmap_is_a_bad_message_with_a_readable_mti(dialect: Dialect) -> None:
    wire = dialect.encode({"t": "0200", "3": "310000"})
    mti, hexed = (wire[:2], False) if dialect.name == "iso87-bcd" else (wire[:4], dialect.name == "iso87-ascii")
    bitmaps = "800000000000000080000000000000004000000000000000"
    frame = mti + (bitmaps.encode() if hexed else bytes.fromhex(bitmaps))
    with pytest.raises(BadMessage) as caught:
        dialect.decode(frame)
    assert (caught.value.mti, caught.value.field) == ("0200", "130")


def test_a_bad_message_shows_no_card_number(dialect: Dialect) -> None:
    wire = dialect.encode({"t": "0200", "2": PAN, "35": PAN + "D2912", "102": "10000000000001"})
    with pytest.raises(BadMessage) as caught:
        dialect.decode(wire[:-1])
    error = caught.value
    assert PAN not in f"{error} {error!r} {error.args} {error.message!r}"
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"t": "0200", "2": PAN, "3": "31000"}, "3"),
        ({"t": "0200", "2": PAN * 2}, "2"),
        ({"t": "0200", "2": PAN, "129": "x"}, "129"),
        ({"2": PAN}, "t"),
    ],
)
def test_what_cannot_be_written_names_its_field_and_no_value(
    dialect: Dialect, fields: dict[str, str], field: str
) -> None:
    with pytest.raises(UnencodableMessage) as caught:
        dialect.encode(fields)
    assert caught.value.field == field
    assert PAN not in f"{caught.value} {caught.value!r}"
    assert caught.value.__context__ is None


def test_a_dialect_shows_its_name() -> None:
    assert repr(dialect_named("iso87-bcd")) == "<Dialect iso87-bcd>"
