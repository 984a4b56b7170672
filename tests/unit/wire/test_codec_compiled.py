"""Ordinary messages go through compiled code, and what is not ordinary does not break it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NoReturn

import iso8583
import pytest

from simulators.bench.codec import FINANCIAL
from switch.wire.codec import Codec
from switch.wire.codes import ResponseCode
from switch.wire.specs import DIALECTS, specification
from tests.properties.codec_cases import outcome

DATA_ELEMENTS = [str(de) for de in range(2, 129) if de != 65]


def sound_value(entry: Mapping[str, Any]) -> str:
    size: int = entry["max_len"]
    return "1" * (2 * size if entry["data_enc"] == "b" and entry.get("len_count") != "nibbles" else size)


@pytest.fixture(params=DIALECTS)
def codec(request: pytest.FixtureRequest) -> Codec:
    return Codec(specification(request.param, "utf-8"), meetings=1)


@pytest.fixture
def _without_pyiso8583(monkeypatch: pytest.MonkeyPatch) -> None:
    def fall_back(*_: object) -> NoReturn:
        raise AssertionError("fell back to pyiso8583")

    monkeypatch.setattr(iso8583, "decode", fall_back)
    monkeypatch.setattr(iso8583, "encode", fall_back)


@pytest.mark.usefixtures("_without_pyiso8583")
@pytest.mark.parametrize("de", DATA_ELEMENTS)
def test_every_data_element_is_compiled(codec: Codec, de: str) -> None:
    fields = {"t": "0200", de: sound_value(codec.spec[de])}
    assert codec.decode(codec.encode(fields)).items() >= fields.items()


@pytest.mark.usefixtures("_without_pyiso8583")
def test_all_data_elements_at_once_are_compiled(codec: Codec) -> None:
    fields = {de: sound_value(codec.spec[de]) for de in ("t", *DATA_ELEMENTS)}
    assert codec.decode(codec.encode(fields)).items() >= fields.items()


@pytest.mark.usefixtures("_without_pyiso8583")
def test_what_was_decoded_can_be_encoded_again(codec: Codec) -> None:
    frame = codec.encode(FINANCIAL)
    assert codec.encode(codec.decode(frame)) == frame


@pytest.mark.usefixtures("_without_pyiso8583")
def test_arabic_text_counts_bytes_and_is_compiled(codec: Codec) -> None:
    words = "arتمّت العملية بنجاح"
    private = "06014" + "دمشق الشام"[:7].encode().decode("latin-1")
    fields = {"t": "0210", "39": "00", "48": private, "63": words}
    frame = codec.encode(fields)
    assert words.encode() in frame
    assert codec.decode(frame)["63"] == words
    assert codec.decode(frame)["48"] == private


@pytest.mark.usefixtures("_without_pyiso8583")
def test_a_response_code_is_a_value_like_any_text(codec: Codec) -> None:
    assert codec.decode(codec.encode({"t": "0210", "39": ResponseCode.WRONG_PIN}))["39"] == "55"


def test_the_callers_dictionary_stays_as_it_is(codec: Codec) -> None:
    fields = {"t": "0200", "p": "stale", "1": "stale", "65": "stale", "3": "310000", "102": "10000000000001"}
    before = dict(fields)
    for _ in range(3):
        codec.encode(fields)
    assert fields == before


def test_the_result_is_the_callers_own(codec: Codec) -> None:
    frame = codec.encode(FINANCIAL)
    codec.decode(frame)["3"] = "changed"
    assert codec.decode(frame)["3"] == FINANCIAL["3"]


def test_a_bytearray_is_taken_and_other_types_are_refused_as_by_pyiso8583(codec: Codec) -> None:
    frame = codec.encode({"t": "0200", "3": "310000"})
    assert codec.decode(bytearray(frame)) == codec.decode(frame)  # type: ignore[arg-type]
    for wrong in (memoryview(frame), "0200", None, [frame]):
        with pytest.raises(TypeError, match="must be bytes or bytearray"):
            codec.decode(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [[("t", "0200")], MappingProxyType({"t": "0200", "3": "310000"})])
def test_only_a_dictionary_is_encoded_as_by_pyiso8583(codec: Codec, wrong: Any) -> None:
    codec.encode({"t": "0200", "3": "310000"})
    with pytest.raises(TypeError, match="must be dict, not"):
        codec.encode(wrong)


def test_a_third_bitmap_is_left_to_pyiso8583(codec: Codec) -> None:
    frame = codec.encode({"t": "0200", "66": "1", "102": "10000000000001"})
    start, width = (2 if frame[:1] == b"\x02" else 4), 16 if frame[:4] == b"0200" and frame[4:5] == b"8" else 8
    second = frame[start + width : start + 2 * width]
    marked = b"C" + second[1:] if width == 16 else bytes((second[0] | 0x80,)) + second[1:]
    empty = b"0" * 16 if width == 16 else bytes(8)
    extended = frame[: start + width] + marked + empty + frame[start + 2 * width :]
    for _ in range(3):
        assert codec.decode(extended) == iso8583.decode(extended, codec.spec)[0]


def test_lower_case_hex_is_read(codec: Codec) -> None:
    frame = codec.encode({"t": "0200", "3": "310000", "52": "abcdef0123456789", "128": "0" * 16})
    if b"abcdef" in frame:
        lower = frame[:4] + frame[4:36].lower() + frame[36:]
        assert codec.decode(lower)["52"] == "abcdef0123456789"
    else:
        assert codec.decode(frame)["52"] == "ABCDEF0123456789"


def test_a_shape_is_compiled_only_after_it_was_met_several_times(monkeypatch: pytest.MonkeyPatch) -> None:
    codec = Codec(specification("iso87-ascii", "utf-8"), meetings=4)
    frame = codec.encode(FINANCIAL)
    theirs = iso8583.decode
    slowly: list[bytes] = []

    def decode(frame: bytes, spec: Any) -> Any:
        slowly.append(frame)
        return theirs(frame, spec)

    monkeypatch.setattr(iso8583, "decode", decode)
    for _ in range(10):
        codec.decode(frame)
    assert len(slowly) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"h": {"data_enc": "ascii", "len_enc": "ascii", "len_type": 0, "max_len": 4}},
        {"p": {"data_enc": "utf-16", "len_enc": "ascii", "len_type": 0, "max_len": 16}},
        {"3": {"data_enc": "ascii", "len_enc": "ascii", "len_type": 0, "len_count": "nibbles", "max_len": 6}},
        {"3": {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "len_count": "nibbles", "max_len": 5}},
        {"3": {"data_enc": "no such codec", "len_enc": "ascii", "len_type": 0, "max_len": 6}},
        {"3": {"data_enc": "ascii", "len_enc": "utf-16", "len_type": 4, "max_len": 6}},
        {"3": {"data_enc": "ascii", "len_enc": "b", "len_type": 2, "max_len": 60000}},
        {"3": {"data_enc": "ascii", "len_enc": "b", "len_type": 1, "max_len": 6}},
        {"3": {"data_enc": "ascii", "len_enc": "b", "len_type": 2, "max_len": 6}},
        {"3": {"data_enc": "b", "len_enc": "bcd", "len_type": 1, "max_len": 3}},
        {"3": {"data_enc": "b", "len_enc": "bcd", "len_type": 1, "len_count": "nibbles", "max_len": 7}},
        {"3": {"data_enc": "b", "len_enc": "b", "len_type": 1, "len_count": "nibbles", "left_pad": "0", "max_len": 7}},
        {"3": {"data_enc": "b", "len_enc": "b", "len_type": 0, "len_count": "nibbles", "right_pad": "F", "max_len": 5}},
        {"3": {"data_enc": "cp1256", "len_enc": "cp037", "len_type": 2, "max_len": 6}},
        {"3": {"data_enc": "ascii", "len_enc": "ascii", "len_type": 1, "max_len": 99}},
    ],
)
@pytest.mark.parametrize("value", ["310000", "31000", "3100", "", "3" * 12])
def test_a_specification_of_any_kind_gives_what_pyiso8583_gives(change: dict[str, Any], value: str) -> None:
    spec = {**specification("iso87-ascii", "utf-8"), **change}
    codec = Codec(spec, meetings=1)
    fields = {"h": "HEAD", "t": "0200", "3": value, "4": "000000000100"}
    theirs = outcome(lambda given: bytes(iso8583.encode(given, spec)[0]), dict(fields))
    assert outcome(codec.encode, fields) == theirs
    frame = theirs if isinstance(theirs, bytes) else b"020020000000000000000310000"
    assert outcome(codec.decode, frame) == outcome(lambda given: iso8583.decode(given, spec)[0], frame)
