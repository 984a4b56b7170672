"""Which refusal a group gets when several would do: the order is fixed, because peers and channels get to see it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from ledger.model import (
    Committed,
    Group,
    Opening,
    Outcome,
    Refusal,
    Refused,
    Stale,
    Taken,
    Transfer,
    TransferKind,
    Usage,
)
from ledger.rules import AMOUNT_MAX
from ledger.store import Store
from tests.unit.ledger.making import (
    DAY,
    SYP,
    claim,
    contra,
    direct,
    intent,
    move,
    moving,
    new_id,
    opening,
    outcome,
    payment_row,
    pending,
    post,
    void,
)

CLOSED = "20260301"
changed = msgspec.structs.replace


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store(":memory:", lambda: 0.0, day=CLOSED)
    store.open_day(DAY)
    store.close_day(CLOSED)
    assert _apply(store, opening("a", "b"), opening("euro", currency="978"), opening("poor", covered=True))
    yield store
    store.close()


def _apply(store: Store, *groups: Group) -> bool:
    return all(type(outcome) is Committed for outcome in store.apply_groups(groups))


def _refusal(outcome: Outcome) -> Refusal:
    assert isinstance(outcome, Refused), outcome
    return outcome.reason


HELD, SETTLED, DROPPED = pending("a", "b", 100), pending("a", "b", 100), pending("a", "b", 100)
POSTED, WHOLE = post(SETTLED, 60), direct("a", "b", 100)

# Each row breaks the rule it is named for and all the rules that can be broken beside it further down.
TRANSFERS: list[tuple[str, Transfer, Refusal]] = [
    ("an id of another length", changed(direct("a", "a", 0, day=CLOSED), id=b"short"), Refusal.MALFORMED),
    ("no amount", direct("nobody", "poor", 0, day=CLOSED), Refusal.MALFORMED),
    ("a negative amount", direct("nobody", "poor", -1, day=CLOSED), Refusal.MALFORMED),
    ("an amount beyond all reason", direct("nobody", "poor", AMOUNT_MAX + 1), Refusal.MALFORMED),
    ("one account twice", direct("nobody", "nobody", 1, day=CLOSED), Refusal.MALFORMED),
    ("an original that means nothing", changed(direct("nobody", "a", 1), original=HELD.id), Refusal.MALFORMED),
    ("a post of nothing", move(TransferKind.POST, "nobody", "a", 1, day=CLOSED), Refusal.MALFORMED),
    ("the same id, other content", changed(WHOLE, amount_minor=1, day=CLOSED, debit="nobody"), Refusal.CONFLICT),
    ("a closed day", direct("nobody", "a", 1, day=CLOSED), Refusal.CLOSED_DAY),
    ("a day never opened", direct("nobody", "a", 1, day="20990101"), Refusal.CLOSED_DAY),
    ("an unknown debit account", direct("nobody", "euro", 1), Refusal.UNKNOWN_ACCOUNT),
    ("an unknown credit account", direct("euro", "nobody", 1), Refusal.UNKNOWN_ACCOUNT),
    ("another currency than the debit account", direct("euro", "poor", 1), Refusal.CURRENCY),
    ("another currency than the credit account", direct("poor", "euro", 1), Refusal.CURRENCY),
    ("another currency than both", direct("a", "b", 1, currency="978"), Refusal.CURRENCY),
    ("a post of an unknown transfer", post(pending("a", "b", 5)), Refusal.UNKNOWN_ORIGINAL),
    ("a void of an unknown transfer", void(pending("a", "b", 5)), Refusal.UNKNOWN_ORIGINAL),
    ("a contra of an unknown transfer", contra(direct("a", "b", 5)), Refusal.UNKNOWN_ORIGINAL),
    ("a post of what is posted already", post(WHOLE, 101), Refusal.NOT_PENDING),
    ("a void of what is posted already", void(WHOLE), Refusal.NOT_PENDING),
    ("a contra of what is only pending", contra(HELD, 101), Refusal.NOT_POSTED),
    ("a post with other accounts", changed(post(SETTLED, 101), debit="b", credit="a"), Refusal.MISMATCH),
    ("a contra that does not swap", changed(contra(WHOLE, 101), debit="a", credit="b"), Refusal.MISMATCH),
    ("a void of another amount", changed(void(HELD), amount_minor=99), Refusal.MISMATCH),
    ("a second post", post(SETTLED, 101), Refusal.ALREADY_POSTED),
    ("a void after the post", void(SETTLED), Refusal.ALREADY_POSTED),
    ("a post after the void", post(DROPPED, 101), Refusal.ALREADY_VOIDED),
    ("a second void", void(DROPPED), Refusal.ALREADY_VOIDED),
    ("a post of more than was held", post(HELD, 101), Refusal.EXCEEDS),
    ("a contra of more than was posted", contra(POSTED, 61), Refusal.EXCEEDS),
    ("more than a covered account has", direct("poor", "a", 1), Refusal.FUNDS),
    ("a hold of more than a covered account has", pending("poor", "a", 1), Refusal.FUNDS),
]


@pytest.mark.parametrize(("transfer", "refusal"), [row[1:] for row in TRANSFERS], ids=[row[0] for row in TRANSFERS])
def test_transfer_is_refused_for_the_first_rule_it_breaks(store: Store, transfer: Transfer, refusal: Refusal) -> None:
    assert _apply(store, moving(HELD), moving(SETTLED), moving(DROPPED), moving(WHOLE))
    assert _apply(store, moving(POSTED), moving(void(DROPPED)))
    before = _books(store)
    assert _refusal(store.apply_groups([moving(transfer)])[0]) is refusal
    assert _books(store) == before


def _books(store: Store) -> list[object]:
    return [store._connection.execute(f"SELECT * FROM {table}").fetchall() for table in ("accounts", "transfers")]


def _usage(amount_max: int | None = None, count_max: int | None = None) -> Usage:
    return Usage("customer:a", DAY, 10, 1, amount_max, count_max)


LAPSED = direct("a", "b", 1, day=CLOSED)


def test_checks_of_a_group_come_in_this_order(store: Store) -> None:
    first = intent(claim("key"))
    assert first.payment is not None
    assert _apply(store, first, outcome(first.payment))
    stale = payment_row(first.payment.id, 2)
    over = (_usage(amount_max=9, count_max=0),)

    everything = Group(new_id(), stale, (claim("key"),), (Opening("a", "978"),), (LAPSED,), over)
    assert isinstance(store.apply_groups([everything])[0], Taken)
    unclaimed = changed(everything, claims=(claim("another"),))
    assert isinstance(store.apply_groups([unclaimed])[0], Stale)
    fresh = changed(unclaimed, payment=payment_row(first.payment.id, 3))
    assert _refusal(store.apply_groups([fresh])[0]) is Refusal.AMOUNT_LIMIT
    within_amount = changed(fresh, usages=(_usage(amount_max=10, count_max=0),))
    assert _refusal(store.apply_groups([within_amount])[0]) is Refusal.COUNT_LIMIT
    within = changed(fresh, usages=(_usage(amount_max=10, count_max=1),))
    assert store.apply_groups([within])[0] == Refused(Refusal.CURRENCY, "openings[0]")
    opened = changed(within, openings=(Opening("a", SYP),))
    assert store.apply_groups([opened])[0] == Refused(Refusal.CLOSED_DAY, "transfers[0]")
    assert store.apply_groups([changed(opened, transfers=(direct("a", "b", 1),))]) == [Committed(6)]


def test_group_applied_before_is_committed_before_anything_else_is_looked_at(store: Store) -> None:
    group = intent(claim("key"), transfers=(pending("a", "b", 5),))
    assert store.apply_groups([group]) == [Committed(5)]
    store.open_day("20990101")
    store.close_day(DAY)
    assert store.apply_groups([group]) == [Committed(5)]


def test_account_is_not_opened_again_as_something_else(store: Store) -> None:
    assert _refusal(store.apply_groups([opening("a", currency="978")])[0]) is Refusal.CURRENCY
    assert _refusal(store.apply_groups([opening("a", covered=True)])[0]) is Refusal.CONFLICT
    assert _apply(store, opening("a"))
