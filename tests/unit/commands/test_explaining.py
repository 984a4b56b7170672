from hypothesis import given
from hypothesis import strategies as st

from switch.commands.explaining import Explained, Line, explain
from switch.commands.reading import read
from switch.wire import tlv
from switch.wire.codes import ResponseCode, words
from switch.wire.dialect import BadMessage, dialect_named
from switch.wire.names import FIELD_NAMES, TAG_NAMES, field_name, mti_words, tag_name
from switch.wire.specs import DIALECTS
from tests.unit.commands.messages import WITHDRAWAL

ASCII = dialect_named("iso87-ascii")
ANSWER = {"t": "0210", "7": "1122101530", "11": "000042", "49": "760"}


def explained(**changes: str) -> dict[str, Line]:
    fields = ANSWER | {de.removeprefix("de"): value for de, value in changes.items()}
    return {line.field: line for line in explain(read(ASCII.encode(fields), ASCII), ASCII).lines}


def test_every_data_element_and_tag_has_a_name() -> None:
    assert set(FIELD_NAMES) == {"t", "p", *map(str, range(1, 129))}
    assert "unknown" not in {*FIELD_NAMES.values(), *TAG_NAMES.values()}
    assert field_name("129") == tag_name("99") == "unknown"


def test_an_mti_is_said_in_words() -> None:
    assert mti_words("0200") == "financial request"
    assert mti_words("0421") == "reversal advice, repeat"
    assert mti_words("0810") == "network management answer"
    assert mti_words("1200") == "financial request, version 1993"
    assert mti_words("0950") == "unknown unknown"


def test_a_response_code_has_its_words() -> None:
    assert explained(de39="51")["39"].meaning == words(ResponseCode.INSUFFICIENT_FUNDS, "en")
    assert explained(de39="7G")["39"].meaning == ""


def test_the_switchs_own_words_are_recognised_and_the_place_of_a_fault_shown() -> None:
    own = f"ar{words(ResponseCode.FORMAT_ERROR, 'ar')} (48.03)"
    assert explained(de39="30", de63=own)["63"].meaning.endswith("a mistake in it (48.03)")


def test_other_words_stay_hidden() -> None:
    for text in ("enDear Layla", f"en{words(ResponseCode.FORMAT_ERROR, 'en')} of Layla", "xx", ""):
        line = explained(de39="30", de63=text)["63"]
        assert "Layla" not in line.value + line.meaning


def test_the_groups_of_54_are_named_and_their_amounts_hidden() -> None:
    line = explained(de54="1002760D000000012345")["54.1"]
    assert (line.name, line.value) == ("savings account, available balance, SYP", "•")


def test_the_parts_of_90_are_named_in_the_dialects_layout() -> None:
    parts = explained(t="0400", de90="02000000411122101530" + "00000000123" + "0" * 11)
    assert parts["90.11"].value == "000041"
    assert parts["90.7"].value == "1122101530"
    base24 = dialect_named("iso87-ascii", original_layout="base24")
    body = base24.encode({"t": "0400", "90": "0200REF000000042112213153000" + "1122" + " " * 10})
    assert {"90.37", "90.12", "90.15"} <= {line.field for line in explain(read(body, base24), base24).lines}


def test_what_is_not_what_its_field_promises_has_no_meaning_and_harms_nobody() -> None:
    lines = explained(de4="12345678901A", de7="9999999999", de12="250000", de54="short", de66="9", de3="ABCDEF")
    assert {lines[de].meaning for de in ("4", "7", "12", "66", "3")} == {""}
    assert lines["54."].name == "not what the field promises"


def test_amounts_are_told_in_their_currency() -> None:
    assert explained(de4="000001234567")["4"].meaning == "12,345.67 SYP"
    assert explained(de4="000001234567", de49="392")["4"].meaning == "1,234,567 minor units"
    assert explained(de88="0000000000001050")["88"].meaning == "10.50 SYP"
    assert explained(de95="000000000500" + "0" * 30)["95"].meaning == "5.00 SYP stand"
    assert explained(de97="D0000000000000700")["97"].meaning == "7.00 SYP, the channel owes"


def test_private_data_that_break_off_show_no_tag() -> None:
    lines = explained(de48=tlv.build((("02", "en"), ("01", "963900000001"))) + "03999x")
    assert lines["48.02"].value == "•"
    assert "broken from here" in lines["48.03"].meaning


def test_a_third_bitmap_is_told_apart_from_a_broken_message() -> None:
    body = b"0200" + b"8000000000000000" + b"8000000000000001" + b"8000000000000000" + b"00" * 8
    shown = explain(read(body, ASCII), ASCII)
    assert shown.fault is not None
    assert shown.fault.why == "no dialect has this field"


def whole(shown: Explained) -> bool:
    return shown.fault is None


@given(st.binary(max_size=300), st.sampled_from(DIALECTS))
def test_any_bytes_can_be_explained(body: bytes, name: str) -> None:
    dialect = DIALECT_BY_NAME[name]
    shown = explain(read(body, dialect), dialect)
    try:
        dialect.decode(body)
    except BadMessage:
        assert not whole(shown)
    else:
        assert whole(shown)


@given(st.data(), st.sampled_from(DIALECTS))
def test_a_message_with_one_byte_changed_is_explained_or_refused_as_the_switch_would(
    data: st.DataObject, name: str
) -> None:
    dialect = DIALECT_BY_NAME[name]
    body = bytearray(dialect.encode(WITHDRAWAL))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    shown = read(bytes(body), dialect)
    try:
        fields = dialect.decode(bytes(body)).fields
    except BadMessage as error:
        fields = error.fields
        assert shown.fault is not None
    else:
        assert shown.fault is None
    assert set(fields) <= set(shown.values)
    explain(shown, dialect)


DIALECT_BY_NAME = {name: dialect_named(name) for name in DIALECTS}
