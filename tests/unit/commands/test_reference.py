"""The published reference is what the code generates, says something of everything, and its examples are true."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import msgspec
import pytest

from config.choices import Offer
from config.settings import LISTED, NAMED, SINGLE
from switch.reference import codes, elements, endpoints, example, messages, peers, refusals, reversals, services
from switch.reference.configuration import configuration_reference
from switch.reference.specimen import BANK, TAG_VALUES, TEST_MAC_KEY, VALUES, envelope
from switch.reference.wire import wire_reference
from switch.services import rules
from switch.services.forms import FORMS, TAG_FORMS
from switch.services.service import Service
from switch.services.shape import Shape
from switch.services.table import BY_NAME, SERVICES
from switch.wire.codes import ResponseCode, words
from switch.wire.framing import LENGTHS, framing_named
from switch.wire.mti import KNOWN_REQUESTS
from switch.wire.names import FIELD_NAMES, TAG_NAMES
from switch.wire.original import LAYOUTS
from switch.wire.specs import DIALECTS
from tests.unit.commands.conftest import ROOT, Barada

PAGES: dict[str, Callable[[], str]] = {"wire": wire_reference, "configuration": configuration_reference}
WIRE = wire_reference()
SHAPES = [
    pytest.param(service, shape, id=f"{service.name} by {'subscriber' if shape is service.subscriber else 'machine'}")
    for service in SERVICES
    for shape in service.shapes
]


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_is_what_the_code_says(name: str) -> None:
    page = ROOT / "docs" / f"{name}.md"
    if page.read_text(encoding="utf-8") != PAGES[name]():
        pytest.fail(f"docs/{name}.md is not what the code says any more: run `make docs` and read the difference")


@pytest.mark.parametrize(("command", "page"), [("wire", wire_reference), ("config", configuration_reference)])
def test_the_command_prints_a_page_or_writes_it(
    barada: Barada, tmp_path: Path, command: str, page: Callable[[], str]
) -> None:
    assert barada("reference", command).stdout == page()
    file = tmp_path / "page.md"
    assert barada("reference", command, "--output", str(file)).stdout == ""
    assert file.read_bytes() == page().encode()


def test_a_page_is_the_same_every_time() -> None:
    assert [page() for page in PAGES.values()] == [page() for page in PAGES.values()]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_service_appears_with_its_messages_and_has_a_section(service: Service) -> None:
    row = next(line for line in WIRE.splitlines() if line.startswith(f"| [`{service.name}`]"))
    assert all(f"`{mti}`" in row for mti in service.mtis)
    assert all(f"`{code}`" in row for code in service.codes)
    assert services.TITLES[service.name] in row
    assert f"\n### {service.name}\n" in WIRE


@pytest.mark.parametrize("code", ResponseCode)
def test_every_response_code_appears_with_its_words_in_both_languages(code: ResponseCode) -> None:
    assert f"| **{code}** | {codes.WHEN[code]} | {words(code, 'ar')} | {words(code, 'en')} |" in WIRE


def test_every_setting_appears_in_its_section() -> None:
    page = configuration_reference()
    for place, kind in {**SINGLE, **NAMED, **LISTED}.items():
        section = re.split(r"\n## ", page.split(f"[{place}", 1)[1])[0]
        for field in msgspec.structs.fields(kind):
            assert field.name == "name" or f"\n| `{field.name}` |" in section


def test_every_tag_dialect_framing_layout_and_offer_appears() -> None:
    assert all(f"\n| {tag} | {name} |" in WIRE for tag, name in TAG_NAMES.items())
    assert all(f"\n| `{name}` |" in WIRE for name in (*DIALECTS, *LENGTHS, *LAYOUTS, *Offer))


def test_every_data_element_appears_once() -> None:
    used = [de for de in FIELD_NAMES if f"\n| `{de}` | {FIELD_NAMES[de]} |" in WIRE]
    assert set(used) == elements.used()
    assert {"7", "39", "48", "63", "128"} < set(used)
    assert "`105`–`111` reserved, ISO" in " ".join(WIRE.split())


def test_no_words_are_kept_for_what_is_not_there_any_more() -> None:
    assert set(services.TITLES) == set(BY_NAME) >= set(services.NOTES)
    assert set(codes.WHEN) == set(ResponseCode)
    assert set(endpoints.DIALECT_WORDS) == set(DIALECTS)
    assert set(peers.OFFER_WORDS) == set(Offer)
    assert set(reversals.PARTS) == set(LAYOUTS)
    assert set(elements.VALUES).isdisjoint(TAG_FORMS)


def test_every_link_leads_to_a_heading() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in WIRE.splitlines()
        if line.startswith("#")
    }
    assert set(re.findall(r"\]\(#([^)]*)\)", WIRE)) <= headings


# The examples.


def blocks() -> list[bytes]:
    return [bytes.fromhex("".join(block.split())) for block in re.findall(r"```text\n([0-9a-f \n]+)```", WIRE)]


def test_the_examples_are_whole_frames_with_a_right_mac_and_the_key_is_said_to_be_a_test_key() -> None:
    framing = framing_named(example.FRAMING)
    (request,), (answer,) = (framing.cut(bytearray(block)) for block in blocks())
    asked, answered = envelope().open(request[1]), envelope().open(answer[1])
    assert (asked.mti, answered.mti, answered.response_code) == ("0200", "0210", "00")
    assert (asked.stan, asked.payee) == (answered.stan, answered.payee)
    assert re.search(rf"published test key that protects nothing:\s`{TEST_MAC_KEY}`", WIRE)


def test_the_example_can_be_read_by_the_command_that_is_named_beside_it(barada: Barada) -> None:
    for block in blocks():
        result = barada("decode", "--framing", example.FRAMING, block.hex(" "))
        assert result.exit_code == 0
        assert "pay-bill" in result.stdout


def test_the_annotation_holds_every_byte_of_the_message() -> None:
    rows = re.findall(r"^\| \d+ \| \w+ \| [^|]+ \| `([^`]*)` \|", WIRE, re.MULTILINE)
    assert "".join(rows).encode() == example.request() + example.answer()


@pytest.mark.parametrize("place", FORMS)
def test_the_invented_fields_are_well_formed(place: str) -> None:
    assert re.fullmatch(FORMS[place].pattern, VALUES[place])


@pytest.mark.parametrize("tag", TAG_FORMS)
def test_the_invented_tags_are_well_formed(tag: str) -> None:
    assert re.fullmatch(TAG_FORMS[tag].pattern, TAG_VALUES[tag])


# What the code was asked.


@pytest.mark.parametrize(("service", "shape"), SHAPES)
def test_what_is_not_probed_is_not_refused(service: Service, shape: Shape) -> None:
    request = refusals.specimen(shape)
    assert shape.fault(request.message.fields, request.tags) is None
    assert service.rule(request, BANK) is None


@pytest.mark.parametrize(("service", "shape"), SHAPES)
def test_of_two_faults_the_first_in_the_list_is_answered(service: Service, shape: Shape) -> None:
    for (first, refusal), (second, _) in combinations(refusals.refusals_of(service, shape), 2):
        if not set(first.fields) & set(second.fields):
            assert service.rule(refusals.specimen(shape, first, second), BANK) == refusal


def test_every_rule_of_the_services_is_probed() -> None:
    whole = Shape(tuple(VALUES), tuple(TAG_VALUES), bool, frozenset())
    written = {
        name: rule
        for name, rule in inspect.getmembers(rules, inspect.isfunction)
        if list(inspect.signature(rule).parameters) == ["request", "bank"]
    }
    assert len(written) > 7
    for name, rule in written.items():
        assert any(rule(refusals.specimen(whole, probe), BANK) for probe in refusals.PROBES), f"{name} has no probe"


def test_every_posting_is_between_two_accounts_and_only_payments_post() -> None:
    assert services.posted_by(BY_NAME["pay-bill"]) == ["`customer:102` → `biller:98`"]
    assert len(services.posted_by(BY_NAME["withdrawal"])) == 2
    for service in SERVICES:
        assert bool(services.posted_by(service)) is service.moves_money


def test_a_reversal_is_answered_as_the_page_says() -> None:
    told = {situation.words: reversals.outcome(situation)[0] for situation in reversals.situations()}
    assert told["approved, without a biller"] == "00"
    assert told["approved, its biller cannot undo"] == "12"
    assert told["reversed before, with another `95`"] == "94"
    assert told["not known"] == "25"


def test_no_secret_goes_to_a_biller_and_a_core_gets_the_card() -> None:
    asked = peers.questions()
    assert {"2", "35", "52"} <= set(asked["core: the service"])
    for name, fields in asked.items():
        if name.startswith("biller"):
            assert not {"2", "14", "35", "45", "52", "54", "55", "102", "103"} & set(fields)


def test_every_message_that_is_known_says_who_serves_it() -> None:
    assert all(messages.served_by(mti) for mti in KNOWN_REQUESTS)
