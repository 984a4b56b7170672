"""The store by itself: groups fail alone, and nothing is done twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from ledger.model import Advice, Claim, Committed, Group, PaymentRow, Refusal, Refused, Stale, Taken, Unavailable, Usage
from ledger.queries import FindClaim, GetPayment, GetStatement, OpenAdvices, OpenPayments
from ledger.recent import RecentGroups
from ledger.store import Store
from tests.unit.ledger.making import (
    DAY,
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
from tests.unit.ledger.stores import balance_of, killed, reopened


def usages(store: Store) -> list[tuple[int, int]]:
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
    assert balance_of(store, "b") == 101


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
    assert balance_of(store, "b") == 0


@pytest.mark.parametrize("restarted", [reopened, killed])
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
    assert balance_of(store, "b") == 40


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
    store = reopened(store, path)
    store._shelf._connection = _FailsOnce(store._connection, "SELECT original, kind")  # type: ignore[assignment]
    again = moving(post(held))
    assert store.apply_groups([again]) == [Unavailable("disk I/O error")]
    assert store.apply_groups([again]) == [Refused(Refusal.ALREADY_POSTED, "transfers[0]")]


def test_original_named_twice_in_a_large_batch_is_read_once(store: Store, path: Path) -> None:
    posted = [direct("a", "b", 100) for _ in range(257)]
    store.apply_groups([moving(*posted), moving(contra(posted[0], 40))])
    store = reopened(store, path)
    outcomes = store.apply_groups([moving(contra(one, 30)) for one in (*posted, posted[0])])
    assert all(isinstance(outcome, Committed) for outcome in outcomes)


def test_group_sent_again_is_committed_once_with_the_same_sequence(store: Store, path: Path) -> None:
    group = intent(claim("key"), transfers=(pending("a", "b", 5),), usages=(Usage("scope", DAY, 5, 1),))
    assert store.apply_groups([group, group]) == [Committed(3), Committed(3)]
    assert store.apply_groups([moving(direct("a", "b", 1)), group]) == [Committed(4), Committed(3)]
    assert reopened(store, path).apply_groups([group]) == [Committed(3)]
    assert usages(store) == [(5, 1)]


def test_group_long_forgotten_is_known_by_its_payment_or_its_transfers(store: Store) -> None:
    with_payment = intent(claim("key"), transfers=(pending("a", "b", 5),), usages=(Usage("scope", DAY, 5, 1),))
    without = moving(direct("a", "b", 1), direct("a", "b", 2), usages=(Usage("scope", DAY, 5, 1),))
    assert store.apply_groups([with_payment, without]) == [Committed(3), Committed(3)]
    store.apply_groups([moving(direct("a", "b", 1))])
    store._recent = RecentGroups.read(store._connection, generation=1)
    assert store.apply_groups([without, with_payment]) == [Committed(3), Committed(3)]
    assert usages(store) == [(10, 2)]


def test_transfer_again_in_another_group_is_fine_and_with_other_content_a_conflict(store: Store) -> None:
    first = direct("a", "b", 5)
    assert store.apply_groups([moving(first)]) == [Committed(3)]
    other = msgspec.structs.replace(first, memo="another")
    outcomes = store.apply_groups([moving(first, direct("a", "b", 1)), moving(other)])
    assert outcomes == [Committed(4), Refused(Refusal.CONFLICT, "transfers[0]")]
    assert balance_of(store, "b") == 6


def test_same_transfer_twice_in_a_group_moves_once(store: Store) -> None:
    transfer = direct("a", "b", 5)
    assert store.apply_groups([moving(transfer, transfer)]) == [Committed(3)]
    assert balance_of(store, "b") == 5


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
    assert balance_of(store, "b") == 3


def test_numbers_that_no_row_can_hold_fail_alone(store: Store) -> None:
    advice = Advice(new_id(), "reversal", "core", 2**63, 0, None, "due")
    groups = [moving(direct("a", "b", 1)), Group(new_id(), advices=(advice,)), moving(direct("a", "b", 2))]
    assert [type(outcome) for outcome in store.apply_groups(groups)] == [Committed, Refused, Committed]
    assert balance_of(store, "b") == 3


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
