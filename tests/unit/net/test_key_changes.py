"""Keys that change on living connections: traffic before, between and after, both ways, and what goes wrong."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from switch.flow.reply import Answered
from switch.net.key_exchange import CHANGES_MAX
from switch.net.link import Link
from switch.net.listener import Listener
from switch.wire.envelope import Envelope
from tests.unit.net.key_kit import DIALECT, USED, WRONG_MACS_MAX, Across, Party, linked, listening
from tests.unit.net.kit import Approver, Client, Host, Kit, Replies, answer, management, request
from tests.unit.security import keys
from tests.unit.security.keys import CMAC, Clock

PLAIN = Envelope(DIALECT)
STRANGER = Envelope(DIALECT, keys.module().mac(keys.module().taken(CMAC, keys.clear(CMAC, "a stranger's"))))


@pytest.fixture
def wall() -> Clock:
    return Clock()


@pytest.fixture
def ours(wall: Clock) -> Party:
    return Party("ours", wall)


@pytest.fixture
def theirs(wall: Clock) -> Party:
    return Party("theirs", wall)


class Connected:
    """A listener with one channel, signed on."""

    def __init__(self, kit: Kit, listener: Listener, client: Client, across: Across) -> None:
        self.kit, self.listener, self.client, self.across = kit, listener, client, across
        self._stan = 0

    async def pays(self, count: int = 1) -> None:
        """Requests with a MAC, and answers with one."""
        for _ in range(count):
            self._stan += 1
            heard = await self.client.ask(request(self._stan))
            assert (heard.mti, heard.response_code, "128" in heard) == ("0210", "00", True)

    async def guess(self, count: int = 1) -> None:
        """Requests with a wrong MAC."""
        for _ in range(count):
            self._stan += 1
            self.client.send_body(STRANGER.seal(request(self._stan)))
            assert (await self.client.hear()).response_code == "63"


async def connected(kit: Kit, ours: Party, theirs: Party, *, signed_on: bool = True) -> Connected:
    listener = await listening(kit, ours, Approver())
    client = await kit.client(listener.port, theirs.envelope(), signed_on=signed_on)
    return Connected(kit, listener, client, Across(client, theirs, kit))


class TestListener:
    async def test_a_channel_takes_new_keys_between_its_requests(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        channel = await connected(kit, ours, theirs)
        await channel.pays(2)
        before = ours.kcvs()
        assert channel.listener.change_keys()
        await channel.across.take()
        await channel.pays(3)
        assert ours.kcvs() == theirs.kcvs()
        assert not set(ours.kcvs()) & set(before)
        assert kit.count("listener_events", "key changed") == 2

    async def test_requests_that_are_under_way_while_keys_change_are_answered(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        channel = await connected(kit, ours, theirs)
        other = await kit.client(channel.listener.port, theirs.envelope())
        late = theirs.envelope().seal(request(50))
        assert channel.listener.change_keys()
        asked = [await channel.client.hear() for _ in range(2)]
        assert (await other.ask(request(51))).response_code == "00"
        for one in asked:
            channel.across.take_one(one)
            assert (await other.ask(request(52))).response_code == "00", "under the new key, before its 00 was heard"
        other.send_body(late)
        assert (await other.hear()).response_code == "00", "under the old key, a moment later"
        await channel.pays()

    async def test_a_channel_brings_new_keys(self, clock: MockClock, kit: Kit, ours: Party, theirs: Party) -> None:
        channel = await connected(kit, ours, theirs)
        await channel.pays()
        assert await channel.across.bring() == ["00", "00"]
        await channel.pays(3)
        assert ours.kcvs() == theirs.kcvs()

    async def test_a_channel_asks_for_keys_and_is_brought_them(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        channel = await connected(kit, ours, theirs)
        before = ours.kcvs()
        assert (await channel.client.ask(management("162"))).response_code == "00"
        await channel.across.take()
        await channel.pays()
        assert ours.kcvs() == theirs.kcvs() != before

    async def test_network_management_with_a_mac_changes_keys_too(
        self, clock: MockClock, kit: Kit, wall: Clock
    ) -> None:
        ours, theirs = Party("ours", wall, mac_network=True), Party("theirs", wall, mac_network=True)
        channel = await connected(kit, ours, theirs)
        assert channel.listener.change_keys()
        await channel.across.take()
        await kit.settle()
        assert await channel.across.bring() == ["00", "00"]
        await channel.pays()
        assert ours.kcvs() == theirs.kcvs()

    @pytest.mark.parametrize("forged", [PLAIN, STRANGER], ids=["without a MAC", "under another key"])
    async def test_an_answer_to_a_key_that_can_not_be_believed_changes_none(
        self, clock: MockClock, kit: Kit, wall: Clock, forged: Envelope
    ) -> None:
        """Where network management has a MAC, a stranger's 0810 must not make a key current that nobody got."""
        ours, theirs = Party("ours", wall, mac_network=True), Party("theirs", wall, mac_network=True)
        channel = await connected(kit, ours, theirs)
        before = ours.kcvs()
        assert channel.listener.change_keys()
        for _ in range(2):
            asked = await channel.client.hear()
            told = {de: asked[de] for de in ("7", "11", "70")} | {"t": "0810", "39": "00"}
            channel.client.send_body(forged.seal(told))
        await kit.settle()
        assert ours.kcvs() == before
        await channel.pays()

    async def test_who_reconnects_and_guesses_has_keys_changed_no_more_often_than_anybody(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        channel = await connected(kit, ours, theirs)
        for _ in range(2 * CHANGES_MAX):
            stranger = Connected(
                kit, channel.listener, await kit.client(channel.listener.port, theirs.envelope()), channel.across
            )
            await stranger.guess(WRONG_MACS_MAX)
            await kit.settle()
        assert kit.count("listener_events", "too many key changes") >= CHANGES_MAX
        await channel.pays()

    async def test_before_sign_on_keys_are_91_and_none_are_brought(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        channel = await connected(kit, ours, theirs, signed_on=False)
        assert not channel.listener.change_keys()
        assert (await channel.client.ask(channel.across.offers()[0])).response_code == "91"
        assert (await channel.client.ask(management("162"))).response_code == "91"
        assert theirs.ring.is_offered("cmac")

    @pytest.mark.parametrize(("gone", "place"), [("120", "(120)"), ("48", "(48.30)")])
    async def test_a_161_that_lacks_something_is_30_with_its_place(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party, gone: str, place: str
    ) -> None:
        channel = await connected(kit, ours, theirs)
        offer = {de: value for de, value in channel.across.offers()[0].items() if de != gone}
        heard = await channel.client.ask(offer)
        assert heard.response_code == "30"
        assert (heard.words or "").endswith(place)

    async def test_a_block_that_is_none_or_another_check_value_is_63_and_the_old_keys_stay(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        channel = await connected(kit, ours, theirs)
        before = ours.kcvs()
        offer = channel.across.offers()[0]
        for wrong in ({"120": "D0112" + "garbage" * 15}, {"120": "x"}, {"48": "30006000000"}):
            assert (await channel.client.ask({**offer, **wrong})).response_code == "63"
        assert ours.kcvs() == before
        await channel.pays()

    @pytest.mark.parametrize("code", ["161", "162"])
    async def test_an_endpoint_whose_keys_stay_answers_12(
        self, clock: MockClock, kit: Kit, wall: Clock, theirs: Party, code: str
    ) -> None:
        channel = await connected(kit, Party("ours", wall, kek=None), theirs)
        assert (await channel.client.ask({**channel.across.offers()[0], "70": code})).response_code == "12"
        assert not channel.listener.change_keys()
        await channel.pays()

    async def test_a_key_that_was_never_answered_is_brought_again_after_the_next_sign_on(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        channel = await connected(kit, ours, theirs)
        assert channel.listener.change_keys()
        first = [(await channel.client.hear())["120"] for _ in range(2)]
        channel.client.connection.close()
        await kit.settle()
        again = await kit.client(channel.listener.port, theirs.envelope())
        back = Across(again, theirs, kit)
        second = [await again.hear() for _ in range(2)]
        assert [one["120"] for one in second] == first
        for one in second:
            back.take_one(one)
        await kit.settle()
        assert ours.kcvs() == theirs.kcvs()

    async def test_a_channel_that_refuses_keys_keeps_its_old_ones(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        channel = await connected(kit, ours, theirs)
        before = ours.kcvs()
        assert channel.listener.change_keys()
        for _ in range(2):
            channel.client.send({**answer(await channel.client.hear()), "39": "63"})
        await channel.pays()
        assert ours.kcvs() == before
        assert kit.count("listener_events", "key not taken") == 2


class TestWrongMacs:
    async def test_too_many_in_a_row_bring_new_keys_once_and_then_close(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        channel = await connected(kit, ours, theirs)
        await channel.guess(WRONG_MACS_MAX)
        await channel.across.take()
        await channel.pays()
        assert ours.kcvs() == theirs.kcvs()
        await channel.guess(WRONG_MACS_MAX)
        await channel.client.ended.wait()
        assert kit.count("listener_closes", "mobile", "wrong MACs") == 1
        assert kit.count("listener_events", "mobile", "too many wrong MACs") == 2

    async def test_keys_that_drifted_apart_are_mended_so(self, clock: MockClock, kit: Kit, wall: Clock) -> None:
        """The other side was set up anew with the keys of yesterday, and its key-encryption key."""
        ours, theirs = Party("ours", wall), Party("theirs", wall)
        channel = await connected(kit, ours, theirs)
        assert channel.listener.change_keys()
        await channel.across.take()
        await channel.pays()
        wall.now += 61
        yesterday = Party("theirs again", wall)
        client = await kit.client(channel.listener.port, yesterday.envelope())
        again = Connected(kit, channel.listener, client, Across(client, yesterday, kit))
        for stan in range(WRONG_MACS_MAX):
            assert (await client.ask(request(700 + stan))).response_code == "63"
        await again.across.take()
        await again.pays(3)
        assert ours.kcvs() == yesterday.kcvs()

    async def test_a_right_mac_in_between_begins_the_count_anew(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        channel = await connected(kit, ours, theirs)
        for _ in range(3):
            await channel.guess(WRONG_MACS_MAX - 1)
            await channel.pays()
        assert kit.count("listener_events", "mobile", "too many wrong MACs") == 0

    async def test_where_keys_stay_the_connection_is_closed_at_once(
        self, clock: MockClock, kit: Kit, wall: Clock, theirs: Party
    ) -> None:
        channel = await connected(kit, Party("ours", wall, kek=None), theirs)
        other = await kit.client(channel.listener.port, theirs.envelope())
        await channel.guess(WRONG_MACS_MAX - 1)
        assert not channel.client.ended.is_set()
        await channel.guess()
        await channel.client.ended.wait()
        assert (await other.ask(request(900))).response_code == "00", "nobody else is touched"

    async def test_who_has_not_signed_on_is_answered_91_and_closed_in_the_end(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        channel = await connected(kit, ours, theirs, signed_on=False)
        for stan in range(WRONG_MACS_MAX):
            channel.client.send_body(STRANGER.seal(request(stan)))
            assert (await channel.client.hear()).response_code == "91"
        await channel.client.ended.wait()


class TestSignOn:
    async def test_a_connection_that_does_not_sign_on_in_time_is_closed(
        self, clock: MockClock, kit: Kit, wall: Clock, theirs: Party
    ) -> None:
        channel = await connected(kit, Party("ours", wall, signs_on_within_s=7), theirs, signed_on=False)
        begun = trio.current_time()
        for _ in range(3):
            assert (await channel.client.ask(management("301"))).response_code == "00"
            await trio.sleep(2)
        await channel.client.ended.wait()
        assert trio.current_time() - begun == pytest.approx(7, abs=0.2)
        assert kit.count("listener_closes", "mobile", "not signed on") == 1

    async def test_who_signs_off_has_as_long_again(
        self, clock: MockClock, kit: Kit, wall: Clock, theirs: Party
    ) -> None:
        channel = await connected(kit, Party("ours", wall, signs_on_within_s=7), theirs)
        await trio.sleep(20)
        await channel.pays()
        assert (await channel.client.ask(management("002"))).response_code == "00"
        begun = trio.current_time()
        await channel.client.ended.wait()
        assert trio.current_time() - begun == pytest.approx(7, abs=0.2)


class Peer:
    """A link with a host at its other end, signed on."""

    def __init__(self, kit: Kit, link: Link, host: Host, client: Client, across: Across) -> None:
        self.kit, self.link, self.host, self.client, self.across = kit, link, host, client, across

    async def is_asked(self, count: int = 1) -> None:
        """Questions with a MAC, and answers with one."""
        for _ in range(count):
            replies = Replies()
            stan, moment = self.link.stamp()
            self.link.ask(request(int(stan), de7=moment), 5, replies)
            asked = await self.client.hear()
            assert "128" in asked
            self.client.send(answer(asked))
            await self.kit.settle()
            assert [type(reply) for reply in replies] == [Answered]

    async def lies(self, count: int = 1) -> None:
        """Answers with a wrong MAC."""
        for _ in range(count):
            stan, moment = self.link.stamp()
            self.link.ask(request(int(stan), de7=moment), 5, Replies())
            self.client.send_body(STRANGER.seal(answer(await self.client.hear())))
            await self.kit.settle()


async def peered(kit: Kit, ours: Party, theirs: Party) -> Peer:
    host = Host(kit, theirs.envelope())
    await kit.nursery.start(host.serve)
    link = await linked(kit, ours, host.port)
    client = await host.signed_on()
    await link.wait_ready()
    return Peer(kit, link, host, client, Across(client, theirs, kit))


class TestLink:
    async def test_a_peer_takes_new_keys_between_questions(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        peer = await peered(kit, ours, theirs)
        await peer.is_asked(2)
        before = ours.kcvs()
        assert peer.link.change_keys()
        await peer.across.take()
        await peer.is_asked(3)
        assert ours.kcvs() == theirs.kcvs()
        assert not set(before) & set(ours.kcvs())
        assert kit.count("link_events", "key changed") == 2

    async def test_a_peer_brings_new_keys_and_asks_for_some(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        peer = await peered(kit, ours, theirs)
        assert await peer.across.bring() == ["00", "00"]
        await peer.is_asked(2)
        first = ours.kcvs()
        assert first == theirs.kcvs()
        assert (await peer.client.ask(management("162"))).response_code == "00"
        await peer.across.take()
        await peer.is_asked(2)
        assert ours.kcvs() == theirs.kcvs() != first

    async def test_a_faulty_161_of_a_peer_is_refused_as_a_channels(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        peer = await peered(kit, ours, theirs)
        offer = peer.across.offers()[0]
        heard = await peer.client.ask({de: value for de, value in offer.items() if de != "120"})
        assert heard.response_code == "30"
        assert (heard.words or "").endswith("(120)")
        assert (await peer.client.ask({**offer, "48": "30006000000"})).response_code == "63"
        await peer.is_asked()

    async def test_a_peer_whose_keys_stay_is_answered_12(
        self, clock: MockClock, kit: Kit, wall: Clock, theirs: Party
    ) -> None:
        peer = await peered(kit, Party("ours", wall, kek=None), theirs)
        assert (await peer.client.ask(peer.across.offers()[0])).response_code == "12"
        assert not peer.link.change_keys()

    async def test_a_key_whose_answer_was_lost_with_the_line_is_brought_again(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        peer = await peered(kit, ours, theirs)
        assert peer.link.change_keys()
        await kit.settle()
        for one in peer.client.heard():
            peer.across.take_one(one)
        peer.client.connection.abort("the answers are lost")
        again = await peer.host.signed_on()
        back = Across(again, theirs, kit)
        await back.take()
        await kit.settle()
        assert ours.kcvs() == theirs.kcvs()

    async def test_an_answer_that_comes_too_late_confirms_nothing(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        peer = await peered(kit, ours, theirs)
        before = ours.kcvs()
        assert peer.link.change_keys()
        asked = [await peer.client.hear() for _ in range(2)]
        await trio.sleep(5.1)
        for one in asked:
            peer.across.take_one(one)
        await kit.settle()
        assert ours.kcvs() == before

    async def test_wrong_macs_in_a_row_bring_new_keys_once_and_then_cut_the_line(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        peer = await peered(kit, ours, theirs)
        await peer.lies(WRONG_MACS_MAX - 1)
        await peer.is_asked()
        await peer.lies(WRONG_MACS_MAX - 1)
        assert kit.count("link_events", "core", "too many wrong MACs") == 0
        await peer.lies()
        await peer.across.take()
        await peer.is_asked()
        assert ours.kcvs() == theirs.kcvs()
        await peer.lies(WRONG_MACS_MAX)
        await peer.client.ended.wait()
        assert kit.count("link_closes", "core", "wrong MACs") == 1

    async def test_who_is_dialled_again_and_lies_has_keys_changed_no_more_often_than_anybody(
        self, clock: MockClock, kit: Kit, ours: Party, theirs: Party
    ) -> None:
        peer = await peered(kit, ours, theirs)
        for _ in range(CHANGES_MAX):
            await peer.lies(WRONG_MACS_MAX)
            await peer.across.take()
            await peer.lies(WRONG_MACS_MAX)
            await peer.client.ended.wait()
            client = await peer.host.signed_on()
            await peer.link.wait_ready()
            peer = Peer(kit, peer.link, peer.host, client, Across(client, theirs, kit))
        agreed = ours.kcvs()
        await peer.lies(WRONG_MACS_MAX)
        await peer.client.ended.wait()
        assert kit.count("link_events", "too many key changes") == 1
        assert ours.kcvs() == theirs.kcvs() == agreed

    async def test_where_keys_stay_wrong_macs_cut_the_line_at_once(
        self, clock: MockClock, kit: Kit, wall: Clock, theirs: Party
    ) -> None:
        peer = await peered(kit, Party("ours", wall, kek=None), theirs)
        await peer.lies(WRONG_MACS_MAX)
        await peer.client.ended.wait()
        await peer.host.signed_on()


def test_the_parties_begin_with_the_same_keys(ours: Party, theirs: Party) -> None:
    assert set(USED) == {"cmac", "pin", "kek", "storage"}
    assert ours.kcvs() == theirs.kcvs()
