"""What can be believed to be the answer to a question."""

import pytest

from switch.flow.reply import fits
from switch.wire.message import Message

QUESTION = {"t": "0201", "4": "000000000100", "7": "1122101530", "11": "000001", "37": "REF1        "}
ANSWER = {"t": "0210", "4": "000000000100", "7": "1122101530", "11": "000001", "37": "REF1", "39": "00"}


def test_an_answer_repeats_what_it_carries_of_the_question() -> None:
    assert fits(QUESTION, Message(ANSWER))


@pytest.mark.parametrize("left_out", ["4", "7", "37"])
def test_what_an_answer_leaves_out_is_not_held_against_it(left_out: str) -> None:
    assert fits(QUESTION, Message({de: value for de, value in ANSWER.items() if de != left_out}))


@pytest.mark.parametrize(
    "changes", [{"t": "0230"}, {"t": "0110"}, {"4": "000000000101"}, {"7": "1122101531"}, {"37": "REF2"}]
)
def test_what_an_answer_changes_is(changes: dict[str, str]) -> None:
    assert not fits(QUESTION, Message(ANSWER | changes))


def test_what_the_question_did_not_have_is_not_asked_for() -> None:
    assert fits({"t": "0800", "7": "1122101530"}, Message({"t": "0810", "7": "1122101530", "37": "X", "4": "1"}))
