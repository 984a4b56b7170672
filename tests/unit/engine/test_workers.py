"""Two workers on the same books: each takes up what it began, whoever is asked may go on, and nothing is left lying."""

from __future__ import annotations

from pathlib import Path

import pytest

from switch.engine.engine import Engine
from switch.engine.patrol import EVERY_S, OVERDUE_S
from switch.flow.share import ALONE, Share
from tests.unit.engine.bench import Bench, HandPeer, bill_payment, repeat_of, reversal_of, transfer


class Workers:
    """`of(k)` plays worker k from then on; `restart(k)` kills it and starts it again."""

    def __init__(self, tmp_path: Path, workers: int = 2) -> None:
        self.bench = Bench(tmp_path)
        self.workers = workers
        self._engines: dict[int, tuple[Engine, HandPeer, HandPeer]] = {}
        for worker in range(workers):
            self.restart(worker)

    def of(self, worker: int) -> Bench:
        bench = self.bench
        bench.share = Share(worker, self.workers)
        bench.engine, bench.core, bench.biller = self._engines[worker]
        return bench

    def restart(self, worker: int) -> Bench:
        bench = self.bench
        bench.share, bench.core, bench.biller = Share(worker, self.workers), HandPeer("core"), HandPeer("power")
        self._engines[worker] = bench.start(), bench.core, bench.biller
        return bench


def test_a_worker_that_starts_again_leaves_alone_what_another_has_in_flight(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    asked = workers.of(0).send(transfer())
    assert not workers.restart(1).core.asked
    assert workers.of(1).engine.open_payments == 0
    workers.of(0).core.say("00")
    assert asked.code == "00"
    assert workers.bench.counters.total("commits_stale") == 0


def test_a_worker_that_starts_again_takes_up_what_it_began(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    workers.of(1).send(transfer())
    assert workers.restart(1).core.question["t"] == "0420"


def test_with_fewer_workers_than_before_nothing_is_left_lying(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    for worker in range(2):
        workers.of(worker).send(transfer(f"00000{worker}"))
    workers.bench.share = ALONE
    workers.bench.core = HandPeer("core")
    workers.bench.start()
    assert [fields["t"] for fields, _ in workers.bench.core.asked] == ["0420", "0420"]


def test_a_repeat_at_another_worker_hears_09_and_then_the_one_answer(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    asked = workers.of(0).send(transfer())
    assert workers.of(1).send(repeat_of(transfer())).code == "09"
    assert workers.bench.engine.open_payments == 0, "asking after it is not taking it over"
    workers.of(0).core.say("00")
    assert asked.code == "00"
    assert workers.of(1).send(repeat_of(transfer())).code == "00"


def test_whoever_was_overtaken_answers_by_the_books_not_by_its_memory(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    workers.of(0).send(bill_payment())
    workers.of(0).core.say("00")
    workers.of(1).send(reversal_of(bill_payment()))
    workers.of(1).biller.say("25")  # it does not know the payment yet,
    workers.of(1).biller.say("25")  # and will not take it any more
    workers.of(1).core.say("00")
    assert workers.bench.states == {"RELEASED": 1}
    assert workers.of(0).engine.open_payments == 1, "it knows nothing of that yet"
    assert workers.of(0).send(repeat_of(bill_payment())).code == "68"


def test_what_another_worker_went_on_with_and_left_when_it_died_is_taken_up_by_its_owner(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    workers.of(0).send(transfer())
    workers.of(0).core.say("00")
    workers.of(1).send(reversal_of(transfer()))
    assert workers.bench.states == {"REVERSED": 1}
    assert workers.restart(1).engine.open_payments == 0
    workers.of(0).wait(OVERDUE_S + EVERY_S)
    workers.of(0).wait(EVERY_S)
    assert workers.of(0).core.question["t"][:2] == "04"
    workers.of(0).core.say("00")
    assert workers.bench.open_rows() == []


def test_a_clock_that_is_set_back_keeps_nobody_from_looking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workers = Workers(tmp_path)
    workers.of(0).send(transfer())
    workers.of(0).core.say("00")
    workers.of(1).send(reversal_of(transfer()))
    looks: list[int] = []
    monkeypatch.setattr(workers.bench.books, "open_payments", lambda done, after, limit: looks.append(limit))
    clock, back_s = workers.bench.clock, 3600.0
    monkeypatch.setattr(clock, "wall", lambda: clock.now - back_s)
    workers.of(0).wait(EVERY_S)
    assert len(looks) == 1


def test_what_somebody_goes_on_with_is_not_taken_from_it(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    workers.of(0).send(transfer())
    workers.of(0).core.say("00")
    workers.of(1).send(reversal_of(transfer()))
    workers.of(0).wait(EVERY_S)
    assert workers.of(0).engine.open_payments == 0
    assert not workers.of(0).core.asked
