"""A dispute's life: every break has one case, nobody settles it twice, and no more moves than the break is about."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from ledger.model import Committed, Group, Refused, TransferKind
from ledger.queries import DayTotals, ListRegister
from switch.flow.payment import Payment
from switch.flow.payment import State as PaymentState
from switch.flow.totals import acquirer_prefix, figures_of, through
from switch.settlement import case as life
from switch.settlement.case import REGISTER, TABLE, Act, Case, CaseError, Said, State, from_body, to_body
from switch.settlement.line import Line
from switch.settlement.match import BREAKS, Finding, Kind, reconcile
from switch.settlement.resolution import Ids, Known, Resolution, resolution, row_of
from switch.settlement.sides import sides_of
from tests.unit.settlement.books import Ledger
from tests.unit.settlement.making import CORE, DAY, NEXT, POWER, SYP, line

AMAL, BASEM = Said("amal", "the biller never got it"), Said("basem", "looked into both books")


def finding(difference_minor: int = -5000, kind: Kind = Kind.MISSING_THERE) -> Finding:
    ours, theirs = (-difference_minor, 0) if difference_minor < 0 else (0, difference_minor)
    return Finding(DAY, POWER, line(1, peer=POWER).key, kind, ours_minor=ours, theirs_minor=theirs, moved_minor=5000)


def opened(difference_minor: int = -5000) -> Case:
    case = life.found(finding(difference_minor), None, 1.0)
    assert case is not None
    return case


def test_every_state_has_its_row_and_every_act_is_somewhere() -> None:
    assert set(TABLE) == set(State)
    assert {act for row in TABLE.values() for act in row} == set(Act)


def test_the_same_break_found_again_changes_nothing() -> None:
    case = opened()
    for known in (case, life.take(case, AMAL, 2.0), life.dismiss(case, AMAL, 2.0)):
        assert life.found(finding(), known, 3.0) is None


def test_another_difference_opens_a_case_that_was_over_again() -> None:
    over = life.dismiss(opened(), AMAL, 2.0)
    again = life.found(finding(-7000), over, 3.0)
    assert again is not None
    assert (again.state, again.owner, again.difference_minor, again.version) == (State.OPEN, "", -7000, 3)
    assert [step.act for step in again.history] == [Act.FIND, Act.DISMISS, Act.FIND]


def test_only_its_owner_ends_a_case_that_is_taken() -> None:
    taken = life.take(opened(), AMAL, 2.0)
    with pytest.raises(CaseError, match="amal has it"):
        life.dismiss(taken, BASEM, 3.0)
    assert life.dismiss(life.take(taken, BASEM, 3.0), BASEM, 4.0).state is State.DISMISSED


@pytest.mark.parametrize("amount", [0, -1, 5001])
def test_more_than_the_break_is_about_is_refused(amount: int) -> None:
    with pytest.raises(CaseError, match="from 1 to 5000"):
        life.resolve(life.take(opened(), AMAL, 2.0), AMAL, 3.0, bytes(16), amount)


@pytest.mark.parametrize("state", [life.dismiss(opened(), AMAL, 2.0), opened()])
def test_a_case_that_nobody_took_or_that_is_over_is_not_resolved(state: Case) -> None:
    with pytest.raises(CaseError, match="it is"):
        life.resolve(state, AMAL, 3.0, bytes(16), 1)


@pytest.mark.parametrize(
    ("who", "why"),
    [("", "x"), ("x", ""), ("x", "4000 0000 0000 0002"), ("x", "two\nlines"), ("x" * 65, "y"), ("x", "y" * 301)],
)
def test_words_that_can_not_be_kept_are_refused(who: str, why: str) -> None:
    with pytest.raises(CaseError):
        life.said(who, why)


def test_a_case_is_read_back_as_it_was_kept() -> None:
    case = life.take(opened(), AMAL, 2.0)
    assert from_body(to_body(case)) == case


class Desk(RuleBasedStateMachine):
    """Two operators with what they last saw, a ledger, and a biller whose file comes and goes."""

    @initialize(minor=st.integers(2, 10_000), theirs=st.integers(0, 20_000))
    def begin(self, minor: int, theirs: int) -> None:
        self.ledger = Ledger()
        self.paid = self.ledger.pay(minor)
        self.theirs_minor = theirs
        self.at = (POWER, line(1, peer=POWER).key)
        self.ledger.open_next()
        self.clock = 10.0
        self.seen: dict[str, Case | None] = {"amal": None, "basem": None}
        self.settle()

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            self.ledger.store.close()

    @rule()
    def settle(self) -> None:
        known = self.case()
        lines = {self.at: (line(1, self.theirs_minor, peer=POWER),)} if self.theirs_minor else {}
        # The account is the bill's, which this payment's fields do not name.
        side = dict(sides_of(self.ledger.payment(self.paid.id), self.ledger.transfers(self.paid)))[self.at]
        settled = {self.at: known.settled_minor} if known is not None else {}
        (one,) = reconcile({self.at: DAY}, {self.at: side}, lines, {POWER: 1000.0}, settled)
        if one.kind in BREAKS:
            changed = life.found(one, known, self.tick())
            if changed is not None:
                self.ledger.commit(Group(self.ledger.new_id(), registers=(row_of(changed),)))

    @rule(minor=st.integers(0, 20_000))
    def the_biller_changes_its_file(self, minor: int) -> None:
        self.theirs_minor = minor
        self.settle()

    @rule(who=st.sampled_from(["amal", "basem"]))
    def look(self, who: str) -> None:
        self.seen[who] = self.case()

    @rule(who=st.sampled_from(["amal", "basem"]), act=st.sampled_from([life.take, life.dismiss]))
    def take_or_dismiss(self, who: str, act: object) -> None:
        case = self.seen[who]
        if case is not None:
            self.try_to(case, lambda: act(case, Said(who, "why"), self.tick()))  # type: ignore[operator]

    @rule(
        who=st.sampled_from(["amal", "basem"]), part=st.sampled_from([None, None, 0.5, 1.0, 1.5]), stale=st.booleans()
    )
    def resolve(self, who: str, part: float | None, stale: bool) -> None:
        if not stale:
            self.look(who)
            self.take_or_dismiss(who, life.take)
            self.look(who)
        case = self.seen[who]
        if case is None:
            return
        amount = max(1, int(case.amount_minor * part)) if part is not None else None
        ids = Ids(self.ledger.new_id(), self.ledger.new_id())
        try:
            made = resolution(case, Said(who, "why"), self.tick(), self.ledger.known(self.paid), NEXT, ids, amount)
        except CaseError:
            return
        before = self.case()
        assert before is not None
        outcome = self.ledger.submit(made.group)
        assert isinstance(outcome, Committed) or case.version != before.version or isinstance(outcome, Refused)
        if isinstance(outcome, Committed):
            assert case == before
            assert abs(made.case.settled_minor - before.settled_minor) <= before.amount_minor

    @precondition(lambda self: self.ledger.payment(self.paid.id).next_at is not None)
    @rule()
    def the_core_acknowledges(self) -> None:
        self.ledger.step(self.ledger.payment(self.paid.id), (), next_at=None, advised=True)

    def try_to(self, case: Case, step: object) -> None:
        try:
            changed = step()  # type: ignore[operator]
        except CaseError:
            return
        outcome = self.ledger.submit(Group(self.ledger.new_id(), registers=(row_of(changed),)))
        assert isinstance(outcome, Committed) is (case == self.case() or changed == self.case())

    def case(self) -> Case | None:
        rows = self.ledger.store.answer(ListRegister(REGISTER))
        assert len(rows) <= 1
        return from_body(rows[0].body) if rows else None

    def tick(self) -> float:
        self.clock += 1
        return self.clock

    @invariant()
    def what_the_books_have_moved_is_what_the_case_says(self) -> None:
        case = self.case() if hasattr(self, "ledger") else None
        if case is None:
            return
        moved = [one for one in self.ledger.all_transfers() if one.memo.startswith(f"dispute {case.id}")]
        assert sum(one.amount_minor if one.credit == "biller:ELEC" else -one.amount_minor for one in moved) == (
            case.settled_minor
        )
        assert self.ledger.balance("biller:ELEC") == self.paid.amount_minor + case.settled_minor
        assert case.version == len(case.history)

    @invariant()
    def what_is_given_back_leaves_its_payment_reversed_and_never_more_than_was_posted(self) -> None:
        if hasattr(self, "ledger"):
            known = self.ledger.known(self.paid)
            assert 0 <= known.stands_minor <= self.paid.amount_minor
            reversed_here = known.payment.state is PaymentState.REVERSED
            assert reversed_here is (known.given_back_minor > 0)
            assert reversed_here is (known.payment.reversal is not None)


TestDesk = Desk.TestCase


def test_a_case_at_the_core_and_one_at_the_biller_are_two() -> None:
    key = line(1).key
    assert life.case_id(DAY, CORE, key) != life.case_id(DAY, POWER, key)
    assert life.is_case_id(life.case_id(DAY, CORE, key))


# Money that would move twice.


def taken_case(paid: Payment, known: Known, peer: str, theirs: tuple[Line, ...]) -> Case:
    """As a settlement of DAY finds it in the books and this file, and as its owner has it, its first row to come."""
    at, side = next((at, side) for at, side in sides_of(paid, known.transfers) if at[0] == peer)
    (one,) = reconcile({at: DAY}, {at: side}, {at: theirs}, {peer: 1000.0}, {})
    case = life.found(one, None, 1.0)
    assert case is not None
    return replace(life.take(case, AMAL, 2.0), version=0)


def resolved(ledger: Ledger, case: Case, paid: Payment, amount: int | None = None) -> Resolution:
    ids = Ids(ledger.new_id(), ledger.new_id())
    return resolution(case, AMAL, 3.0, ledger.known(paid), NEXT, ids, amount)


def test_what_a_channel_reversed_since_the_break_was_found_is_not_given_back_again() -> None:
    ledger = Ledger()
    paid = ledger.pay(5000, two_legs=False)
    case = taken_case(paid, ledger.known(paid), CORE, ())
    ledger.open_next()
    ledger.give_back(paid, 5000, NEXT)
    with pytest.raises(CaseError, match="went on since"):
        resolved(ledger, case, paid)


def test_what_was_posted_since_the_break_was_found_is_not_taken_again() -> None:
    ledger = Ledger()
    paid = ledger.pay(5000, two_legs=False)
    known = ledger.known(paid)
    before = Known(known.payment, [one for one in known.transfers if one.kind is TransferKind.PENDING])
    case = taken_case(paid, before, CORE, (line(1, 5000),))
    assert case.difference_minor == 5000
    with pytest.raises(CaseError, match="went on since"):
        resolved(ledger, case, paid)


def test_nothing_is_moved_beside_a_payment_that_is_not_final() -> None:
    ledger = Ledger()
    paid = ledger.pay(5000, two_legs=False)
    held = replace(
        paid, state=PaymentState.DISPUTED, disputed_from=PaymentState.UNCERTAIN, posted=False, answer="", next_at=None
    )
    known = Known(held, [one for one in ledger.transfers(paid) if one.kind is TransferKind.PENDING])
    case = taken_case(held, known, CORE, (line(1, 4000),))
    assert case.difference_minor == 4000
    for payment in (held, replace(held, state=PaymentState.UNCERTAIN, disputed_from=None, next_at=9.0)):
        with pytest.raises(CaseError, match="not final"):
            resolution(case, AMAL, 3.0, Known(payment, known.transfers), NEXT, Ids(bytes(16), bytes(16)))


def test_what_is_given_back_by_a_dispute_belongs_to_the_day_that_is_open() -> None:
    ledger = Ledger()
    paid = ledger.pay(5000)
    case = taken_case(paid, ledger.known(paid), POWER, ())
    ledger.open_next()
    made = resolved(ledger, case, paid)
    ledger.commit(made.group)
    assert ledger.payment(paid.id).given_back_day == made.transfer.day == NEXT


def test_a_case_of_which_the_payment_went_on_is_found_again_and_one_that_is_over_is_left() -> None:
    case = opened()
    again = life.found(replace(finding(), stood_minor=1), case, 3.0)
    assert again is not None
    assert again.stood_minor == 1
    assert life.found(replace(finding(), stood_minor=1), life.dismiss(case, AMAL, 2.0), 3.0) is None


def test_what_the_core_is_advised_of_is_counted_with_the_core_and_with_nobody_else() -> None:
    ledger = Ledger()
    paid = ledger.pay(5000)
    case = taken_case(paid, ledger.known(paid), POWER, ())
    ledger.open_next()
    ledger.commit(resolved(ledger, case, paid).group)
    totals = ledger.store.answer(DayTotals(NEXT))
    assert figures_of(through(totals, CORE), SYP).debit_reversals_minor == 5000
    assert not through(totals, POWER)
    assert not [one for one in totals if one.heading.startswith(acquirer_prefix("00000000123"))]
