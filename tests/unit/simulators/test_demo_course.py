"""How far a demo's channels are, and what they are told together."""

import pytest
import trio
import trio.testing

from simulators.channels.errands import Service
from simulators.channels.tally import Tally
from simulators.demo.course import Course


class FakeChannel:
    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []

    def send(self, line: str) -> None:
        self.lines.append(line)

    def hang_up(self) -> None:
        self.lines.append("hang up")


def paid(count: int) -> Tally:
    tally = Tally()
    for _ in range(count):
        tally.add(Service.PAY_LOAN, "00")
    return tally


class Silent:
    """Nobody watches."""

    def paid(self, payments: int) -> None:
        self.payments = payments


@pytest.mark.parametrize(
    ("told", "halfway", "through"),
    [
        ([("atm", 20, False)], False, False),
        ([("atm", 20, True)], False, False),
        ([("atm", 4, False), ("web", 5, False)], False, False),
        ([("atm", 4, False), ("web", 6, False)], True, False),
        ([("atm", 10, True), ("web", 0, False)], True, False),
        ([("atm", 3, True), ("web", 3, True)], True, True),
    ],
)
def test_keys_change_at_half_of_the_payments_once_every_channel_is_there(
    told: list[tuple[str, int, bool]], halfway: bool, through: bool
) -> None:
    course = Course(20, Silent())
    for name in ("atm", "web"):
        course.begins(FakeChannel(name))
    for name, count, is_through in told:
        course.hear(name, paid(count), through=is_through)
    assert (course.halfway.is_set(), course.through.is_set()) == (halfway, through)


async def test_totals_are_told_once_every_channel_has_heard_what_the_switch_says() -> None:
    course, channels = Course(20, Silent()), [FakeChannel("atm"), FakeChannel("web")]
    for channel in channels:
        course.begins(channel)
    found: list[object] = []

    async def ask() -> None:
        found.append(await course.totals("1122"))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        await trio.testing.wait_all_tasks_blocked()
        assert [channel.lines for channel in channels] == [["totals 1122"]] * 2
        course.hear_totals("atm", {"in_balance": True})
        await trio.testing.wait_all_tasks_blocked()
        assert not found
        course.hear_totals("web", {"in_balance": False})
    assert found == [{"atm": {"in_balance": True}, "web": {"in_balance": False}}]


def test_at_the_end_every_channel_is_told_once_to_sign_off() -> None:
    course, channels = Course(20, Silent()), [FakeChannel("atm"), FakeChannel("web")]
    for channel in channels:
        course.begins(channel)
    course.end()
    assert [channel.lines for channel in channels] == [["hang up"]] * 2
