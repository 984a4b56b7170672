"""Who is turned away while there is too much to do, and that nobody is told no and then yes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from switch.flow import overload
from switch.flow.overload import Gate
from switch.wire.codes import ResponseCode
from switch.wire.message import Message

DOWN, WAIT = ResponseCode.UNAVAILABLE, ResponseCode.IN_PROGRESS


def request(number: int = 1, mti: str = "0200", **changes: str) -> Message:
    stan = f"{number:06d}"
    fields = {"t": mti, "7": "1122101530", "11": stan, "13": "1122", "32": "000123", "37": f"R{stan}", "41": "GW000001"}
    return Message(fields | {de.removeprefix("de"): value for de, value in changes.items()})


def full() -> Gate:
    gate = Gate(open_max=1)
    gate.open = 1
    return gate


def test_while_there_is_room_everybody_may_go_on() -> None:
    gate = Gate(open_max=1)
    assert gate.at_ease
    assert gate.refuses(request(), 0) is None


def test_a_new_request_is_turned_away_and_so_is_every_copy_of_it_afterwards() -> None:
    gate = full()
    assert gate.refuses(request(), 0) is DOWN
    gate.open = 0
    assert not gate.at_ease
    assert gate.refuses(request(), 1) is DOWN  # a copy that the network held back
    assert gate.refuses(request(mti="0201"), 2) is DOWN  # a repeat that crossed the answer
    assert gate.refuses(request(mti="0201", de7="1122101599"), 3) is DOWN  # the same, its field 7 stamped anew
    assert gate.refuses(request(2), 3) is None


def test_a_repeat_of_what_may_be_under_way_is_told_to_wait_and_not_no() -> None:
    gate = full()
    assert gate.refuses(request(mti="0201"), 0) is WAIT
    gate.open = 0
    assert gate.refuses(request(mti="0201"), 0) is None


def test_reversals_and_advices_are_always_let_in() -> None:
    gate = full()
    for mti in ("0400", "0401", "0420", "0421", "0620", "0520"):
        assert gate.refuses(request(mti=mti), 0) is None


def test_another_class_of_the_same_number_is_another_request() -> None:
    gate = full()
    gate.refuses(request(mti="0200"), 0)
    gate.open = 0
    assert gate.refuses(request(mti="0100"), 0) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["0200", "0201"]), st.floats(0, 200), st.booleans())))
def test_whoever_was_told_no_hears_nothing_else_as_long_as_it_is_remembered(
    steps: list[tuple[int, str, float, bool]],
) -> None:
    gate, now, told = Gate(open_max=1), 0.0, dict[int, float]()
    for number, mti, seconds, is_full in steps:
        now += seconds
        gate.open = int(is_full)
        code = gate.refuses(request(number, mti), now)
        if code is DOWN:
            told.setdefault(number, now)
        elif number in told:
            assert now - told.pop(number) >= overload.REMEMBERED_S
        elif is_full:
            assert (mti, code) == ("0201", WAIT)
        else:
            assert code is None


def test_what_is_remembered_is_bounded_and_forgotten() -> None:
    gate = full()
    for number in range(3 * overload.REMEMBERED_MAX // 2):
        assert gate.refuses(request(number), 0) is DOWN
    gate.open = 0
    assert gate.refuses(request(0, "0201"), 0) is None  # the oldest had to go
    assert gate.refuses(request(3 * overload.REMEMBERED_MAX // 2 - 1), 0) is DOWN
    assert gate.refuses(request(999_999), 2 * overload.REMEMBERED_S) is None
    assert gate.at_ease
