"""The client itself, before it judges anybody: known answers and round trips. No demo is needed here."""

import ast
from pathlib import Path

import iso8583
import pytest

from tests.conformance import dialects, law, secure, tlv
from tests.conformance.card import Listener
from tests.conformance.client import Received, Wire, answer_mti, answers
from tests.conformance.desk import original_elements, repeat_of, reversal_of

RETAIL = [
    # key, data, padding, MAC, where the answer is published
    (
        "7CA110454A1A6E570131D9619DC1376E",
        b"Hello World !!!!".hex(),
        1,
        "F09B856213BAB83B",
        "Bouncy Castle ISO9797Alg3MacTest",
    ),
    (
        "41414141414141414242424242424242",
        b"hello world".hex(),
        2,
        "E16941032C3BC7D4",
        "psec test_mac",
    ),
    (
        "F1CB1F1FB5ADF208806B89DC579DC1F8",
        "887022120C06C22899029000",
        2,
        "FA855A5D4C50A8ED",
        "ICAO Doc 9303-11 appendix D",
    ),
    (
        "F1CB1F1FB5ADF208806B89DC579DC1F8",
        "887022120C06C2270CA4020C800000008709016375432908C044F6",
        2,
        "BF8B92D635FF24F8",
        "ICAO Doc 9303-11 appendix D",
    ),
    (
        "F1CB1F1FB5ADF208806B89DC579DC1F8",
        "887022120C06C22C871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A99029000",
        2,
        "C8B2787EAEA07D74",
        "ICAO Doc 9303-11 appendix D",
    ),
]
CMAC = [
    (
        "2B7E151628AED2A6ABF7158809CF4F3C",
        "6BC1BEE22E409F96E93D7E117393172A",
        "070A16B46B4D4144",
        "NIST SP 800-38B",
    ),
    (
        "8E73B0F7DA0E6452C810F32B809079E562F8EAD2522C6B7B",
        "6BC1BEE22E409F96E93D7E117393172A",
        "9E99A7BF31E71090",
        "NIST SP 800-38B",
    ),
    (
        "603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4",
        "",
        "028962F61B7BF89E",
        "NIST SP 800-38B",
    ),
]
FORMAT_0 = [
    # PIN, PAN, clear block
    ("1234", "5432101234567891", "041215FEDCBA9876"),
    ("1234", "43219876543210987", "0412AC89ABCDEF67"),
    ("1234", "4000001234562000", "041234FEDCBA9DFF"),
    ("1111", "5200000000000007", "041111FFFFFFFFFF"),
    ("92389", "4000001234562", "0592789FFFEDCBA9"),
]
ZONE_KEY = bytes.fromhex("12345678123456781234567812345678")


def listener(dialect: str, **changes: object) -> Listener:
    values: dict[str, object] = {
        "name": "test",
        "host": "127.0.0.1",
        "port": 1,
        "channel": "mobile",
        "framing": "length2",
        "dialect": dialect,
        "charset": "utf-8",
        "mac_algorithm": "retail",
        "mac_padding": 1,
        "mac_key": bytes(range(16)),
        "pin_key": bytes(range(16)),
        "acquirer": "000123",
        "terminals": ("GW000001",),
        "merchant": "SHOP",
        "language": "ar",
        **changes,
    }
    return Listener(**values)  # type: ignore[arg-type]


REQUEST = {
    "t": "0200",
    "3": "402010",
    "4": "000000000500",
    "7": "1122105828",
    "11": "500001",
    "12": "135828",
    "13": "1122",
    "22": "010",
    "25": "00",
    "32": "000123",
    "37": "ABCDEF000001",
    "41": "GW000001",
    "42": "SHOP           ",
    "49": "760",
    "48": tlv.build(("01", "963900000001")),
    "102": "10000000010001",
    "103": "10000000010002",
}


@pytest.mark.parametrize(("key", "data", "padding", "mac", "source"), RETAIL)
def test_retail_mac_is_the_published_one(key: str, data: str, padding: int, mac: str, source: str) -> None:
    computed = secure.retail_mac(bytes.fromhex(key), bytes.fromhex(data), padding)
    assert computed.hex().upper() == mac, source


@pytest.mark.parametrize(("key", "data", "mac", "source"), CMAC)
def test_aes_cmac_is_the_published_one_cut_to_eight_bytes(key: str, data: str, mac: str, source: str) -> None:
    assert secure.cmac(bytes.fromhex(key), bytes.fromhex(data)).hex().upper() == mac, source


@pytest.mark.parametrize(("pin", "pan", "block"), FORMAT_0)
def test_pin_block_format_0_is_the_published_one(pin: str, pan: str, block: str) -> None:
    assert secure.pin_block_0(pin, pan).hex().upper() == block


def test_pin_block_format_0_under_a_key_is_the_published_one() -> None:
    block = secure.tdes(ZONE_KEY, secure.pin_block_0("1234", "1234567890120"))
    assert block.hex().upper() == "3C0CA40863092C3A"


def test_pin_block_format_1_is_the_published_one() -> None:
    assert secure.pin_block_1("123456", "6ABCFDE1").hex().upper() == "161234566ABCFDE1"
    assert secure.tdes(ZONE_KEY, bytes.fromhex("07438C40F225BF7D"), decrypt=True).hex()[:6] == "141234"


def test_field_48_comes_back_as_it_was_built() -> None:
    pairs = [("01", "963900000001"), ("05", "a|b"), ("05", ""), ("02", "ar")]
    assert tlv.parse(tlv.build(*pairs)) == pairs
    assert tlv.every(pairs, "05") == ["a|b", ""]


@pytest.mark.parametrize("broken", ["01", "01005abc", "0x003abc", "01003abcd"])
def test_a_broken_field_48_is_an_error(broken: str) -> None:
    with pytest.raises(AssertionError):
        tlv.parse(broken)


def test_field_54_is_read_with_its_sign() -> None:
    groups = tlv.balances("2001760C000000012345" + "2002760D000000000100")
    assert [group.minor for group in groups] == [12345, -100]
    assert [group.amount_type for group in groups] == ["01", "02"]


@pytest.mark.parametrize("dialect", ["iso87-ascii", "iso87-binary", "iso87-bcd", "iso87-ebcdic"])
@pytest.mark.parametrize("fields", [REQUEST, {k: v for k, v in REQUEST.items() if len(k) < 3}])
def test_a_sealed_message_opens_in_every_dialect(dialect: str, fields: dict[str, str]) -> None:
    wire = Wire(listener(dialect))
    received = wire.open(wire.seal(fields))
    mac_field = "128" if "102" in fields else "64"
    assert {de: v for de, v in received.fields.items() if de != mac_field} == fields
    assert len(received.fields[mac_field]) == 16


@pytest.mark.parametrize("dialect", ["iso87-ascii", "iso87-binary", "iso87-bcd", "iso87-ebcdic"])
def test_a_message_changed_on_the_way_does_not_open(dialect: str) -> None:
    wire = Wire(listener(dialect))
    body = bytearray(wire.seal(REQUEST))
    at = bytes(body).rindex(wire.encode({"t": "0200", "37": "ABCDEF000001"})[-12:])
    body[at] ^= 0x01
    with pytest.raises(AssertionError, match="MAC"):
        wire.open(bytes(body))


def test_the_ascii_dialect_writes_plain_pyiso8583_bytes() -> None:
    wire = Wire(listener("iso87-ascii", mac_key=None))
    plain, _ = iso8583.encode(dict(REQUEST), iso8583.specs.default_ascii)
    assert wire.seal(REQUEST) == bytes(plain)


def test_packed_numbers_take_half_the_room() -> None:
    body = Wire(listener("iso87-bcd", mac_key=None)).seal({"t": "0800", "7": "1122105828", "11": "000001", "70": "301"})
    assert body.hex() == "0800" + "8220000000000000" + "0400000000000000" + "1122105828" + "000001" + "0301"


@pytest.mark.parametrize(
    ("framing", "wire"),
    [
        ("length2", b"\x00\x03abc"),
        ("length2-inclusive", b"\x00\x05abc"),
        ("ascii4", b"0003abc"),
        ("bcd2", b"\x00\x03abc"),
        ("length2-tpdu", b"\x00\x08" + dialects.TPDU + b"abc"),
        ("length2-header:ISO026000070", b"\x00\x0fISO026000070abc"),
    ],
)
def test_a_frame_is_read_as_it_was_written(framing: str, wire: bytes) -> None:
    assert dialects.framed(framing, b"abc") == wire
    rest = bytearray(wire)

    def read(count: int) -> bytes:
        piece = bytes(rest[:count])
        del rest[:count]
        return piece

    assert dialects.read_frame(framing, read) == b"abc"
    assert not rest


def test_a_repeat_changes_the_mti_only_and_a_reversal_names_its_original() -> None:
    assert repeat_of(REQUEST) == {**REQUEST, "t": "0201"}
    assert original_elements(repeat_of(REQUEST)) == "0200" + "500001" + "1122105828" + "00000000123" + "0" * 11
    reversal = reversal_of(REQUEST, stands_minor=200)
    assert reversal["95"] == "000000000200" + "0" * 30
    assert reversal["11"] != REQUEST["11"]
    assert not {"35", "48", "52"} & set(reversal)


@pytest.mark.parametrize(
    ("mti", "answer"), [("0200", "0210"), ("0201", "0210"), ("0420", "0430"), ("0421", "0430"), ("0100", "0110")]
)
def test_a_request_and_its_repeat_are_answered_under_one_mti(mti: str, answer: str) -> None:
    assert answer_mti(mti) == answer
    assert answers({**REQUEST, "t": mti}, Received({**REQUEST, "t": answer}, b""))


def test_the_law_finds_what_an_answer_must_not_hold() -> None:
    answer = {de: REQUEST[de] for de in law.ECHOED if de in REQUEST}
    answer |= {"t": "0210", "15": "1122", "39": "00", "63": "enDone", "128": "0" * 16}
    with pytest.raises(AssertionError, match="38 is not six digits"):
        law.check(REQUEST, Received(answer, b""), listener("iso87-ascii"))
    good = Received({**answer, "38": "123456"}, b"")
    law.check(REQUEST, good, listener("iso87-ascii"))
    for de, value in {"2": "4000000000000002", "52": "0" * 16, "62": "x", "102": "1"}.items():
        with pytest.raises(AssertionError):
            law.check(REQUEST, Received({**good.fields, de: value}, b""), listener("iso87-ascii"))


def test_nothing_here_imports_what_it_judges() -> None:
    for file in Path(__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [n.name for n in node.names]
                roots = {name.partition(".")[0] for name in names}
                assert not roots & {"switch", "ledger", "simulators", "config"}, file.name
