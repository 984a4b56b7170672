"""The ledger as a process: killed, stopped, contended for and spoken to badly."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio

from ledger import archiving
from ledger.archiving import archive_journal
from ledger.client import RemoteBooks
from ledger.model import Committed, Group, Opening, Outcome, PaymentRow, Taken, Unavailable
from ledger.protocol import FRAME_SIZE_MAX, QUERY, frame
from ledger.queries import ListAccounts
from ledger.reader import open_reader
from ledger.spawn import serve_command
from ledger.verify import verify
from tests.unit.ledger.making import DAY, claim, direct, intent, moving, new_id, opening, payment_row


class Ledger:
    """A process that the test may kill and start again."""

    def __init__(self, place: Path) -> None:
        self.database, self.socket = place / "books.db", place / "books.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(serve_command(self.database, self.socket, day=DAY), stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        with process:
            process.send_signal(number)
            return process.wait(10)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def again(self) -> subprocess.CompletedProcess[str]:
        """Another one beside it."""
        command = serve_command(self.database, self.socket, day=DAY)
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path)
    ledger.start()
    yield ledger
    ledger.end(signal.SIGKILL)


async def connected(ledger: Ledger, nursery: trio.Nursery, **settings: float) -> RemoteBooks:
    books = RemoteBooks(str(ledger.socket), **settings)  # type: ignore[arg-type]
    await nursery.start(books.run)
    return books


class Answers:
    """What callbacks were told, and the wait for more of it."""

    def __init__(self) -> None:
        self.all: list[Any] = []
        self._more = trio.Event()

    def __call__(self, answer: Any) -> None:
        self.all.append(answer)
        more, self._more = self._more, trio.Event()
        more.set()

    async def until(self, count: int) -> list[Any]:
        with trio.fail_after(20):
            while len(self.all) < count:
                await self._more.wait()
        return self.all

    @property
    def kinds(self) -> list[type]:
        return [type(answer) for answer in self.all]


async def test_killed_under_load_loses_nothing_and_does_nothing_twice(ledger: Ledger) -> None:
    """I6: what was acknowledged is there; what was not is sent again and counts once."""
    acknowledged: list[bytes] = []
    outcomes = Answers()
    left = [3_000]

    async with trio.open_nursery() as nursery:
        books = await connected(ledger, nursery, patience_s=30)
        books.submit(opening("a", "b"), lambda _: None)

        def submit() -> None:
            if left[0]:
                left[0] -= 1
                transfer = direct("a", "b", 1)
                row = payment_row(new_id())
                group = Group(new_id(), row, (claim(row.id.hex()),), transfers=(transfer,))
                books.submit(group, lambda outcome: done(transfer.id, outcome))

        def done(transfer: bytes, outcome: Outcome) -> None:
            acknowledged.append(transfer)
            outcomes(outcome)
            submit()

        for _ in range(60):
            submit()
        for count in (300, 900, 1_500, 2_100):
            await outcomes.until(count)
            ledger.end(signal.SIGKILL)
            stored = _stored(ledger)
            assert set(acknowledged) <= stored
            assert len(stored - set(acknowledged)) <= 60
            ledger.start()
        await outcomes.until(3_000)
        nursery.cancel_scope.cancel()

    assert set(outcomes.kinds) == {Committed}
    assert _stored(ledger) == set(acknowledged)
    assert len(acknowledged) == 3_000
    verification = verify(ledger.database)
    assert verification.clean
    assert verification.transfers == 3_000


async def test_tables_follow_without_being_asked(ledger: Ledger) -> None:
    outcomes = Answers()
    async with trio.open_nursery() as nursery:
        books = await connected(ledger, nursery)
        books.submit(opening("a", "b"), outcomes)
        await outcomes.until(1)
        with trio.fail_after(20):
            while not _names_in_the_tables(ledger):  # noqa: ASYNC110 - nothing tells us of another process's commits
                await trio.sleep(0.05)
        nursery.cancel_scope.cancel()


def _names_in_the_tables(ledger: Ledger) -> list[str]:
    with closing(open_reader(ledger.database, tables_alone=True)) as reader:
        return [name for (name,) in reader.execute("SELECT name FROM accounts")]


async def test_journal_is_archived_beside_it_while_it_commits(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archiving, "KEPT_ENTRIES", 5)
    monkeypatch.setattr(archiving, "FILE_ENTRIES_MAX", 20)
    monkeypatch.setattr(archiving, "PIECE_SIZE_MAX", 1)
    outcomes, accounts = Answers(), Answers()
    async with trio.open_nursery() as nursery:
        books = await connected(ledger, nursery, patience_s=30)
        books.submit(opening("a", "b"), outcomes)
        moved = 0
        for number in range(1, 200):
            await outcomes.until(number)
            books.submit(Group(new_id(), payment_row(new_id()), transfers=(direct("a", "b", 1),)), outcomes)
            if number % 60 == 0:
                books.accounts(accounts)  # for which the tables are brought up to the journal
                await accounts.until(number // 60)
                moved += (
                    await trio.to_thread.run_sync(archive_journal, ledger.database, tmp_path / "old", 2e9)
                ).entries
        await outcomes.until(200)
        nursery.cancel_scope.cancel()
    assert set(outcomes.kinds) == {Committed}
    assert moved > 100
    assert ledger.end(signal.SIGTERM) == 0
    assert verify(ledger.database).clean
    assert verify(ledger.database, tmp_path / "old").clean


def _stored(ledger: Ledger) -> set[bytes]:
    with closing(open_reader(ledger.database)) as reader:
        return {row[0] for row in reader.execute("SELECT id FROM transfers")}


async def test_while_it_is_away_what_was_sent_waits_and_what_comes_is_unavailable(ledger: Ledger) -> None:
    sent, lost, unsent, names = Answers(), Answers(), Answers(), Answers()
    async with trio.open_nursery() as nursery:
        books = await connected(ledger, nursery, patience_s=0.05)
        os.kill(ledger.pid, signal.SIGSTOP)  # it gets the group and does not answer
        books.submit(opening("a"), sent)
        books.current_day(lost)
        await trio.testing.wait_all_tasks_blocked()
        ledger.end(signal.SIGKILL)
        await lost.until(1)
        books.submit(opening("b"), unsent)
        await unsent.until(1)
        books.submit(opening("c"), unsent)
        assert unsent.kinds == [Unavailable] * 2
        assert sent.all == []
        assert books.waiting == 1

        ledger.start()
        await sent.until(1)
        assert sent.kinds == [Committed]
        books.accounts(names)
        assert [account.name for account in (await names.until(1))[0]] == ["a"]
        nursery.cancel_scope.cancel()


async def test_short_absence_is_not_noticed_by_those_who_submit(ledger: Ledger) -> None:
    outcomes = Answers()
    async with trio.open_nursery() as nursery:
        books = await connected(ledger, nursery, patience_s=30)
        ledger.end(signal.SIGTERM)
        books.submit(opening("a"), outcomes)
        await trio.testing.wait_all_tasks_blocked()
        books.submit(opening("b"), outcomes)
        ledger.start()
        await outcomes.until(2)
        assert outcomes.kinds == [Committed] * 2
        nursery.cancel_scope.cancel()


async def test_question_on_its_way_when_the_ledger_dies_is_unavailable(ledger: Ledger) -> None:
    answers = Answers()
    async with trio.open_nursery() as nursery:
        books = await connected(ledger, nursery)
        os.kill(ledger.pid, signal.SIGSTOP)
        books.current_day(answers)
        await trio.testing.wait_all_tasks_blocked()
        ledger.end(signal.SIGKILL)
        await answers.until(1)
        books.current_day(answers)
        assert answers.kinds == [Unavailable] * 2
        nursery.cancel_scope.cancel()


async def test_more_than_may_wait_is_unavailable_at_once(ledger: Ledger) -> None:
    outcomes = Answers()
    async with trio.open_nursery() as nursery:
        books = await connected(ledger, nursery, waiting_max=2)
        for name in "abc":
            books.submit(opening(name), outcomes)
        assert outcomes.kinds == [Unavailable]
        await outcomes.until(3)
        assert outcomes.kinds[1:] == [Committed] * 2
        nursery.cancel_scope.cancel()


async def test_ledger_that_never_was_there_makes_everything_unavailable(tmp_path: Path, autojump_clock: object) -> None:
    outcomes = Answers()
    async with trio.open_nursery() as nursery:
        books = RemoteBooks(str(tmp_path / "none.sock"), patience_s=2)
        nursery.start_soon(books.run)
        books.submit(opening("a"), outcomes)
        with trio.move_on_after(1.9):
            await outcomes.until(1)
        assert outcomes.all == []
        await outcomes.until(1)
        assert trio.current_time() - 2 < 0.1
        books.submit(opening("b"), outcomes)
        assert outcomes.kinds == [Unavailable] * 2
        assert books.waiting == 0
        nursery.cancel_scope.cancel()


async def test_two_clients_share_the_books_and_each_gets_its_own_outcomes(ledger: Ledger) -> None:
    opened, mine, theirs, other = Answers(), Answers(), Answers(), Answers()
    async with trio.open_nursery() as nursery:
        first, second = await connected(ledger, nursery), await connected(ledger, nursery)
        first.submit(opening("a", "b"), opened)
        await opened.until(1)
        first.submit(intent(claim("one key")), mine)
        second.submit(intent(claim("one key")), theirs)
        second.submit(moving(direct("a", "b", 1)), other)
        for answers in (mine, theirs, other):
            await answers.until(1)
        assert {*mine.kinds, *theirs.kinds} == {Committed, Taken}
        assert other.kinds == [Committed]
        nursery.cancel_scope.cancel()


async def test_group_larger_than_every_buffer_arrives(ledger: Ledger) -> None:
    large = PaymentRow(new_id(), 1, "HELD", "pay-bill", DAY, None, bytes(3_000_000))
    many = Group(new_id(), openings=tuple(Opening(f"account {number}", "760") for number in range(20_000)))
    outcomes, found, names = Answers(), Answers(), Answers()
    async with trio.open_nursery() as nursery:
        books = await connected(ledger, nursery)
        books.submit(Group(new_id(), large), outcomes)
        books.submit(many, outcomes)
        await outcomes.until(2)
        books.payment(large.id, found)
        books.accounts(names)
        assert await found.until(1) == [large]
        assert len((await names.until(1))[0]) == 20_000
        nursery.cancel_scope.cancel()


async def test_disk_without_room_refuses_and_goes_on_once_there_is_room(ledger: Ledger) -> None:
    """No restart: the limit on the file's size stands for the disk's end."""
    outcomes = Answers()
    large = [Group(new_id(), PaymentRow(new_id(), 1, "HELD", "pay-bill", DAY, None, bytes(200_000))) for _ in range(3)]
    async with trio.open_nursery() as nursery:
        books = await connected(ledger, nursery)
        unlimited = resource.prlimit(ledger.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(ledger.pid, resource.RLIMIT_FSIZE, (300_000, unlimited[1]))
        for count, group in enumerate(large, 1):
            books.submit(group, outcomes)
            await outcomes.until(count)
        assert Unavailable in outcomes.kinds
        resource.prlimit(ledger.pid, resource.RLIMIT_FSIZE, unlimited)
        for count, group in enumerate(large, 4):
            books.submit(group, outcomes)
            await outcomes.until(count)
        assert outcomes.kinds[3:] == [Committed] * 3
        nursery.cancel_scope.cancel()
    assert verify(ledger.database).clean


def test_terminated_it_exits_with_zero_and_takes_its_socket_along(ledger: Ledger) -> None:
    assert ledger.end(signal.SIGTERM) == 0
    assert not ledger.socket.exists()


def test_interrupted_it_exits_with_zero(ledger: Ledger) -> None:
    assert ledger.end(signal.SIGINT) == 0


def test_socket_left_by_a_killed_process_is_replaced(ledger: Ledger) -> None:
    ledger.end(signal.SIGKILL)
    assert ledger.socket.exists()
    ledger.start()


def test_socket_is_for_its_owner_only(ledger: Ledger) -> None:
    assert ledger.socket.stat().st_mode & 0o777 == 0o700


def test_second_process_for_the_same_books_says_so_in_one_line(ledger: Ledger) -> None:
    second = ledger.again()
    assert second.returncode == 1
    assert second.stderr == f"Error: {ledger.database}: in use by another process\n"


def test_second_process_on_the_same_socket_says_so_in_one_line(ledger: Ledger, tmp_path: Path) -> None:
    ledger.database = tmp_path / "other.db"
    second = ledger.again()
    assert second.returncode == 1
    assert second.stderr == f"Error: {ledger.socket}: in use by another process\n"


@pytest.mark.parametrize(
    "bad",
    [
        b"\xff" * 64,
        (FRAME_SIZE_MAX + 1).to_bytes(4, "big") + bytes(16),
        frame(b"?", 1, b""),
        frame(QUERY, 1, b"\xc1"),
    ],
    ids=["noise", "too long", "unknown kind", "no question"],
)
async def test_client_that_speaks_otherwise_is_dropped_alone(ledger: Ledger, bad: bytes) -> None:
    outcomes = Answers()
    async with trio.open_nursery() as nursery:
        books = await connected(ledger, nursery)
        with socket.socket(socket.AF_UNIX) as rude:
            rude.settimeout(10)
            rude.connect(str(ledger.socket))
            rude.sendall(bad)
            assert rude.recv(1) == b""
        books.submit(opening("a"), outcomes)
        await outcomes.until(1)
        assert outcomes.kinds == [Committed]
        nursery.cancel_scope.cancel()


async def test_client_that_reads_nothing_is_not_read_from_for_ever(ledger: Ledger) -> None:
    """The answers to it stay in bounds because its questions stay in its own socket."""
    question = frame(QUERY, 1, msgspec.msgpack.encode(ListAccounts()))
    outcomes = Answers()
    async with trio.open_nursery() as nursery:
        books = await connected(ledger, nursery)
        books.submit(opening(*(f"account {number}" for number in range(1_000))), outcomes)
        await outcomes.until(1)
        with socket.socket(socket.AF_UNIX) as deaf:
            deaf.connect(str(ledger.socket))
            deaf.setblocking(False)
            with trio.fail_after(10):
                while await _is_writable(deaf):
                    deaf.send(question * 100)
            assert _resident_bytes(ledger.pid) < 200_000_000
            books.submit(opening("and another"), outcomes)
            await outcomes.until(2)
        nursery.cancel_scope.cancel()


async def _is_writable(connection: socket.socket) -> bool:
    with trio.move_on_after(0.3):
        await trio.lowlevel.wait_writable(connection)
        return True
    return False


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def test_client_that_reads_late_is_read_from_again(ledger: Ledger) -> None:
    question = frame(QUERY, 1, msgspec.msgpack.encode(ListAccounts("nobody")))
    with closing(socket.socket(socket.AF_UNIX)) as client:
        client.connect(str(ledger.socket))
        asked = _ask_until_it_blocks(client, question)
        client.settimeout(10.0)
        answer = client.recv(4)
        size = 4 + int.from_bytes(answer)
        _read_exactly(client, asked // len(question) * size - 4)
        client.sendall(question[asked % len(question) :])
        assert len(_read_exactly(client, size)) == size


def _ask_until_it_blocks(client: socket.socket, question: bytes) -> int:
    """Ask and read nothing, until the ledger reads nothing either; how many bytes it was asked."""
    client.settimeout(0.5)
    asked = 0
    try:
        while True:
            asked += client.send(question[asked % len(question) :] + question * 1000)
    except TimeoutError:
        return asked


def _read_exactly(client: socket.socket, size: int) -> bytes:
    read = b""
    while len(read) < size:
        read += client.recv(min(65_536, size - len(read)))
    return read
