"""The switch's own question about a closed day: to whom, with which figures, and how often."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from switch.engine.peer_totals import LOOK_EVERY_S, PAUSES, YOUNG_S
from switch.flow.reconciliation import Result
from switch.flow.share import Share
from switch.wire.figures import Figures, figure_fields, parse_figures
from tests.unit.engine.bench import DAY, Bench, bill_payment, reversal_of, transfer, withdrawal
from tests.unit.engine.days import NEXT_DAY, close, kept

CORE, POWER = f"{DAY}|100|peers.core|760", f"{DAY}|100|peers.power|760"


def look(bench: Bench) -> None:
    bench.wait(LOOK_EVERY_S)


def wait_for(bench: Bench, seconds: float) -> None:
    """As the sweep sees it."""
    bench.clock.now += seconds
    look(bench)


def a_days_traffic(bench: Bench) -> None:
    """A bill; a withdrawal of which a part came out; a transfer; and one that the core never answered."""
    bench.send(bill_payment())
    bench.core.say("00")
    bench.biller.say("00")
    bench.send(withdrawal())
    bench.core.say("00")
    bench.send(reversal_of(withdrawal(), de95=f"{60_000:012d}".ljust(42, "0")))
    bench.core.say("00")
    bench.send(transfer())
    bench.core.say("00")
    bench.send(transfer("000009"))
    bench.core.fall_silent()
    bench.core.say("00")


def test_after_the_close_each_peer_is_asked_about_what_was_posted_with_its_word(bench: Bench) -> None:
    a_days_traffic(bench)
    close(bench)
    look(bench)
    core, power = bench.core.question, bench.biller.question
    assert {de: core[de] for de in ("t", "15", "32", "49", "99")} == {
        "t": "0500",
        "15": DAY[4:],
        "32": "100",
        "49": "760",
        "99": "100",
    }
    assert core["7"]
    assert core["11"]
    assert (
        parse_figures(core)
        == Figures(
            debits=2, debit_reversals=1, transfers=1, debits_minor=225_000, debit_reversals_minor=40_000
        ).netted()
    )
    assert parse_figures(power) == Figures(debits=1, debits_minor=125_000).netted()


def test_while_a_day_is_open_nobody_is_asked(bench: Bench) -> None:
    look(bench)
    assert not bench.core.asked
    assert not kept(bench)


def test_in_balance_is_the_end_of_it(bench: Bench) -> None:
    close(bench)
    look(bench)
    bench.core.say("00", de66="1")
    bench.biller.say("00", de66="1")
    assert {key: row.result for key, row in kept(bench).items()} == {CORE: Result.BALANCED, POWER: Result.BALANCED}
    for _ in range(3):
        wait_for(bench, PAUSES.most_s)
    bench.restart()
    look(bench)
    assert not bench.core.asked
    assert not bench.biller.asked
    assert bench.counters.get("reconciliations", "core", "in balance") == 1


def test_what_stands_is_what_must_agree(bench: Bench) -> None:
    """A debit that was taken back before it was posted here is a debit and a reversal there."""
    a_days_traffic(bench)
    close(bench)
    look(bench)
    ours = parse_figures(bench.core.question)
    theirs = replace(ours, transfers=ours.transfers + 1, transfer_reversals=ours.transfer_reversals + 1)
    bench.core.say("95", de66="2", **_figures(theirs))
    row = kept(bench)[CORE]
    assert (row.result, row.theirs, row.next_at) == (Result.BALANCED, theirs, None)


def test_a_peer_that_is_out_of_balance_is_asked_anew_with_growing_pauses(bench: Bench) -> None:
    close(bench)
    look(bench)
    asked = []
    for attempt in range(1, 5):
        asked.append(bench.biller.question)
        bench.biller.say("95", de66="2", **_figures(Figures(debits=1, debits_minor=500).netted()))
        row = kept(bench)[POWER]
        assert (row.result, row.attempts, row.differs) == (Result.OUT_OF_BALANCE, attempt, ("76", "97"))
        wait_for(bench, PAUSES.delay_s(attempt, 0) - LOOK_EVERY_S - 1)
        assert not bench.biller.asked
        wait_for(bench, 1)
    assert {question["t"] for question in asked} == {"0500"}
    assert len({question["11"] for question in asked}) == 4
    assert "out of balance" in bench.reports
    bench.biller.say("00", de66="1")
    assert kept(bench)[POWER].result is Result.BALANCED


def test_silence_is_no_balance_and_repeats_the_question_as_it_was(bench: Bench) -> None:
    close(bench)
    look(bench)
    first = bench.biller.question
    bench.biller.fall_silent()
    assert kept(bench)[POWER].result is Result.NONE
    bench.restart()
    wait_for(bench, PAUSES.first_s)
    assert bench.biller.question == first | {"t": "0501"}
    bench.biller.fall_silent()
    wait_for(bench, PAUSES.first_s)
    assert not bench.biller.asked
    wait_for(bench, PAUSES.first_s)
    bench.biller.say("00", de66="1")
    assert kept(bench)[POWER].result is Result.BALANCED


def test_silence_after_a_word_leaves_nothing_of_the_word(bench: Bench) -> None:
    close(bench)
    look(bench)
    bench.biller.say("95", de66="2", **_figures(Figures(debits=1, debits_minor=500).netted()))
    wait_for(bench, PAUSES.first_s)
    bench.biller.fall_silent()
    row = kept(bench)[POWER]
    assert (row.result, row.code, row.theirs, row.differs, row.attempts) == (Result.NONE, "", None, (), 2)


def test_a_question_that_is_too_old_to_be_taken_is_asked_anew(bench: Bench) -> None:
    close(bench)
    look(bench)
    first = bench.biller.question
    bench.biller.fall_silent()
    wait_for(bench, 60)
    assert (bench.biller.question["t"], bench.biller.question["11"] != first["11"]) == ("0500", True)


def test_an_answer_that_comes_late_counts(bench: Bench) -> None:
    close(bench)
    look(bench)
    question = dict(bench.biller.question)
    late = bench.biller.fall_silent()
    bench.biller.asked.append((question, late))
    bench.biller.say("00", de66="1")
    assert kept(bench)[POWER].result is Result.BALANCED


@pytest.mark.parametrize(("code", "extra"), [("12", {}), ("00", {}), ("91", {}), ("12", {"de66": "1"})])
def test_what_says_nothing_is_no_balance(bench: Bench, code: str, extra: dict[str, str]) -> None:
    close(bench)
    look(bench)
    bench.biller.say(code, **extra)
    row = kept(bench)[POWER]
    assert (row.result, row.code) == (Result.NONE, code)
    wait_for(bench, PAUSES.first_s)
    assert bench.biller.question["t"] == "0500"


def test_a_peer_that_is_down_is_asked_when_it_is_back(bench: Bench) -> None:
    bench.biller.ready = False
    close(bench)
    look(bench)
    assert not bench.biller.asked
    bench.biller.ready = True
    look(bench)
    bench.biller.be_unreachable()  # no byte left: no attempt was made
    assert POWER not in kept(bench)
    look(bench)
    assert bench.biller.question["t"] == "0500"


def test_while_a_question_is_out_no_other_is_asked(bench: Bench) -> None:
    close(bench)
    for _ in range(5):
        look(bench)
    assert len(bench.core.asked) == len(bench.biller.asked) == 1


def test_a_day_that_was_closed_long_ago_is_left_alone(bench: Bench) -> None:
    close(bench)
    bench.clock.now += YOUNG_S + 1
    look(bench)
    assert not bench.core.asked


def test_a_peer_that_does_not_reconcile_is_not_asked(bench: Bench) -> None:
    bench.silent_about_totals = ("power",)
    bench.start()
    close(bench)
    look(bench)
    assert bench.core.asked
    assert not bench.biller.asked


def test_of_several_workers_the_first_one_asks(bench: Bench) -> None:
    bench.share = Share(1, 2)
    bench.start()
    close(bench)
    look(bench)
    assert not bench.core.asked
    bench.share = Share(0, 2)
    bench.start()
    look(bench)
    assert bench.core.asked


def test_each_closed_day_is_asked_about(bench: Bench) -> None:
    close(bench)
    close(bench, NEXT_DAY, "20261124")
    look(bench)
    assert {fields["15"] for fields, _ in bench.core.asked} == {DAY[4:], NEXT_DAY[4:]}


def test_while_the_books_are_away_it_waits(bench: Bench) -> None:
    close(bench)
    bench.books.unreadable = True
    look(bench)
    assert not bench.core.asked
    bench.books.unreadable = False
    look(bench)
    bench.books.away = True
    bench.core.say("00", de66="1")
    assert CORE not in kept(bench)
    bench.books.away = False
    look(bench)
    bench.core.say("00", de66="1")
    assert kept(bench)[CORE].result is Result.BALANCED


def _figures(figures: Figures) -> dict[str, str]:
    return {f"de{de}": value for de, value in figure_fields(figures).items()}
