"""MACs that a device makes, on connections: what it seals late is still an answer, but no question any more (R10)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import trio
from trio.testing import MockClock

from switch.flow.reply import Answered, Silent, Unreachable
from switch.net.link import Link
from switch.security.crypto.mac import RetailMac
from switch.wire.dialect import dialect_named
from switch.wire.envelope import Envelope
from switch.wire.remote_envelope import RemoteEnvelope, RemoteMac
from tests.unit.net.kit import KEY, SEALED, Approver, Client, Host, Keeper, Kit, Replies, answer, management, request

MAC = RetailMac(KEY)


class Device(RemoteMac):
    """Answers at once, until it is told to hold its words back. `dumb`: it does not say."""

    def __init__(self) -> None:
        self.holds = self.dumb = False
        self.held: list[Callable[[], None]] = []

    def compute(self, data: bytes, done: Callable[[bytes | None], None]) -> None:
        self._say(lambda: done(None if self.dumb else MAC.compute(data)))

    def verify(self, data: bytes, mac: bytes, done: Callable[[bool | None], None]) -> None:
        self._say(lambda: done(None if self.dumb else MAC.verify(data, mac)))

    def release(self) -> None:
        held, self.held = self.held, []
        for say in held:
            say()

    def _say(self, say: Callable[[], None]) -> None:
        if self.holds:
            self.held.append(say)
        else:
            say()


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def sealed(device: Device) -> Envelope:
    return RemoteEnvelope(dialect_named("iso87-ascii"), device)


class TestListener:
    async def test_it_serves_as_with_a_key_at_hand(self, clock: MockClock, kit: Kit, sealed: Envelope) -> None:
        listener = await kit.listener(Approver(), sealed)
        client = await kit.client(listener.port, SEALED)
        heard = await client.ask(request(1))
        assert (heard.response_code, "128" in heard) == ("00", True)

    async def test_requests_and_answers_keep_their_order(
        self, clock: MockClock, kit: Kit, sealed: Envelope, device: Device
    ) -> None:
        handler = Approver()
        listener = await kit.listener(handler, sealed)
        client = await kit.client(listener.port, SEALED)
        device.holds = True
        for stan in range(1, 6):
            client.send(request(stan))
        await kit.settle()
        assert handler.seen == []
        device.held.reverse()
        device.release()
        await kit.settle()
        assert [exchange.request.stan for exchange in handler.seen] == [f"{stan:06d}" for stan in range(1, 6)]
        device.release()
        assert [(await client.hear()).stan for _ in range(5)] == [f"{stan:06d}" for stan in range(1, 6)]

    async def test_a_sign_on_behind_a_request_takes_effect_before_the_request_behind_it(
        self, clock: MockClock, kit: Kit, sealed: Envelope, device: Device
    ) -> None:
        listener = await kit.listener(Approver(), sealed)
        client = await kit.client(listener.port, SEALED, signed_on=False)
        device.holds = True
        client.send(request(1))
        client.send(management("001"))
        client.send(request(2))
        await kit.settle()
        device.held.reverse()
        device.release()
        device.holds = False
        device.release()
        codes = [(heard.mti, heard.response_code) for heard in [await client.hear() for _ in range(3)]]
        assert codes == [("0210", "91"), ("0810", "00"), ("0210", "00")]

    async def test_an_answer_that_is_sealed_late_is_still_sent(
        self, clock: MockClock, kit: Kit, sealed: Envelope, device: Device
    ) -> None:
        handler = Keeper()
        listener = await kit.listener(handler, sealed)
        client = await kit.client(listener.port, SEALED)
        client.send(request(1))
        await kit.settle()
        device.holds = True
        handler.answer_next()
        await trio.sleep(40)
        assert client.heard() == []
        assert listener.requests_open == 1
        device.release()
        assert (await client.hear()).response_code == "00"
        assert listener.requests_open == 0

    async def test_an_answer_that_nobody_seals_is_counted_and_ends_its_request(
        self, clock: MockClock, kit: Kit, sealed: Envelope, device: Device
    ) -> None:
        handler = Keeper()
        listener = await kit.listener(handler, sealed)
        client = await kit.client(listener.port, SEALED)
        client.send(request(1))
        await kit.settle()
        device.dumb = True
        handler.answer_next()
        await kit.settle()
        assert client.heard() == []
        assert listener.requests_open == 0
        assert kit.count("listener_events", "mobile", "nobody to make a MAC") == 1

    async def test_a_request_that_nobody_can_judge_is_counted_and_neither_served_nor_refused(
        self, clock: MockClock, kit: Kit, sealed: Envelope, device: Device
    ) -> None:
        handler = Approver()
        listener = await kit.listener(handler, sealed)
        client = await kit.client(listener.port, SEALED)
        device.dumb = True
        for stan in range(20):
            client.send(request(stan))
        await kit.settle()
        assert (handler.seen, client.heard()) == ([], [])
        assert not client.ended.is_set(), "it is no fault of the channel's"
        assert kit.count("listener_events", "mobile", "nobody to judge a MAC") == 20
        device.dumb = False
        assert (await client.ask(request(99))).response_code == "00"

    async def test_a_connection_that_ends_meanwhile_costs_nothing(
        self, clock: MockClock, kit: Kit, sealed: Envelope, device: Device
    ) -> None:
        handler = Approver()
        listener = await kit.listener(handler, sealed)
        client, other = await kit.client(listener.port, SEALED), await kit.client(listener.port, SEALED)
        device.holds = True
        client.send(request(1))
        await kit.settle()
        client.connection.close()
        await kit.settle()
        device.holds = False
        device.release()
        assert (await other.ask(request(2))).response_code == "00"
        assert listener.requests_open == 0


async def up(kit: Kit, sealed: Envelope) -> tuple[Link, Client]:
    host = Host(kit, SEALED)
    await kit.nursery.start(host.serve)
    link = await kit.link(host.port, sealed)
    client = await host.signed_on()
    await link.wait_ready()
    return link, client


def question(link: Link) -> dict[str, str]:
    stan, moment = link.stamp()
    return request(int(stan), de7=moment)


class TestLink:
    async def test_a_question_is_asked_and_answered_as_with_a_key_at_hand(
        self, clock: MockClock, kit: Kit, sealed: Envelope
    ) -> None:
        link, client = await up(kit, sealed)
        replies = Replies()
        link.ask(question(link), 5, replies)
        client.send(answer(await client.hear()))
        await kit.settle()
        assert [type(reply) for reply in replies] == [Answered]

    async def test_a_question_that_is_sealed_after_its_time_is_not_sent(
        self, clock: MockClock, kit: Kit, sealed: Envelope, device: Device
    ) -> None:
        link, client = await up(kit, sealed)
        replies = Replies()
        device.holds = True
        link.ask(question(link), 5, replies)
        await trio.sleep(5.1)
        assert [type(reply) for reply in replies] == [Silent]
        device.release()
        await kit.settle()
        assert client.heard() == []
        assert len(replies) == 1
        assert kit.count("link_events", "core", "sealed too late") == 1

    async def test_a_question_that_nobody_seals_was_not_asked_and_that_is_told_once(
        self, clock: MockClock, kit: Kit, sealed: Envelope, device: Device
    ) -> None:
        link, client = await up(kit, sealed)
        replies = Replies()
        device.dumb = True
        link.ask(question(link), 5, replies)
        assert replies == [Unreachable("nobody to make a MAC")]
        await trio.sleep(10)
        assert (len(replies), link.questions_open, client.heard()) == (1, 0, [])

    async def test_the_same_when_the_device_says_so_later(
        self, clock: MockClock, kit: Kit, sealed: Envelope, device: Device
    ) -> None:
        link, _ = await up(kit, sealed)
        replies = Replies()
        device.holds = device.dumb = True
        link.ask(question(link), 5, replies)
        await trio.sleep(2)
        assert (len(replies), link.questions_open) == (0, 1)
        device.release()
        assert replies == [Unreachable("nobody to make a MAC")]
        await trio.sleep(10)
        assert len(replies) == 1

    async def test_a_question_whose_line_is_cut_before_it_is_sealed_was_not_asked(
        self, clock: MockClock, kit: Kit, sealed: Envelope, device: Device
    ) -> None:
        link, client = await up(kit, sealed)
        replies = Replies()
        device.holds = True
        link.ask(question(link), 5, replies)
        client.connection.close()
        await kit.settle()
        assert replies == [Unreachable("the connection ended before the question left")]
        device.release()
        await kit.settle()
        assert len(replies) == 1

    async def test_an_answer_that_nobody_can_judge_is_no_answer(
        self, clock: MockClock, kit: Kit, sealed: Envelope, device: Device
    ) -> None:
        link, client = await up(kit, sealed)
        replies = Replies()
        link.ask(question(link), 5, replies)
        asked = await client.hear()
        device.dumb = True
        client.send(answer(asked))
        await kit.settle()
        assert replies == []
        assert kit.count("link_events", "core", "nobody to judge a MAC") == 1
        device.dumb = False
        client.send(answer(asked))
        await kit.settle()
        assert [type(reply) for reply in replies] == [Answered]
