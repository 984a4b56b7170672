"""Moving the journal to an archive: nothing is lost at any moment, and the chain can be walked through both."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from ledger import archive, archiving, journal
from ledger.archiving import Archived, archive_journal
from ledger.chain import Finding
from ledger.commands import ledger
from ledger.errors import BooksError
from ledger.journal import Entry
from ledger.model import Committed, Usage
from ledger.reader import open_reader
from ledger.store import Store
from ledger.verify import verify
from tests.unit.ledger.making import DAY, claim, direct, intent, moving, opening, outcome, payment_row, pending, post

ENTRIES = 40


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of eight entries, transactions of one, and the newest four stay."""
    monkeypatch.setattr(archiving, "FILE_ENTRIES_MAX", 8)
    monkeypatch.setattr(archiving, "PIECE_SIZE_MAX", 1)
    monkeypatch.setattr(archiving, "KEPT_ENTRIES", 4)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Entry n was made at n seconds; the first one says that the day was opened at zero."""
    ticks = iter(range(1_000))
    with closing(Store(tmp_path / "books.db", lambda: float(next(ticks)), day=DAY, synchronous="OFF")) as store:
        _fill(store, ENTRIES)
        yield store


def _fill(store: Store, entries: int) -> None:
    while store.sequence < entries:
        number = store.sequence
        payment = payment_row(number.to_bytes(16, "big"))
        held = pending("a", "b", 5, payment=payment.id)
        first = intent(claim(f"key {number}", "alias"), payment=payment, transfers=(held,))
        second = outcome(payment, post(held))
        groups = [opening("a", "b"), first, second, moving(direct("a", "b", 1), usages=(Usage("s", DAY, 1, 1),))]
        assert all(isinstance(outcome, Committed) for outcome in store.apply_groups(groups))
    assert store.write_tables() is None


@pytest.fixture
def books(store: Store, tmp_path: Path) -> Path:
    return tmp_path / "books.db"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def stored(books: Path) -> list[int]:
    with closing(open_reader(books)) as reader:
        return [entry.sequence for entry in journal.walk(reader)]


def archived(place: Path) -> list[Entry]:
    return [entry for path in archive.files(place) for entry in archive.read(path)[1]]


def in_both(books: Path, place: Path) -> list[int]:
    return sorted({*stored(books), *(entry.sequence for entry in archived(place))})


def clean(books: Path, place: Path) -> bool:
    return verify(books).findings == [] and verify(books, place).findings == []


def test_old_entries_go_oldest_first_and_the_chain_goes_through_both(store: Store, books: Path, place: Path) -> None:
    whole = verify(books)
    done = archive_journal(books, place, before=21.0)
    assert (done.entries, done.files, done.until) == (20, 3, 20)
    assert stored(books) == list(range(21, ENTRIES + 1))
    assert [entry.sequence for entry in archived(place)] == list(range(1, 21))
    with_archive, alone = verify(books, place), verify(books)
    assert with_archive == whole
    assert (alone.findings, alone.entries, alone.head) == ([], 20, whole.head)
    assert {path.stat().st_mode & 0o077 for path in (place, *place.iterdir())} == {0}


def test_the_store_goes_on_beside_it_and_after_a_restart(store: Store, books: Path, place: Path) -> None:
    archive_journal(books, place, before=15.0)
    _fill(store, ENTRIES + 10)
    assert archive_journal(books, place, before=30.0).until == 29
    store.abandon()
    store.__init__(books, lambda: 99.0, synchronous="OFF")  # type: ignore[misc]
    _fill(store, ENTRIES + 12)
    assert clean(books, place)
    assert in_both(books, place) == list(range(1, ENTRIES + 13))


def test_the_newest_entries_stay_whatever_is_asked(books: Path, place: Path) -> None:
    archive_journal(books, place, before=1e12)
    assert stored(books) == [37, 38, 39, 40]
    assert archive_journal(books, place, before=1e12).entries == 0


class Killed(BaseException):
    pass


def _writes(books: Path, place: Path, monkeypatch: pytest.MonkeyPatch, kill_at: int) -> bool:
    """Run until it touches a file or the books for the `kill_at`th time; whether it was killed."""
    left = [kill_at]

    def step(call, *, after: bool):  # type: ignore[no-untyped-def]
        def counted(*arguments):  # type: ignore[no-untyped-def]
            left[0] -= 1
            if left[0] == 0 and not after:
                raise Killed
            result = call(*arguments)
            if left[0] == 0:
                raise Killed
            return result

        return counted

    with monkeypatch.context() as patched:
        for name in ("fsync", "rename"):
            patched.setattr(os, name, step(getattr(os, name), after=kill_at % 2 == 0))
        patched.setattr(journal, "forget", step(journal.forget, after=kill_at % 2 == 0))
        try:
            archive_journal(books, place, before=21.0)
        except Killed:
            return True
    return False


def test_killed_anywhere_it_loses_nothing_and_the_next_run_goes_on(
    books: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills = 0
    while _writes(books, place, monkeypatch, kill_at=1 + kills % 5):
        kills += 1
        assert in_both(books, place) == list(range(1, ENTRIES + 1))
        assert verify(books).findings == []
        assert kills < 200
    assert kills > 5
    assert stored(books) == list(range(21, ENTRIES + 1))
    assert [entry.sequence for entry in archived(place)] == list(range(1, 21))
    assert not list(place.glob("*.part"))
    assert clean(books, place)


def test_file_that_is_missing_is_named(books: Path, place: Path) -> None:
    archive_journal(books, place, before=25.0)
    first, second, third = archive.files(place)
    second.unlink()
    findings = verify(books, place).findings
    assert findings[0] == Finding("archive", third.name, "entries 9 to 16 before it are missing")
    third.unlink()
    assert Finding("archive", "", "entries 9 to 24 are missing") in verify(books, place).findings
    first.unlink()
    assert Finding("archive", "", "entries 1 to 24 are missing") in verify(books, place).findings


def test_files_that_changed_places_are_named(books: Path, place: Path) -> None:
    archive_journal(books, place, before=25.0)
    first, second, _ = archive.files(place)
    second.rename(place / "aside")
    first.rename(second)
    (place / "aside").rename(first)
    what = "its name does not say what is in it"
    findings = verify(books, place).findings
    assert Finding("archive", first.name, what) in findings
    assert Finding("archive", second.name, what) in findings


def test_any_bit_of_a_file_counts(books: Path, place: Path) -> None:
    archive_journal(books, place, before=10.0)
    _, path = archive.files(place)
    content = path.read_bytes()
    for place_of_bit in range(0, len(content), 41):
        edited = bytearray(content)
        edited[place_of_bit] ^= 1
        path.write_bytes(edited)
        assert any(path.name in finding.row for finding in verify(books, place).findings), place_of_bit
    for length in (0, 3, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        assert any(path.name in finding.row for finding in verify(books, place).findings), length
    path.write_bytes(content)
    assert clean(books, place)


def test_archive_of_other_books_does_not_end_where_these_begin(books: Path, place: Path, tmp_path: Path) -> None:
    with closing(Store(tmp_path / "other.db", lambda: 7.0, day=DAY, synchronous="OFF")) as other:
        _fill(other, ENTRIES)
    archive_journal(tmp_path / "other.db", tmp_path / "others", before=25.0)
    archive_journal(books, place, before=25.0)
    findings = verify(books, tmp_path / "others").findings
    assert Finding("archive", "", "does not end with what the books follow: entry 32 has another hash") not in findings
    assert any(finding.table in ("archive", "journal") for finding in findings)


def test_hash_that_the_books_have_of_the_last_moved_entry_is_compared(books: Path, place: Path) -> None:
    archive_journal(books, place, before=25.0)
    with closing(sqlite3.connect(books, isolation_level=None)) as connection:
        connection.execute("UPDATE marks SET sequence = 20 WHERE name = 'archived'")
    what = "does not end with what the books follow: entry 20 has another hash"
    assert Finding("archive", "", what) in verify(books, place).findings


def test_nothing_is_deleted_that_the_file_does_not_hold(
    books: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(archiving._Run, "_forget", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            archive_journal(books, place, before=25.0)
    with closing(sqlite3.connect(books, isolation_level=None)) as connection:
        connection.execute("UPDATE journal SET body = x'90' WHERE sequence = 5")
    with pytest.raises(BooksError, match="does not hold what the books have"):
        archive_journal(books, place, before=25.0)
    assert stored(books)[:1] == [5]


def _copied(books: Path, copy: Path) -> None:
    """As a backup has them; into books that are there, as it gives them back."""
    with closing(sqlite3.connect(books)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def test_entries_that_the_tables_of_an_older_copy_lack_stay(store: Store, books: Path, place: Path) -> None:
    for _ in range(8):
        assert isinstance(store.apply_groups([moving(direct("a", "b", 1))])[0], Committed)
    older = books.with_name("older.db")
    _copied(books, older)
    _fill(store, ENTRIES + 20)
    assert archive_journal(books, place, before=1e12).until == ENTRIES + 16
    with pytest.raises(BooksError, match="goes further than the books can spare, entry 40: are they an older copy"):
        archive_journal(older, place, before=1e12)
    assert set(range(41, 49)) <= set(stored(older))
    with closing(Store(older, lambda: 99.0, synchronous="OFF")) as opened:
        assert opened.sequence == ENTRIES + 8
    assert verify(older).findings == []
    beyond = [
        Finding("archive", path.name, "entry 49 is not what the books have") for path in archive.files(place)[6:7]
    ]
    assert verify(older, place).findings[:1] == beyond


def test_copy_of_before_is_brought_to_the_end_of_all_files(books: Path, place: Path, tmp_path: Path) -> None:
    _copied(books, tmp_path / "before.db")
    archive_journal(books, place, before=25.0)
    assert archive_journal(tmp_path / "before.db", place, before=25.0) == Archived(24, files=0, until=24)
    assert [archive.span(path) for path in archive.files(place)] == [(1, 8), (9, 16), (17, 24)]
    assert clean(tmp_path / "before.db", place)


def test_directory_is_durable_before_anything_is_moved_there(
    books: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    for syncing in (archive, archiving):
        monkeypatch.setattr(syncing, "sync_directory", synced.append)
    archive_journal(books, tmp_path / "far" / "away", before=5.0)
    assert synced == [tmp_path / "far", tmp_path, tmp_path / "far" / "away"]


@pytest.mark.parametrize("edit", ["UPDATE journal SET body = x'90'", "DELETE FROM journal"])
def test_what_archive_and_books_both_have_is_compared(
    books: Path, place: Path, monkeypatch: pytest.MonkeyPatch, edit: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(archiving._Run, "_forget", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            archive_journal(books, place, before=25.0)
    assert clean(books, place)
    with closing(sqlite3.connect(books, isolation_level=None)) as connection:
        connection.execute(f"{edit} WHERE sequence = 5")
    findings = verify(books, place).findings
    assert Finding("archive", archive.files(place)[0].name, "entry 5 is not what the books have") in findings
    assert "journal" in {finding.table for finding in findings}


def test_journal_that_is_broken_is_not_archived(books: Path, place: Path) -> None:
    with closing(sqlite3.connect(books, isolation_level=None)) as connection:
        connection.execute("UPDATE journal SET body = x'90' WHERE sequence = 5")
    with pytest.raises(BooksError, match="entry 5 of the journal does not follow"):
        archive_journal(books, place, before=25.0)
    assert stored(books) == list(range(1, ENTRIES + 1))


@pytest.mark.parametrize(
    ("edit", "table"),
    [
        ("UPDATE transfers SET memo = 'x' WHERE batch = 30", "transfers"),
        ("DELETE FROM claims WHERE batch = 30", "claims"),
        ("UPDATE claims SET content = x'00' WHERE batch = 30", "claims"),
        ("UPDATE payments SET state = 'DECLINED' WHERE batch = 30", "payments"),
        ("UPDATE payments SET batch = 3 WHERE batch = 30", "payments"),
        ("UPDATE payments SET group_id = zeroblob(16) WHERE batch = 30", "payments"),
        ("UPDATE transfers SET batch = 31 WHERE batch = 30", "transfers"),
        ("UPDATE transfers SET debit_previous = NULL WHERE batch = 30", "transfers"),
        ("UPDATE transfers SET credit_previous = NULL WHERE batch = 30", "transfers"),
        ("UPDATE accounts SET last = NULL WHERE name = 'a'", "accounts"),
        ("UPDATE accounts SET covered = 1 WHERE name = 'a'", "accounts"),
        ("UPDATE accounts SET debits_posted = debits_posted + 1 WHERE name = 'a'", "accounts"),
        ("UPDATE journal SET at = 0 WHERE sequence = 30", "journal"),
        ("DELETE FROM journal WHERE sequence = 30", "journal"),
        ("DELETE FROM journal WHERE sequence = 40", "marks"),
        ("UPDATE marks SET hash = zeroblob(32) WHERE name = 'archived'", "journal"),
        ("INSERT INTO claims SELECT 'other', NULL, content, role, repeat, payment, 30 FROM claims LIMIT 1", "claims"),
    ],
)
def test_without_the_archive_what_came_since_is_compared(books: Path, place: Path, edit: str, table: str) -> None:
    archive_journal(books, place, before=25.0)
    with closing(sqlite3.connect(books, isolation_level=None)) as connection:
        connection.execute(edit)
    assert table in {finding.table for finding in verify(books).findings}
    assert verify(books, place).findings


def test_look_without_the_archive_says_that_it_is_a_part(books: Path, place: Path) -> None:
    archive_journal(books, place, before=25.0)
    whole, part = verify(books, place), verify(books)
    assert (whole.whole, whole.after, whole.compared) == (True, 0, whole.transfers)
    assert (part.whole, part.after, part.transfers) == (False, 24, whole.transfers)
    assert 0 < part.compared < part.transfers
    said = CliRunner().invoke(ledger, ["verify", "--database", str(books)])
    begin = (
        f"clean in a part, after entry 24: 16 journal entries, {part.compared} of {part.transfers} transfers compared"
    )
    assert said.output.startswith(begin)
    assert said.exit_code == 0
    said = CliRunner().invoke(ledger, ["verify", "--database", str(books), "--json"])
    assert {key: json.loads(said.output)[key] for key in ("clean", "whole", "after")} == {
        "clean": True,
        "whole": False,
        "after": 24,
    }


def test_payment_that_moved_twice_in_one_entry_is_no_finding(store: Store, books: Path, place: Path) -> None:
    archive_journal(books, place, before=25.0)
    first = intent(claim("twice"), payment=payment_row(b"p" * 16))
    assert first.payment is not None
    store.apply_groups([first, outcome(first.payment)])
    store.write_tables()
    assert verify(books).findings == []


def test_command_says_what_it_moved_and_verify_takes_the_archive(books: Path, place: Path) -> None:
    def run(*arguments: object) -> tuple[int, str]:
        result = CliRunner().invoke(ledger, [str(argument) for argument in arguments])
        return result.exit_code, result.output

    there = ("--database", books, "--to", place)
    assert run("archive", *there)[0] == 2
    assert run("archive", *there, "--before", "19700101", "--keep-days", 3)[0] == 2
    assert run("archive", *there, "--before", "20260231") == (1, "Error: day '20260231': not a day as YYYYMMDD\n")
    code, said = run("archive", *there, "--keep-days", 3, "--json")
    assert (code, json.loads(said)) == (0, {"entries": 36, "files": 5, "until": 36})
    assert run("archive", *there, "--before", "20260303") == (
        0,
        "0 entries moved to 0 new files; the books begin after 36\n",
    )
    assert json.loads(run("verify", "--database", books, "--archive", place, "--json")[1])["entries"] == 40
    assert json.loads(run("verify", "--database", books, "--json")[1])["entries"] == 4
    code, said = run("verify", "--database", books, "--archive", place / "none")
    assert (code, said) == (1, f"Error: {place / 'none'}: No such file or directory\n")


def test_two_runs_do_not_write_the_same_files(books: Path, place: Path) -> None:
    with archiving._only_one(place), pytest.raises(BooksError, match="another run is at work there"):
        archive_journal(books, place, before=25.0)
