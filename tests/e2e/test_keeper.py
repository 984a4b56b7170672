"""The ledger process beside the switch: started again when it dies, gone when the switch is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trio

from ledger.client import RemoteBooks
from ledger.model import Committed, Group, Opening, Outcome
from ledger.spawn import serve_command
from switch.net.keeper import LedgerError, LedgerKeeper

WITHIN_S = 20
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
