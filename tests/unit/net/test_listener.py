"""What a listener answers at the door, and what no connection can do to another."""

from contextlib import suppress

import pytest
import trio
from trio.testing import MockClock

from switch.flow.overload import Gate
from switch.net.exchange import Exchange
from switch.wire.codes import ResponseCode
from tests.unit.net.kit import (
    FRAMING,
    PLAIN,
    SEALED,
    Approver,
    Keeper,
    Kit,
    answer,
    management,
    request,
)


async def test_a_request_is_answered_on_its_connection(clock: MockClock, kit: Kit) -> None:
    handler = Approver()
    listener = await kit.listener(handler)
    client = await kit.client(listener.port)
    heard = await client.ask(request(7))
    assert (heard.mti, heard.stan, heard.response_code) == ("0210", "000007", "00")
    assert handler.seen[0].request.reference == "REF000000007"
    assert handler.seen[0].endpoint.name == "mobile"


async def test_before_sign_on_anything_but_network_management_gets_91(clock: MockClock, kit: Kit) -> None:
    handler = Approver()
    listener = await kit.listener(handler)
    client = await kit.client(listener.port, signed_on=False)
    heard = await client.ask(request(1))
    assert (heard.mti, heard.response_code, heard.business_date) == ("0210", "91", "1122")
    assert (await client.ask(management("301"))).response_code == "00"
    await client.sign_on()
    assert (await client.ask(request(2))).response_code == "00"
    assert (await client.ask(management("002"))).response_code == "00"
    assert (await client.ask(request(3))).response_code == "91"
    assert len(handler.seen) == 1


async def test_beyond_what_may_be_in_progress_nothing_is_begun(clock: MockClock, kit: Kit) -> None:
    handler, gate = Keeper(), Gate(open_max=2)
    listeners = [await kit.listener(handler, gate=gate) for _ in range(2)]
    first, second = [await kit.client(listener.port) for listener in listeners]
    first.send(request(1))
    second.send(request(2))
    await kit.settle()
    third = await kit.client(listeners[1].port)
    assert (await third.ask(request(3))).response_code == "91"
    assert (await third.ask(request(4, de3="502000"))).response_code == "09"
    assert (await third.ask(management("301"))).response_code == "00"
    third.send(request(5, mti="0420"))
    await kit.settle()
    assert sorted(str(exchange.request.stan) for exchange in handler.seen) == ["000001", "000002", "000005"]
    assert kit.count("listener_events", "mobile", "turned away") == 2
    for _ in range(3):
        handler.answer_next()
    await kit.settle()
    assert gate.open == 0
    third.send(request(4, de3="502000", mti="0201"))
    await kit.settle()
    assert [exchange.request.stan for exchange in handler.seen] == ["000004"]


async def test_one_listener_leaves_room_for_the_others(clock: MockClock, kit: Kit) -> None:
    handler, gate = Keeper(), Gate(open_max=4)
    mobile, atm = [await kit.listener(handler, gate=gate) for _ in range(2)]
    busy, other = await kit.client(mobile.port), await kit.client(atm.port)
    for stan in range(1, 4):
        busy.send(request(stan))
    await kit.settle()
    assert (await busy.ask(request(4))).response_code == "91"
    other.send(request(5))
    await kit.settle()
    assert len(handler.seen) == 4


async def test_a_connection_that_ends_with_requests_open_leaves_their_room_to_others(
    clock: MockClock, kit: Kit
) -> None:
    handler, gate = Keeper(), Gate(open_max=1)
    listener = await kit.listener(handler, gate=gate)
    client = await kit.client(listener.port)
    client.send(request(1))
    await kit.settle()
    client.connection.close()
    await kit.settle()
    assert gate.open == 1  # it is still being worked on
    handler.answer_next()
    assert gate.open == 0


async def test_each_connection_signs_on_for_itself(clock: MockClock, kit: Kit) -> None:
    listener = await kit.listener(Approver())
    await kit.client(listener.port)
    other = await kit.client(listener.port, signed_on=False)
    assert (await other.ask(request())).response_code == "91"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "00"),
        ({"de41": "ATM00042"}, "00"),
        ({"de41": "GW00001 "}, "58"),
        ({"de41": "GW000002"}, "58"),
        ({"de32": "000124"}, "58"),
        ({"mti": "0220"}, "12"),
        ({"mti": "0300"}, "12"),
        ({"mti": "0801", "de70": "301"}, "12"),
        ({"mti": "0201"}, "00"),
        ({"mti": "0421"}, "00"),
    ],
)
async def test_the_door(clock: MockClock, kit: Kit, changes: dict[str, str], code: str) -> None:
    listener = await kit.listener(Approver())
    client = await kit.client(listener.port)
    assert (await client.ask(request(5, **changes))).response_code == code


@pytest.mark.parametrize("mti", ["0210", "0240", "1200", "2200", "0810"])
async def test_what_is_not_a_request_of_ours_is_counted_and_not_answered(clock: MockClock, kit: Kit, mti: str) -> None:
    listener = await kit.listener(Approver())
    client = await kit.client(listener.port)
    client.send(request(1, mti=mti))
    assert (await client.ask(request(2))).stan == "000002"
    assert kit.count("listener_events", "mobile", "unmatched") == 1


async def test_unknown_network_management_gets_12_and_echoes_what_came(clock: MockClock, kit: Kit) -> None:
    listener = await kit.listener(Approver())
    client = await kit.client(listener.port)
    heard = await client.ask({**management("999"), "32": "000123", "41": "GW000001"})
    assert heard.response_code == "12"
    assert heard.fields.keys() - {"p", "1"} == {"t", "7", "11", "32", "39", "41", "63", "70"}


@pytest.mark.parametrize("missing", ["7", "11", "70"])
async def test_network_management_with_a_field_missing_gets_30_with_its_place(
    clock: MockClock, kit: Kit, missing: str
) -> None:
    listener = await kit.listener(Approver())
    client = await kit.client(listener.port)
    heard = await client.ask({de: value for de, value in management("301").items() if de != missing})
    assert (heard.mti, heard.response_code) == ("0810", "30")
    assert heard.words is not None
    assert heard.words.endswith(f"({missing})")


class TestUnreadable:
    async def test_a_format_fault_is_answered_30_with_its_place_and_without_a_mac(
        self, clock: MockClock, kit: Kit
    ) -> None:
        listener = await kit.listener(Approver(), SEALED)
        client = await kit.client(listener.port, SEALED)
        body = PLAIN.seal(request(9, de102=None, de37=None))
        client.send_body(body[:-8])
        heard = await client.hear()
        assert heard.response_code == "30"
        assert heard.words is not None
        assert heard.words.endswith("(42)")
        assert heard.stan == "000009"
        assert "41" in heard
        assert "64" not in heard
        assert "128" not in heard

    async def test_a_wrong_or_missing_mac_is_answered_63_without_a_mac(self, clock: MockClock, kit: Kit) -> None:
        handler = Approver()
        listener = await kit.listener(handler, SEALED)
        client = await kit.client(listener.port, SEALED)
        sealed = SEALED.seal(request(1))
        for body in (PLAIN.seal(request(1)), sealed[:-1] + (b"0" if sealed[-1:] != b"0" else b"1")):
            client.send_body(body)
            heard = await client.hear()
            assert (heard.response_code, "128" in heard) == ("63", False)
        assert not handler.seen
        assert (await client.ask(request(2))).response_code == "00"

    async def test_the_third_message_without_a_readable_mti_closes_the_connection(
        self, clock: MockClock, kit: Kit
    ) -> None:
        listener = await kit.listener(Approver())
        client = await kit.client(listener.port)
        client.send_body(b"GET / HTTP/1.1")
        client.send_body(b"02")
        assert (await client.ask(request())).response_code == "00"
        client.send_body(b"\xff" * 40)
        await client.ended.wait()
        assert kit.count("listener_events", "mobile", "unreadable") == 3

    async def test_a_length_beyond_the_maximum_closes_before_the_body_is_awaited(
        self, clock: MockClock, kit: Kit
    ) -> None:
        listener = await kit.listener(Approver())
        client = await kit.client(listener.port)
        client.wire.send(FRAMING.wrap(PLAIN.seal(request(3))) + b"\xff\xff")
        assert (await client.hear()).stan == "000003"
        await client.ended.wait()
        assert kit.count("listener_closes", "mobile", "frame too long") == 1

    async def test_keep_alives_are_ignored(self, clock: MockClock, kit: Kit) -> None:
        listener = await kit.listener(Approver())
        client = await kit.client(listener.port)
        client.wire.send(b"\0\0\0\0" + FRAMING.wrap(PLAIN.seal(request(3))) + b"\0\0")
        assert (await client.hear()).stan == "000003"


class TestHandler:
    async def test_a_handler_that_fails_costs_one_request_a_96(self, clock: MockClock, kit: Kit) -> None:
        class Broken:
            def on_request(self, exchange: Exchange) -> None:
                if exchange.request.stan == "000001":
                    raise RuntimeError("a card number could be in here")
                exchange.answer(answer(exchange.request))

        listener = await kit.listener(Broken())
        client = await kit.client(listener.port)
        assert (await client.ask(request(1))).response_code == "96"
        assert (await client.ask(request(2))).response_code == "00"
        [(event, fields)] = kit.reports
        assert event == "request failed"
        assert fields["error"] == "RuntimeError"
        assert "card number" not in str(fields)

    async def test_an_answer_that_cannot_be_written_becomes_a_96(self, clock: MockClock, kit: Kit) -> None:
        class Verbose:
            def on_request(self, exchange: Exchange) -> None:
                exchange.answer(answer(exchange.request) | {"38": "far too long"})

        listener = await kit.listener(Verbose())
        client = await kit.client(listener.port)
        assert (await client.ask(request(1))).response_code == "96"
        assert listener.requests_open == 0

    async def test_only_the_first_end_of_an_exchange_counts(self, clock: MockClock, kit: Kit) -> None:
        handler = Keeper()
        listener = await kit.listener(handler)
        client = await kit.client(listener.port)
        client.send(request(1))
        client.send(request(1, mti="0201"))
        await kit.settle()
        original, repeat = handler.seen
        repeat.drop()
        repeat.answer(answer(repeat.request))
        original.answer(answer(original.request))
        original.drop()
        assert (await client.ask(management("301"))).mti == "0210"
        assert (await client.hear()).mti == "0810"
        assert listener.requests_open == 0

    async def test_an_answer_for_a_connection_that_has_gone_is_dropped(self, clock: MockClock, kit: Kit) -> None:
        handler = Keeper()
        listener = await kit.listener(handler)
        client = await kit.client(listener.port)
        client.send(request(1))
        await kit.settle()
        client.connection.close()
        await kit.settle()
        handler.answer_next()
        assert listener.connections == 0

    async def test_beyond_the_open_requests_allowed_the_connection_is_not_read(
        self, clock: MockClock, kit: Kit
    ) -> None:
        handler = Keeper()
        listener = await kit.listener(handler)
        client, other = await kit.client(listener.port), await kit.client(listener.port)
        for stan in range(1, 101):
            client.send(request(stan))
        await kit.settle()
        assert [exchange.request.stan for exchange in handler.seen] == [f"{n:06d}" for n in range(1, 65)]
        other.send(request(500))
        await kit.settle()
        assert handler.seen.pop().request.stan == "000500"
        for _ in range(10):
            handler.answer_next()
        await kit.settle()
        assert (len(handler.seen), len(client.heard())) == (64, 10)
        for _ in range(90):
            handler.answer_next()
            await kit.settle()
        assert (len(handler.seen), len(client.heard())) == (0, 90)


class TestTime:
    async def test_an_idle_connection_is_tried_after_60_s_and_closed_after_180(
        self, clock: MockClock, kit: Kit
    ) -> None:
        listener = await kit.listener(Approver())
        client = await kit.client(listener.port)
        begun = trio.current_time()
        await client.ended.wait()
        assert [(message.mti, message.network_code) for message in client.heard()] == [("0800", "301")] * 2
        assert trio.current_time() - begun == pytest.approx(180, abs=0.5)
        assert kit.count("listener_closes", "mobile", "silent") == 1

    async def test_an_answered_echo_keeps_the_connection(self, clock: MockClock, kit: Kit) -> None:
        listener = await kit.listener(Approver())
        client = await kit.client(listener.port)
        begun = trio.current_time()
        for turn in range(1, 6):
            echo = await client.hear()
            client.send(answer(echo))
            assert trio.current_time() - begun == pytest.approx(60 * turn, abs=0.5)
        assert (await client.ask(request())).response_code == "00"
        assert kit.count("listener_events", "mobile", "unmatched") == 0

    async def test_a_connection_that_never_signs_on_is_closed_too(self, clock: MockClock, kit: Kit) -> None:
        listener = await kit.listener(Approver(), idle_s=30)
        client = await kit.client(listener.port, signed_on=False)
        await client.ended.wait()
        assert trio.current_time() == pytest.approx(30, abs=0.5)
        assert not client.heard()

    async def test_an_idle_time_shorter_than_a_frames_is_kept(self, clock: MockClock, kit: Kit) -> None:
        listener = await kit.listener(Approver(), idle_s=2, frame_s=10)
        client = await kit.client(listener.port)
        await client.ended.wait()
        assert trio.current_time() == pytest.approx(2, abs=0.2)

    async def test_a_frame_that_trickles_in_must_be_whole_in_time(self, clock: MockClock, kit: Kit) -> None:
        listener = await kit.listener(Approver(), frame_s=10)
        slow, quick = await kit.client(listener.port), await kit.client(listener.port)
        await trio.sleep(3)
        frame = FRAMING.wrap(PLAIN.seal(request()))
        begun = trio.current_time()
        with suppress(OSError):
            for at in range(len(frame)):
                slow.wire.send(frame[at : at + 1])
                await trio.sleep(1)
        assert trio.current_time() - begun == pytest.approx(10, abs=1.5)
        assert (await quick.ask(request(2))).response_code == "00"

    async def test_a_channel_that_waits_for_us_is_not_idle(self, clock: MockClock, kit: Kit) -> None:
        handler = Keeper()
        listener = await kit.listener(handler, idle_s=40)
        client = await kit.client(listener.port)
        for stan in range(1, 101):
            client.send(request(stan))
        await trio.sleep(100)
        assert not client.ended.is_set()
        while handler.seen:
            handler.answer_next()
            await kit.settle()
        assert len(client.heard()) == 100


class TestLimits:
    async def test_connections_in_all(self, clock: MockClock, kit: Kit) -> None:
        listener = await kit.listener(Approver(), connections_max=2)
        first = await kit.client(listener.port)
        await kit.client(listener.port)
        third = await kit.client(listener.port, signed_on=False)
        await third.ended.wait()
        first.connection.close()
        await kit.settle()
        await kit.client(listener.port)

    async def test_connections_of_one_peer_do_not_take_those_of_another(self, clock: MockClock, kit: Kit) -> None:
        listener = await kit.listener(Approver(), connections_per_peer_max=1)
        await kit.client(listener.port)
        second = await kit.client(listener.port, signed_on=False)
        await second.ended.wait()
        wire = await kit.network.dial_from("elsewhere", "127.0.0.1", listener.port)  # type: ignore[attr-defined]
        assert wire.peer == "127.0.0.1"
        await kit.settle()
        assert listener.connections == 2


class TestStop:
    async def test_what_is_open_is_answered_before_the_close(self, clock: MockClock, kit: Kit) -> None:
        handler = Keeper()
        listener = await kit.listener(handler)
        client = await kit.client(listener.port)
        client.send(request(1))
        await kit.settle()
        kit.nursery.start_soon(listener.stop, 20)
        await trio.sleep(5)
        client.send(request(2))
        with pytest.raises(OSError, match="nobody listens"):
            await kit.network.dial("127.0.0.1", listener.port)
        assert not client.ended.is_set()
        handler.answer_next()
        assert (await client.hear()).stan == "000001"
        await client.ended.wait()
        assert trio.current_time() == pytest.approx(5, abs=0.1)
        await kit.settle()
        assert (len(handler.seen), listener.connections) == (0, 0)

    async def test_what_is_not_answered_in_time_is_cut(self, clock: MockClock, kit: Kit) -> None:
        listener = await kit.listener(Keeper())
        client = await kit.client(listener.port)
        client.send(request(1))
        await kit.settle()
        await listener.stop(20)
        await client.ended.wait()
        assert trio.current_time() == pytest.approx(20, abs=0.1)

    async def test_a_listener_at_rest_stops_at_once(self, clock: MockClock, kit: Kit) -> None:
        listener = await kit.listener(Approver())
        client = await kit.client(listener.port)
        await listener.stop(20)
        await client.ended.wait()
        assert trio.current_time() < 1


async def test_a_code_of_the_handler_reaches_the_channel_unchanged(clock: MockClock, kit: Kit) -> None:
    class Refuser:
        def on_request(self, exchange: Exchange) -> None:
            exchange.answer(answer(exchange.request, ResponseCode.INSUFFICIENT_FUNDS))

    listener = await kit.listener(Refuser(), SEALED)
    client = await kit.client(listener.port, SEALED)
    heard = await client.ask(request(1))
    assert (heard.response_code, "128" in heard) == ("51", True)
