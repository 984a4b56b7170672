"""A day's totals: what is counted as what, and that nothing that differs is called the same."""

from __future__ import annotations

import msgspec
import pytest

from ledger.model import DayTotal
from switch.flow.totals import (
    DEBIT,
    TRANSFER,
    acquirer_prefix,
    differing,
    figures_of,
    heading,
    standing_differently,
    through,
)
from switch.services.table import COUNTED_AS, SERVICES
from switch.wire.figures import COUNTS, ELEMENTS, NET, SUMS, Figures

DAY, CURRENCY = "20261122", "760"
OURS = Figures(
    debits=7,
    debit_reversals=2,
    transfers=5,
    transfer_reversals=1,
    debits_minor=900,
    debit_reversals_minor=150,
).netted()


def total(heading: str, posted: int, posted_minor: int, back: int = 0, back_minor: int = 0) -> DayTotal:
    return DayTotal(DAY, heading, CURRENCY, posted_minor, posted, back_minor, back)


def changed(de: str, by: int) -> Figures:
    name = "net_minor" if de == NET else COUNTS.get(de) or SUMS[de]
    return msgspec.structs.replace(OURS, **{name: getattr(OURS, name) + by})


def test_every_service_that_moves_money_is_counted_and_no_other() -> None:
    for service in SERVICES:
        assert all((code in COUNTED_AS) == service.moves_money for code in service.codes)


def test_a_heading_names_the_acquirer_the_kind_and_the_peers() -> None:
    assert heading("000123", DEBIT, "core", "power") == "000123|debit|core|power"
    assert heading("000123", TRANSFER, "core") == "000123|transfer|core|"
    assert heading("000123", DEBIT, "core").startswith(acquirer_prefix("000123"))
    assert not heading("0001234", DEBIT, "core").startswith(acquirer_prefix("000123"))


def test_debits_have_a_sum_transfers_only_a_number_and_credits_are_zero() -> None:
    found = figures_of([total("1|debit|core|", 7, 900, 2, 150), total("1|transfer|core|", 5, 70_000, 1, 900)], CURRENCY)
    assert found == OURS
    assert found.net_minor == 750


def test_sums_are_added_up_in_units_of_the_books_and_a_fraction_of_the_day_is_dropped_once() -> None:
    totals = [total("1|debit|core|", 1, 150), total("1|debit|core|power", 1, 170, 1, 199)]
    found = figures_of(totals, CURRENCY, 100)
    assert (found.debits_minor, found.debit_reversals_minor, found.net_minor) == (3, 1, 2)


def test_headings_of_one_acquirer_are_added_up_and_other_currencies_left_out() -> None:
    some = [total("1|debit|core|", 3, 400), total("1|debit|core|power", 4, 500)]
    assert figures_of([*some, DayTotal(DAY, "1|debit|core|", "840", 9, 9)], CURRENCY) == figures_of(
        [total("1|debit|core|", 7, 900)], CURRENCY
    )


def test_a_heading_of_another_kind_is_none_of_these() -> None:
    assert figures_of([total("1|fee|core|", 7, 900)], CURRENCY) == Figures()


def test_no_traffic_is_zeros() -> None:
    assert figures_of([], CURRENCY) == Figures()


def test_a_peers_totals_are_those_of_the_headings_that_name_it() -> None:
    one, two = total("1|debit|core|", 1, 100), total("2|debit|core|power", 1, 50)
    assert through([one, two], "core") == [one, two]
    assert through([one, two], "power") == [two]
    assert through([one, two], "debit") == []
    assert through([one, two], "2") == []


@pytest.mark.parametrize("by", [1, -1])
@pytest.mark.parametrize("de", ELEMENTS)
def test_each_figure_off_by_one_is_seen(de: str, by: int) -> None:
    assert differing(OURS, changed(de, by)) == (de,)
    assert differing(changed(de, by), OURS) == (de,)


def test_the_same_figures_do_not_differ() -> None:
    assert differing(OURS, OURS) == ()
    assert standing_differently(OURS, OURS) == ()


@pytest.mark.parametrize("de", ELEMENTS)
def test_with_a_peer_each_figure_off_by_one_is_seen_too(de: str) -> None:
    """One more debit that is not taken back is one more that stands."""
    assert standing_differently(OURS, changed(de, 1))


def test_with_a_peer_a_debit_that_was_taken_back_whole_is_no_difference() -> None:
    theirs = msgspec.structs.replace(
        OURS,
        debits=OURS.debits + 1,
        debit_reversals=OURS.debit_reversals + 1,
        debits_minor=OURS.debits_minor + 40,
        debit_reversals_minor=OURS.debit_reversals_minor + 40,
        transfers=OURS.transfers + 1,
        transfer_reversals=OURS.transfer_reversals + 1,
    ).netted()
    assert standing_differently(OURS, theirs) == ()
    assert differing(OURS, theirs) == ("76", "77", "78", "79", "88", "89")


def test_with_a_peer_a_part_that_was_given_back_in_another_amount_is_seen() -> None:
    theirs = msgspec.structs.replace(OURS, debit_reversals_minor=OURS.debit_reversals_minor + 1).netted()
    assert standing_differently(OURS, theirs) == (NET,)
