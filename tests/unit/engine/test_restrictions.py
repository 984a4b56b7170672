"""Blocks and ceilings are known before anybody is served: after a restart, in every worker, with the books away."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.model import Group, RegisterRow
from switch.engine.restrictions import READ_AGAIN_S
from switch.flow.orders import BarHolder, Barring, Verdict
from switch.flow.subscribers import BLOCKS, CEILINGS, block_of
from tests.unit.engine.bench import DAY, SUBSCRIBER, Bench, transfer
from tests.unit.engine.customers import LINA, OTHER, PAN, balance, block, ceiling, order, rows, unblock
from tests.unit.engine.test_workers import Workers


def test_blocks_and_ceilings_stand_after_a_restart(bench: Bench) -> None:
    block(bench)
    bench.restart()
    assert bench.send(transfer()).code == "62"
    unblock(bench)
    assert ceiling(bench, amount_max=10).done
    bench.restart()
    assert bench.send(transfer("000009")).code == "61"


def test_nobody_is_served_before_it_is_known_who_is_blocked(bench: Bench) -> None:
    block(bench)
    bench.books.unreadable = True
    ready: list[bool] = []
    bench.start().start(DAY, lambda: ready.append(True))
    assert not ready
    bench.books.unreadable = False
    bench.engine = bench.start()
    assert bench.send(transfer()).code == "62"


def test_an_order_that_finds_no_books_does_nothing(bench: Bench) -> None:
    bench.books.away = True
    assert not block(bench).done
    bench.books.away = False
    bench.books.unreadable = True
    assert not block(bench).done
    bench.books.unreadable = False
    assert bench.send(transfer()).code is None


def test_of_two_orders_at_once_one_is_told_that_it_was_overtaken(bench: Bench) -> None:
    verdicts: list[Verdict] = []
    with bench.books.held_up():
        for who in ("lina", "omar"):
            bench.engine.customer_orders.take(BarHolder(LINA, Barring.BLOCK, who, "stolen"), verdicts.append)
    assert [verdict.done for verdict in verdicts] == [True, False]
    (row,) = rows(bench, BLOCKS)
    assert [note.who for note in block_of(row).history] == ["lina"]


def test_every_order_is_kept_with_who_and_why_and_the_same_again_is_none(bench: Bench) -> None:
    assert block(bench).done
    assert block(bench) == Verdict(False, "blocked already")
    assert unblock(bench).done
    (row,) = rows(bench, BLOCKS)
    kept = block_of(row)
    assert (kept.blocked, row.version) == (False, 2)
    assert [(note.who, note.action, note.why) for note in kept.history] == [
        ("lina", "block", "the telephone was stolen"),
        ("lina", "unblock", "it was found"),
    ]


def test_no_number_is_in_what_is_told_of_an_order(bench: Bench) -> None:
    block(bench)
    assert bench.reports[-1] == "operator"
    assert SUBSCRIBER[1] not in str(bench.told[-1])


def test_what_may_be_a_card_number_is_not_taken_for_a_reason(bench: Bench) -> None:
    given = BarHolder(LINA, Barring.BLOCK, "lina", f"card {PAN}")
    assert "card number" in order(bench, given).words
    assert not rows(bench, BLOCKS)


def test_another_worker_follows_an_order_before_it_is_told(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    block(workers.of(0))
    followed: list[Verdict] = []
    workers.of(1).engine.restrictions.follow(LINA, followed.append)
    assert [verdict.done for verdict in followed] == [True]
    assert workers.of(1).send(transfer()).code == "62"
    unblock(workers.of(0))
    workers.of(1).engine.restrictions.follow(LINA, followed.append)
    assert workers.of(1).send(transfer("000007")).code is None


def test_a_worker_whose_books_are_away_follows_when_they_are_back(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    block(workers.of(0))
    bench, followed = workers.of(1), list[Verdict]()
    bench.books.unreadable = True
    bench.engine.restrictions.follow(LINA, followed.append)
    assert not followed
    bench.books.unreadable = False
    bench.wait(1)
    assert followed
    assert bench.send(transfer()).code == "62"


def test_a_worker_that_nobody_told_finds_out_by_itself(tmp_path: Path) -> None:
    """Whoever gave the order died between its commit and its word."""
    workers = Workers(tmp_path)
    block(workers.of(0))
    bench = workers.of(1)
    bench.wait(READ_AGAIN_S)
    assert bench.send(transfer()).code == "62"


def test_an_order_that_was_carried_out_by_one_that_never_told_holds_when_it_is_given_again(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    block(workers.of(0))
    assert block(workers.of(1)) == Verdict(False, "blocked already")
    assert workers.of(1).send(transfer()).code == "62"


def test_while_the_books_are_away_one_look_waits_for_them_however_long(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    bench = workers.of(1)
    bench.books.unreadable = True
    for _ in range(5):
        bench.wait(READ_AGAIN_S)
    assert len(bench.engine.restrictions._waiting) == 1


@pytest.mark.parametrize(
    "row", [RegisterRow(BLOCKS, LINA, 1, b"\xc1"), RegisterRow(CEILINGS, f"{LINA}|pay-bill", 1, b"")]
)
def test_a_row_that_can_not_be_read_blocks_whom_it_names_and_keeps_no_switch_from_starting(
    bench: Bench, row: RegisterRow
) -> None:
    bench.store.apply_groups([Group(bytes(16), registers=(row,))])
    bench.restart()
    ready: list[bool] = []
    bench.engine.restrictions.read(lambda: ready.append(True))
    assert ready == [True]
    assert bench.send(transfer()).code == "62"
    assert bench.send(balance(subscriber=OTHER)).code is None
