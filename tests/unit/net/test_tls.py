"""Who gets through the handshake, for whom they may speak then, and that nobody waits for those who don't."""

import ssl
from collections.abc import Callable
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from simulators.memory_network import MemoryWire
from switch.net.listener import Listener
from switch.net.network import Wire
from switch.net.tls import HandshakeError, Refusal, Tls
from switch.security.certificates.authority import Purpose
from tests.unit.net.kit import FRAMING, PLAIN, Approver, Host, Kit, management, request
from tests.unit.net.office import (
    LONG_AGO,
    Certified,
    a_channel,
    a_peer,
    dialling,
    gateway,
    office,
    switch,
)

# A ClientHello that offers no more than TLS 1.1 (RFC 4346 §7.4.1.2): two cipher suites, no extension.
HELLO_OF_1_1 = bytes.fromhex("160301002f0100002b0302") + bytes(32) + bytes.fromhex("000004c013c0140100")
ALERT_PROTOCOL_VERSION = bytes.fromhex("0246")  # RFC 8446 §6: fatal, 70


async def listening(kit: Kit, pins: tuple[str, ...] = (), **settings: Any) -> Listener:
    return await kit.listener(Approver(), tls=switch().identity.accepting(pins), **settings)


def refused(kit: Kit, why: Refusal) -> int:
    return kit.count("listener_events", "mobile", why)


async def plain_wire(kit: Kit, listener: Listener) -> Wire:
    return await kit.network.dial("127.0.0.1", listener.port)


async def is_refused(kit: Kit, listener: Listener, tls: Tls) -> bool:
    """Under TLS 1.3 who dials hears of it only when it reads."""
    try:
        client = await kit.client(listener.port, signed_on=False, tls=tls)
    except HandshakeError:
        return True
    with trio.fail_after(1):
        await client.ended.wait()
    return not client.heard()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_channel_with_its_certificate_is_served(clock: MockClock, kit: Kit, version: ssl.TLSVersion) -> None:
    listener = await listening(kit)
    channel = office().certified(a_channel())
    channel.identity.client.maximum_version = version
    client = await kit.client(listener.port, tls=dialling(channel))
    assert (await client.ask(request(1))).response_code == "00"
    assert listener.connections == 1


Issue = Callable[[], Certified]


def of_another_authority() -> Certified:
    return office().certified(a_channel(), by=office().others)


def expired() -> Certified:
    return office().certified(a_channel(), LONG_AGO)


def that_serves() -> Certified:
    """A biller's, stolen by somebody who wants to be a channel: it is not for dialling."""
    return office().certified(Purpose("power", ("power",), a_channel().uris, serves=True))


def without_mandate() -> Certified:
    return office().certified(Purpose("gateway", dials=True))


def with_half_a_mandate() -> Certified:
    uris = ("urn:barada:institution:000123", "urn:barada:terminal:TOO-LONG-FOR-ONE")
    return office().certified(Purpose("gateway", uris=uris, dials=True))


@pytest.mark.parametrize(
    ("certified", "why"),
    [
        (of_another_authority, Refusal.NOT_TRUSTED),
        (expired, Refusal.EXPIRED),
        (that_serves, Refusal.NOT_TRUSTED),
        (without_mandate, Refusal.BINDS_NOBODY),
        (with_half_a_mandate, Refusal.BINDS_NOBODY),
    ],
)
async def test_a_certificate_that_is_not_good_enough(
    clock: MockClock, kit: Kit, certified: Issue, why: Refusal
) -> None:
    listener = await listening(kit)
    assert await is_refused(kit, listener, dialling(certified()))
    assert refused(kit, why) == 1
    assert (listener.connections, kit.reports[-1][0]) == (0, "connection refused")
    assert kit.reports[-1][1] == {"listener": "mobile", "reason": why, "address": "localhost", "count": 0}


async def test_no_certificate_at_all(clock: MockClock, kit: Kit) -> None:
    listener = await listening(kit)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    assert await is_refused(kit, listener, Tls(context, "switch"))
    assert refused(kit, Refusal.NO_CERTIFICATE) == 1


async def test_a_pin_is_of_the_key_and_the_next_one_may_stand_beside_it(clock: MockClock, kit: Kit) -> None:
    next_one, stranger = office().certified(a_channel()), office().certified(a_channel())
    listener = await listening(kit, (gateway().pin, next_one.pin))
    for good in (gateway(), next_one):
        client = await kit.client(listener.port, tls=dialling(good))
        assert (await client.ask(request(1))).response_code == "00"
    assert await is_refused(kit, listener, dialling(stranger))
    assert refused(kit, Refusal.NOT_PINNED) == 1


@pytest.mark.parametrize(
    ("institutions", "terminals", "changes", "code"),
    [
        (("000123",), ("*",), {}, "00"),
        (("000999", "000123"), ("GW*",), {}, "00"),
        (("000123",), ("GW000001", "ATM00042"), {"de41": "ATM00042"}, "00"),
        (("000999",), ("*",), {}, "58"),
        (("000999",), ("*",), {"de32": "000999"}, "58"),  # the listener does not allow it
        (("000123",), ("ATM0004*",), {}, "58"),
        (("000123",), ("ATM0004*",), {"de41": "ATM00051"}, "58"),
        (("000123",), ("*",), {"de41": "XX000001"}, "58"),
    ],
)
async def test_a_connection_speaks_for_whom_both_listener_and_certificate_allow(
    clock: MockClock,
    kit: Kit,
    institutions: tuple[str, ...],
    terminals: tuple[str, ...],
    changes: dict[str, str],
    code: str,
) -> None:
    listener = await listening(kit)
    client = await kit.client(listener.port, tls=dialling(office().certified(a_channel(institutions, terminals))))
    assert (await client.ask(request(1, **changes))).response_code == code


async def test_each_connection_has_the_mandate_of_its_own_certificate(clock: MockClock, kit: Kit) -> None:
    listener = await listening(kit)
    theirs = await kit.client(listener.port, tls=dialling(office().certified(a_channel(("000999",)))))
    ours = await kit.client(listener.port, tls=dialling(gateway()))
    assert (await ours.ask(request(1))).response_code == "00"
    assert (await theirs.ask(request(1))).response_code == "58"


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        FRAMING.wrap(PLAIN.seal(management("001"))),
        b"\xff" * 50,
        HELLO_OF_1_1,
        b"\x16\x03\x01\xff\xff",
    ],
    ids=["http", "a channel in clear", "noise", "TLS 1.1", "a record too long"],
)
async def test_what_is_no_handshake_is_refused_and_others_are_served_meanwhile(
    clock: MockClock, kit: Kit, garbage: bytes
) -> None:
    listener = await listening(kit)
    good = await kit.client(listener.port, tls=dialling(gateway()))
    wire = await plain_wire(kit, listener)
    wire.send(garbage)
    assert (await good.ask(request(1))).response_code == "00"
    await kit.settle()
    assert refused(kit, Refusal.FAILED) == 1
    assert (await good.ask(request(2))).response_code == "00"


async def test_tls_1_1_is_told_why(clock: MockClock, kit: Kit) -> None:
    listener = await listening(kit)
    wire = await plain_wire(kit, listener)
    wire.send(HELLO_OF_1_1)
    await kit.settle()
    assert wire.recv(100).endswith(ALERT_PROTOCOL_VERSION)


async def test_a_connection_that_ends_in_its_handshake(clock: MockClock, kit: Kit) -> None:
    listener = await listening(kit)
    wire = await plain_wire(kit, listener)
    wire.send(HELLO_OF_1_1[:20])
    wire.close()
    await kit.settle()
    assert refused(kit, Refusal.FAILED) == 1
    assert listener.connections == 0


class TestTime:
    async def test_a_silent_or_slow_handshake_is_given_up_and_nobody_waits_for_it(
        self, clock: MockClock, kit: Kit
    ) -> None:
        listener = await listening(kit, handshake_s=5)
        silent, slow = await plain_wire(kit, listener), await plain_wire(kit, listener)
        await kit.settle()
        assert listener.connections == 2
        for byte in HELLO_OF_1_1[:4]:
            slow.send(bytes([byte]))
            await trio.sleep(1)
        good = await kit.client(listener.port, tls=dialling(gateway()))
        assert (await good.ask(request(1))).response_code == "00"
        assert trio.current_time() < 5
        await silent.wait_readable()
        assert trio.current_time() == pytest.approx(5, abs=0.1)
        await kit.settle()
        assert refused(kit, Refusal.TOO_SLOW) == 2
        assert listener.connections == 1

    async def test_a_handshake_counts_as_a_connection(self, clock: MockClock, kit: Kit) -> None:
        listener = await listening(kit, connections_max=2)
        for _ in range(2):
            await plain_wire(kit, listener)
        third = await plain_wire(kit, listener)
        await third.wait_readable()
        assert third.recv(1) == b""
        await trio.sleep(6)
        client = await kit.client(listener.port, tls=dialling(gateway()))
        assert (await client.ask(request(1))).response_code == "00"

    async def test_a_handshake_of_one_peer_counts_as_its(self, clock: MockClock, kit: Kit) -> None:
        listener = await listening(kit, connections_per_peer_max=1)
        await plain_wire(kit, listener)
        second = await plain_wire(kit, listener)
        await second.wait_readable()
        assert second.recv(1) == b""
        assert kit.count("listener_events", "mobile", "too many connections of one peer") == 1

    async def test_refusals_are_all_counted_and_told_once_per_window_and_reason(
        self, clock: MockClock, kit: Kit
    ) -> None:
        listener = await listening(kit)
        for _ in range(10):
            (await plain_wire(kit, listener)).send(b"\xff" * 50)
        await kit.settle()
        assert await is_refused(kit, listener, dialling(without_mandate()))
        assert refused(kit, Refusal.FAILED) == 10
        assert [(event, fields["reason"]) for event, fields in kit.reports] == [
            ("connection refused", Refusal.FAILED),
            ("connection refused", Refusal.BINDS_NOBODY),
        ]
        await trio.sleep(61)
        (await plain_wire(kit, listener)).send(b"\xff" * 50)
        await kit.settle()
        assert (len(kit.reports), kit.reports[-1][1]["count"]) == (3, 9)

    async def test_who_is_in_its_handshake_when_the_listener_stops_is_turned_away(
        self, clock: MockClock, kit: Kit
    ) -> None:
        listener = await listening(kit)
        wire = await plain_wire(kit, listener)
        await kit.settle()
        await listener.stop(20)
        await wire.wait_readable()
        assert wire.recv(1) == b""
        assert trio.current_time() < 1


class TestLink:
    async def up(self, kit: Kit, host: Certified, tls: Tls) -> tuple[Host, bool]:
        """A host with this certificate, and whether a link that dials so is ready soon."""
        server = Host(kit, tls=host.identity.accepting())
        await kit.nursery.start(server.serve)
        link = await kit.link(server.port, tls=tls)
        with trio.move_on_after(3):
            await server.signed_on()
            await link.wait_ready()
        return server, link.ready

    async def test_a_peer_with_its_certificate_is_asked(self, clock: MockClock, kit: Kit) -> None:
        core = office().certified(a_peer("core"))
        _, ready = await self.up(kit, core, switch().identity.dialling("core", (core.pin,)))
        assert ready

    @pytest.mark.parametrize(
        ("name", "pins", "why"),
        [
            ("core", (), Refusal.OTHER_NAME),
            ("10.0.0.1", (), Refusal.OTHER_NAME),
            ("power", ("sha256/" + "A" * 43 + "=",), Refusal.NOT_PINNED),
        ],
    )
    async def test_a_biller_does_not_pose_as_the_core(
        self, clock: MockClock, kit: Kit, name: str, pins: tuple[str, ...], why: Refusal
    ) -> None:
        biller = office().certified(a_peer("power"))
        _, ready = await self.up(kit, biller, switch().identity.dialling(name, pins))
        assert not ready
        assert kit.count("link_events", "core", why) > 1
        assert kit.reports[0] == ("dial failed", {"peer": "core", "error": why})

    @pytest.mark.parametrize(
        ("host", "why"),
        [
            (lambda: office().certified(a_peer("core"), by=office().others), Refusal.NOT_TRUSTED),
            (lambda: office().certified(a_peer("core"), LONG_AGO), Refusal.EXPIRED),
            (lambda: office().certified(Purpose("core", ("core",), dials=True)), Refusal.NOT_TRUSTED),
        ],
    )
    async def test_a_peer_that_is_not_believed_is_not_asked(
        self, clock: MockClock, kit: Kit, host: Issue, why: Refusal
    ) -> None:
        _, ready = await self.up(kit, host(), switch().identity.dialling("core"))
        assert not ready
        assert kit.count("link_events", "core", why) > 1

    async def test_a_peer_that_does_not_believe_us_is_never_ready(self, clock: MockClock, kit: Kit) -> None:
        """Our side of the handshake succeeds under TLS 1.3; nothing is asked all the same."""
        stranger = office().certified(Purpose("switch", dials=True), by=office().others)
        server, ready = await self.up(kit, office().certified(a_peer("core")), dialling(stranger, "core"))
        assert not ready
        assert not server.clients
        assert kit.count("link_closes", "core", "cut") > 1

    async def test_a_peer_that_says_nothing_to_our_handshake_is_given_up(self, clock: MockClock, kit: Kit) -> None:
        port = await kit.network.listen("127.0.0.1", 0)
        await kit.link(port.number, tls=switch().identity.dialling("core"))
        wire = await port.accept()
        assert isinstance(wire, MemoryWire)
        begun = trio.current_time()
        while True:
            await wire.wait_readable()
            if not wire.recv(65_536):
                break
        assert trio.current_time() - begun == pytest.approx(10, abs=0.1)

    async def test_a_name_that_no_certificate_can_have_is_a_failed_dial(self, clock: MockClock, kit: Kit) -> None:
        _, ready = await self.up(kit, office().certified(a_peer("core")), switch().identity.dialling(".."))
        assert not ready
        assert kit.count("link_events", "core", Refusal.FAILED) > 1


async def test_a_cipher_without_authenticated_encryption_is_refused(clock: MockClock, kit: Kit) -> None:
    listener = await listening(kit)
    channel = office().certified(a_channel())
    channel.identity.client.maximum_version = ssl.TLSVersion.TLSv1_2
    channel.identity.client.set_ciphers("ECDHE-ECDSA-AES128-SHA")
    assert await is_refused(kit, listener, dialling(channel))
    assert refused(kit, Refusal.FAILED) == 1
