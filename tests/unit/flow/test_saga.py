"""The saga's table: what each event does to a payment in each state.

The walks below know nothing of the table: they throw any event at any payment and check what must always hold.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from switch.flow import events
from switch.flow.events import AnswerOriginal, AskBiller, AskCore, Commit, Effect, Event, UndoBiller
from switch.flow.opening import new_payment
from switch.flow.payment import Part, Payment, Question, State, from_record, to_record, transfer_id
from switch.flow.saga import TABLE, advance
from switch.flow.terms import Promises, Terms, Undo
from switch.observe.fields import allowed

BEST = Promises(status_query=True, undo=Undo.REMEMBERED)
TERMS = Terms(Promises(undo=Undo.REMEMBERED), BEST)


def payment(*, two_legs: bool = True) -> Payment:
    return new_payment(
        bytes(15) + b"\x10",
        service="pay-bill",
        key="k",
        day="20261122",
        endpoint="",
        language="en",
        fields={"49": "760", "37": "REF000001ABC"},
        amount_minor=100,
        accounts=("customer:1", "biller:ELEC"),
        core=Question("core", "000001", "1122090000"),
        biller=Question("power", "000002", "1122090000") if two_legs else None,
        accepted_at=1000.0,
        answer_within_s=25.0,
        biller_timeout_s=8.0,
    )


def after(*happened: Event, terms: Terms = TERMS, two_legs: bool = True) -> tuple[Payment, tuple[Effect, ...]]:
    now: Payment = payment(two_legs=two_legs)
    effects: tuple[Effect, ...] = ()
    for event in happened:
        now, effects = advance(now, event, terms)
    return now, effects


REQUESTED = events.Requested(1000.0)
CORE_OK = events.CoreApproved(1001.0)
SILENT = events.BillerSilent(1010.0)


def test_the_happy_path_commits_twice_and_asks_each_peer_once() -> None:
    now, effects = after(REQUESTED)
    assert effects == (Commit((Part.HOLD,)), AskCore())
    now, effects = advance(now, CORE_OK, TERMS)
    assert (now.state, effects) == (State.HELD, (AskBiller(),))
    now, effects = advance(now, events.BillerApproved(1002.0), TERMS)
    assert (now.state, now.answer, effects) == (State.POSTED, "00", (Commit((Part.POST,)), AnswerOriginal()))


def test_a_core_that_answers_twice_does_not_get_the_biller_asked_twice() -> None:
    asked, _ = after(REQUESTED, CORE_OK)
    for again in (CORE_OK, events.CoreDeclined(1003.0, "51"), events.CoreSilent(1003.0)):
        assert advance(asked, again, TERMS) == (asked, ())


def test_a_biller_is_not_asked_when_there_is_no_time_left_for_its_answer() -> None:
    now, _ = after(REQUESTED, events.CoreApproved(1018.0))
    assert now.state is State.RELEASING


def test_an_undo_that_a_forgetful_biller_acknowledges_early_releases_nothing() -> None:
    terms = Terms(TERMS.core, Promises(undo=Undo.FORGETFUL, says_unknown=False, lifetime_s=60.0))
    now, _ = after(REQUESTED, CORE_OK, SILENT, terms=terms)
    assert now.state is State.UNDOING
    early = events.UndoAcknowledged(1012.0, unknown=False, asked_at=1011.0)
    assert advance(now, early, terms)[0].state is State.UNDOING
    late = events.UndoAcknowledged(1101.0, unknown=False, asked_at=1100.0)
    assert advance(now, late, terms)[0].state is State.RELEASING


def test_a_forgetful_billers_word_on_an_undo_before_the_payment_reverses_no_posting() -> None:
    terms = Terms(TERMS.core, Promises(undo=Undo.FORGETFUL, says_unknown=False, lifetime_s=60.0))
    stands, reversed_ = events.UndoRefused(1012.0), events.Reversed(1013.0, "r", 100)
    now, _ = after(REQUESTED, CORE_OK, SILENT, stands, reversed_, terms=terms)
    assert (now.state, now.posted) == (State.UNDOING, True)
    early = events.UndoAcknowledged(1014.0, unknown=False, asked_at=1011.0)
    assert advance(now, early, terms) == (now, ())
    late = events.UndoAcknowledged(1101.0, unknown=False, asked_at=1100.0)
    assert advance(now, late, terms)[0].state is State.REVERSED


def test_not_found_counts_only_when_it_was_asked_after_the_requests_lifetime() -> None:
    terms = Terms(TERMS.core, Promises(status_query=True, lifetime_s=60.0))
    now, _ = after(REQUESTED, CORE_OK, SILENT, terms=terms)
    assert advance(now, events.NotFound(1012.0, asked_at=1011.0), terms)[0].state is State.UNCERTAIN
    assert advance(now, events.NotFound(1101.0, asked_at=1100.0), terms)[0].state is State.RELEASING


def test_what_is_never_resolved_becomes_an_operators_case() -> None:
    now, _ = after(REQUESTED, CORE_OK, SILENT, events.Tick(1000.0 + 2 * 86_400))
    assert now.state is State.DISPUTED
    assert now.disputed_from is State.UNCERTAIN
    assert advance(now, events.FoundPaid(1000.0 + 2 * 86_400), TERMS)[0].state is State.POSTED


def test_a_dispute_that_is_disputed_again_still_knows_where_it_came_from() -> None:
    unknown = events.UndoAcknowledged(1014.0, unknown=True, asked_at=1013.0)
    reversed_ = events.Reversed(1012.0, "r", 100)
    now, _ = after(REQUESTED, CORE_OK, events.BillerApproved(1002.0), reversed_, unknown)
    assert now.disputed_from is State.UNDOING
    again, effects = advance(now, unknown, TERMS)
    assert (again.disputed_from, effects) == (State.UNDOING, ())
    assert advance(again, events.OperatorRetry(1015.0), TERMS)[0].state is State.UNDOING


def test_an_operator_posts_or_releases_only_after_all_that_is_in_flight_has_lapsed() -> None:
    now, _ = after(REQUESTED, CORE_OK, SILENT, events.Tick(1000.0 + 2 * 86_400))
    early, late = 1000.0 + 20, 1000.0 + 3 * 86_400
    assert advance(now, events.OperatorPost(early), TERMS)[0].state is State.DISPUTED
    assert advance(now, events.OperatorPost(late), TERMS)[0].state is State.POSTED
    assert advance(now, events.OperatorRelease(late), TERMS)[0].state is State.RELEASING


def test_a_refused_advice_is_closed_only_when_the_debit_can_no_longer_be_run() -> None:
    refused = events.AdviceRefused(1003.0, "12")
    now, _ = after(REQUESTED, events.CoreSilent(1002.0), refused)
    assert now.disputed_from is State.RELEASING
    assert advance(now, events.OperatorClose(1017.0 + 60.0), TERMS) == (now, ())
    assert advance(now, events.OperatorClose(1017.0 + 63.0), TERMS)[0].state is State.RELEASED


@pytest.mark.parametrize("state", [state for state in State if state is not State.NONE])
def test_every_state_has_a_row(state: State) -> None:
    assert any(state in row.states for row in TABLE)


def test_no_row_is_hidden_by_one_above_it() -> None:
    """A row after an `always` of the same state and event could never apply."""
    closed: set[tuple[State, type[Event]]] = set()
    for row in TABLE:
        pairs = {(state, event) for state in row.states for event in row.events}
        assert not pairs & closed, row
        if row.guard.__name__ == "always":
            closed |= pairs


def test_a_payment_survives_the_journal_unchanged() -> None:
    now, _ = after(REQUESTED, CORE_OK, SILENT, events.Reversed(1011.0, "r", 100))
    assert from_record(to_record(now)) == now


def test_the_transfers_of_a_payment_have_ids_of_their_own() -> None:
    ids = {transfer_id(payment().id, part) for part in Part}
    assert len(ids) == len(Part)
    assert payment().id not in ids


# Any events in any order.

moments = st.floats(min_value=1000.0, max_value=1000.0 + 4 * 86_400)
codes = st.sampled_from(["51", "81", "91"])
any_event: st.SearchStrategy[Event] = st.one_of(
    st.builds(events.CoreApproved, moments),
    st.builds(events.CoreDeclined, moments, codes),
    st.builds(events.CoreSilent, moments),
    st.builds(events.CoreUnreachable, moments),
    st.builds(events.BillerApproved, moments),
    st.builds(events.BillerDeclined, moments, codes),
    st.builds(events.BillerSilent, moments),
    st.builds(events.BillerUnreachable, moments),
    st.builds(events.FoundPaid, moments),
    st.builds(events.FoundRefused, moments, codes),
    st.builds(events.NotFound, moments, moments),
    st.builds(events.UndoAcknowledged, moments, st.booleans(), moments),
    st.builds(events.UndoRefused, moments),
    st.builds(events.AdviceAcknowledged, moments, st.booleans(), moments),
    st.builds(events.AdviceRefused, moments, codes),
    st.builds(events.Reversed, moments, st.sampled_from(["r1", "r2"]), st.sampled_from([100, 40, 0])),
    st.builds(events.Tick, moments),
    st.builds(events.Restarted, moments),
    st.builds(events.OperatorRetry, moments),
    st.builds(events.OperatorPost, moments),
    st.builds(events.OperatorRelease, moments),
    st.builds(events.OperatorClose, moments),
)
promises = st.builds(
    Promises,
    status_query=st.booleans(),
    undo=st.sampled_from(Undo),
    repeats=st.booleans(),
    says_unknown=st.booleans(),
)


@given(st.lists(any_event, max_size=12), st.builds(Terms, promises, promises), st.booleans())
def test_whatever_happens_the_books_and_the_answers_stay_consistent(
    happened: list[Event], terms: Terms, two_legs: bool
) -> None:
    now, effects = advance(payment(two_legs=two_legs), REQUESTED, terms)
    parts: list[Part] = []
    for event in [None, *happened]:
        before = now
        if event is not None:
            now, effects = advance(now, event, terms)
        commits = [effect for effect in effects if isinstance(effect, Commit)]
        assert commits == list(effects[:1]) or not commits, "what is durable comes first, once"
        parts += [part for commit in commits for part in commit.parts]
        assert now.state is before.state or commits, "every change of state is a commit"
        assert before.answer in ("", now.answer), "A is written once"
        if before.reversal is not None and before.reversal.answer:
            assert now.reversal == before.reversal, "R is written once"
        assert not any(isinstance(effect, UndoBiller) for effect in effects) or now.state is State.UNDOING
    assert parts in _WHOLE, "a hold is posted or voided once, and only what was posted is given back"
    assert (now.answer == "00") == (Part.POST in parts), "I2: an approval has its posting, a decline has none"
    if now.state in (State.HELD, State.UNCERTAIN, State.UNDOING, State.RELEASING):
        assert now.next_at is not None, "I3: nothing is held for ever"


_WHOLE = (
    [Part.HOLD],
    [Part.HOLD, Part.POST],
    [Part.HOLD, Part.VOID],
    [Part.HOLD, Part.POST, Part.CONTRA],
)


@given(st.lists(any_event, max_size=6))
def test_a_tombstone_never_moves_money(happened: list[Event]) -> None:
    tombstone = replace(payment(two_legs=False), core=Question("core"))
    now, effects = advance(tombstone, events.Reversed(1000.0, "r", 100), TERMS)
    for event in happened:
        now, effects = advance(now, event, TERMS)
        assert all(not effect.parts for effect in effects if isinstance(effect, Commit))
        assert now.answer == "68"


def test_the_log_lets_through_why_an_operator_is_called() -> None:
    _, effects = after(REQUESTED, CORE_OK, SILENT, events.Tick(1010.0 + TERMS.give_up_after_s))
    (alarm,) = (effect for effect in effects if isinstance(effect, events.Alarm))
    assert allowed("why", alarm.text) == alarm.text == "UNCERTAIN and Tick"
