"""The processes beside a switch, its ledger or its workers: started again when they die, gone when it is gone."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trio

from config.sections import LedgerSettings, Settings, SwitchSettings
from ledger.client import RemoteBooks
from ledger.model import Committed, Group, Opening, Outcome
from ledger.spawn import serve_command
from switch.flow.orders import Action, Order, Verdict
from switch.net.keeper import LedgerError, LedgerKeeper
from switch.workers.doorkeeper import Room
from switch.workers.keeper import AWAY, ENDED, WorkerError, WorkerKeeper
from switch.workers.words import Counts, Failed, Serving, Start, encoded

WITHIN_S = 20
HANG_S = 1.0  # longer than a process takes to say its first word
SECRET = "4000001234567899"


def ignore(event: str, **fields: object) -> None:
    pass


async def commit(books: RemoteBooks, number: int) -> Outcome:
    found: list[Outcome] = []
    answered = trio.Event()

    def done(outcome: Outcome) -> None:
        found.append(outcome)
        answered.set()

    books.submit(Group(number.to_bytes(16), openings=(Opening(f"account:{number}", "760"),)), done)
    await answered.wait()
    return found[0]


async def test_a_ledger_that_is_killed_is_started_again_and_what_waited_is_committed(tmp_path: Path) -> None:
    keeper = LedgerKeeper(serve_command(tmp_path / "l.db", tmp_path / "l.sock", day="20261122", owned=True), ignore)
    books = RemoteBooks(str(tmp_path / "l.sock"), patience_s=WITHIN_S)
    with trio.fail_after(WITHIN_S):
        async with trio.open_nursery() as nursery:
            await nursery.start(keeper.run)
            await nursery.start(books.run)
            assert isinstance(await commit(books, 1), Committed)
            first = keeper.pid
            assert first is not None
            os.kill(first, signal.SIGKILL)
            assert isinstance(await commit(books, 2), Committed)
            assert keeper.pid not in (None, first)
            nursery.cancel_scope.cancel()
    assert keeper.pid is None


async def test_a_ledger_that_hangs_is_replaced_and_what_waited_is_committed(tmp_path: Path) -> None:
    keeper = LedgerKeeper(serve_command(tmp_path / "l.db", tmp_path / "l.sock", day="20261122", owned=True), ignore)
    books = RemoteBooks(str(tmp_path / "l.sock"), patience_s=WITHIN_S)
    with trio.fail_after(WITHIN_S):
        async with trio.open_nursery() as nursery:
            await nursery.start(keeper.run)
            await nursery.start(books.run)
            nursery.start_soon(keeper.watch, books, 0.3)
            first = keeper.pid
            assert first is not None
            os.kill(first, signal.SIGSTOP)
            assert isinstance(await commit(books, 1), Committed)
            assert keeper.pid != first
            nursery.cancel_scope.cancel()


async def test_a_ledger_that_cannot_start_says_why_in_one_line(tmp_path: Path) -> None:
    keeper = LedgerKeeper(serve_command(tmp_path, tmp_path / "l.sock", owned=True), ignore)
    with trio.fail_after(WITHIN_S), pytest.RaisesGroup(pytest.RaisesExc(LedgerError, match=str(tmp_path))):
        async with trio.open_nursery() as nursery:
            await nursery.start(keeper.run)


async def test_a_ledger_with_a_bug_says_its_class_and_none_of_its_words(tmp_path: Path) -> None:
    bug = f"from config.hardening.process import harden\nharden()\nraise ValueError('card {SECRET}')"
    keeper = LedgerKeeper([sys.executable, "-c", bug], ignore)
    said = pytest.RaisesExc(LedgerError, match="^BUG in barada: ValueError$")
    with trio.fail_after(WITHIN_S), pytest.RaisesGroup(said):
        async with trio.open_nursery() as nursery:
            await nursery.start(keeper.run)


async def test_the_ledger_ends_with_the_switch_even_by_sigkill(tmp_path: Path) -> None:
    command = serve_command(tmp_path / "l.db", tmp_path / "l.sock", day="20261122", owned=True)
    owner = await trio.lowlevel.open_process(
        [sys.executable, "-c", _OWNER, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert owner.stdout is not None
    with trio.fail_after(WITHIN_S):
        pid = int((await owner.stdout.receive_some()).split()[0])
        ledger = os.pidfd_open(pid)
        owner.kill()
        await owner.wait()
        await trio.lowlevel.wait_readable(ledger)  # a process's descriptor becomes readable when it ends
        os.close(ledger)


_OWNER = """
import subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
child.stdout.readline()
print(child.pid, flush=True)
sys.stdin.read()
"""


class Watch:
    """Whoever is told of a worker."""

    def __init__(self) -> None:
        self.served, self.over = trio.Event(), trio.Event()
        self.said: list[str] = []

    def serves(self, room: Room) -> None:
        self.served.set()

    def counted(self, worker: int, counts: Counts) -> None:
        pass

    def ended(self, worker: int) -> None:
        self.over.set()

    def report(self, event: str, **fields: object) -> None:
        self.said.append(event)


def worker_that(does: str, watch: Watch, hang_s: float = WITHIN_S) -> WorkerKeeper:
    """A process that reads what it is told first, and then does this with a socket to its supervisor."""
    settings = Settings(switch=SwitchSettings(bank_prefixes=("100",)), ledger=LedgerSettings(database="", socket=""))
    begin = f"import os, socket, sys, time\nwords = socket.socket(fileno=0)\nwords.makefile().readline()\n{does}"
    return WorkerKeeper(
        Start(settings, 0, 2, None), watch, watch.report, command=(sys.executable, "-c", begin), hang_s=hang_s
    )


async def test_a_worker_that_hangs_is_replaced(tmp_path: Path) -> None:
    watch = Watch()
    hangs = f"words.sendall({encoded(Serving())!r})\ntime.sleep({WITHIN_S})"
    with trio.fail_after(WITHIN_S):
        async with trio.open_nursery() as nursery:
            keeper = worker_that(hangs, watch, HANG_S)
            await nursery.start(keeper.run)
            first = keeper.pid
            await watch.over.wait()
            watch.served = trio.Event()
            await watch.served.wait()
            assert keeper.pid not in (None, first)
            assert watch.said[:2] == ["worker hangs", "worker_ended"]
            nursery.cancel_scope.cancel()


async def test_a_worker_that_takes_long_to_start_is_waited_for_while_it_shows_signs_of_life() -> None:
    watch = Watch()
    says_so = f"for _ in range(8): words.sendall({encoded(Counts([]))!r}); time.sleep({HANG_S / 4})"
    starts = f"{says_so}\nwords.sendall({encoded(Serving())!r})\nwords.recv(1)"
    with trio.fail_after(WITHIN_S):
        async with trio.open_nursery() as nursery:
            await nursery.start(worker_that(starts, watch, HANG_S).run)
            assert watch.said == []
            nursery.cancel_scope.cancel()


async def test_a_machine_that_has_no_process_or_descriptor_to_give_for_a_moment_costs_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch, opened = Watch(), trio.lowlevel.open_process
    trouble = [OSError(errno.EAGAIN, "no process"), OSError(errno.EMFILE, "no descriptor")]
    descriptors: list[int] = []

    async def opens(*args: object, **options: object) -> trio.Process:
        descriptors.append(len(os.listdir("/proc/self/fd")))
        if len(descriptors) > 1 and trouble:
            raise trouble.pop()
        process: trio.Process = await opened(*args, **options)  # type: ignore[call-overload]
        return process

    monkeypatch.setattr(trio.lowlevel, "open_process", opens)
    with trio.fail_after(WITHIN_S):
        async with trio.open_nursery() as nursery:
            keeper = worker_that(f"words.sendall({encoded(Serving())!r})\nwords.recv(1)", watch)
            await nursery.start(keeper.run)
            assert keeper.pid is not None
            watch.served = trio.Event()
            os.kill(keeper.pid, signal.SIGKILL)
            await watch.served.wait()
            nursery.cancel_scope.cancel()
    assert watch.said[:3] == ["worker_ended", "worker_not_started", "worker_not_started"]
    assert len(set(descriptors)) == 1, "what was opened for a start that failed is closed"


async def test_a_worker_that_cannot_start_says_why_in_one_line() -> None:
    watch = Watch()
    fails = f"words.sendall({encoded(Failed('keys.json: no key store'))!r})\nsys.exit(1)"
    with (
        trio.fail_after(WITHIN_S),
        pytest.RaisesGroup(pytest.RaisesExc(WorkerError, match="^keys.json: no key store$")),
    ):
        async with trio.open_nursery() as nursery:
            await nursery.start(worker_that(fails, watch).run)
    assert not watch.served.is_set()


async def test_an_order_to_a_worker_that_ends_before_its_verdict_is_told_so() -> None:
    watch, verdicts = Watch(), list[Verdict]()
    order = Order(payment="0" * 32, action=Action.RETRY, who="somebody", why="a test")
    dies = f"words.sendall({encoded(Serving())!r})\nwords.recv(1)"
    with trio.fail_after(WITHIN_S):
        async with trio.open_nursery() as nursery:
            keeper = worker_that(dies, watch)
            keeper.take(order, verdicts.append)
            await nursery.start(keeper.run)
            keeper.take(order, verdicts.append)
            await watch.over.wait()
            nursery.cancel_scope.cancel()
    assert [verdict.done for verdict in verdicts] == [False, False]
    assert [verdict.words for verdict in verdicts] == [AWAY.words, ENDED.words]
