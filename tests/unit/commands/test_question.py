from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from switch.commands.question import SERVICE_NAMES, BadField, Speaker, Stamp, needs_sign_on, question, sign_on
from switch.services.table import BY_NAME
from switch.wire import original, tlv
from switch.wire.dialect import dialect_named
from switch.wire.figures import Figures, parse_figures
from switch.wire.message import Message
from switch.wire.mti import KNOWN_REQUESTS
from switch.wire.specs import DIALECTS
from tests.unit.commands.messages import SUBSCRIBER

ASCII = dialect_named("iso87-ascii")
STAMP = Stamp(datetime(2026, 11, 22, 22, 15, 30, tzinfo=UTC), "000042", ZoneInfo("Asia/Damascus"))
GATEWAY = Speaker("000123", "GW000001", "BARADA SEND    ", "760")
NOBODY = Speaker()


def asked(given: dict[str, Any], service: str | None = None, speaker: Speaker = NOBODY) -> dict[str, str]:
    return question(given, service, speaker, STAMP, ASCII)


def test_what_is_absent_is_filled_in() -> None:
    assert asked({"t": "0200", "3": "310000"}) == {
        "t": "0200",
        "3": "310000",
        "7": "1122221530",
        "11": "000042",
        "12": "011530",
        "13": "1123",
        "22": "012",
        "25": "00",
        "37": "632701000042",
    }


def test_a_configuration_says_for_whom_it_speaks() -> None:
    fields = asked({}, "withdrawal", GATEWAY)
    assert [fields[de] for de in ("32", "41", "42", "49")] == ["000123", "GW000001", "BARADA SEND    ", "760"]
    assert "49" not in asked({}, "balance", GATEWAY)


def test_what_is_given_is_sent_as_it_is() -> None:
    given = {"t": "9999", "3": "?", "7": "0000000000", "11": "0", "12": "x", "13": "y", "37": "short", "22": "1"}
    assert given.items() <= asked(given).items()


def test_a_reconciliation_has_all_figures_at_their_length_and_those_that_are_absent_are_zero() -> None:
    fields = asked({"15": "1130", "76": 12, "88": "451851", "97": "D451851"}, "reconciliation", GATEWAY)
    assert parse_figures(fields) == Figures(debits=12, debits_minor=451851).netted()
    assert [fields[de] for de in ("t", "15", "32", "49", "99")] == ["0500", "1130", "000123", "760", "000123"]
    assert "3" not in fields


@pytest.mark.parametrize(("code", "needs"), [("001", False), ("002", False), ("301", False), ("201", True)])
def test_a_cutover_is_only_heard_from_whoever_has_signed_on(code: str, *, needs: bool) -> None:
    assert needs_sign_on(asked({"t": "0800", "70": code})) is needs
    assert needs_sign_on(asked({}, "balance"))


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_every_service_is_a_message_that_the_switch_knows(name: str) -> None:
    fields = asked({}, name)
    assert fields["t"] in KNOWN_REQUESTS
    if name in BY_NAME:
        assert fields["t"][1] in BY_NAME[name].mti_classes
        assert fields["3"][:2] in BY_NAME[name].codes
    assert asked({"t": "0100"}, name)["t"] == "0100"


def test_network_management_carries_no_more_than_it_must() -> None:
    assert asked({}, "echo") == {"t": "0800", "70": "301", "7": "1122221530", "11": "000042"}
    assert sign_on(GATEWAY, STAMP) == {
        "t": "0800",
        "7": "1122221530",
        "11": "000042",
        "32": "000123",
        "41": "GW000001",
        "70": "001",
    }


@pytest.mark.parametrize("name", DIALECTS)
def test_tags_are_built_in_the_order_given_and_in_the_dialects_text(name: str) -> None:
    dialect = dialect_named(name)
    tags = {"03": "7", "01": SUBSCRIBER, "06": "ليلى", "08": ["first", "second"]}
    fields = question({"t": "0200", "48": tags}, None, NOBODY, STAMP, dialect)
    read = dialect.decode(dialect.encode(fields))
    assert [(tag, dialect.text_in(value) if tag == "06" else value) for tag, value in read.tags] == [
        ("03", "7"),
        ("01", SUBSCRIBER),
        ("06", "ليلى"),
        ("08", "first"),
        ("08", "second"),
    ]


def test_field_48_may_be_given_as_it_is_on_the_wire() -> None:
    assert asked({"t": "0200", "48": "03999broken"})["48"] == "03999broken"
    assert tlv.parse(asked({"t": "0200", "48": {"20": 5}})["48"]) == (("20", "5"),)


def test_field_90_may_name_the_original_by_its_fields() -> None:
    first = {"t": "0201", "11": "000041", "7": "1122101530", "32": "000123"}
    built = asked({"t": "0400", "90": first})["90"]
    assert original.parse(built) == original.original_of(Message(first))
    assert built.startswith("0200")


def test_padding_is_not_for_people_to_type() -> None:
    fields = asked({"t": "0200", "4": 5000, "41": "GW1", "42": "M", "98": "ELEC"})
    assert fields["4"] == "000000005000"
    assert (fields["41"], fields["42"], fields["98"]) == ("GW1     ", f"{'M':<15}", f"{'ELEC':<25}")


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"3": "310000"}, "t: "),
        ({"t": "02"}, "t: "),
        ({"t": "0200", "128": "00"}, "128: the MAC is computed"),
        ({"t": "0200", "129": "x"}, "a field that there is not"),
        ({"t": "0200", "1": "x"}, "a field that there is not"),
        ({"t": "0200", "65": "x"}, "a field that there is not"),
        ({"t": "0200", "four": "x"}, "a field that there is not"),
        ({"t": "0200", "4": 1.5}, "4: allowed: a text"),
        ({"t": "0200", "4": None}, "4: allowed: a text"),
        ({"t": "0200", "4": True}, "4: allowed: a text"),
        ({"t": "0200", "4": {"x": "y"}}, "4: allowed: a text"),
        ({"t": "0200", "48": ["x"]}, "48: allowed: a text, or an object of tags"),
        ({"t": "0200", "48": {"1": "x"}}, "48: allowed: tags of two digits"),
        ({"t": "0200", "48": {"01": {}}}, "48.01: allowed"),
        ({"t": "0200", "48": {"01": "x" * 1000}}, "48: allowed: tags of two digits"),
        ({"t": "0400", "90": {"11": "1"}}, "90: allowed"),
    ],
)
def test_what_cannot_be_sent_is_named_by_its_place(given: dict[str, Any], place: str) -> None:
    with pytest.raises(BadField) as caught:
        asked(given)
    assert str(caught.value).startswith(place)
