import trio
from trio.testing import MockClock

from simulators.channels.channel import Channel
from simulators.channels.mobile_gateway import settle
from simulators.channels.subscriber_requests import SubscriberRequest
from simulators.channels.terminal import network
from switch.wire.message import Message
from tests.unit.simulators.fake_switch import TERMINAL, FakeSwitch, answer_with, channel_to, in_turn


def inquiry(channel: Channel) -> dict[str, str]:
    return SubscriberRequest(TERMINAL, channel.stamp(), "963900000001").owner("10000000010001")


async def test_every_connection_signs_on_before_it_is_used() -> None:
    switch = FakeSwitch(in_turn("00"))
    async with channel_to(switch, connections=3) as channel:
        assert await settle(channel, inquiry(channel))
        await trio.testing.wait_all_tasks_blocked()
        assert switch.managed == ["001", "001", "001"]


async def test_answers_in_any_order_reach_who_asked() -> None:
    kept: list[Message] = []

    def last_first(request: Message) -> dict[str, str] | None:
        kept.append(request)
        if len(kept) == 2:
            for one in reversed(kept):
                switch.send(answer_with("00", one))
        return None

    switch = FakeSwitch(last_first)
    async with channel_to(switch) as channel, trio.open_nursery() as nursery:

        async def ask() -> None:
            fields = inquiry(channel)
            with channel.question(fields) as question:
                answer = await question.ask(fields)
            assert answer is not None
            assert answer.stan == fields["11"]

        nursery.start_soon(ask)
        nursery.start_soon(ask)


async def test_an_answer_to_another_terminal_or_time_is_not_taken(autojump_clock: MockClock) -> None:
    def to_another(request: Message) -> dict[str, str]:
        answer = answer_with("00", request)
        return answer | ({"41": "GW000002"} if len(switch.heard) == 1 else {"7": "0101000000"})

    switch = FakeSwitch(to_another)
    async with channel_to(switch) as channel:
        for _ in range(2):
            fields = inquiry(channel)
            with channel.question(fields) as question:
                assert await question.ask(fields) is None
        assert channel.counts["unmatched"] == 2


async def test_an_idle_connection_is_tried_with_an_echo(autojump_clock: MockClock) -> None:
    switch = FakeSwitch(in_turn())
    async with channel_to(switch):
        await trio.sleep(130)
        assert switch.managed == ["001", "301", "301"]


async def test_an_echo_of_the_switch_is_answered(autojump_clock: MockClock) -> None:
    switch = FakeSwitch(in_turn())
    async with channel_to(switch) as channel:
        switch.send(network("301", TERMINAL, channel.stamp()))
        await trio.sleep(1)
        assert switch.managed == ["001", "00"]


async def test_a_broken_connection_is_silence_at_once_and_is_opened_again(autojump_clock: MockClock) -> None:
    def cut(_request: Message) -> None:
        switch.connections[-1].abort("cut by the test")

    switch = FakeSwitch(cut)
    async with channel_to(switch) as channel:
        started = trio.current_time()
        fields = inquiry(channel)
        with channel.question(fields) as question:
            assert await question.ask(fields) is None
            assert trio.current_time() - started < 1
            switch.respond = in_turn("00")
            assert await question.ask(fields)
        assert switch.managed == ["001", "001"]


async def test_signing_off_says_so_on_every_connection() -> None:
    switch = FakeSwitch(in_turn())
    async with channel_to(switch, connections=2) as channel:
        await trio.testing.wait_all_tasks_blocked()
        await channel.sign_off()
        assert sorted(switch.managed) == ["001", "001", "002", "002"]


async def test_stamps_never_repeat_within_a_second() -> None:
    switch = FakeSwitch(in_turn())
    async with channel_to(switch) as channel:
        stamps = [channel.stamp() for _ in range(1000)]
    assert len({(s.stan, s.transmitted_at) for s in stamps}) == 1000
    assert len({s.reference for s in stamps}) == 1000
