"""What a simulated host writes of its day is what it did, and what is planted in it is what a settlement finds."""

from __future__ import annotations

import datetime as dt

import pytest

from simulators.day_files import parse_faults
from simulators.hosts.end_of_day import end_of_day
from simulators.hosts.file_faults import FOUND_AS, FileFault, plant
from switch.settlement.file import EndOfDay, file_text, read_file
from switch.settlement.line import Kind
from tests.unit.settlement.making import CORE, DAY, line
from tests.unit.simulators.asking import n12
from tests.unit.simulators.core_bench import CURRENT, Bench


def lines_of(bench: Bench, day: str = DAY) -> EndOfDay:
    return end_of_day(bench.path / "core.db", CORE, day, is_core=True)


def test_every_movement_is_a_line_that_names_the_question(bench: Bench) -> None:
    bench.pay(1000)
    asked = bench.asker.asked
    bench.withdraw(5000)
    payment, cash = sorted(lines_of(bench).lines, key=lambda one: one.amount_minor)
    assert (payment.reference, payment.stan, payment.transmitted_at) == (asked["37"], asked["11"], asked["7"])
    assert (payment.kind, payment.account, payment.amount_minor) == (Kind.DEBIT, CURRENT, 1000)
    assert (cash.payee, cash.amount_minor, cash.at) == ("atm:GW000001", 5000, "2026-11-22T09:00:00.000Z")


def test_what_was_given_back_is_a_line_of_the_same_question(bench: Bench) -> None:
    bench.withdraw(5000)
    bench.asker.reverse(bench.asker.asked, stands=2000)
    took, gave = sorted(lines_of(bench).lines, key=lambda one: one.back)
    assert took.key == gave.key
    assert (gave.kind, gave.amount_minor, gave.account, gave.payee) == (
        *(Kind.REVERSAL, 3000, took.account, took.payee),
    )


def test_what_was_refused_and_what_was_there_before_is_no_movement(bench: Bench) -> None:
    assert bench.pay(10**11)["39"] == "51"
    assert lines_of(bench).lines == ()


def test_a_file_has_its_own_day_alone(bench: Bench) -> None:
    bench.pay(1000)
    asked = bench.asker.asked
    bench.clock.at += dt.timedelta(days=1)
    bench.asker.reverse(asked, de4=n12(1000))
    assert [one.kind for one in lines_of(bench).lines] == [Kind.DEBIT]
    assert [one.kind for one in lines_of(bench, "20261123").lines] == [Kind.REVERSAL]


def test_what_is_written_can_be_read(bench: Bench) -> None:
    bench.pay(1000)
    file = lines_of(bench)
    assert read_file([text.encode() for text in file_text(file)], CORE, DAY, ("100",)) == file


def test_faults_are_planted_as_told_and_the_same_seed_plants_the_same() -> None:
    file = EndOfDay(CORE, DAY, tuple(line(number) for number in range(1, 20)))
    changed, planted = plant(file, list(FileFault), 5)
    assert [one.fault for one in planted] == list(FileFault)
    assert [one.kind for one in planted] == [FOUND_AS[fault] for fault in FileFault]
    assert len({one.key for one in planted}) == len(planted)
    assert len(changed.lines) == len(file.lines) + 1  # one less, one more, one twice
    assert plant(file, list(FileFault), 5) == (changed, planted)


def test_no_more_is_planted_than_the_file_has_payments_for() -> None:
    file = EndOfDay(CORE, DAY, (line(1), line(2), line(2, back=True)))
    assert len(plant(file, [FileFault.DROP] * 3, 0)[1]) == 1


@pytest.mark.parametrize(("text", "words"), [("burn=1", "allowed: drop"), ("drop", "how many"), ("drop=x", "how many")])
def test_what_is_no_number_of_faults_says_what_is_allowed(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_faults(text)
    assert parse_faults("drop=2, twice=1") == {FileFault.DROP: 2, FileFault.TWICE: 1}
