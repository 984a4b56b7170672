"""Whoever is refused is counted every time, and told of once in a while: for each listener, reason and address."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from switch.observe.fields import ALLOWED
from switch.observe.severity import WARNINGS
from tests.unit.net.kit import PLAIN, SEALED, Approver, Client, Kit, request

HERE = "localhost"


def told(kit: Kit) -> list[tuple[str, object, object]]:
    """Event, reason and how many were kept quiet before."""
    assert all(event in WARNINGS and fields.keys() <= ALLOWED.keys() for event, fields in kit.reports)
    assert all((fields["listener"], fields["address"]) == ("mobile", HERE) for _, fields in kit.reports)
    return [(event, fields["reason"], fields["count"]) for event, fields in kit.reports]


async def test_connections_beyond_the_limit(clock: MockClock, kit: Kit) -> None:
    listener = await kit.listener(Approver(), connections_max=1)
    await kit.client(listener.port)
    for _ in range(100):
        await (await kit.client(listener.port, signed_on=False)).ended.wait()
    assert told(kit) == [("connection refused", "too many connections", 0)]
    await trio.sleep(60)
    await (await kit.client(listener.port, signed_on=False)).ended.wait()
    assert told(kit)[1:] == [("connection refused", "too many connections", 99)]
    assert kit.count("listener_events", "mobile", "too many connections") == 101


async def test_each_address_has_a_window_of_its_own(clock: MockClock, kit: Kit) -> None:
    listener = await kit.listener(Approver(), connections_max=1)
    await kit.client(listener.port)
    for host in ("one", "one", "another"):
        await kit.network.dial_from(host, "127.0.0.1", listener.port)  # type: ignore[attr-defined]
        await kit.settle()
    assert [fields["address"] for _, fields in kit.reports] == ["one", "another"]


async def test_connections_of_one_address_beyond_its_limit(clock: MockClock, kit: Kit) -> None:
    listener = await kit.listener(Approver(), connections_per_peer_max=1)
    await kit.client(listener.port)
    await (await kit.client(listener.port, signed_on=False)).ended.wait()
    assert told(kit) == [("connection refused", "too many connections of one peer", 0)]


async def test_one_that_speaks_for_another_and_for_whom(clock: MockClock, kit: Kit) -> None:
    listener = await kit.listener(Approver())
    clients = [await kit.client(listener.port), await kit.client(listener.port)]
    for client in clients:
        for stan in range(1, 6):
            assert (await client.ask(request(stan, de41="ELSEWHER"))).response_code == "58"
    assert told(kit) == [("request refused", "speaks for another", 0)]
    [(_, fields)] = kit.reports
    assert (fields["acquirer"], fields["terminal"]) == ("000123", "ELSEWHER")
    assert kit.count("listener_events", "mobile", "refused 58") == 10


async def test_one_that_does_not_sign_on_in_time(clock: MockClock, kit: Kit) -> None:
    listener = await kit.listener(Approver(), signs_on_within_s=5)
    clients = [await kit.client(listener.port, signed_on=False) for _ in range(3)]
    for client in clients:
        await client.ended.wait()
    await kit.settle()
    assert told(kit) == [("connection refused", "not signed on", 0)]
    assert kit.count("listener_closes", "mobile", "not signed on") == 3


async def test_wrong_macs_beyond_the_limit(clock: MockClock, kit: Kit) -> None:
    listener = await kit.listener(Approver(), SEALED)
    client = await kit.client(listener.port, SEALED)
    for stan in range(1, 11):
        client.send_body(PLAIN.seal(request(stan)))
    await client.ended.wait()
    await kit.settle()
    assert told(kit) == [("request refused", "too many wrong MACs", 0)]


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"\x00\x10half", "unfinished frame"),
        (b"\xff\xff", "frame too long"),
        (b"\x00\x05GET /\x00\x05GET /\x00\x05GET /", "unreadable"),
    ],
)
async def test_one_that_sends_what_is_no_message(clock: MockClock, kit: Kit, sent: bytes, reason: str) -> None:
    listener = await kit.listener(Approver())
    for _ in range(2):
        client = await kit.client(listener.port)
        client.wire.send(sent)
        await client.ended.wait()
    await kit.settle()
    assert told(kit) == [("connection refused", reason, 0)]


async def test_who_comes_and_goes_is_not_told_of(clock: MockClock, kit: Kit) -> None:
    listener = await kit.listener(Approver())
    client = await kit.client(listener.port)
    client.connection.close()
    silent: Client = await kit.client(listener.port)
    await silent.ended.wait()
    await kit.settle()
    assert told(kit) == []
    assert kit.count("listener_closes", "mobile", "silent") == 1


async def test_each_reason_has_a_window_of_its_own(clock: MockClock, kit: Kit) -> None:
    listener = await kit.listener(Approver(), connections_max=1)
    client = await kit.client(listener.port)
    await client.ask(request(de41="ELSEWHER"))
    await (await kit.client(listener.port, signed_on=False)).ended.wait()
    assert [reason for _, reason, _ in told(kit)] == ["speaks for another", "too many connections"]
