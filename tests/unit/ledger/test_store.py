"""The store by itself: groups fail alone, nothing is done twice, and trouble with the file passes."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from ledger import journal, listing, overlay, report
from ledger.books import InlineBooks
from ledger.errors import BooksError, OutcomeUnknownError
from ledger.model import (
    DAY_CLOSED,
    DAY_OPEN,
    Account,
    Advice,
    BusinessDay,
    Claim,
    Committed,
    DayChange,
    DayTotal,
    Group,
    PaymentRow,
    Refusal,
    Refused,
    RegisterRow,
    Stale,
    Taken,
    Unavailable,
    Usage,
)
from ledger.queries import (
    CountPayments,
    CurrentDay,
    DayTotals,
    FindClaim,
    GetPayment,
    GetStatement,
    ListAccounts,
    ListDays,
    ListRegister,
    OpenAdvices,
    OpenPayments,
    TrialBalance,
)
from ledger.reader import open_reader
from ledger.recent import RecentGroups
from ledger.store import Store
from ledger.verify import verify
from tests.unit.ledger.making import (
    DAY,
    SYP,
    claim,
    contra,
    direct,
    intent,
    moving,
    new_id,
    opening,
    outcome,
    payment_row,
    pending,
    post,
    void,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "books.db"


def _open(path: Path) -> Store:
    return Store(path, lambda: 0.0, day=DAY, synchronous="OFF", busy_timeout_s=0)


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = _open(path)
    store.apply_groups([opening("a", "b")])
    yield store
    store.close()
    assert verify(path).findings == []


def _reopened(store: Store, path: Path) -> Store:
    store.close()
    store.__init__(path, lambda: 0.0, day=DAY, synchronous="OFF", busy_timeout_s=0)  # type: ignore[misc]
    return store


def _killed(store: Store, path: Path) -> Store:
    store.abandon()
    store.__init__(path, lambda: 0.0, day=DAY, synchronous="OFF", busy_timeout_s=0)  # type: ignore[misc]
    return store


def _balance(store: Store, name: str) -> int:
    accounts: list[Account] = store.answer(ListAccounts(name))
    return accounts[0].balance_minor


def _usages(store: Store) -> list[tuple[int, int]]:
    assert store.write_tables() is None
    return store._connection.execute("SELECT amount_minor, count FROM usages").fetchall()


def test_group_fails_alone_between_neighbours_that_are_kept(store: Store) -> None:
    outcomes = store.apply_groups(
        [
            moving(direct("a", "b", 1)),
            moving(direct("a", "b", 10), direct("a", "nobody", 1)),
            moving(direct("a", "b", 100)),
        ]
    )
    assert outcomes == [Committed(3), Refused(Refusal.UNKNOWN_ACCOUNT, "transfers[1]"), Committed(3)]
    assert _balance(store, "b") == 101


def test_refused_group_leaves_nothing_for_its_neighbours_to_see(store: Store) -> None:
    held = pending("new", "b", 5)
    lost = Group(
        new_id(),
        payment_row(new_id()),
        (claim("key"),),
        opening("new").openings,
        (held, direct("a", "nobody", 1)),
        (Usage("scope", DAY, 5, 1),),
    )
    bounded = moving(direct("a", "b", 1), usages=(Usage("scope", DAY, 5, 1, 5, 1),))
    outcomes = store.apply_groups(
        [lost, intent(claim("key")), bounded, moving(post(held)), moving(direct("new", "b", 1))]
    )
    assert [type(outcome) for outcome in outcomes] == [Refused, Committed, Committed, Refused, Refused]
    assert outcomes[3:] == [
        Refused(Refusal.UNKNOWN_ACCOUNT, "transfers[0]"),
        Refused(Refusal.UNKNOWN_ACCOUNT, "transfers[0]"),
    ]


def test_whole_life_of_transfers_within_one_batch(store: Store) -> None:
    held, dropped = pending("a", "b", 100), pending("a", "b", 7)
    posted = post(held, 60)
    groups = [moving(held), moving(dropped), moving(posted), moving(void(dropped)), moving(contra(posted, 20))]
    again = [moving(post(held)), moving(void(dropped)), moving(contra(posted, 41)), moving(contra(posted, 40))]
    outcomes = store.apply_groups(groups + again)
    assert outcomes[:5] == [Committed(3)] * 5
    assert [outcome.reason for outcome in outcomes[5:8] if isinstance(outcome, Refused)] == [
        Refusal.ALREADY_POSTED,
        Refusal.ALREADY_VOIDED,
        Refusal.EXCEEDS,
    ]
    assert outcomes[8] == Committed(3)
    assert _balance(store, "b") == 0


@pytest.mark.parametrize("restarted", [_reopened, _killed])
def test_whole_life_of_transfers_with_a_restart_after_each_step(
    store: Store, path: Path, restarted: Callable[[Store, Path], Store]
) -> None:
    held, dropped = pending("a", "b", 100), pending("a", "b", 7)
    posted = post(held, 60)
    steps = [moving(held, dropped), moving(posted), moving(void(dropped)), moving(contra(posted, 20))]
    for step in steps:
        assert isinstance(restarted(store, path).apply_groups([step])[0], Committed)
    refused = [moving(post(held)), moving(void(dropped)), moving(contra(posted, 41))]
    reasons = [o.reason for o in restarted(store, path).apply_groups(refused) if isinstance(o, Refused)]
    assert reasons == [Refusal.ALREADY_POSTED, Refusal.ALREADY_VOIDED, Refusal.EXCEEDS]
    assert _balance(store, "b") == 40


# Repeats


class _FailsOnce:
    """A connection whose first statement that begins so fails, as a disk does."""

    def __init__(self, connection: sqlite3.Connection, begin: str) -> None:
        self._connection, self._begin = connection, begin

    def execute(self, statement: str, *values: Sequence[bytes]) -> sqlite3.Cursor:
        if self._begin and statement.startswith(self._begin):
            self._begin = ""
            raise sqlite3.OperationalError("disk I/O error")
        return self._connection.execute(statement, *values)


def test_read_that_fails_halfway_does_not_let_a_hold_be_posted_again(store: Store, path: Path) -> None:
    held = pending("a", "b", 50)
    store.apply_groups([moving(held), moving(post(held))])
    store = _reopened(store, path)
    store._shelf._connection = _FailsOnce(store._connection, "SELECT original, kind")  # type: ignore[assignment]
    again = moving(post(held))
    assert store.apply_groups([again]) == [Unavailable("disk I/O error")]
    assert store.apply_groups([again]) == [Refused(Refusal.ALREADY_POSTED, "transfers[0]")]


def test_original_named_twice_in_a_large_batch_is_read_once(store: Store, path: Path) -> None:
    posted = [direct("a", "b", 100) for _ in range(257)]
    store.apply_groups([moving(*posted), moving(contra(posted[0], 40))])
    store = _reopened(store, path)
    outcomes = store.apply_groups([moving(contra(one, 30)) for one in (*posted, posted[0])])
    assert all(isinstance(outcome, Committed) for outcome in outcomes)


def test_group_sent_again_is_committed_once_with_the_same_sequence(store: Store, path: Path) -> None:
    group = intent(claim("key"), transfers=(pending("a", "b", 5),), usages=(Usage("scope", DAY, 5, 1),))
    assert store.apply_groups([group, group]) == [Committed(3), Committed(3)]
    assert store.apply_groups([moving(direct("a", "b", 1)), group]) == [Committed(4), Committed(3)]
    assert _reopened(store, path).apply_groups([group]) == [Committed(3)]
    assert _usages(store) == [(5, 1)]


def test_group_long_forgotten_is_known_by_its_payment_or_its_transfers(store: Store) -> None:
    with_payment = intent(claim("key"), transfers=(pending("a", "b", 5),), usages=(Usage("scope", DAY, 5, 1),))
    without = moving(direct("a", "b", 1), direct("a", "b", 2), usages=(Usage("scope", DAY, 5, 1),))
    assert store.apply_groups([with_payment, without]) == [Committed(3), Committed(3)]
    store.apply_groups([moving(direct("a", "b", 1))])
    store._recent = RecentGroups.read(store._connection, generation=1)
    assert store.apply_groups([without, with_payment]) == [Committed(3), Committed(3)]
    assert _usages(store) == [(10, 2)]


def test_transfer_again_in_another_group_is_fine_and_with_other_content_a_conflict(store: Store) -> None:
    first = direct("a", "b", 5)
    assert store.apply_groups([moving(first)]) == [Committed(3)]
    other = msgspec.structs.replace(first, memo="another")
    outcomes = store.apply_groups([moving(first, direct("a", "b", 1)), moving(other)])
    assert outcomes == [Committed(4), Refused(Refusal.CONFLICT, "transfers[0]")]
    assert _balance(store, "b") == 6


def test_same_transfer_twice_in_a_group_moves_once(store: Store) -> None:
    transfer = direct("a", "b", 5)
    assert store.apply_groups([moving(transfer, transfer)]) == [Committed(3)]
    assert _balance(store, "b") == 5


def test_recent_groups_are_bounded_and_never_fewer_than_a_generation(store: Store) -> None:
    recent = RecentGroups({}, generation=3)
    for number in range(100):
        recent.add({bytes([number]): number + 1})
        assert len(recent._newer) + len(recent._older) <= 6
        assert all(recent.find(bytes([near])) == near + 1 for near in range(max(0, number - 2), number + 1))


# Claims and versions

ORIGINAL, REPEAT = False, True


@pytest.mark.parametrize(
    ("held", "wanted", "taken"),
    [
        (claim("key", "alias"), claim("key", "another"), True),
        (claim("key", "alias"), claim("another", "alias"), False),
        (claim("key", "alias"), claim("another", "alias", repeat=REPEAT), True),
        (claim("key", "alias", repeat=REPEAT), claim("another", "alias"), True),
        (claim("key", "alias", repeat=REPEAT), claim("another", "alias", repeat=REPEAT), True),
        (claim("key", "", repeat=REPEAT), claim("another", "", repeat=REPEAT), False),
        (claim("key", "alias", repeat=REPEAT), claim("another", "other", repeat=REPEAT), False),
    ],
)
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
def test_claim_is_taken_by_key_or_by_a_repeats_alias(
    store: Store, held: Claim, wanted: Claim, taken: bool, together: bool
) -> None:
    first, second = intent(held), intent(wanted)
    if together:
        outcomes = store.apply_groups([first, second])
    else:
        outcomes = store.apply_groups([first]) + store.apply_groups([second])
    assert isinstance(outcomes[0], Committed)
    assert outcomes[1] == (Taken(held, first.payment) if taken and first.payment else Committed(3 if together else 4))


def test_claims_of_one_alias_are_gone_through_once_in_the_order_of_their_batches(store: Store) -> None:
    store.apply_groups([intent(claim("repeat", "known", repeat=True))])
    for key in ("z", "a", "m"):
        store.apply_groups([intent(claim(key, "alias"))])
    store.write_tables()
    named = [
        claim(f"{alias} {repeat}", alias, repeat=repeat) for alias in ("known", "alias") for repeat in (True, False)
    ]
    store._shelf.fetch([intent(one) for one in named])
    assert [held[0].key for held in store._shelf.alias("alias")] == ["z", "a", "m"]
    assert [held[0].key for held in store._shelf.alias("known")] == ["repeat"]


def test_taken_and_stale_give_the_payment_as_it_is_now(store: Store) -> None:
    first = intent(claim("key"))
    assert first.payment is not None
    second = outcome(first.payment)
    store.apply_groups([first])
    outcomes = store.apply_groups([second, intent(claim("key")), outcome(first.payment)])
    assert outcomes == [Committed(4), Taken(claim("key"), second.payment), Stale(second.payment)]  # type: ignore[arg-type]
    assert store.apply_groups([intent(claim("key"))]) == [Taken(claim("key"), second.payment)]  # type: ignore[arg-type]


def test_version_skipped_or_of_no_payment_is_stale(store: Store) -> None:
    row = payment_row(new_id())
    skipped = Group(new_id(), payment_row(row.id, 3))
    assert store.apply_groups([Group(new_id(), payment_row(new_id(), 2))]) == [Stale(None)]
    assert store.apply_groups([Group(new_id(), row), skipped]) == [Committed(3), Stale(row)]
    assert store.apply_groups([Group(new_id(), row)]) == [Stale(row)]


def test_payment_that_moved_twice_in_a_batch_is_stored_once_as_it_ended(store: Store) -> None:
    first = intent(claim("key"))
    assert first.payment is not None
    second = outcome(first.payment)
    assert store.apply_groups([first, second]) == [Committed(3), Committed(3)]
    assert store.answer(GetPayment(first.payment.id)) == second.payment


def test_claim_is_found_by_key_and_else_the_newest_of_its_alias(store: Store) -> None:
    first, second = intent(claim("1", "alias")), intent(claim("2", "alias"))
    store.apply_groups([first])
    store.apply_groups([second])
    assert store.answer(FindClaim("1", "alias")).payment == first.payment
    assert store.answer(FindClaim("3", "alias")).payment == second.payment
    assert store.answer(FindClaim("3", "")).claim is None


def test_open_payments_and_advices_are_those_with_a_next_time_the_earliest_first(store: Store) -> None:
    def due(at: float | None) -> PaymentRow:
        return payment_row(new_id(), next_at=at)

    late, never, early = due(9.0), due(None), due(3.0)
    advice = Advice(late.id, "reversal", "core", 5, 0, 7.0, "due")
    store.apply_groups([Group(new_id(), row) for row in (never, early)] + [Group(new_id(), late, advices=(advice,))])
    assert store.answer(OpenPayments()) == [early, late]
    assert store.answer(OpenAdvices()) == [advice]
    acknowledged = msgspec.structs.replace(advice, attempts=1, next_at=None, state="acknowledged")
    store.apply_groups([Group(new_id(), payment_row(late.id, 2, next_at=None), advices=(acknowledged,))])
    assert store.answer(OpenPayments()) == [early]
    assert store.answer(OpenAdvices()) == []


# Usage


def test_usage_has_ceilings_and_can_be_given_back(store: Store) -> None:
    def used(amount: int, count: int = 1) -> object:
        group = moving(direct("a", "b", 1), usages=(Usage("scope", DAY, amount, count, 100, 3),))
        outcome = store.apply_groups([group])[0]
        return outcome.reason if isinstance(outcome, Refused) else "used"

    assert [used(60), used(41), used(40), used(1)] == ["used", Refusal.AMOUNT_LIMIT, "used", Refusal.AMOUNT_LIMIT]
    assert [used(-40, -1), used(41), used(1), used(1), used(1)] == [
        "used",
        Refusal.AMOUNT_LIMIT,
        "used",
        "used",
        Refusal.COUNT_LIMIT,
    ]


# Impossible groups


@pytest.mark.parametrize(
    "bad", [b"\xc1", msgspec.msgpack.encode(opening("text")).replace(b"text", b"\xa1\xa1\xa1\xa1")]
)
def test_bytes_that_are_no_group_fail_alone(store: Store, bad: bytes) -> None:
    good = [msgspec.msgpack.encode(moving(direct("a", "b", amount))) for amount in (1, 2)]
    outcomes = store.apply([good[0], bad, good[1]])
    assert [type(outcome) for outcome in outcomes] == [Committed, Refused, Committed]
    assert _balance(store, "b") == 3


def test_numbers_that_no_row_can_hold_fail_alone(store: Store) -> None:
    advice = Advice(new_id(), "reversal", "core", 2**63, 0, None, "due")
    groups = [moving(direct("a", "b", 1)), Group(new_id(), advices=(advice,)), moving(direct("a", "b", 2))]
    assert [type(outcome) for outcome in store.apply_groups(groups)] == [Committed, Refused, Committed]
    assert _balance(store, "b") == 3


@pytest.mark.parametrize(
    "group",
    [
        Group(b"short"),
        Group(new_id(), None, (claim("key"),)),
        Group(new_id(), payment_row(b"short")),
        Group(new_id(), payment_row(new_id(), 0)),
        Group(new_id(), payment_row(new_id()), (claim("key"), claim("key"))),
        Group(new_id(), usages=(Usage("scope", DAY, 10**15, 0),)),
        Group(new_id(), usages=(Usage("scope", DAY, 0, -(10**15)),)),
    ],
)
def test_group_that_no_honest_caller_makes_is_malformed(store: Store, group: Group) -> None:
    outcome = store.apply_groups([group])[0]
    assert isinstance(outcome, Refused)
    assert outcome.reason is Refusal.MALFORMED


# Tables that are behind the journal


def _everything(store: Store) -> tuple[PaymentRow, Advice]:
    """One commit that leaves something to write in every table."""
    row = payment_row(new_id(), next_at=4.0)
    advice = Advice(row.id, "reversal", "core", 5, 0, 7.0, "due")
    transfers = (pending("a", "new", 5), direct("a", "b", 1))
    usages = (Usage("scope", DAY, 5, 1),)
    openings = opening("new").openings
    group = Group(new_id(), row, (claim("key", "alias"),), openings, transfers, usages, (advice,))
    assert isinstance(store.apply_groups([group])[0], Committed)
    assert store.behind
    return row, advice


def _seen(books: sqlite3.Connection) -> list[object]:
    found = [listing.unfinished_advices(books), list(listing.unfinished_payments(books))]
    found += [report.answer(books, query) for query in (OpenPayments(), OpenAdvices(), ListAccounts(), TrialBalance())]
    return [*found, report.answer(books, GetStatement("new")), report.answer(books, CountPayments())]


def test_reader_sees_what_is_committed_and_not_in_the_tables_yet(store: Store, path: Path) -> None:
    _everything(store)
    with closing(open_reader(path)) as before:
        seen = _seen(before)
        assert before.execute("SELECT count(*) FROM main.payments").fetchone() == (0,)
    assert verify(path).findings == []
    assert verify(path).transfers == 2
    assert store.write_tables() is None
    assert not store.behind
    with closing(open_reader(path)) as after:
        assert _seen(after) == seen


def test_reader_sees_the_newest_state_of_what_the_tables_have_an_older_one_of(store: Store, path: Path) -> None:
    row, advice = _everything(store)
    assert store.write_tables() is None
    done = msgspec.structs.replace(advice, next_at=None, state="acknowledged")
    group = Group(new_id(), payment_row(row.id, 2, "POSTED", None), transfers=(direct("a", "b", 7),), advices=(done,))
    assert isinstance(store.apply_groups([group])[0], Committed)
    with closing(open_reader(path)) as reader:
        assert list(listing.all_payments(reader)) == [group.payment]
        assert listing.advices_of(reader, row.id) == [done]
        assert [account.balance_minor for account in report.answer(reader, ListAccounts("a"))] == [-8]


def _steps_of_a_look(path: Path, payments: int) -> int:
    """How many hundreds of SQLite's steps it takes when so many payments, and twice as many accounts, have changed."""
    store = _open(path)
    names = [(f"a{number}", f"b{number}") for number in range(payments)]
    rows = [payment_row(new_id()) for _ in names]
    store.apply_groups([opening(*pair) for pair in names] + [intent(payment=row) for row in rows])
    store.write_tables()
    store.apply_groups([outcome(row, direct(*pair, 5)) for row, pair in zip(rows, names, strict=True)])
    steps = [0]

    def step() -> int:
        steps[0] += 1
        return 0

    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.set_progress_handler(step, 100)
        connection.execute("BEGIN")
        overlay.lay(connection)
    store.close()
    return steps[0]


def test_look_takes_no_longer_than_there_is_that_changed(tmp_path: Path) -> None:
    few, many = _steps_of_a_look(tmp_path / "few.db", 50), _steps_of_a_look(tmp_path / "many.db", 400)
    assert many < 12 * few


def test_claims_payments_and_groups_are_known_after_a_kill(store: Store, path: Path) -> None:
    row, _ = _everything(store)
    group = intent(claim("another", "alias", repeat=True))
    assert _killed(store, path).apply_groups([group]) == [Taken(claim("key", "alias"), row)]
    assert store.answer(FindClaim("key", "")).payment == row
    assert store.answer(OpenPayments()) == [row]


def test_tables_that_cannot_be_written_wait_and_the_journal_goes_on_within_bounds(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("ledger.store.AHEAD_MAX", 5)
    with monkeypatch.context() as full:
        full.setattr("ledger.writer.write", no_room)
        assert isinstance(store.write_tables(), Unavailable)
        outcomes = [store.apply_groups([moving(direct("a", "b", 1))])[0] for _ in range(5)]
        assert {type(outcome) for outcome in outcomes} == {Committed, Unavailable}
        assert isinstance(store.answer(TrialBalance()), Unavailable)
        with pytest.raises(BooksError, match="the tables cannot be written"):
            store.open_day("20260303")
    committed = sum(isinstance(outcome, Committed) for outcome in outcomes)
    assert _balance(store, "b") == committed


def test_full_disk_keeps_nobody_from_the_day_and_the_open_payments(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    first, second, third, ended = (payment_row(new_id(), next_at=at) for at in (1.0, 2.0, 3.0, 2.5))
    store.apply_groups([intent(payment=row) for row in (first, second, ended)])
    store.write_tables()
    moved = payment_row(second.id, version=2, next_at=4.0)
    with monkeypatch.context() as full:
        full.setattr("ledger.writer.write", no_room)
        store.apply_groups([intent(payment=third), Group(new_id(), moved), outcome(ended)])
        assert store.answer(CurrentDay()) == DAY
        assert store.answer(OpenPayments()) == [first, third, moved]
        assert store.answer(OpenPayments(None, 1)) == [first]
        assert store.answer(OpenPayments((1.0, first.id), 1)) == [third]
        assert store.answer(OpenPayments((3.0, third.id), 1)) == [moved]
    store.write_tables()
    assert store.answer(OpenPayments()) == [first, third, moved]


def test_journal_that_cannot_be_applied_again_is_refused_in_one_line(store: Store, path: Path) -> None:
    store.abandon()
    hash_ = journal.entry_hash(store._hash, 3, 0.0, journal.GROUPS, b"\xc1")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        journal.append(other, journal.Entry(3, 0.0, journal.GROUPS, b"\xc1", hash_))
        with pytest.raises(BooksError, match="entry 3 of the journal cannot be read"):
            _open(path)
        other.execute("DELETE FROM journal WHERE sequence = 3")
    assert not _killed(store, path).behind


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("DELETE FROM journal WHERE sequence = 4", "entry 4 of the journal is missing"),
        ("UPDATE journal SET body = x'90' WHERE sequence = 4", "entry 4 of the journal does not follow"),
        ("UPDATE journal SET at = at + 1 WHERE sequence = 3", "entry 3 of the journal does not follow"),
        ("DELETE FROM journal WHERE sequence = 2", "entry 2 of the journal is missing, and the tables have it"),
    ],
)
def test_journal_whose_chain_is_broken_is_not_applied(path: Path, edit: str, said: str) -> None:
    store = _open(path)
    store.apply_groups([opening("a", "b")])
    store.write_tables()
    for _ in range(3):
        store.apply_groups([moving(direct("a", "b", 1))])
    store.abandon()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(edit)
    for look in (_open, open_reader):
        with pytest.raises(BooksError, match=said):
            look(path)


def test_books_from_before_the_tables_followed_are_brought_up_to_date(store: Store, path: Path) -> None:
    """0003: what an older version wrote, whose tables were never behind."""
    row, _ = _everything(store)
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as older:
        older.execute("DROP TABLE marks")
        older.execute("DROP INDEX claims_of_repeats")
        older.execute("DELETE FROM _sqlite_migrations WHERE name = '0003_tables_follow_the_journal'")
    with pytest.raises(BooksError, match="of an older version: serve them once"):
        open_reader(path)
    newer = _killed(store, path)
    assert not newer.behind
    assert newer.apply_groups([intent(claim("other", "alias", repeat=True))]) == [Taken(claim("key", "alias"), row)]
    assert newer.apply_groups([moving(direct("a", "b", 1))]) == [Committed(4)]


# Statements


def test_statement_goes_on_after_a_page_with_or_without_the_balance_it_showed(store: Store) -> None:
    store.apply_groups([moving(direct("a", "b", amount)) for amount in range(1, 8)])
    held = pending("a", "b", 100)
    store.apply_groups([moving(held), moving(direct("b", "a", 3)), moving(post(held, 60))])
    whole = store.answer(GetStatement("b"))
    assert [line.balance_minor for line in whole.lines] == [85, 25, 28, 28, 21, 15, 10, 6, 3, 1]
    for place, line in enumerate(whole.lines):
        rest = tuple(whole.lines[place + 1 : place + 4])
        for balance in (None, line.balance_minor):
            asked = GetStatement("b", 3, line.transfer.id, before_balance_minor=balance)
            assert store.answer(asked).lines == rest
    assert store.answer(GetStatement("b", 3, new_id())).lines == ()
    assert store.answer(GetStatement("b", 3, new_id(), before_balance_minor=5)).lines == ()


# Trouble with the file


def test_full_disk_refuses_the_batch_and_room_is_enough_to_go_on(store: Store) -> None:
    group = intent(claim("key"), transfers=(pending("a", "b", 5),), usages=(Usage("scope", DAY, 5, 1, 5, 1),))
    large = Group(new_id(), payment_row(new_id(), record=bytes(100_000)))
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    assert store.apply_groups([group, large]) == [Unavailable("database or disk is full")] * 2
    assert store.answer(OpenPayments()) == []
    store._connection.execute("PRAGMA max_page_count = 1000000")
    assert store.apply_groups([group, large]) == [Committed(3)] * 2
    assert store.answer(TrialBalance())[0].moved_pending == 5


def test_locked_file_refuses_the_batch_until_it_is_let_go(store: Store, path: Path) -> None:
    group = moving(direct("a", "b", 5))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert store.apply_groups([group]) == [Unavailable("database is locked")]
    other.execute("ROLLBACK")
    other.close()
    assert store.apply_groups([group]) == [Committed(3)]


def test_a_group_sent_again_is_committed_though_the_file_is_locked_now(store: Store, path: Path) -> None:
    """Its answer was lost with the ledger's process. "Unavailable" would have its hold forgotten, and held for ever."""
    applied, fresh = moving(direct("a", "b", 5)), moving(direct("a", "b", 5))
    (outcome,) = store.apply_groups([applied])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert store.apply_groups([fresh, applied]) == [Unavailable("database is locked"), outcome]
    other.close()


class Failing:
    """A connection whose COMMIT reports one error."""

    def __init__(self, connection: sqlite3.Connection, errorcode: int) -> None:
        self._connection = connection
        self._errorcode: int | None = errorcode

    def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
        if sql == "COMMIT" and self._errorcode is not None:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode, self._errorcode = self._errorcode, None
            raise error
        return self._connection.execute(sql, *parameters)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


def test_commit_that_certainly_failed_is_unavailable(store: Store) -> None:
    real = store._connection
    store._connection = Failing(real, sqlite3.SQLITE_IOERR_WRITE)  # type: ignore[assignment]
    assert store.apply_groups([moving(direct("a", "b", 5))]) == [Unavailable("disk I/O error")]
    assert store.apply_groups([moving(direct("a", "b", 6))]) == [Committed(3)]
    store._connection = real
    assert _balance(store, "b") == 6


def test_commit_that_may_have_succeeded_is_never_answered(store: Store) -> None:
    real = store._connection
    store._connection = Failing(real, sqlite3.SQLITE_IOERR_FSYNC)  # type: ignore[assignment]
    outcomes: list[object] = []
    with pytest.raises(OutcomeUnknownError):
        InlineBooks(store).submit(moving(direct("a", "b", 5)), outcomes.append)
    store._connection = real
    assert outcomes == []


def test_question_that_the_file_cannot_answer_is_unavailable(store: Store) -> None:
    store._connection.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)
    assert isinstance(store.answer(OpenPayments()), Unavailable)
    store._connection.set_authorizer(None)


def test_books_have_one_owner_at_a_time(store: Store, path: Path) -> None:
    with pytest.raises(BooksError, match="in use by another process"):
        _open(path)


@pytest.mark.parametrize("content", [b"not a database, but long enough to be taken for one" * 20, b"short"])
def test_file_that_is_no_books_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.db"
    path.write_bytes(content)
    with pytest.raises(BooksError, match=r"other\.db: file is not a database"):
        _open(path)
    path.unlink()
    _open(path).close()  # and the lock was let go


def test_directory_is_no_books_either(tmp_path: Path) -> None:
    with pytest.raises(BooksError, match="Is a directory"):
        _open(tmp_path)


def test_books_of_a_newer_version_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    store = _open(path)
    store._connection.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('books', '9999_later')")
    store.close()
    with pytest.raises(BooksError, match="written by a newer version"):
        _open(path)


# Days


def test_first_day_is_opened_once_and_the_newest_open_day_is_current(store: Store, path: Path) -> None:
    assert store.current_day() == DAY
    store.open_day("20260303")
    assert store.current_day() == "20260303"
    store.close()
    store.__init__(path, lambda: 0.0, day="20270101", synchronous="OFF")  # type: ignore[misc]
    assert store.current_day() == "20260303"
    assert store.apply_groups([moving(direct("a", "b", 1, day="20270101"))]) == [
        Refused(Refusal.CLOSED_DAY, "transfers[0]")
    ]


def test_day_is_closed_once_a_later_one_is_open_and_never_opened_again(store: Store, path: Path) -> None:
    with pytest.raises(BooksError, match="day needed"):
        store.close_day(DAY)
    with pytest.raises(BooksError, match="day needed"):
        store.close_day("20260303")
    store.open_day("20260303")
    store.open_day("20260303")
    assert store.apply_groups([moving(direct("a", "b", 1))]) == [Committed(store.sequence)]
    store.close_day(DAY)
    store.close_day(DAY)
    for day in (DAY, "20260301"):
        with pytest.raises(BooksError, match="closed day"):
            store.open_day(day)
    assert store.apply_groups([moving(direct("a", "b", 1))]) == [Refused(Refusal.CLOSED_DAY, "transfers[0]")]
    days = [("20260303", DAY_OPEN, 0.0, None), (DAY, DAY_CLOSED, 0.0, 0.0)]
    assert store.answer(ListDays()) == [BusinessDay(*day) for day in days]
    store.abandon()
    store.__init__(path, lambda: 0.0, synchronous="OFF")  # type: ignore[misc]
    assert store.answer(ListDays()) == [BusinessDay(*day) for day in days]


# Totals and registers


def test_totals_count_what_is_posted_and_what_is_given_back_in_the_day_that_it_names(store: Store) -> None:
    held = pending("a", "b", 100)
    posted = msgspec.structs.replace(post(held, 60), heading="5001|debit")
    store.apply_groups([moving(held, posted, direct("a", "b", 7))])
    store.open_day("20260303")
    back = msgspec.structs.replace(contra(posted, 10), heading="5001|debit", day="20260303")
    store.apply_groups([moving(back)])
    assert store.answer(DayTotals(DAY)) == [DayTotal(DAY, "5001|debit", SYP, 60, 1)]
    assert store.answer(DayTotals("20260303", "5001|")) == [DayTotal("20260303", "5001|debit", SYP, 0, 0, 10, 1)]
    assert store.answer(DayTotals("20260303", "5002|")) == []


def test_row_of_a_register_follows_the_one_that_its_owner_read(store: Store, path: Path) -> None:
    def kept(version: int, body: bytes, key: str = "1") -> Group:
        return Group(new_id(), registers=(RegisterRow("disputes", key, version, body),))

    assert isinstance(store.apply_groups([kept(1, b"open")])[0], Committed)
    assert isinstance(store.apply_groups([kept(2, b"taken")])[0], Committed)
    assert store.apply_groups([kept(2, b"closed")]) == [Refused(Refusal.CONFLICT, "registers[0]")]
    assert store.apply_groups([kept(3, b"closed", "2")]) == [Refused(Refusal.CONFLICT, "registers[0]")]
    assert store.answer(ListRegister("disputes")) == [RegisterRow("disputes", "1", 2, b"taken")]
    store.abandon()
    store.__init__(path, lambda: 0.0, synchronous="OFF")  # type: ignore[misc]
    assert store.answer(ListRegister("disputes", "1")) == [RegisterRow("disputes", "1", 2, b"taken")]
    assert store.answer(ListRegister("other")) == []


def test_a_register_is_read_page_by_page_in_the_tables_and_ahead_of_them(store: Store) -> None:
    def keep(*keys: str) -> None:
        rows = tuple(RegisterRow("blocks", key, 1, key.encode()) for key in keys)
        assert isinstance(store.apply_groups([Group(new_id(), registers=rows)])[0], Committed)

    keep("b", "d", "f")
    store.write_tables()
    keep("a", "c", "e")
    found: list[str] = []
    while page := store.answer(ListRegister("blocks", after=found[-1] if found else "", limit=2)):
        found += [row.key for row in page]
    assert found == ["a", "b", "c", "d", "e", "f"]
    assert [row.key for row in store.answer(ListRegister("blocks", "c"))] == ["c"]


def test_books_are_for_their_owner_only(tmp_path: Path) -> None:
    store = Store(tmp_path / "books.db", day=DAY)
    store.open_day("20261123")
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}
    store.close()


# What the tables can't hold would be committed and keep the books from ever starting again.


def test_a_total_or_a_use_that_no_row_holds_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.batch.INTEGER_MAX", 99)
    monkeypatch.setattr("ledger.usage.BALANCE_MAX", 99)
    counted = msgspec.structs.replace(direct("a", "b", 100), heading="h")
    assert store.apply_groups([moving(counted)]) == [Refused(Refusal.EXCEEDS, "transfers[0]")]
    back = moving(usages=(Usage("transfer|x", DAY, -100, -1),))
    assert store.apply_groups([back]) == [Refused(Refusal.MALFORMED, "usages[0]")]
    assert store.answer(DayTotals(DAY)) == []


@pytest.mark.parametrize(
    "change",
    [
        DayChange("20260401", DAY_OPEN, math.nan),
        DayChange("\u0662\u0660\u0662\u0666\u0660\u0664\u0660\u0661", DAY_OPEN, 1.0),
    ],
    ids=["at no moment", "in digits that DE 15 can't have"],
)
def test_a_day_that_no_row_holds_or_no_message_names_is_refused(store: Store, change: DayChange) -> None:
    assert store.apply_groups([Group(new_id(), days=(change,))]) == [Refused(Refusal.MALFORMED, "days[0]")]


def test_a_row_of_a_register_is_found_without_reading_those_that_come_after_it(store: Store, path: Path) -> None:
    plans: list[str] = []
    with closing(sqlite3.connect(path)) as books:
        books.set_trace_callback(plans.append)
        report.answer(books, ListRegister("blocks", "c"))
        books.set_trace_callback(None)
        plan = books.execute(f"EXPLAIN QUERY PLAN {plans[0]}").fetchall()
    assert any("key>? AND key<?" in row[3] for row in plan)
