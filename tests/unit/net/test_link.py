"""What a link says of a question: answered, silent, or never asked."""

from collections.abc import Iterable
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from switch.flow.reply import Answered, Silent, Unreachable
from switch.net.link import Link
from tests.unit.net.kit import (
    FRAMING,
    PLAIN,
    SEALED,
    Client,
    Host,
    Kit,
    Replies,
    answer,
    management,
    request,
)


async def up(kit: Kit, **settings: Any) -> tuple[Link, Host, Client]:
    """A link that is signed on at a host, with one line."""
    host = Host(kit, SEALED)
    await kit.nursery.start(host.serve)
    link = await kit.link(host.port, SEALED, **settings)
    client = await host.signed_on()
    await link.wait_ready()
    return link, host, client


def question(link: Link, mti: str = "0200", **changes: str) -> dict[str, str]:
    stan, moment = link.stamp()
    return request(int(stan), mti, de7=moment, **changes)


async def test_an_answer_goes_to_whoever_asked(clock: MockClock, kit: Kit) -> None:
    link, _, client = await up(kit)
    first, second = Replies(), Replies()
    link.ask(question(link), 5, first)
    link.ask(question(link), 5, second)
    asked = [await client.hear(), await client.hear()]
    for message in reversed(asked):
        client.send(answer(message))
    await kit.settle()
    assert [type(reply) for reply in first + second] == [Answered, Answered]
    told = [reply.message.stan for reply in first + second if isinstance(reply, Answered)]
    assert told == [message.stan for message in asked]


async def test_the_link_is_not_ready_before_its_sign_on_is_approved(clock: MockClock, kit: Kit) -> None:
    host = Host(kit)
    await kit.nursery.start(host.serve)
    link = await kit.link(host.port)
    client = await host.connected()
    sign_on = await client.hear()
    replies = Replies()
    link.ask(question(link), 5, replies)
    assert replies == [Unreachable("not signed on")]
    client.send(answer(sign_on))
    await kit.settle()
    assert link.ready


async def test_a_refused_sign_on_is_tried_again_on_a_new_connection(clock: MockClock, kit: Kit) -> None:
    host = Host(kit)
    await kit.nursery.start(host.serve)
    link = await kit.link(host.port)
    client = await host.connected()
    client.send({**answer(await client.hear()), "39": "91"})
    await client.ended.wait()
    assert not link.ready
    await host.signed_on()
    await link.wait_ready()


async def test_a_sign_on_without_an_answer_is_given_up(clock: MockClock, kit: Kit) -> None:
    host = Host(kit)
    await kit.nursery.start(host.serve)
    await kit.link(host.port, timeout_s=5)
    client = await host.connected()
    await client.ended.wait()
    assert trio.current_time() == pytest.approx(5, abs=0.1)


async def test_a_late_approval_does_not_sign_on_the_next_connection(clock: MockClock, kit: Kit) -> None:
    host = Host(kit)
    await kit.nursery.start(host.serve)
    link = await kit.link(host.port, timeout_s=5)
    first = await host.connected()
    late = answer(await first.hear())
    await first.ended.wait()
    second = await host.connected()
    in_time = answer(await second.hear())
    second.send(late)
    await kit.settle()
    assert not link.ready
    second.send(in_time)
    await kit.settle()
    assert link.ready


async def test_a_peer_that_is_down_is_dialled_again_with_growing_pauses(clock: MockClock, kit: Kit) -> None:
    link = await kit.link(4_711)
    await trio.sleep(600)
    assert not link.ready
    assert 20 < kit.count("link_events", "core", "dial failed") < 60
    host = Host(kit)
    host.port = 4_711
    await kit.nursery.start(host.serve)
    await host.signed_on()
    await link.wait_ready()


class TestSilence:
    async def test_no_answer_in_time_is_silent_and_a_late_answer_is_told_as_such(
        self, clock: MockClock, kit: Kit
    ) -> None:
        link, _, client = await up(kit)
        replies = Replies()
        link.ask(question(link), 5, replies)
        message = await client.hear()
        await trio.sleep(4.9)
        assert not replies
        await trio.sleep(0.2)
        assert replies == [Silent("no answer in time")]
        client.send(answer(message))
        await kit.settle()
        [_, late] = replies
        assert isinstance(late, Answered)
        assert late.late
        client.send(answer(message))
        await kit.settle()
        assert len(replies) == 2
        assert kit.count("link_events", "core", "unmatched") == 1

    async def test_a_shorter_timeout_is_kept_behind_a_longer_one(self, clock: MockClock, kit: Kit) -> None:
        link, _, _ = await up(kit)
        told = []
        begun = trio.current_time()
        for timeout_s in (10, 10, 2, 4, 10):
            link.ask(question(link), timeout_s, lambda _: told.append(trio.current_time() - begun))
        await trio.sleep(20)
        assert told == pytest.approx([2, 4, 10, 10, 10], abs=0.05)

    async def test_a_cut_makes_what_was_sent_silent_and_what_was_not_unreachable(
        self, clock: MockClock, kit: Kit
    ) -> None:
        link, _, client = await up(kit)
        sent, not_sent = Replies(), Replies()
        link.ask(question(link), 5, sent)
        await client.hear()
        client.connection.close()
        link.ask(question(link), 5, not_sent)
        await kit.settle()
        assert sent == [Silent("the connection ended")]
        assert not_sent == [Unreachable("the connection ended before the question left")]

    async def test_a_question_that_left_in_part_is_silent(self, clock: MockClock, kit: Kit) -> None:
        kit.network.pipe_max = 100  # type: ignore[attr-defined]
        link, _, client = await up(kit)
        client.connection.pause()
        partly, behind = Replies(), Replies()
        link.ask(question(link), 50, partly)
        link.ask(question(link), 50, behind)
        await kit.settle()
        client.wire.close()
        await kit.settle()
        assert isinstance(partly[0], Silent)
        assert isinstance(behind[0], Unreachable)

    async def test_a_late_answer_on_the_next_connection_still_finds_its_question(
        self, clock: MockClock, kit: Kit
    ) -> None:
        link, host, client = await up(kit)
        replies = Replies()
        link.ask(question(link), 5, replies)
        message = await client.hear()
        client.connection.close()
        again = await host.signed_on()
        again.send(answer(message))
        await kit.settle()
        assert [type(reply) for reply in replies] == [Silent, Answered]


class TestDisbelief:
    @pytest.mark.parametrize(
        ("changes", "counted"),
        [
            ({"4": "000000000999"}, "mismatched"),
            ({"7": "0101000000"}, "mismatched"),
            ({"37": "ANOTHER00001"}, "mismatched"),
            ({"t": "0230"}, "mismatched"),
            ({"11": "999999"}, "unmatched"),
            ({"41": "ELSEWHER"}, "unmatched"),
            ({"t": "0110"}, "unmatched"),
        ],
    )
    async def test_an_answer_that_does_not_fit_leaves_the_question_open(
        self, clock: MockClock, kit: Kit, changes: dict[str, str], counted: str
    ) -> None:
        link, _, client = await up(kit)
        replies = Replies()
        link.ask(question(link, de4="000000000100"), 5, replies)
        message = await client.hear()
        client.send(answer(message) | changes)
        await kit.settle()
        assert (list(replies), kit.count("link_events", "core", counted)) == ([], 1)
        client.send(answer(message))
        await kit.settle()
        assert isinstance(replies[0], Answered)

    async def test_a_wrong_mac_is_no_answer_but_a_bare_refusal_is_passed_on(self, clock: MockClock, kit: Kit) -> None:
        link, _, client = await up(kit)
        forged, refused = Replies(), Replies()
        link.ask(question(link), 5, forged)
        client.send_body(PLAIN.seal(answer(await client.hear())))
        link.ask(question(link), 5, refused)
        client.send_body(PLAIN.seal(answer(await client.hear()) | {"39": "30"}))
        await trio.sleep(6)
        assert [type(reply) for reply in forged + refused] == [Silent, Answered]
        assert kit.count("link_events", "core", "bad mac") == 1

    async def test_garbage_is_counted_and_the_line_lives_on(self, clock: MockClock, kit: Kit) -> None:
        link, _, client = await up(kit)
        for body in (b"?", b"02", b"\xff" * 300, PLAIN.seal(request())):
            client.send_body(body)
        replies = Replies()
        link.ask(question(link), 5, replies)
        client.send(answer(await client.hear()))
        await kit.settle()
        assert isinstance(replies[0], Answered)

    async def test_a_callback_that_fails_costs_nobody_else_an_answer(self, clock: MockClock, kit: Kit) -> None:
        link, _, client = await up(kit)
        replies = Replies()

        def broken(_: object) -> None:
            raise RuntimeError("a bug")

        link.ask(question(link), 5, broken)
        link.ask(question(link), 5, replies)
        for _ in range(2):
            client.send(answer(await client.hear()))
        await kit.settle()
        assert isinstance(replies[0], Answered)
        assert "reply failed" in [event for event, _ in kit.reports]

    async def test_a_question_that_cannot_be_written_was_not_asked(self, clock: MockClock, kit: Kit) -> None:
        link, _, _ = await up(kit)
        replies = Replies()
        link.ask(question(link, de4="not digits, too long"), 5, replies)
        assert [type(reply) for reply in replies] == [Unreachable]
        assert link.questions_open == 0


class TestSession:
    async def test_an_idle_line_is_echoed_and_an_unanswered_echo_cuts_it(self, clock: MockClock, kit: Kit) -> None:
        link, host, client = await up(kit, echo_after_s=60, timeout_s=5)
        begun = trio.current_time()
        client.send(answer(await client.hear()))
        assert (await client.hear()).network_code == "301"
        await client.ended.wait()
        assert trio.current_time() - begun == pytest.approx(125, abs=0.2)
        assert not link.ready
        await host.signed_on()

    async def test_the_peers_echo_is_answered_and_the_unknown_gets_12(self, clock: MockClock, kit: Kit) -> None:
        _, _, client = await up(kit)
        assert (await client.ask(management("301"))).response_code == "00"
        assert (await client.ask(management("777"))).response_code == "12"

    async def test_a_peer_that_signs_us_off_is_not_asked_until_it_takes_us_again(
        self, clock: MockClock, kit: Kit
    ) -> None:
        link, _, client = await up(kit)
        assert (await client.ask(management("002"))).response_code == "00"
        assert not link.ready
        again = await client.hear()
        assert again.network_code == "001"
        client.send(answer(again))
        await kit.settle()
        assert link.ready

    async def test_a_host_that_trickles_a_frame_is_cut(self, clock: MockClock, kit: Kit) -> None:
        _, _, client = await up(kit, frame_s=10)
        client.wire.send(FRAMING.wrap(b"x" * 50)[:20])
        begun = trio.current_time()
        await client.ended.wait()
        assert trio.current_time() - begun == pytest.approx(10, abs=0.1)

    async def test_questions_of_one_account_keep_to_one_line_and_go_on_when_it_is_cut(
        self, clock: MockClock, kit: Kit
    ) -> None:
        host = Host(kit)
        await kit.nursery.start(host.serve)
        link = await kit.link(host.port, connections=3)
        clients = [await host.signed_on() for _ in range(3)]
        await kit.settle()

        async def ask(accounts: Iterable[int]) -> list[int]:
            for account in accounts:
                link.ask({**question(link), "102": f"{account:014d}"}, 5, Replies())
            await kit.settle()
            return [len(client.heard()) for client in clients]

        assert sorted(await ask([7] * 4)) == [0, 0, 4]
        spread = await ask(range(60))
        assert sum(spread) == 60
        assert min(spread) > 0
        clients[1].connection.close()
        await kit.settle()
        assert link.ready
        after = await ask(range(60))
        assert after[1] == 0
        assert sum(after) == 60

    async def test_beyond_its_bound_a_question_is_unreachable(self, clock: MockClock, kit: Kit) -> None:
        link, _, client = await up(kit, requests_open_max=3)
        replies = Replies()
        for _ in range(5):
            link.ask(question(link), 5, replies)
        assert replies == [Unreachable("too many questions open")] * 2
        client.send(answer(await client.hear()))
        await kit.settle()
        link.ask(question(link), 5, replies)
        assert link.questions_open == 3


class TestStop:
    async def test_open_questions_are_waited_for_and_the_line_signs_off(self, clock: MockClock, kit: Kit) -> None:
        link, _, client = await up(kit)
        replies = Replies()
        link.ask(question(link), 5, replies)
        message = await client.hear()
        kit.nursery.start_soon(link.stop, 20)
        await trio.sleep(1)
        link.ask(question(link), 5, replies)
        client.send(answer(message))
        assert (await client.hear()).network_code == "002"
        await client.ended.wait()
        assert [type(reply) for reply in replies] == [Unreachable, Answered]
        assert trio.current_time() == pytest.approx(1, abs=0.1)

    async def test_what_is_not_answered_in_time_is_silent(self, clock: MockClock, kit: Kit) -> None:
        link, _, _ = await up(kit)
        replies = Replies()
        link.ask(question(link), 60, replies)
        await link.stop(3)
        await kit.settle()
        assert replies == [Silent("the connection ended")]
        assert trio.current_time() == pytest.approx(3, abs=0.1)

    async def test_a_link_whose_peer_is_down_stops_at_once(self, clock: MockClock, kit: Kit) -> None:
        link = await kit.link(4_712)
        await trio.sleep(1)
        await link.stop(20)
        assert trio.current_time() == pytest.approx(1, abs=0.1)


async def test_a_repeat_of_a_question_still_open_is_not_sent_and_is_no_fault(clock: MockClock, kit: Kit) -> None:
    """A biller that takes repeats is asked again under the same trace number, perhaps before it was given up."""
    link, _, client = await up(kit)
    first, repeat = Replies(), Replies()
    asked = question(link)
    link.ask(asked, 5, first)
    link.ask({**asked, "t": "0201"}, 5, repeat)
    assert [type(reply) for reply in repeat] == [Unreachable]
    client.send(answer(await client.hear()))
    await kit.settle()
    assert [type(reply) for reply in first] == [Answered]
    assert kit.count("edge_faults", "question failed") == 0
