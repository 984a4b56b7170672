"""Net positions are the books' own: what they say an account gained in a day, the report says too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.model import Group, Opening, Transfer, TransferKind
from switch.settlement.positions import BANK, CUSTOMERS, LOANS, balances, party_of
from switch.settlement.view import back_minor, received_minor
from tests.unit.settlement.books import Ledger
from tests.unit.settlement.making import DAY, SYP

ACCOUNTS = (
    "customer:1",
    "customer:2",
    "card:ab:00",
    "biller:ELEC",
    "biller:WATER",
    "atm:ATM00001",
    "loan:7",
    "bank:disputes",
)
MOVES = st.lists(
    st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS), st.integers(1, 10**6), st.booleans()).filter(
        lambda move: move[0] != move[1]
    ),
    max_size=20,
)


@given(MOVES)
def test_positions_are_what_the_accounts_gained_and_add_up_to_zero(moves: list[tuple[str, str, int, bool]]) -> None:
    ledger = Ledger()
    ledger.commit(Group(ledger.new_id(), openings=tuple(Opening(name, SYP) for name in ACCOUNTS)))
    gained: dict[str, int] = {}
    made = []
    for debit, credit, minor, given_back in moves:
        posted = Transfer(ledger.new_id(), TransferKind.DIRECT, debit, credit, minor, SYP, DAY)
        made.append(posted)
        if given_back:
            part = max(1, minor // 3)
            made.append(Transfer(ledger.new_id(), TransferKind.CONTRA, credit, debit, part, SYP, DAY, posted.id))
    for one in made:
        ledger.commit(Group(ledger.new_id(), transfers=(one,)))
        gained[party_of(one.debit)] = gained.get(party_of(one.debit), 0) - one.amount_minor
        gained[party_of(one.credit)] = gained.get(party_of(one.credit), 0) + one.amount_minor
    found = balances(ledger.all_transfers())
    ledger.store.close()
    assert {one.party: one.net_minor for balance in found for one in balance.positions} == gained
    for balance in found:
        assert balance.total_minor == 0
        assert sum(map(received_minor, balance.positions)) == 0
        assert sum(map(back_minor, balance.positions)) == 0
        assert sum(one.settled_minor for one in balance.positions) == 0


def test_what_is_held_or_freed_moves_nothing() -> None:
    held = Transfer(bytes(16), TransferKind.PENDING, "customer:1", "biller:ELEC", 5, SYP, DAY)
    freed = Transfer(bytes(15) + b"1", TransferKind.VOID, "customer:1", "biller:ELEC", 5, SYP, DAY, held.id)
    assert balances([held, freed]) == ()


def test_every_account_has_its_party() -> None:
    assert [party_of(name) for name in ACCOUNTS] == [
        *(CUSTOMERS, CUSTOMERS, CUSTOMERS, "biller:ELEC", "biller:WATER", "atm:ATM00001", LOANS, BANK)
    ]


def test_currencies_are_kept_apart() -> None:
    moved = [
        Transfer(bytes([n]) * 16, TransferKind.DIRECT, "customer:1", "biller:ELEC", 5, currency, DAY)
        for n, currency in enumerate(("760", "840"))
    ]
    assert [(one.currency, one.total_minor) for one in balances(moved)] == [("760", 0), ("840", 0)]
