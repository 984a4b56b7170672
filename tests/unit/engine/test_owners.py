"""Two switches on the same books, or one after the other: nobody decides twice, and only an owner asks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ledger.queries import Query
from switch.engine.recovery import RETRY_S
from switch.flow.terms import Promises
from tests.unit.engine.bench import (
    BEST,
    REFUSALS,
    Bench,
    FailingBooks,
    HandPeer,
    bill_payment,
    repeat_of,
    reversal_of,
    transfer,
)

QUERY = "39"


class SpoiltBooks(FailingBooks):
    """Books with a row that nobody can read."""

    spoilt = b""

    def ask(self, query: Query, done: Callable[[Any], None]) -> None:
        super().ask(query, lambda answer: done(self._spoil(answer)))

    def _spoil(self, answer: Any) -> Any:
        if not isinstance(answer, list):
            return answer
        return [replace(row, record=b"?") if getattr(row, "id", None) == self.spoilt else row for row in answer]


class Second:
    """Another switch on the bench's books, with lines of its own to the same peers."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.first = bench.engine, bench.core, bench.biller
        self.core, self.biller = HandPeer("core"), HandPeer("power")
        bench.core, bench.biller = self.core, self.biller
        self.engine = bench.start()
        self.rest()

    def act(self) -> None:
        """What the bench does is now done to the second switch."""
        self._bench.engine, self._bench.core, self._bench.biller = self.engine, self.core, self.biller

    def rest(self) -> None:
        """And now to the first again."""
        self._bench.engine, self._bench.core, self._bench.biller = self.first


def test_a_stale_approval_of_one_leg_is_reread_and_the_channel_hears_what_the_other_decided(bench: Bench) -> None:
    asked = bench.send(transfer())
    second = Second(bench)
    assert second.core.question["t"] == "0420", "it was taken over: given back"
    bench.core.say("00")
    assert asked.code == "91"
    assert bench.counters.total("commits_stale") == 1
    second.core.say("00")
    assert bench.states == {"RELEASED": 1}
    assert bench.net_minor("customer:10000000000001") == bench.held_minor("customer:10000000000001") == 0
    assert bench.send(repeat_of(transfer())).code == "91"


def test_a_bill_that_the_first_owner_still_pays_is_posted_once_by_whoever_knows_first(bench: Bench) -> None:
    asked = bench.send(bill_payment())
    second = Second(bench)
    assert second.biller.question["3"][:2] == QUERY, "taken over: it may have been paid, so it is asked about"
    bench.core.say("00")
    bench.biller.say("00")
    assert asked.code is None or asked.code == "00"
    second.biller.say("00")
    assert bench.states == {"POSTED": 1}
    assert bench.net_minor("biller:ELEC") == 125_000
    assert bench.send(repeat_of(bill_payment())).code == "00"
    assert bench.books_agree()


def test_an_undo_of_the_second_decides_even_if_the_first_pays_after_it(bench: Bench) -> None:
    """R4: once the undo is committed, only its word counts; the first owner's payment met the biller's tombstone."""
    bench.send(bill_payment())
    second = Second(bench)
    second.biller.say("25")
    assert second.biller.question["t"] == "0420"
    bench.core.say("00")
    assert bench.biller.question["3"][:2] == "50"
    second.biller.say("25")
    assert second.core.question["t"] == "0420"
    bench.biller.say("68")
    second.core.say("00")
    assert bench.states == {"RELEASED": 1}
    assert bench.net_minor("biller:ELEC") == 0


def test_a_reversal_at_the_switch_that_is_not_the_owner_does_not_free_money_that_may_have_been_paid(
    tmp_path: Path,
) -> None:
    """R2: the second did not see what was asked; it must not take the biller's silence for granted."""
    bench = Bench(tmp_path, biller_promises=BEST)
    second = Second(bench)  # it starts before the payment and so does not take it over
    bench.send(bill_payment())
    bench.core.say("00")
    second.act()
    cancelled = bench.send(reversal_of(bill_payment()))
    assert not second.core.asked, "the core is not told before the biller's word"
    assert cancelled.code == "09"
    second.rest()
    bench.biller.say("00")
    second.act()
    second.biller.say("00")
    if second.biller.asked:
        second.biller.say("00")
    second.core.say("00")
    assert bench.net_minor("biller:ELEC") == 0
    assert bench.states == {"RELEASED": 1}


def test_the_biller_that_only_takes_repeats_is_not_asked_by_an_owner_that_was_overtaken(tmp_path: Path) -> None:
    bench = Bench(tmp_path, biller_promises=Promises(repeats=True, refusals=REFUSALS))
    bench.send(bill_payment())
    second = Second(bench)
    assert second.core.question["t"] == "0420"
    bench.core.say("00")
    assert not bench.biller.asked, "its third commit was stale"


def test_what_is_due_at_both_is_done_by_one(bench: Bench) -> None:
    bench.send(transfer())
    bench.core.fall_silent()
    second = Second(bench)
    bench.wait(2)
    second.act()
    bench.wait(0)
    advices = [fields["t"] for fields, _ in (*second.first[1].asked, *second.core.asked)]
    assert advices.count("0421") == 1


def test_a_stale_owner_goes_on_if_the_other_dies(bench: Bench) -> None:
    """The row that was reread has a next action, and this switch does it when it is due."""
    bench.send(bill_payment())
    Second(bench)
    bench.core.say("00")
    bench.biller.fall_silent()
    assert bench.counters.total("commits_stale") == 1
    bench.wait(5)
    assert bench.biller.question["3"][:2] == QUERY
    bench.biller.say("00")
    assert bench.states == {"POSTED": 1}


def test_recovery_waits_for_books_that_are_away(bench: Bench) -> None:
    bench.send(transfer())
    bench.books.unreadable = True
    bench.restart()
    assert bench.engine.open_payments == 0
    bench.books.unreadable = False
    bench.wait(RETRY_S)
    assert bench.engine.open_payments == 1
    assert bench.core.question["t"] == "0420"


def test_one_row_that_cannot_be_read_stops_no_other(bench: Bench) -> None:
    bench.send(transfer())
    bench.send(transfer("000007"))
    bench.books = books = SpoiltBooks(bench.store)
    books.spoilt = bench.open_rows()[0].id
    bench.restart()
    assert len(bench.core.asked) == 1
    assert "engine fault" in bench.reports


def test_many_open_payments_are_taken_up_as_fast_as_the_peer_may_be_asked(bench: Bench) -> None:
    for number in range(1_200):
        bench.send(transfer(f"{number:06d}"))
    bench.restart()
    at_once = len(bench.core.asked)
    assert 0 < at_once < 200
    assert bench.engine.open_payments == 1_200
    for _ in range(400):
        while bench.core.asked:
            bench.core.say("00")
        bench.wait(0.5)
        assert len(bench.core.asked) <= at_once
    assert bench.states == {"RELEASED": 1_200}
