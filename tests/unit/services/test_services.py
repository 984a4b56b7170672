"""What each service refuses by itself, and in which order: shape first (30 with the place), then the rules."""

from __future__ import annotations

import pytest

from switch.flow.refusal import Refusal
from switch.services.request import Request, parse
from switch.services.service import Bank, BillerFacts, Kind
from switch.services.table import SERVICES, find_service
from switch.wire.message import Message
from tests.unit.engine.bench import ENGLISH, SUBSCRIBER, bill_payment, request, tags, transfer, withdrawal

BANK = Bank(
    prefixes=("100",),
    currency="760",
    billers={"ELEC": BillerFacts("power", True), "GAS": BillerFacts("power", False)},
)
WITHOUT = "\0"
PAN = withdrawal()["2"]


def refused(fields: dict[str, str], channel: str = "") -> Refusal | None:
    """What the service that these fields ask for says to them; from a machine if they carry a card."""
    kept = {de: value for de, value in fields.items() if value != WITHOUT}
    asked = parse(Message(kept), channel or ("atm" if "2" in kept else "mobile"), "ar", (50_00, 100_00))
    if isinstance(asked, Refusal):
        return asked
    service = find_service(kept["t"], kept["3"])
    assert service is not None
    return service.fault(asked) or service.rule(asked, BANK)


def with_tags(*pairs: tuple[str, str]) -> dict[str, str]:
    return {"48": tags(*pairs)}


BILL = bill_payment()
TRANSFER = transfer()
CASH = withdrawal()
ACTIVATION = request("0600", "910000", "000001", SUBSCRIBER, ("07", "0" * 16), de102="10000000000001")


@pytest.mark.parametrize(
    ("fields", "code", "place"),
    [
        # Shape: the first place in the order of the message.
        (BILL | {"7": WITHOUT}, "30", "7"),
        (BILL | {"7": "1322090000"}, "30", "7"),
        (BILL | {"12": "250000"}, "30", "12"),
        (BILL | {"37": "REF-00001ABC"}, "30", "37"),
        (BILL | {"41": " " * 8}, "30", "41"),
        (BILL | {"4": WITHOUT}, "30", "4"),
        (BILL | {"49": WITHOUT}, "30", "49"),
        (BILL | {"98": WITHOUT, "102": WITHOUT}, "30", "98"),
        (BILL | {"102": "1000-000"}, "30", "102"),
        (BILL | {"48": "0101"}, "30", "48.01"),
        (BILL | {"48": "XX003abc"}, "30", "48"),
        (BILL | with_tags(ENGLISH, ("03", "1"), ("04", "1")), "30", "48.01"),
        (BILL | with_tags(SUBSCRIBER, ("04", "1")), "30", "48.03"),
        (TRANSFER | {"103": WITHOUT}, "30", "103"),
        (CASH | {"52": WITHOUT}, "30", "52"),
        (CASH | {"35": "4000000000000010=29121010000000000000"}, "30", "35"),
        # Rules, once the shape is right.
        (BILL | {"4": "000000000000"}, "13", ""),
        (BILL | {"4": "-00000000100"}, "13", ""),
        (BILL | {"4": "000000000000", "98": "NOBODY".ljust(25)}, "13", ""),
        (CASH | {"4": "000000100001"}, "13", ""),
        (BILL | {"49": "840"}, "12", ""),
        (BILL | {"28": "D00000100"}, "12", ""),
        (BILL | {"98": "NOBODY".ljust(25)}, "92", ""),
        (BILL | {"98": "GAS".ljust(25)}, "40", ""),
        (BILL | {"102": "20000000000001", "98": "GAS".ljust(25)}, "14", ""),
        (ACTIVATION | {"102": "20000000000001"}, "14", ""),
        (TRANSFER | {"103": TRANSFER["102"]}, "12", ""),
        (TRANSFER | {"103": "20000000000001"}, "76", ""),
        (request("0100", "330000", "000001", SUBSCRIBER, de103="20000000000001"), "76", ""),
        (request("0100", "310000", "000001", SUBSCRIBER, de102="10000000000001", de4="000000000001"), "30", "4"),
    ],
)
def test_a_request_is_refused_with_the_code_and_the_place(fields: dict[str, str], code: str, place: str) -> None:
    assert refused(fields) == Refusal(code, place)


@pytest.mark.parametrize(
    "fields",
    [
        BILL,
        TRANSFER,
        CASH,
        ACTIVATION,
        BILL | {"28": "D00000000"},
        request("0100", "310000", "000001", SUBSCRIBER, de102="10000000000001", de4="000000000000"),
        request("0200", "300000", "000001", SUBSCRIBER, de102="10000000000001"),
    ],
)
def test_a_request_in_order_is_refused_by_nobody(fields: dict[str, str]) -> None:
    assert refused(fields) is None


@pytest.mark.parametrize(
    ("mti", "code"),
    [("0100", "500000"), ("0200", "330000"), ("0600", "310000"), ("0200", "990000"), ("0620", "910000")],
)
def test_a_service_is_found_only_by_its_own_message_types(mti: str, code: str) -> None:
    assert find_service(mti, code) is None


def test_names_are_unique_and_no_two_services_answer_to_one_message() -> None:
    assert len({service.name for service in SERVICES}) == len(SERVICES)
    asked = [(mti, code) for service in SERVICES for mti in service.mti_classes for code in service.codes]
    assert len(set(asked)) == len(asked)


def test_every_payment_names_two_different_ledger_accounts() -> None:
    for fields in (BILL, TRANSFER, CASH):
        asked = parse(Message(fields), "mobile", "ar")
        service = find_service(fields["t"], fields["3"])
        assert isinstance(asked, Request)
        assert service is not None
        assert service.kind is Kind.PAYMENT
        debit, credit = service.accounts(asked, "card:0")
        assert debit
        assert credit
        assert debit != credit


@pytest.mark.parametrize("channel", ["mobile", "web"])
def test_only_a_machine_asks_by_card(channel: str) -> None:
    assert refused(CASH, channel) == Refusal("12")
    assert refused(BILL | {"2": "4000000000000002"}, channel) == Refusal("30", "2")
    assert refused(request("0200", "310000", "000001", de2="4000000000000002", de52="0" * 16), channel) == Refusal(
        "30", "2"
    )


def test_a_machine_names_no_subscriber() -> None:
    assert refused(TRANSFER, "atm") == Refusal("12")
    assert refused(BILL, "atm") == Refusal("12")
    assert refused(request("0200", "310000", "000001", SUBSCRIBER, de102="10000000000001"), "atm") == Refusal("30", "2")


@pytest.mark.parametrize("tag", ["01", "03", "04"])
def test_a_tag_that_a_service_needs_stands_there_once(tag: str) -> None:
    pairs = (SUBSCRIBER, ("03", "1"), ("04", "1"))
    assert refused(BILL | with_tags(*pairs)) is None
    assert refused(BILL | with_tags(*pairs, (tag, "963900000002"))) == Refusal("30", f"48.{tag}")


@pytest.mark.parametrize("place", ["43", "60", "61", "62", "98", "102", "103", "104"])
def test_a_card_number_where_it_would_be_kept_as_it_is_is_refused(place: str) -> None:
    assert refused(CASH | {place: PAN.ljust(25) if place == "98" else PAN}) == Refusal("30", place)


def test_so_is_one_in_a_tag_whatever_stands_around_it() -> None:
    assert refused(CASH | with_tags(ENGLISH, ("77", f"card {PAN}."))) == Refusal("30", "48.77")
    assert refused(CASH | with_tags(ENGLISH, ("77", "card"))) is None
