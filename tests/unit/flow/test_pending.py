"""Which reply belongs to which question, and which question has waited too long."""

import math

from hypothesis import given
from hypothesis import strategies as st

from switch.flow.pending import Pending, PendingQuestion, key_of


def question(stan: int, deadline: float, line: str = "a") -> PendingQuestion[str]:
    return PendingQuestion(
        key_of({"t": "0200", "11": f"{stan:06d}", "41": "T1"}), {}, deadline, lambda _: None, line, 0
    )


def stans(questions: list[PendingQuestion[str]]) -> list[int]:
    return [int(question.key[1]) for question in questions]


def pending_with(*questions: PendingQuestion[str], late_s: float = 60, late_max: int = 100) -> Pending[str]:
    pending: Pending[str] = Pending(late_s, late_max)
    for each in questions:
        pending.add(each)
    return pending


def test_the_key_is_mti_class_trace_number_and_terminal_without_padding() -> None:
    asked = key_of({"t": "0201", "11": "000123", "41": "ATM1"})
    assert asked == key_of({"t": "0210", "11": "000123", "41": "ATM1    "})
    assert asked != key_of({"t": "0110", "11": "000123", "41": "ATM1"})
    assert key_of({"t": "0800", "11": "000001"}) == ("8", "000001", "")


def test_a_question_is_found_until_it_is_settled() -> None:
    one = question(1, 10)
    pending = pending_with(one, question(2, 10))
    assert pending.find(one.key) == (one, False)
    pending.settle(one.key)
    assert pending.find(one.key) is None
    assert (len(pending), pending.is_stan_used("000001")) == (1, False)


def test_questions_expire_in_the_order_of_their_deadlines_even_when_some_are_hurried() -> None:
    pending = pending_with(question(1, 10), question(2, 11), question(3, 4), question(4, 6), question(5, 12))
    assert pending.next_deadline() == 4
    assert stans(pending.expire(3.9)) == []
    assert stans(pending.expire(6)) == [3, 4]
    assert stans(pending.expire(11)) == [1, 2]
    assert (pending.next_deadline(), len(pending)) == (12, 1)


def test_a_hurried_question_that_was_answered_does_not_expire() -> None:
    hurried = question(2, 4)
    pending = pending_with(question(1, 10), hurried)
    pending.settle(hurried.key)
    assert pending.expire(5) == []


def test_a_silent_question_is_late_for_a_while_and_keeps_its_trace_number() -> None:
    one = question(1, 10)
    pending = pending_with(one, late_s=60)
    pending.expire(10)
    assert pending.find(one.key) == (one, True)
    assert pending.is_stan_used("000001")
    assert pending.next_deadline() == 70
    pending.expire(70)
    assert pending.find(one.key) is None
    assert not pending.is_stan_used("000001")
    assert pending.next_deadline() == math.inf


def test_a_late_answer_settles_the_memory_of_its_question() -> None:
    one = question(1, 10)
    pending = pending_with(one)
    pending.expire(10)
    pending.settle(one.key)
    assert pending.find(one.key) is None


def test_a_cut_silences_the_questions_of_that_line_only() -> None:
    pending = pending_with(question(1, 10, "a"), question(2, 10, "b"), question(3, 5, "a"))
    assert stans(pending.cut("a", 1)) == [1, 3]
    assert stans(pending.expire(20)) == [2]


def test_more_late_questions_than_are_remembered_forget_the_oldest() -> None:
    pending = pending_with(*(question(stan, stan) for stan in range(1, 6)), late_max=3)
    pending.expire(5)
    remembered = [stan for stan in range(1, 6) if pending.find(question(stan, 0).key)]
    assert remembered == [3, 4, 5]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.integers(1, 30), st.sampled_from([1.0, 5.0, 5.0, 5.0])),
            st.tuples(st.just("settle"), st.integers(1, 30), st.just(0.0)),
            st.tuples(st.just("cut"), st.integers(0, 1), st.just(0.0)),
            st.tuples(st.just("wait"), st.just(0), st.floats(0, 7)),
        ),
        max_size=60,
    )
)
def test_against_a_list_that_is_searched(steps: list[tuple[str, int, float]]) -> None:
    """Every question ends exactly once, and never before its time."""
    now, model = 0.0, dict[int, float]()
    pending: Pending[int] = Pending(late_s=20)
    for what, number, seconds in steps:
        key = ("2", f"{number:06d}", "T")
        if what == "add":
            added = pending.add(PendingQuestion(key, {}, now + seconds, lambda _: None, number % 2, 0))
            assert added == (number not in model)
            model.setdefault(number, now + seconds)
        elif what == "settle" and number in model:
            pending.settle(key)
            del model[number]
        elif what == "cut":
            lost = {int(each.key[1]) for each in pending.cut(number, now)}
            assert lost == {each for each in model if each % 2 == number}
            model = {each: at for each, at in model.items() if each not in lost}
        elif what == "wait":
            now += seconds
            overdue = {each for each, at in model.items() if at <= now}
            assert not overdue or pending.next_deadline() <= now
            expired = [int(each.key[1]) for each in pending.expire(now)]
            assert (len(expired), set(expired)) == (len(overdue), overdue)
            model = {each: at for each, at in model.items() if each not in overdue}
        assert len(pending) == len(model)
    assert all(pending.find(("2", f"{number:06d}", "T")) for number in model)
