"""What is shown after the pound dropped two zeros: of ceilings, days, totals and machines of either side."""

from __future__ import annotations

from pathlib import Path

import pytest

from switch.wire.figures import Figures, figure_fields
from tests.unit.commands.conftest import Barada
from tests.unit.commands.test_payments import Office
from tests.unit.engine.bench import SUBSCRIBER, Bench, request, reversal_of, transfer, withdrawal
from tests.unit.engine.customers import ceiling
from tests.unit.engine.test_currency_change import EVE, NEW, NEW_YEAR, NOON, OLD, SCALE, paid, turn

CHANGE = ('--set=currency.new_from="20260101"', '--set=currency.both_until="20260630"', "--set=limits=[]")
CASSETTE = ("21", "500000|760|100|OK")  # notes of 5,000 old


@pytest.fixture
def office(tmp_path: Path, barada: Barada, monkeypatch: pytest.MonkeyPatch) -> Office:
    """On the eve."""
    office = Office(tmp_path, barada, monkeypatch)
    (tmp_path / "eve").mkdir()
    office.bench = Bench(tmp_path / "eve", day=EVE, now=NOON, scale=SCALE)
    office._files[0] = f"--set=ledger.database={tmp_path / 'eve' / 'ledger.db'}"
    office._files.extend(CHANGE)
    monkeypatch.setattr("switch.commands.books.time.time", office.bench.clock.wall)
    return office


def test_a_ceiling_is_shown_in_the_pound_of_the_open_day_and_a_planned_one_in_that_of_its_first(office: Office) -> None:
    ceiling(office.bench, amount_max=1_000_00, per_day_amount_max=2_000_00)
    ceiling(office.bench, amount_max=70_00, from_day="20260201")
    paid(office.bench, office.bench.send(transfer("000001", 500_00, **OLD)))
    eve = office.say("subscribers", "show", SUBSCRIBER[1]).stdout
    assert "1,000.00 old" in eve, eve
    assert "70.00 (7,000.00 old)" in eve
    assert "500.00 old" in eve
    turn(office.bench)
    paid(office.bench, office.bench.send(transfer("000002", 3_00, **NEW)))
    after = office.say("subscribers", "show", SUBSCRIBER[1]).stdout
    assert "10.00 (1,000.00 old)" in after, after
    assert "3.00 (300.00 old)" in after, "what was used today"
    assert "20.00 (2,000.00 old)" in after, "of at most"
    listed = office.say("subscribers", "ceilings").stdout
    assert "10.00 (1,000.00 old)" in listed, listed


def test_a_programme_reads_units_of_the_books_for_use_and_what_was_ordered_as_it_was(office: Office) -> None:
    ceiling(office.bench, per_day_amount_max=2_000_00)
    turn(office.bench)
    paid(office.bench, office.bench.send(transfer("000002", 3_00, **NEW)))
    found = office.read("subscribers", "show", SUBSCRIBER[1])
    use = found["uses"][0]
    assert (use["amount_minor"], use["amount_max"], found["units"]) == (300_00, 2_000_00, 100)
    (ordered,) = found["ceilings"]
    assert (ordered["from_day"], ordered["per_day_amount_max"]) == (EVE, 2_000_00)


def test_a_days_totals_and_what_was_told_of_them_are_in_its_pound(office: Office) -> None:
    bench = office.bench
    paid(bench, bench.send(withdrawal("000001", 500_000, **OLD)))
    turn(bench)
    paid(bench, bench.send(withdrawal("000002", 5_000, **NEW)))
    assert "5,000.00 old" in office.say("day", "show", EVE).stdout
    assert "50.00 (5,000.00 old)" in office.say("day", "show", NEW_YEAR).stdout
    bench.close_day()
    bench.wait(5)
    theirs = figure_fields(Figures(debits=1, debits_minor=499_900).netted())
    bench.core.say("95", de66="2", **{f"de{de}": said for de, said in theirs.items()})
    said = office.say("reconciliations", "show", "core", "--day", EVE).stdout
    assert "5,000.00 old" in said, said
    assert "4,999.00 old" in said


def test_what_a_machine_holds_and_paid_is_shown_in_the_pound_of_today(office: Office) -> None:
    bench = office.bench
    bench.send(request("0620", "970000", "000001", ("20", "IN-SERVICE"), CASSETTE, de41="ATM00001", **OLD))
    bench.wait(60)
    paid(bench, bench.send(withdrawal("000002", 1_000_000, **OLD)))  # 2 notes
    eve = office.read("atms", "show", "ATM00001")
    assert (eve["cash_minor"], eve["cassettes"][0]["denomination_minor"]) == (98 * 500_000, 500_000)
    turn(bench)
    taken = withdrawal("000003", 15_000, **NEW)  # 3 notes
    paid(bench, bench.send(taken))
    bench.send(reversal_of(taken, "900001", de7=NEW["de7"], de95=f"{5_000:012d}".ljust(42, "0")))  # 1 came out
    after = office.read("atms", "show", "ATM00001")
    (cassette,) = after["cassettes"]
    assert (after["cash_minor"], cassette["denomination_minor"], cassette["notes"]) == (97 * 5_000, 5_000, 97)
