"""The books' disk is full, or somebody else has locked their file: nothing new is begun, nothing acknowledged is lost.

What can't be stored is not final: channels hear 09, repeat, and are served when the books can be written again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest
import trio

from tests.e2e.outside.disk import Disk, SmallDisk, limited_files, may_mount, small_disk
from tests.e2e.outside.town import Town, Visitors

IN_PROGRESS, DONE = "09", "00"
WITHIN_S = 60.0
AT_ONCE = 8


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("town")


@pytest.fixture(scope="module")
def disk(place: Path) -> Iterator[Disk]:
    with (small_disk if may_mount() else limited_files)(place / "disk") as disk:
        yield disk


@pytest.fixture(scope="module")
def town(disk: Disk, place: Path) -> Iterator[Town]:
    with town_at(place, disk.place) as town:
        yield town


@contextmanager
def town_at(directory: Path, books: Path) -> Iterator[Town]:
    town = Town(directory, books)
    try:
        town.start()
        yield town
    finally:
        assert town.stop() == 0


async def test_on_a_full_disk_nothing_new_is_begun_and_when_there_is_room_all_is_done(town: Town, disk: Disk) -> None:
    with trio.fail_after(WITHIN_S):
        async with town.visited() as visitors, paying(visitors) as done:
            await until(done, 30)
            pid = town.ledger_pid
            disk.fill(pid)
            await nothing_is_begun(town, visitors)
            assert await visitors.balance() == DONE, "what needs no books is served"
            assert town.ledger_pid == pid, "the ledger stays up"
            disk.free(pid)
            await until(done, 30)
        assert set(done) == {DONE}


async def test_a_ledger_that_is_killed_while_its_disk_is_full_comes_back_when_there_is_room(
    town: Town, disk: Disk
) -> None:
    if not isinstance(disk, SmallDisk):
        pytest.skip("a limit on a process ends with it")
    with trio.fail_after(WITHIN_S):
        async with town.visited() as visitors, paying(visitors) as done:
            await until(done, 10)
            pid = town.ledger_pid
            disk.fill(pid)
            town.kill_ledger()
            await nothing_is_begun(town, visitors)
            disk.free(pid)
            await until(done, 30)
        assert set(done) == {DONE}


@pytest.mark.long
async def test_where_files_may_not_grow_it_is_the_same(tmp_path: Path) -> None:
    with limited_files(tmp_path / "disk") as disk, town_at(tmp_path, disk.place) as town:
        await test_on_a_full_disk_nothing_new_is_begun_and_when_there_is_room_all_is_done(town, disk)


async def test_while_another_process_has_locked_the_file_nothing_new_is_begun_and_later_all_is_done(town: Town) -> None:
    with trio.fail_after(WITHIN_S):
        async with town.visited() as visitors, paying(visitors) as done:
            await until(done, 10)
            with closing(sqlite3.connect(town.ledger, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                await nothing_is_begun(town, visitors)
                assert await visitors.balance() == DONE
                other.execute("ROLLBACK")
            await until(done, 30)
        assert set(done) == {DONE}


@asynccontextmanager
async def paying(visitors: Visitors) -> AsyncIterator[list[str]]:
    """Some pay all the time, each payment seen through; the final answers."""
    heard: list[str] = []
    stopping = False

    async def pay_on(place: int) -> None:
        while not stopping:
            heard.append(await (visitors.pay(place) if place % 2 else visitors.transfer(place)))
            await trio.sleep(0.01)

    async with trio.open_nursery() as nursery:
        for number in range(AT_ONCE):
            nursery.start_soon(pay_on, number)
        yield heard
        stopping = True


async def until(done: list[str], more: int) -> None:
    """So many more were approved."""
    wanted = done.count(DONE) + more
    while done.count(DONE) < wanted:  # noqa: ASYNC110 - what is heard is a plain list
        await trio.sleep(0.02)


async def nothing_is_begun(town: Town, visitors: Visitors) -> None:
    """Everybody who pays is told to come back, and no payment gets into the books."""
    heard = visitors.heard(IN_PROGRESS)
    while visitors.heard(IN_PROGRESS) < heard + AT_ONCE:  # noqa: ASYNC110 - the witness only writes down
        await trio.sleep(0.02)
    before = town.payments()
    await trio.sleep(0.3)
    assert town.payments() == before
