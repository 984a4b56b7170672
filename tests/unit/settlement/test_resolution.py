"""What resolves a dispute moves the right money between the right parties, and shows where books still differ."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from ledger.model import Group
from switch.flow.payment import Payment, State
from switch.settlement import case as life
from switch.settlement.case import Case, CaseError, Said
from switch.settlement.match import At, Finding, Kind, Why, reconcile
from switch.settlement.resolution import DISPUTES, Ids, Resolution, resolution, row_of
from switch.settlement.sides import keys_of, sides_of
from tests.unit.settlement.books import Ledger
from tests.unit.settlement.making import CORE, DAY, NEXT, POWER, SYP, line

AMAL = Said("amal", "seen in both books")
CUSTOMER, BILLER, LOAN = "customer:1", "biller:ELEC", "loan:1001"


class Desk:
    """A closed day with one payment in it, and the next one, which is open."""

    def __init__(self, *, two_legs: bool = True, units: int = 1) -> None:
        self.ledger = Ledger()
        self.paid = self.ledger.pay(5000, two_legs=two_legs, units=units)
        self.ledger.open_next()
        self.settled: dict[At, int] = {}

    def case(self, peer: str, difference_minor: int, *, known: bool = True) -> Case:
        """One that amal has."""
        at = next(at for at in keys_of(self.paid) if at[0] == peer)
        ours, theirs = (-difference_minor, 0) if difference_minor < 0 else (0, difference_minor)
        about = Finding(DAY, *at, Kind.MISSING_THERE, None, b"", SYP, 5000, ours, theirs, "1", BILLER, peer == CORE)
        found = life.found(replace(about, payment=self.paid.id if known else b""), None, 1.0)
        assert found is not None
        taken = life.take(found, AMAL, 2.0)
        for one in (found, taken):
            self.ledger.commit(Group(self.ledger.new_id(), registers=(row_of(one),)))
        return taken

    def resolve(self, case: Case, amount: int | None = None) -> Resolution:
        ids = Ids(self.ledger.new_id(), self.ledger.new_id())
        known = self.ledger.known(self.paid) if case.payment else None
        made = resolution(case, AMAL, 950.0, known, NEXT, ids, amount)
        self.ledger.commit(made.group)
        self.settled[case.peer, case.key] = made.case.settled_minor
        return made

    def gained(self) -> dict[str, int]:
        """By account, of what moved anything."""
        names = (CUSTOMER, BILLER, LOAN, DISPUTES)
        return {name: minor for name in names if (minor := self.ledger.balance(name))}

    def found(self, *peers: str, day: str = NEXT) -> dict[str, Finding]:
        """By peer, if these have the payment in their files of its day, and nothing else."""
        known = self.ledger.known(self.paid)
        sides = dict(sides_of(known.payment, known.transfers))
        lines = {(peer, key): (line(1, 5000, peer=peer, account="1001"),) for peer, key in sides if peer in peers}
        sides = {at: replace(side, account="") for at, side in sides.items()}
        heard = dict.fromkeys((CORE, POWER), 2000.0)
        return {one.peer: one for one in reconcile(dict.fromkeys(sides, day), sides, lines, heard, self.settled)}


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.ledger.store.close()


@pytest.fixture
def loan() -> Iterator[Desk]:
    made = Desk(two_legs=False)
    yield made
    made.ledger.store.close()


def test_what_a_biller_never_got_goes_back_and_the_core_is_advised(desk: Desk) -> None:
    made = desk.resolve(desk.case(POWER, -5000))
    after: Payment = desk.ledger.payment(desk.paid.id)
    assert desk.gained() == {}
    assert made.advises_core
    assert (after.state, after.advised, after.next_at, after.given_back_minor) == (State.REVERSED, False, 950.0, 5000)
    assert [(one.destination, one.state) for one in made.group.advices] == [(CORE, "due")]
    assert after.notes[-1].who == "amal"


def test_the_core_has_a_break_until_it_gave_back_what_it_was_advised_of(desk: Desk) -> None:
    desk.resolve(desk.case(POWER, -5000))
    found = desk.found(CORE)
    assert (found[POWER].why, found[CORE].why) == (Why.SETTLED, Why.NOT_FINAL)
    desk.ledger.step(desk.ledger.payment(desk.paid.id), (), advised=True, next_at=None, since=960.0)
    assert (desk.found(CORE)[CORE].kind, desk.found(CORE)[CORE].difference_minor) == (Kind.MISSING_THERE, 5000)


def test_a_part_that_goes_back_is_a_break_at_the_core_which_nobody_told(desk: Desk) -> None:
    made = desk.resolve(desk.case(POWER, -2000))
    assert not made.advises_core
    assert desk.gained() == {CUSTOMER: -3000, BILLER: 3000}
    assert desk.ledger.payment(desk.paid.id).next_at is None
    assert (desk.found(CORE)[CORE].kind, desk.found(CORE)[CORE].difference_minor) == (Kind.MISSING_THERE, 2000)


def test_a_bill_that_the_core_never_debited_is_not_taken_from_the_biller(desk: Desk) -> None:
    made = desk.resolve(desk.case(CORE, -5000))
    assert desk.gained() == {BILLER: 5000, DISPUTES: -5000}
    assert desk.ledger.payment(desk.paid.id).state is State.POSTED
    assert (made.transfer.day, made.transfer.memo) == (NEXT, f"dispute {made.case.id} at {CORE}")
    found = desk.found(POWER, day=DAY)
    assert (found[CORE].why, found[POWER].kind) == (Why.SETTLED, Kind.MATCHED)


def test_an_instalment_that_the_core_does_not_have_goes_back(loan: Desk) -> None:
    made = loan.resolve(loan.case(CORE, -5000))
    assert loan.gained() == {}
    assert not made.advises_core
    assert loan.ledger.payment(loan.paid.id).advised


def test_what_a_biller_has_more_is_owed_to_it_by_the_bank(desk: Desk) -> None:
    desk.resolve(desk.case(POWER, 700))
    assert desk.gained() == {CUSTOMER: -5000, BILLER: 5700, DISPUTES: -700}


def test_what_the_core_took_more_is_kept_for_the_customer(desk: Desk) -> None:
    desk.resolve(desk.case(CORE, 700))
    assert desk.gained() == {CUSTOMER: -5700, BILLER: 5000, DISPUTES: 700}


def test_of_a_payment_that_nobody_knows_the_files_account_is_moved_if_the_books_have_it(desk: Desk) -> None:
    case = desk.case(CORE, 700, known=False)
    desk.resolve(case)
    assert desk.gained()[DISPUTES] == 700
    stranger = replace(case, account="9")
    ids = Ids(desk.ledger.new_id(), desk.ledger.new_id())
    made = resolution(stranger, AMAL, 3.0, None, NEXT, ids)
    assert [one.name for one in made.group.openings] == [DISPUTES]  # no customer's account is opened for it


def test_both_peers_may_miss_it_and_neither_is_settled_twice(desk: Desk) -> None:
    desk.resolve(desk.case(CORE, -5000))
    desk.resolve(desk.case(POWER, -5000))
    assert desk.gained() == {CUSTOMER: 5000, DISPUTES: -5000}
    desk.ledger.step(desk.ledger.payment(desk.paid.id), (), advised=True, next_at=None, since=960.0)
    assert desk.found()[CORE].difference_minor == 5000  # which says that the customer has it twice now


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"difference_minor": 0}, "its amounts agree"),
        ({"owner": "basem"}, "basem has it"),
        ({"state": life.State.RESOLVED}, "it is resolved"),
    ],
)
def test_what_may_not_be_resolved_says_why(desk: Desk, changes: dict[str, object], words: str) -> None:
    case = replace(desk.case(POWER, -5000), **changes)
    ids = Ids(desk.ledger.new_id(), desk.ledger.new_id())
    with pytest.raises(CaseError, match=words):
        resolution(case, AMAL, 3.0, desk.ledger.known(desk.paid), NEXT, ids)


def test_a_payment_that_is_not_final_is_left_to_the_switch(desk: Desk) -> None:
    desk.ledger.step(desk.paid, (), state=State.UNDOING, next_at=5.0)
    ids = Ids(desk.ledger.new_id(), desk.ledger.new_id())
    with pytest.raises(CaseError, match="UNDOING and not final"):
        resolution(desk.case(POWER, -5000), AMAL, 3.0, desk.ledger.known(desk.paid), NEXT, ids)


def test_a_resolved_payments_record_keeps_no_card_that_no_advice_needs(loan: Desk) -> None:
    loan.ledger.step(loan.paid, (), concealed_pan=b"sealed")
    loan.resolve(loan.case(CORE, -5000))
    assert loan.ledger.payment(loan.paid.id).concealed_pan == b""


# Where the currency dropped zeros: the books count in old minor units


@pytest.fixture
def new_pound() -> Iterator[Desk]:
    made = Desk(units=100)
    yield made
    made.ledger.store.close()


def test_amounts_of_the_books_are_in_their_units_and_those_of_a_payment_in_its_pound(new_pound: Desk) -> None:
    known = new_pound.ledger.known(new_pound.paid)
    sides = [side for _, side in sides_of(known.payment, known.transfers)]
    assert [(side.amount_minor, side.moved[0].amount_minor) for side in sides] == [(500_000, 500_000)] * 2
    made = new_pound.resolve(new_pound.case(POWER, -500_000))
    assert new_pound.gained() == {}
    after: Payment = new_pound.ledger.payment(new_pound.paid.id)
    assert (after.state, after.given_back_minor) == (State.REVERSED, 5000)
    assert [one.amount_minor for one in made.group.advices] == [500_000]


def test_a_part_that_a_reversal_could_not_name_is_not_given_back(new_pound: Desk) -> None:
    case = new_pound.case(POWER, -500_000)
    with pytest.raises(CaseError, match="a multiple of 100"):
        new_pound.resolve(case, 200_050)
    new_pound.resolve(case, 200_000)
    assert new_pound.ledger.payment(new_pound.paid.id).given_back_minor == 2000
