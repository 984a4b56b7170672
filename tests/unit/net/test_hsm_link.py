"""What the link to a hardware security module promises: each command is told once, whatever becomes of it."""

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from config.security_sections import HsmSettings
from switch.net.hsm import HsmLink
from switch.net.hsm_line import DIAGNOSE_AFTER_S, NAME
from switch.net.network import Wire
from switch.net.transport import FrameConnection
from tests.unit.net.kit import FRAMING, Kit
from tests.unit.security.payshield.kit import Heard

HEADER = 8
IN_ORDER = b"ND002686040000000000SIMU-0001"
PORT = 1500


class Module:
    """The module's side of one connection, played by hand."""

    def __init__(self, wire: Wire, kit: Kit) -> None:
        self.connection = FrameConnection(wire, FRAMING, kit.flusher)
        self._kit = kit
        self._put, self._heard = trio.open_memory_channel[bytes](1000)
        kit.nursery.start_soon(self.connection.run, self._on_frame)

    def _on_frame(self, _prefix: bytes, frame: bytes) -> None:
        self._put.send_nowait(frame)

    async def hear(self) -> tuple[bytes, bytes]:
        """The next command: header, body."""
        with trio.fail_after(600):
            frame = await self._heard.receive()
        return frame[:HEADER], frame[HEADER:]

    def heard_nothing(self) -> bool:
        return not self._heard.statistics().current_buffer_used

    async def say(self, header: bytes, body: bytes) -> None:
        self.connection.send(header + body)
        await self._kit.settle()

    async def is_in_order(self) -> None:
        """The diagnosis that every connection begins with."""
        header, body = await self.hear()
        assert body == b"NC"
        await self.say(header, IN_ORDER)


class Modules:
    """Where the link's connections arrive."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._put, self._arrivals = trio.open_memory_channel[Module](100)

    async def serve(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        port = await self._kit.network.listen("127.0.0.1", PORT)
        task_status.started()
        try:
            while True:
                self._put.send_nowait(Module(await port.accept(), self._kit))
        finally:
            port.close()

    async def next(self) -> Module:
        with trio.fail_after(600):
            return await self._arrivals.receive()

    def none_waits(self) -> bool:
        return not self._arrivals.statistics().current_buffer_used


async def linked(kit: Kit, connections: int = 1, **limits: int) -> HsmLink:
    settings = HsmSettings(port=PORT, connections=connections, timeout_s=3, header_length=HEADER)
    link = HsmLink(settings, kit.edge, **limits)
    await kit.nursery.start(link.run)
    return link


async def up(kit: Kit, **more: Any) -> tuple[HsmLink, Modules, Module]:
    """A link with one connection that is up."""
    modules = Modules(kit)
    await kit.nursery.start(modules.serve)
    link = await linked(kit, **more)
    module = await modules.next()
    await module.is_in_order()
    assert link.up
    return link, modules, module


class TestAnswers:
    async def test_an_answer_goes_to_whoever_asked_whatever_the_order(self, clock: MockClock, kit: Kit) -> None:
        link, _, module = await up(kit)
        first, second = Heard[bytes | None](), Heard[bytes | None]()
        link.ask(b"M6one", first)
        link.ask(b"M6two", second)
        (one, _), (two, body) = await module.hear(), await module.hear()
        assert body == b"M6two"
        await module.say(two, b"M700second")
        assert (first, second) == ([], [b"M700second"])
        await module.say(one, b"M700first")
        assert (first, second) == ([b"M700first"], [b"M700second"])

    async def test_commands_do_not_wait_for_each_other(self, clock: MockClock, kit: Kit) -> None:
        link, _, module = await up(kit)
        heard = Heard[bytes | None]()
        for number in range(50):
            link.ask(b"M6%d" % number, heard)
        asked = [await module.hear() for _ in range(50)]
        for header, body in asked:
            module.connection.send(header + body)
        await kit.settle()
        assert heard == [b"M6%d" % number for number in range(50)]

    async def test_an_answer_with_another_header_is_nobodys(self, clock: MockClock, kit: Kit) -> None:
        link, _, module = await up(kit)
        heard = Heard[bytes | None]()
        link.ask(b"M6", heard)
        header, _ = await module.hear()
        await module.say(b"FFFFFFFF", b"M700")
        await module.say(header[:-1], b"M700")
        assert heard == []
        assert kit.count("hsm_events", "unmatched") == 2
        await module.say(header, b"M700")
        assert heard == [b"M700"]

    async def test_a_second_answer_is_nobodys(self, clock: MockClock, kit: Kit) -> None:
        link, _, module = await up(kit)
        heard = Heard[bytes | None]()
        link.ask(b"M6", heard)
        header, _ = await module.hear()
        await module.say(header, b"M700")
        await module.say(header, b"M701")
        assert heard == [b"M700"]
        assert kit.count("hsm_events", "unmatched") == 1

    async def test_error_codes_are_counted(self, clock: MockClock, kit: Kit) -> None:
        link, _, module = await up(kit)
        for code in (b"10", b"zz"):
            link.ask(b"M6", Heard[bytes | None]())
            await module.say((await module.hear())[0], b"M7" + code)
        assert kit.count("hsm_answers", "10") == kit.count("hsm_answers", "unknown") == 1

    async def test_a_failure_of_whoever_asked_is_told_and_harms_nobody(self, clock: MockClock, kit: Kit) -> None:
        link, _, module = await up(kit)

        def fails(_: bytes | None) -> None:
            raise RuntimeError("ours")

        heard = Heard[bytes | None]()
        link.ask(b"M6", fails)
        link.ask(b"M6", heard)
        for _ in range(2):
            await module.say((await module.hear())[0], b"M700")
        assert heard == [b"M700"]
        assert kit.count("edge_faults", "answer failed") == 1


class TestSilence:
    async def test_no_answer_in_time_is_none_and_a_late_answer_is_dropped(self, clock: MockClock, kit: Kit) -> None:
        link, _, module = await up(kit)
        silent, answered = Heard[bytes | None](), Heard[bytes | None]()
        link.ask(b"M6", silent)
        header, _ = await module.hear()
        await trio.sleep(2)
        link.ask(b"M6", answered)
        await module.say((await module.hear())[0], b"M700")
        await trio.sleep(1.5)
        assert (silent, answered) == ([None], [b"M700"])
        assert link.up
        await module.say(header, b"M700")
        assert silent == [None]
        assert kit.count("hsm_events", "late") == 1

    async def test_a_connection_on_which_nothing_is_heard_is_given_up(self, clock: MockClock, kit: Kit) -> None:
        link, modules, module = await up(kit)
        heard = Heard[bytes | None]()
        link.ask(b"M6", heard)
        await module.hear()
        await trio.sleep(2)
        link.ask(b"M6", heard)
        await trio.sleep(1.1)
        assert heard == [None, None]
        assert not link.up
        link.ask(b"M6", heard)
        assert heard == [None, None, None]
        await (await modules.next()).is_in_order()
        assert link.up

    async def test_a_quiet_connection_is_tried_again_and_again(self, clock: MockClock, kit: Kit) -> None:
        link, _, module = await up(kit)
        for _ in range(3):
            before = trio.current_time()
            await module.is_in_order()
            assert DIAGNOSE_AFTER_S <= trio.current_time() - before < DIAGNOSE_AFTER_S + 3.1
        assert link.up

    async def test_a_quiet_connection_that_does_not_answer_is_given_up(self, clock: MockClock, kit: Kit) -> None:
        link, modules, module = await up(kit)
        await module.hear()
        again = await modules.next()
        assert not link.up
        await again.is_in_order()
        assert link.up


class TestAway:
    async def test_without_a_module_everybody_is_told_at_once(self, clock: MockClock, kit: Kit) -> None:
        link = await linked(kit)
        heard = Heard[bytes | None]()
        link.ask(b"M6", heard)
        assert heard == [None]
        assert not link.up
        assert kit.count("hsm_events", "away") == 1

    async def test_a_cut_is_told_to_all_that_were_open_and_to_each_once(self, clock: MockClock, kit: Kit) -> None:
        link, _, module = await up(kit)
        heard = [Heard[bytes | None]() for _ in range(20)]
        for each in heard:
            link.ask(b"M6", each)
        await module.hear()
        module.connection.abort("test")
        await kit.settle()
        assert heard == [[None]] * 20
        assert not link.up
        await trio.sleep(60)
        assert heard == [[None]] * 20

    async def test_a_connection_is_not_asked_over_before_the_module_is_in_order(
        self, clock: MockClock, kit: Kit
    ) -> None:
        modules = Modules(kit)
        await kit.nursery.start(modules.serve)
        link = await linked(kit)
        module = await modules.next()
        heard = Heard[bytes | None]()
        link.ask(b"M6", heard)
        assert heard == [None]
        await module.is_in_order()
        await link.wait_up()

    @pytest.mark.parametrize("answer", [b"ND13", b"ND00", b"ND", b"", b"hello"])
    async def test_a_module_that_is_not_in_order_is_tried_again_on_a_new_connection(
        self, answer: bytes, clock: MockClock, kit: Kit
    ) -> None:
        modules = Modules(kit)
        await kit.nursery.start(modules.serve)
        link = await linked(kit)
        module = await modules.next()
        await module.say((await module.hear())[0], answer)
        assert not link.up
        await (await modules.next()).is_in_order()
        assert link.up

    async def test_a_module_that_falls_out_of_order_is_away(self, clock: MockClock, kit: Kit) -> None:
        link, modules, module = await up(kit)
        await module.say((await module.hear())[0], b"ND13")
        assert not link.up
        await (await modules.next()).is_in_order()
        assert link.up

    async def test_the_wait_between_attempts_grows(self, clock: MockClock, kit: Kit) -> None:
        await linked(kit)
        await trio.sleep(10)
        soon = kit.count("hsm_events", "dial failed")
        await trio.sleep(1000)
        later = kit.count("hsm_events", "dial failed") - soon
        assert 4 <= soon <= 10
        assert 30 <= later <= 80
        assert [event for event, _ in kit.reports] == ["dial failed"]

    async def test_what_is_open_when_the_switch_ends_is_told(self, clock: MockClock, kit: Kit) -> None:
        modules = Modules(kit)
        await kit.nursery.start(modules.serve)
        link = HsmLink(HsmSettings(port=PORT, connections=1), kit.edge)
        heard = Heard[bytes | None]()
        async with trio.open_nursery() as nursery:
            await nursery.start(link.run)
            await (await modules.next()).is_in_order()
            link.ask(b"M6", heard)
            nursery.cancel_scope.cancel()
        assert heard == [None]
        assert not link.up


class TestSeveralConnections:
    async def test_commands_are_spread_and_one_connection_is_enough(self, clock: MockClock, kit: Kit) -> None:
        modules = Modules(kit)
        await kit.nursery.start(modules.serve)
        link = await linked(kit, 2)
        one, other = await modules.next(), await modules.next()
        await one.is_in_order()
        await other.is_in_order()
        heard = Heard[bytes | None]()
        for _ in range(2):
            link.ask(b"M6", heard)
        header, _ = await one.hear()
        await other.hear()
        other.connection.abort("test")
        await kit.settle()
        assert heard == [None]
        assert link.up
        await one.say(header, b"M700")
        link.ask(b"M6", heard)
        await one.say((await one.hear())[0], b"M701")
        assert heard == [None, b"M700", b"M701"]
        assert [fields for event, fields in kit.reports if event == "link ready"] == [{"peer": NAME}]

    async def test_beyond_the_commands_that_may_be_open_nobody_queues(self, clock: MockClock, kit: Kit) -> None:
        link, _, module = await up(kit, commands_open_max=2)
        heard = [Heard[bytes | None]() for _ in range(3)]
        for each in heard:
            link.ask(b"M6", each)
        assert heard == [[], [], [None]]
        assert kit.count("hsm_events", "too many commands open") == 1
        for _ in range(2):
            await module.say((await module.hear())[0], b"M700")
        link.ask(b"M6", heard[2])
        await module.hear()
        assert heard == [[b"M700"], [b"M700"], [None]]
