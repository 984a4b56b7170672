"""A channel's totals of a day: in balance, out of it, too early, and whatever can't be judged."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from switch.flow.reconciliation import Result
from switch.wire.figures import ELEMENTS, NET, Figures, figure_fields, parse_figures
from tests.unit.engine.bench import DAY, Bench, bill_payment, reversal_of, transfer, withdrawal
from tests.unit.engine.days import NEXT_DAY, close, kept, totals_of

KEY = f"{DAY}|000123|100|760"
COUNTED = Figures(
    debits=2,
    debit_reversals=1,
    transfers=1,
    transfer_reversals=1,
    debits_minor=225_000,
    debit_reversals_minor=40_000,
).netted()


def standing(amount: int) -> str:
    return f"{amount:012d}".ljust(42, "0")


def a_days_traffic(bench: Bench) -> None:
    """A bill, a withdrawal of which a part came out, a transfer that was taken back, and one that was declined."""
    bench.send(bill_payment())
    bench.core.say("00")
    bench.biller.say("00")
    bench.send(withdrawal())
    bench.core.say("00")
    bench.send(reversal_of(withdrawal(), de95=standing(60_000)))
    bench.core.say("00")
    bench.send(transfer())
    bench.core.say("00")
    bench.send(reversal_of(transfer(), "900002"))
    bench.core.say("00")
    bench.send(transfer("000009"))
    bench.core.say("51")


def test_an_acquirer_that_counted_the_same_is_in_balance(bench: Bench) -> None:
    a_days_traffic(bench)
    close(bench)
    answer = bench.send(totals_of(COUNTED)).answers[0]
    assert (answer["t"], answer["39"], answer["66"], answer["15"]) == ("0510", "00", "1", DAY[4:])
    assert answer["32"] == "000123"
    assert not set(ELEMENTS) & set(answer)
    assert kept(bench)[KEY].result is Result.BALANCED
    assert bench.counters.get("reconciliations", "channel", "in balance") == 1
    assert bench.told[-1] == {"acquirer": "000123", "day": DAY, "outcome": "in balance"}


@pytest.mark.parametrize("de", ELEMENTS)
def test_any_figure_that_differs_is_95_with_all_of_ours(bench: Bench, de: str) -> None:
    a_days_traffic(bench)
    close(bench)
    said = figure_fields(COUNTED)
    wrong = said | {de: said[de][:-1] + str((int(said[de][-1]) + 1) % 10)}
    answer = bench.send(totals_of(COUNTED) | wrong).answers[0]
    assert (answer["39"], answer["66"]) == ("95", "2")
    assert parse_figures(answer) == COUNTED
    row = kept(bench)[KEY]
    assert (row.result, row.differs, row.ours, row.theirs) == (
        Result.OUT_OF_BALANCE,
        (de,),
        COUNTED,
        parse_figures(wrong),
    )
    assert "out of balance" in bench.reports


def test_the_wrong_sign_of_the_net_is_out_of_balance(bench: Bench) -> None:
    a_days_traffic(bench)
    close(bench)
    assert bench.send(totals_of(replace(COUNTED, net_minor=-COUNTED.net_minor))).code == "95"
    assert kept(bench)[KEY].differs == (NET,)


@pytest.mark.parametrize("mti", ["0500", "0501", "0520", "0521"])
def test_asking_and_telling_and_repeating_are_judged_alike(bench: Bench, mti: str) -> None:
    close(bench)
    answer = bench.send(totals_of(Figures(), mti)).answers[0]
    assert (answer["t"], answer["39"], answer["66"]) == ("0510" if mti < "0520" else "0530", "00", "1")


def test_no_traffic_is_in_balance_with_zeros(bench: Bench) -> None:
    close(bench)
    assert bench.send(totals_of(Figures())).code == "00"
    assert bench.send(totals_of(replace(Figures(), debits=1))).code == "95"


def test_another_acquirers_traffic_is_not_counted(bench: Bench) -> None:
    bench.send(transfer())
    bench.core.say("00")
    bench.send(transfer("000007", de32="0001234"))
    bench.core.say("00")
    close(bench)
    assert bench.send(totals_of(Figures(transfers=1))).code == "00"
    assert bench.send(totals_of(Figures(transfers=1), stan="700002", de32="0001234")).code == "00"
    assert set(kept(bench)) == {KEY, f"{DAY}|0001234|100|760"}


def test_a_repeat_about_a_closed_day_gets_the_same_answer_for_ever(bench: Bench) -> None:
    """What is posted later is of another day, whatever day its payment was of."""
    a_days_traffic(bench)
    close(bench)
    asked = totals_of(replace(COUNTED, debits=3))
    first = bench.send(asked).answers
    bench.engine.start(NEXT_DAY, lambda: None)
    bench.send(transfer("000011"))
    bench.core.say("00")
    bench.send(reversal_of(bill_payment(), "900003"))
    bench.biller.say("00")
    assert bench.send(asked).answers == first
    assert bench.send(asked | {"t": "0501"}).answers == first
    close(bench, NEXT_DAY, "20261124")
    bench.restart()
    assert bench.send(asked | {"t": "0501"}).answers == first


def test_a_repeat_writes_nothing_and_other_figures_stand_from_then_on(bench: Bench) -> None:
    close(bench)
    bench.send(totals_of(Figures()))
    at = kept(bench)[KEY].at
    bench.wait(60)
    bench.send(totals_of(Figures(), "0501"))
    assert kept(bench)[KEY].at == at
    bench.send(totals_of(replace(Figures(), debits=1), stan="700002"))
    assert kept(bench)[KEY].result is Result.OUT_OF_BALANCE
    bench.send(totals_of(Figures(), stan="700003"))
    assert kept(bench)[KEY].result is Result.BALANCED


def test_a_day_that_is_still_open_is_too_early_and_not_final(bench: Bench) -> None:
    asked = totals_of(Figures())
    answer = bench.send(asked).answers[0]
    assert (answer["39"], answer["66"], answer["15"]) == ("09", "3", DAY[4:])
    assert not set(ELEMENTS) & set(answer)
    assert kept(bench)[KEY].result is Result.TOO_EARLY
    close(bench)
    assert bench.send(asked | {"t": "0501"}).code == "00"
    assert kept(bench)[KEY].result is Result.BALANCED


def test_a_day_to_come_is_too_early_and_leaves_no_row(bench: Bench) -> None:
    answer = bench.send(totals_of(Figures(), de15="1201")).answers[0]
    assert (answer["39"], answer["66"], answer["15"]) == ("09", "3", "1201")
    assert not kept(bench)


def test_a_day_that_was_none_is_12(bench: Bench) -> None:
    answer = bench.send(totals_of(Figures(), de15="1121")).answers[0]
    assert (answer["39"], answer["15"]) == ("12", "1121")
    assert "66" not in answer
    assert not kept(bench)


def test_the_year_is_the_one_nearest_to_the_business_day(bench: Bench) -> None:
    close(bench, DAY, "20270102")
    bench.engine.start("20270102", lambda: None)
    assert bench.send(totals_of(Figures())).code == "00"
    assert set(kept(bench)) == {KEY}


def test_another_currency_is_12(bench: Bench) -> None:
    close(bench)
    assert bench.send(totals_of(Figures(), de49="840")).code == "12"
    assert not kept(bench)


@pytest.mark.parametrize("place", ["7", "11", "15", "32", "49", *ELEMENTS, "99"])
def test_what_is_missing_is_30_with_the_place(bench: Bench, place: str) -> None:
    close(bench)
    fields = totals_of(Figures())
    del fields[place]
    answer = bench.send(fields | {"41": "GW000001"}).answers[0]
    assert answer["39"] == "30"
    assert answer["63"].endswith(f"({place})")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("15", "1301"),
        ("15", "0230"),
        ("15", "0229"),  # no leap year is near
        ("7", "0230000000"),
        ("74", "000000000x"),
        ("88", "-000000000000001"),
        ("97", "X0000000000000000"),
        ("97", "00000000000000000"),
        ("99", "12345A"),
    ],
)
def test_what_is_malformed_is_30_with_the_place(bench: Bench, place: str, value: str) -> None:
    answer = bench.send(totals_of(Figures()) | {place: value}).answers[0]
    assert answer["39"] == "30"
    assert answer["63"].endswith(f"({place})")


def test_while_the_books_are_away_nothing_final_is_said(bench: Bench) -> None:
    close(bench)
    bench.books.unreadable = True
    assert bench.send(totals_of(Figures())).code == "09"
    bench.books.unreadable = False
    bench.books.away = True
    assert bench.send(totals_of(Figures())).code == "09"
    bench.books.away = False
    assert bench.send(totals_of(Figures())).code == "00"


def test_while_the_books_hang_the_channel_waits_no_longer_than_it_may(bench: Bench) -> None:
    close(bench)
    bench.books.silent = True
    asked = bench.send(totals_of(Figures()))
    bench.wait(24)
    assert not asked.answers
    bench.wait(1)
    assert [(answer["39"], answer["15"]) for answer in asked.answers] == [("09", DAY[4:])]
    assert bench.counters.total("reconciliations") == 0


def test_two_at_once_are_both_kept_and_the_newest_stands(bench: Bench) -> None:
    close(bench)
    with bench.books.held_up():
        right = bench.send(totals_of(Figures()))
        wrong = bench.send(totals_of(replace(Figures(), debits=1), stan="700002"))
    assert (right.code, wrong.code) == ("00", "95")
    assert kept(bench)[KEY].result is Result.OUT_OF_BALANCE


def test_the_outcome_is_durable_before_it_is_told(bench: Bench) -> None:
    close(bench)
    with bench.books.held_up():
        asked = bench.send(totals_of(Figures()))
        assert not asked.answers
    assert [answer["39"] for answer in asked.answers] == ["00"]


def test_a_reversal_of_an_older_day_counts_in_its_own(bench: Bench) -> None:
    bench.send(transfer())
    bench.core.say("00")
    close(bench)
    bench.engine.start(NEXT_DAY, lambda: None)
    bench.send(reversal_of(transfer()))
    bench.core.say("00")
    close(bench, NEXT_DAY, "20261124")
    assert bench.send(totals_of(Figures(transfers=1))).code == "00"
    assert bench.send(totals_of(Figures(transfer_reversals=1), stan="700002", de15=NEXT_DAY[4:])).code == "00"
