"""What people read: every word in both languages, every figure the books', nothing that runs, nothing that leaks."""

from __future__ import annotations

import csv
import re
from html import escape
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from config.settings import demo_path, load
from ledger.model import BusinessDay
from ledger.scale import UNCHANGED, Scale
from switch.flow.payment import Note, State
from switch.flow.reconciliation import Result
from switch.services.table import SERVICES
from switch.settlement import case as life
from switch.settlement import tables
from switch.settlement.case import State as CaseState
from switch.settlement.match import Finding, Kind, Why
from switch.settlement.messages import ByMessage
from switch.settlement.money import amount
from switch.settlement.page import report_html
from switch.settlement.positions import balances
from switch.settlement.settlement import Settlement
from switch.settlement.story import What, story_of
from switch.settlement.view import ROWS_MAX, STORIES_MAX, Teller
from switch.settlement.words import LANGUAGES, named, said, words
from tests.unit.settlement.books import Ledger
from tests.unit.settlement.making import CORE, DAY, POWER, SYP, line

EVIL = "<script>alert(1)</script>&\"'"
ACCOUNT = "10000000000001"


def teller(language: str = "en") -> Teller:
    settings = load(demo_path())
    names = {code: one.name_ar if language == "ar" else one.name_en for code, one in settings.billers.items()}
    return Teller(language, names, {POWER: ("ELEC", "GAS")}, lambda at: "" if at is None else f"at {at:.0f}", 5000.0)


def settlement(breaks: int = 1, note: str = "note", owner: str = "amal") -> Settlement:
    ledger = Ledger()
    payment = replace(ledger.pay(5000), notes=(Note(1.0, owner, "retry", note),))
    story = story_of(payment, ledger.transfers(payment))
    transfers = ledger.all_transfers()
    ledger.store.close()
    findings = [
        Finding(DAY, POWER, line(n, peer=POWER).key, Kind.MISSING_THERE, None, payment.id, SYP, 5000, 5000, 0, "B-1")
        for n in range(1, breaks + 1)
    ]
    explained = Finding(
        DAY, CORE, line(999).key, Kind.EXPLAINED, Why.TAKEN_BACK, payment.id, SYP, 700, account=ACCOUNT, at_core=True
    )
    cases = {}
    for one in findings[:1]:
        case = life.found(one, None, 1.0)
        assert case is not None
        cases[one.peer, one.key] = replace(case, owner=owner)
    return Settlement(
        BusinessDay(DAY, "closed", 100.0, 1000.0),
        CORE,
        balances(transfers),
        (*findings, explained),
        {payment.id: story},
        cases,
        (ByMessage("000123", False, SYP, Result.OUT_OF_BALANCE, ("88",)), ByMessage(POWER, True, SYP, Result.BALANCED)),
        {CORE: 10, POWER: 4},
    )


def test_no_word_is_missing_in_either_language() -> None:
    every = (*Kind, *Why, *What, *CaseState, *Result, *(state for state in State if state is not State.NONE))
    for language in LANGUAGES:
        assert all(words(term, language) for term in every)
        assert all(said(language).values())
    arabic, english = (said(language) for language in ("ar", "en"))
    assert all(not text.isascii() for text in arabic.values())
    assert all(text.isascii() for text in english.values())


def test_every_service_that_moves_money_has_its_name() -> None:
    for service in SERVICES:
        if service.name.startswith(("pay-", "transfer-", "withdrawal")):
            assert named(service.name, "ar") != service.name


@pytest.mark.parametrize(
    ("minor", "shown"),
    [(0, "0.00"), (5, "0.05"), (-5, "\u22120.05"), (123456789, "1,234,567.89"), (-100, "\u22121.00")],
)
def test_amounts_have_two_decimals_thousands_and_a_minus(minor: int, shown: str) -> None:
    assert amount(minor, DAY, UNCHANGED) == shown


def test_amounts_are_in_the_pound_of_their_day_and_exact() -> None:
    scale = Scale("20260101", 100, "20260630")
    shown = [amount(-123_450, day, scale) for day in ("20251231", "20260101", DAY)]
    assert shown == ["\u22121,234.50", "\u221212.345", "\u221212.345"]


class Page(HTMLParser):
    """What a browser would take of a page: its tags, its text, what it would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "html":
            self.attributes = dict(attrs)
        assert not {name for name, _ in attrs} & {"src", "href", "onload", "onclick", "style"}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("en", "ltr")])
def test_a_page_says_its_language_and_direction_and_fetches_nothing(language: str, direction: str) -> None:
    page = Page(report_html(settlement(), teller(language)))
    assert page.attributes == {"lang": language, "dir": direction}
    assert not set(page.tags) & {"script", "link", "img", "iframe", "form"}
    assert "url(" not in page.text
    assert "@import" not in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_shows_the_books_figures(language: str) -> None:
    done = settlement()
    page = Page(report_html(done, teller(language)))
    for balance in done.balances:
        for one in balance.positions:
            assert amount(one.net_minor, DAY, UNCHANGED) in page.text
    assert "50.00" in page.text
    (case,) = done.cases.values()
    assert case.id in page.text
    assert done.breaks[0].key[2] in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_people_are_shown_as_they_are_and_run_nowhere(language: str) -> None:
    page = Page(report_html(settlement(note=EVIL, owner=EVIL), teller(language)))
    assert "script" not in page.tags
    assert EVIL in page.text


def test_numbers_and_identifiers_are_isolated_from_right_to_left_text() -> None:
    html = report_html(settlement(), teller("ar"))
    for shown in ("\u221250.00", "R00000000001", "2026-11-22"):
        assert f'<bdi dir="ltr" class="n">{shown}</bdi>' in html or f'<bdi dir="ltr" class="id">{shown}</bdi>' in html


def test_no_page_and_no_table_shows_a_customers_whole_account() -> None:
    done = settlement()
    at_core = replace(done.breaks[0], peer=CORE, account=ACCOUNT, at_core=True, payee=f"customer:{ACCOUNT}")
    done = replace(done, findings=(*done.findings, at_core))
    shown = report_html(done, teller("ar")) + "".join(tables.breaks(done)) + "".join(tables.explained(done))
    assert ACCOUNT not in shown
    assert ACCOUNT[-4:] in shown


def test_a_page_of_very_many_breaks_names_the_file_that_has_them_all() -> None:
    done = settlement(STORIES_MAX + 7)
    page = Page(report_html(done, teller()))
    assert page.tags.count("article") == STORIES_MAX
    assert f"There are more, in the file breaks-{DAY}.csv: 7" in page.text
    assert len(list(tables.breaks(done))) == STORIES_MAX + 8


def test_a_page_of_very_many_cases_says_how_many_it_leaves_out() -> None:
    done = settlement()
    (known,) = done.cases.values()
    many = {(CORE, (f"{n}", "", "")): replace(known, id=f"{DAY}.{n:010x}") for n in range(ROWS_MAX + 3)}
    page = Page(report_html(replace(done, cases=many), teller()))
    assert page.text.count(f"{DAY}.0000") == ROWS_MAX
    assert "More cases: 3" in page.text


def test_the_sum_of_a_table_is_printed_once() -> None:
    assert "tfoot { display: table-row-group; }" in report_html(settlement(), teller())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cell_says_its_column_for_a_phone_that_shows_no_heads(language: str) -> None:
    """Half a number at the edge of a screen would look like a number."""
    html = report_html(settlement(), teller(language))
    cells = re.findall(r"<td[^>]*>", html)
    assert cells
    named = {escape(text) for text in said(language).values()} | {""}
    assert all((found := re.search(r'data-column="([^"]*)"', cell)) and found[1] in named for cell in cells)


def test_tables_are_the_settlement_in_minor_units() -> None:
    done = settlement()
    rows = list(csv.DictReader(tables.positions(done)))
    expected = {one.party: str(one.net_minor) for balance in done.balances for one in balance.positions}
    assert {row["party"]: row["net_minor"] for row in rows} == expected
    (row,) = csv.DictReader(tables.breaks(done))
    assert (row["kind"], row["difference_minor"], row["case"][:9]) == ("missing there", "-5000", f"{DAY}.")
    assert "posted 20261122 5000" in row["story"]


def test_an_owner_that_is_a_formula_is_a_text() -> None:
    done = settlement(owner="=HYPERLINK(0)")
    (row,) = csv.DictReader(tables.breaks(done))
    assert row["owner"] == "'=HYPERLINK(0)"


def test_a_day_that_is_open_says_that_its_figures_are_not_final() -> None:
    done = replace(settlement(), day=BusinessDay(DAY, "open", 100.0, None))
    assert said("en")["day_open"] in Page(report_html(done, teller())).text


def test_a_break_that_nobody_here_knows_has_no_story_and_says_so() -> None:
    done = settlement()
    unknown = replace(done.breaks[0], payment=b"", kind=Kind.MISSING_HERE)
    assert said("ar")["no_story"] in Page(report_html(replace(done, findings=(unknown,)), teller("ar"))).text


def test_a_story_tells_what_moved_in_the_order_of_the_books() -> None:
    done = settlement()
    (story,) = done.stories.values()
    whats = [step.what for step in story.steps]
    assert whats == [
        *(What.ACCEPTED, What.CORE_ASKED, What.BILLER_ASKED, What.HELD, What.POSTED),
        *(What.ANSWERED, What.NOTE, What.STATE),
    ]


def test_a_break_is_settled_once_its_case_is_over_and_not_before() -> None:
    done = settlement()
    ((at, case),) = done.cases.items()
    assert len(done.unsettled) == 1
    over = replace(done, cases={at: replace(case, state=CaseState.DISMISSED)})
    assert over.unsettled == ()
    other = replace(done, cases={at: replace(case, state=CaseState.DISMISSED, difference_minor=1)})
    assert len(other.unsettled) == 1
