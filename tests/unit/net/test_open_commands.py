"""Which answer belongs to which command: headers, deadlines, and what came too late."""

import math

import pytest

from switch.net.open_commands import LATE_MAX, OpenCommand, OpenCommands


def command(deadline: float = 3.0) -> OpenCommand:
    return OpenCommand(deadline - 3.0, deadline, lambda _: None)


@pytest.mark.parametrize("length", [4, 8, 32])
def test_a_header_has_the_length_that_the_module_is_set_to(length: int) -> None:
    commands = OpenCommands(length)
    headers = [commands.add(command()) for _ in range(100)]
    assert {len(header) for header in headers} == {length}
    assert len(set(headers)) == 100


def test_an_answer_settles_its_command_once() -> None:
    commands = OpenCommands(8)
    one, other = command(), command()
    first, second = commands.add(one), commands.add(other)
    assert commands.settle(second) is other
    assert commands.settle(second) is None
    assert commands.settle(first) is one
    assert len(commands) == 0


def test_headers_go_round_and_leave_out_what_is_open_or_late() -> None:
    commands = OpenCommands(4)
    late = commands.add(command(1.0))
    still_open = commands.add(command(9.0))
    assert commands.expire(2.0)
    for _ in range(16**4 - 2):
        header = commands.add(command(9.0))
        assert header not in (late, still_open)
        commands.settle(header)
    assert commands.settle_late(late)
    assert commands.add(command(9.0)) == late


def test_only_what_is_overdue_expires_and_is_known_when_it_comes_late() -> None:
    commands = OpenCommands(8)
    first, second = commands.add(command(1.0)), commands.add(command(2.0))
    assert commands.next_deadline() == 1.0
    assert [each.deadline for each in commands.expire(1.0)] == [1.0]
    assert commands.next_deadline() == 2.0
    assert commands.settle(first) is None
    assert commands.settle_late(first)
    assert not commands.settle_late(first)
    assert not commands.settle_late(second)


def test_what_was_open_when_the_connection_ended_is_given_back_and_nothing_is_late_any_more() -> None:
    commands = OpenCommands(8)
    late, lost = commands.add(command(1.0)), command(2.0)
    commands.expire(1.0)
    commands.add(lost)
    assert commands.cut() == [lost]
    assert not commands.settle_late(late)
    assert commands.next_deadline() == math.inf


def test_late_headers_are_bounded_and_the_oldest_go_first() -> None:
    commands = OpenCommands(8)
    headers = [commands.add(command(1.0)) for _ in range(LATE_MAX + 1)]
    commands.expire(1.0)
    assert not commands.settle_late(headers[0])
    assert commands.settle_late(headers[1])
    assert commands.settle_late(headers[-1])
