"""What every engine behind the port promises: the same tests for the books in the same thread and behind a socket."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio

from ledger.books import Books, InlineBooks
from ledger.client import RemoteBooks
from ledger.model import (
    Advice,
    Claim,
    Committed,
    CurrencyTotals,
    Found,
    Group,
    Outcome,
    PaymentRow,
    Refusal,
    Refused,
    Stale,
    Taken,
    Transfer,
    Usage,
)
from ledger.queries import Statement
from ledger.spawn import serve_command
from ledger.store import Store
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


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One ledger process for the whole module: every test has accounts and keys of its own."""
    place = tmp_path_factory.mktemp("ledger")
    command = serve_command(place / "books.db", place / "books.sock", day=DAY)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield place / "books.sock"
        process.terminate()
        assert process.wait(5) == 0


@pytest.fixture(params=["inline", "process"])
async def books(request: pytest.FixtureRequest, nursery: trio.Nursery) -> AsyncIterator[Books]:
    if request.param == "inline":
        store = Store(":memory:", lambda: 0.0, day=DAY)
        yield InlineBooks(store)
        store.close()
    else:
        remote = RemoteBooks(str(request.getfixturevalue("socket")))
        await nursery.start(remote.run)
        yield remote


async def told(ask: Callable[[Callable[[Any], None]], None]) -> Any:
    """What a call answers."""
    answers: list[Any] = []
    answered = trio.Event()

    def done(answer: Any) -> None:
        answers.append(answer)
        answered.set()

    ask(done)
    with trio.fail_after(10):
        await answered.wait()
    assert len(answers) == 1
    return answers[0]


async def submitted(books: Books, *groups: Group) -> list[Outcome]:
    """All in one loop turn; their outcomes in order."""
    outcomes: dict[int, Outcome] = {}
    answered = trio.Event()

    def keep(place: int, outcome: Outcome) -> None:
        assert place not in outcomes
        outcomes[place] = outcome
        if len(outcomes) == len(groups):
            answered.set()

    for place, group in enumerate(groups):
        books.submit(group, lambda outcome, place=place: keep(place, outcome))  # type: ignore[misc]
    with trio.fail_after(10):
        await answered.wait()
    return [outcomes[place] for place in range(len(groups))]


def kinds(outcomes: list[Outcome]) -> list[type]:
    return [type(outcome) for outcome in outcomes]


@pytest.fixture
async def names(books: Books) -> tuple[str, str]:
    """Two accounts that no other test has."""
    debit, credit = (f"{side}:{new_id().hex()}" for side in ("customer", "biller"))
    assert kinds(await submitted(books, opening(debit, credit))) == [Committed]
    return debit, credit


async def balances(books: Books, *names: str) -> list[tuple[int, int]]:
    """Posted balance and what is held, of each."""
    accounts = {account.name: account for account in await told(books.accounts)}
    return [(accounts[name].balance_minor, accounts[name].debits_pending) for name in names]


async def test_payment_from_intent_to_outcome(books: Books, names: tuple[str, str]) -> None:
    first = intent(claim(f"key {names}"))
    payment = first.payment
    assert payment is not None
    held = pending(*names, 100, payment=payment.id)
    first = msgspec.structs.replace(first, transfers=(held,))
    assert kinds(await submitted(books, first)) == [Committed]
    assert await balances(books, *names) == [(0, 100), (0, 0)]
    assert payment in await told(books.open_payments)

    second = outcome(payment, post(held, 60))
    assert kinds(await submitted(books, second)) == [Committed]
    assert await balances(books, *names) == [(-60, 0), (60, 0)]
    assert await told(lambda done: books.payment(payment.id, done)) == second.payment
    assert second.payment not in await told(books.open_payments)


async def test_groups_of_one_turn_are_decided_in_the_order_of_their_submission(
    books: Books, names: tuple[str, str]
) -> None:
    held = pending(*names, 5)
    outcomes = await submitted(books, moving(held), moving(post(held)), moving(void(held)))
    assert kinds(outcomes) == [Committed, Committed, Refused]


async def test_group_fails_alone(books: Books, names: tuple[str, str]) -> None:
    bad = moving(direct(*names, 10), direct("nobody", names[1], 1))
    outcomes = await submitted(books, moving(direct(*names, 1)), bad, moving(direct(*names, 100)))
    assert kinds(outcomes) == [Committed, Refused, Committed]
    assert outcomes[1] == Refused(Refusal.UNKNOWN_ACCOUNT, "transfers[1]")
    assert await balances(books, names[1]) == [(101, 0)]


async def test_group_again_is_the_same_commit(books: Books, names: tuple[str, str]) -> None:
    group = moving(direct(*names, 7))
    first = await submitted(books, group, group)
    assert await submitted(books, group) == first[:1] == first[1:]
    assert await balances(books, names[1]) == [(7, 0)]


async def test_taken_tells_the_claim_and_the_payment_behind_it(books: Books, names: tuple[str, str]) -> None:
    held = Claim(f"key {names}", f"alias {names}", b"fingerprint", "reversal", repeat=True)
    first = intent(held)
    assert first.payment is not None
    assert kinds(await submitted(books, first)) == [Committed]
    for wanted in (claim(held.key), claim(f"other {names}", held.alias)):
        assert await submitted(books, intent(wanted)) == [Taken(held, first.payment)]


async def test_found_by_key_or_alias_or_not_at_all(books: Books, names: tuple[str, str]) -> None:
    held = claim(f"key {names}", f"alias {names}")
    first = intent(held)
    await submitted(books, first)
    assert await told(lambda done: books.find(held.key, "", done)) == Found(held, first.payment)
    assert await told(lambda done: books.find("none", held.alias, done)) == Found(held, first.payment)
    assert await told(lambda done: books.find("none", "", done)) == Found(None, None)


async def test_stale_tells_the_payment_as_it_is(books: Books) -> None:
    row = payment_row(new_id())
    moved = payment_row(row.id, 2, "POSTED", None)
    assert kinds(await submitted(books, Group(new_id(), row), Group(new_id(), moved))) == [Committed] * 2
    assert await submitted(books, Group(new_id(), payment_row(row.id, 2))) == [Stale(moved)]
    assert await submitted(books, Group(new_id(), payment_row(new_id(), 2))) == [Stale(None)]


async def test_unknown_payment_is_none(books: Books) -> None:
    assert await told(lambda done: books.payment(new_id(), done)) is None


async def test_payments_are_counted_by_state(books: Books) -> None:
    state = new_id().hex()
    rows = [PaymentRow(new_id(), 1, state, "pay-bill", DAY, None, b"") for _ in range(3)]
    await submitted(books, *(Group(new_id(), row) for row in rows))
    assert (await told(books.count_payments))[state] == 3


async def test_open_advices_are_told(books: Books) -> None:
    advice = Advice(new_id(), "reversal", "core", 5, 0, 7.0, "due")
    await submitted(books, Group(new_id(), advices=(advice,)))
    assert advice in await told(books.open_advices)


async def test_covered_account_never_owes(books: Books, names: tuple[str, str]) -> None:
    poor = f"poor:{new_id().hex()}"
    await submitted(books, opening(poor, covered=True), moving(direct(names[0], poor, 10)))
    held = pending(poor, names[1], 6)
    outcomes = await submitted(
        books, moving(held), moving(direct(poor, names[1], 5)), moving(post(held)), moving(direct(poor, names[1], 4))
    )
    assert outcomes[1] == Refused(Refusal.FUNDS, "transfers[0]")
    assert kinds(outcomes) == [Committed, Refused, Committed, Committed]


async def test_usage_is_bounded(books: Books, names: tuple[str, str]) -> None:
    used = Usage(f"scope {names}", DAY, 60, 1, 100, 5)
    groups = [moving(direct(*names, 1), usages=(used,)) for _ in range(2)]
    assert (await submitted(books, *groups))[1] == Refused(Refusal.AMOUNT_LIMIT, "usages[0]")


async def test_day_is_known_and_another_is_closed(books: Books, names: tuple[str, str]) -> None:
    assert await told(books.current_day) == DAY
    outcomes = await submitted(books, moving(direct(*names, 1, day="20991231")))
    assert outcomes == [Refused(Refusal.CLOSED_DAY, "transfers[0]")]


async def test_statement_goes_backwards_page_by_page(books: Books, names: tuple[str, str]) -> None:
    held = pending(*names, 50)
    moves: list[Transfer] = [direct(*names, 1), held, direct(names[1], names[0], 3), post(held, 20)]
    moves.append(contra(moves[-1], 5))
    for transfer in moves:
        await submitted(books, moving(transfer))

    async def page(before: bytes = b"", *, limit: int = 2, posted_only: bool = False) -> list[tuple[bytes, str, int]]:
        def ask(done: Callable[[Any], None]) -> None:
            books.statement(names[0], done, limit=limit, before=before, posted_only=posted_only)

        found = await told(ask)
        assert isinstance(found, Statement)
        return [(line.transfer.id, line.direction, line.balance_minor) for line in found.lines]

    whole = [
        (moves[4].id, "C", -13),
        (moves[3].id, "D", -18),
        (moves[2].id, "C", 2),
        (moves[1].id, "D", -1),
        (moves[0].id, "D", -1),
    ]
    assert await page(limit=50) == whole
    assert await page() + await page(moves[3].id) + await page(moves[1].id) == whole
    assert await page(moves[0].id) == []
    assert await page(limit=50, posted_only=True) == [*whole[:3], whole[4]]
    assert await told(lambda done: books.statement("nobody", done)) is None


async def test_accounts_are_listed_by_prefix(books: Books, names: tuple[str, str]) -> None:
    found = await told(lambda done: books.accounts(done, names[0]))
    assert [account.name for account in found] == [names[0]]
    assert await told(lambda done: books.accounts(done, "%")) == []


async def test_trial_balance_is_zero_in_every_currency(books: Books, names: tuple[str, str]) -> None:
    euro = [f"{name} in euro" for name in names]
    await submitted(books, opening(*euro, currency="978"))
    held = pending(*names, 11)
    await submitted(books, moving(held), moving(direct(*names, 5), direct(euro[0], euro[1], 7, currency="978")))
    totals: list[CurrencyTotals] = await told(books.trial_balance)
    assert {total.currency for total in totals} == {SYP, "978"}
    assert all(total.balanced for total in totals)
    assert all(total.debits_posted > 0 for total in totals)
