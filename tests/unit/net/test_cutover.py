"""0800/201 at a listener and on a link: handed on with where it came from, and said to whoever is signed on."""

from __future__ import annotations

from trio.testing import MockClock

from switch.net.edge import Answer
from switch.wire.codes import ResponseCode
from switch.wire.message import Message
from tests.unit.net.kit import PLAIN, Approver, Host, Kit, answer, management


class Owner:
    """Hears of cutovers; answers as it is told."""

    def __init__(self, code: ResponseCode = ResponseCode.APPROVED, at: str = "") -> None:
        self.heard: list[tuple[str, str | None]] = []
        self._said = code, at

    def __call__(self, endpoint: str, request: Message, answer: Answer) -> None:
        self.heard.append((endpoint, request.business_date))
        answer(*self._said)


def cutover(mmdd: str = "1123", stan: int = 900_009) -> dict[str, str]:
    return management("201", stan) | {"15": mmdd}


async def test_a_channels_cutover_is_handed_on_with_where_it_came_from(clock: MockClock, kit: Kit) -> None:
    owner = kit.cutover = Owner()
    client = await kit.client((await kit.listener(Approver())).port)
    assert (await client.ask(cutover())).response_code == "00"
    assert owner.heard == [("listeners.mobile", "1123")]


async def test_before_sign_on_a_cutover_is_91_and_nobody_hears_of_it(clock: MockClock, kit: Kit) -> None:
    owner = kit.cutover = Owner()
    client = await kit.client((await kit.listener(Approver())).port, signed_on=False)
    assert (await client.ask(cutover())).response_code == "91"
    assert owner.heard == []


async def test_the_words_of_a_30_name_the_place(clock: MockClock, kit: Kit) -> None:
    kit.cutover = Owner(ResponseCode.FORMAT_ERROR, "15")
    client = await kit.client((await kit.listener(Approver())).port)
    heard = await client.ask(cutover("9999"))
    assert (heard.response_code, heard.fields["63"][-4:]) == ("30", "(15)")


async def test_where_nobody_owns_a_day_a_cutover_is_12(clock: MockClock, kit: Kit) -> None:
    client = await kit.client((await kit.listener(Approver())).port)
    assert (await client.ask(cutover())).response_code == "12"


async def test_a_peers_cutover_is_handed_on_with_where_it_came_from(clock: MockClock, kit: Kit) -> None:
    owner = kit.cutover = Owner()
    host = Host(kit)
    await kit.nursery.start(host.serve)
    link = await kit.link(host.port)
    client = await host.signed_on()
    await link.wait_ready()
    assert (await client.ask(cutover())).response_code == "00"
    assert owner.heard == [("peers.core", "1123")]


async def test_a_day_is_told_to_every_channel_that_is_signed_on(clock: MockClock, kit: Kit) -> None:
    listener = await kit.listener(Approver())
    signed_on = [await kit.client(listener.port) for _ in range(2)]
    another = await kit.client(listener.port, signed_on=False)
    await kit.settle()
    listener.tell_day("1123")
    for client in signed_on:
        told = await client.hear()
        assert (told.mti, told.network_code, told.business_date) == ("0800", "201", "1123")
        client.send(answer(told))
    await kit.settle()
    assert another.heard() == []


async def test_a_day_is_told_to_a_peer_once_however_many_connections_there_are(clock: MockClock, kit: Kit) -> None:
    host = Host(kit, PLAIN)
    await kit.nursery.start(host.serve)
    link = await kit.link(host.port, connections=2)
    clients = [await host.signed_on() for _ in range(2)]
    await link.wait_ready()
    await kit.settle()
    link.tell_day("1123")
    await kit.settle()
    told = [message for client in clients for message in client.heard()]
    assert [(one.network_code, one.business_date) for one in told] == [("201", "1123")]


async def test_a_peer_that_does_not_answer_a_cutover_keeps_its_connection(clock: MockClock, kit: Kit) -> None:
    host = Host(kit, PLAIN)
    await kit.nursery.start(host.serve)
    link = await kit.link(host.port)
    client = await host.signed_on()
    await link.wait_ready()
    clock.jump(1)
    link.tell_day("1123")
    clock.jump(20)
    await kit.settle()
    assert [one.network_code for one in client.heard()] == ["201"]
    assert link.ready


async def test_a_peer_that_is_down_is_told_nothing(clock: MockClock, kit: Kit) -> None:
    link = await kit.link(1)
    link.tell_day("1123")
    assert link.questions_open == 0
