"""The client and the simulated module over real sockets, each command once; and the simulated module's manners."""

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from config.choices import KeyUse
from config.security_sections import HsmSettings
from simulators.hsm import HsmServer, Manner
from simulators.issuer.ibm3624 import offset
from simulators.issuer.pvv import pvv
from simulators.lmk import under_test_lmk
from simulators.payshield.module import SimulatedPayShield
from switch.net.hsm import HsmLink
from switch.security.crypto.clear_key import ClearKey
from switch.security.crypto.dukpt_tdes import TdesDukpt
from switch.security.crypto.ksn import Ksn
from switch.security.crypto.mac import RetailMac
from switch.security.crypto.pin import PinCipher, PinFormat, open_pin, seal_pin
from switch.security.keys.keyblock import unwrap
from switch.security.payshield.module import PayShieldModule
from switch.security.payshield.pin_reference import IbmReference, VisaReference
from switch.security.payshield.values import Diagnosis
from switch.security.port import FreshKey, KeyRefusedError, KeyToken, ModuleAwayError, PinBlockError, PinRequest
from tests.unit.net.kit import Kit, tcp_kit
from tests.unit.security.payshield.kit import KEK_KEY, ONE_KEY, OTHER_KEY, PAN, Heard, mac_token, token

HEADER = 8
KSN, TABLE, VALIDATION = "FFFF9876543210E00008", "0123456789012345", "4111111N1111"
NATURAL = f"4111111{PAN[-6:-1]}1111"
PVK = under_test_lmk("002", OTHER_KEY)
PIN, OTHER_PIN = token(KeyUse.PIN), token(KeyUse.PIN, OTHER_KEY, pin_format=3)
TERMINAL_PIN = KeyToken(PIN.settings, "002" + under_test_lmk("002", ONE_KEY), PIN.kcv)
TERMINAL_MAC = KeyToken(mac_token().settings, "003" + under_test_lmk("003", ONE_KEY), PIN.kcv)
SEALED = seal_pin("1234", PAN, PinCipher(ONE_KEY))


class Telling(Heard[Any]):
    """Who hears, and can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._told = trio.Event()

    def __call__(self, value: Any) -> None:
        super().__call__(value)
        self._told.set()

    async def only(self) -> Any:
        with trio.fail_after(10):
            await self._told.wait()
        (value,) = self
        return value


class Pair:
    """A module on a port and a client that is linked to it."""

    def __init__(self, kit: Kit, *, connections: int = 2) -> None:
        self.module = SimulatedPayShield(random.Random(7).randbytes)
        self.server = HsmServer(self.module, HEADER, kit.edge)
        self._kit = kit
        self._connections = connections

    async def start(self) -> "Pair":
        port: int = await self._kit.nursery.start(self.server.serve, "127.0.0.1", 0)
        settings = HsmSettings(port=port, connections=self._connections, timeout_s=3, header_length=HEADER)
        self.link = HsmLink(settings, self._kit.edge)
        await self._kit.nursery.start(self.link.run)
        with trio.fail_after(10):
            await self.link.wait_up()
        self.client = PayShieldModule(self.link.ask)
        return self


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    async with trio.open_nursery() as nursery:
        yield await Pair(await tcp_kit(nursery).start()).start()
        nursery.cancel_scope.cancel()


class TestOverSockets:
    async def test_the_module_is_diagnosed(self, pair: Pair) -> None:
        heard = Telling()
        pair.client.diagnose(heard)
        assert await heard.only() == Diagnosis("2686040000000000", "SIMU-0001")

    @pytest.mark.parametrize("key", [mac_token(), mac_token(padding=2), TERMINAL_MAC])
    async def test_macs_are_made_and_verified(self, pair: Pair, key: KeyToken) -> None:
        made, right, wrong = Telling(), Telling(), Telling()
        data, expected = bytes(range(256)) * 2, RetailMac(ONE_KEY, key.settings.padding).compute(bytes(range(256)) * 2)
        mac = pair.client.mac(key)
        mac.compute(data, made)
        mac.verify(data, expected, right)
        mac.verify(data, bytes(8), wrong)
        assert [await each.only() for each in (made, right, wrong)] == [expected, True, False]

    @pytest.mark.parametrize("source", [PIN, TERMINAL_PIN])
    async def test_a_pin_block_is_translated(self, pair: Pair, source: KeyToken) -> None:
        heard = Telling()
        pair.client.translate_pin(PinRequest(SEALED, PAN), source, OTHER_PIN, heard)
        assert open_pin(await heard.only(), PAN, PinCipher(OTHER_KEY, PinFormat.ISO_3)) == "1234"

    async def test_a_pin_block_under_a_derived_key_is_translated(self, pair: Pair) -> None:
        heard, terminal = Telling(), PinCipher(TdesDukpt(ONE_KEY).pin_key(Ksn.parse(KSN)))
        request = PinRequest(seal_pin("1234", PAN, terminal), PAN, KSN)
        pair.client.translate_pin(request, token(KeyUse.DUKPT), OTHER_PIN, heard)
        assert open_pin(await heard.only(), PAN, PinCipher(OTHER_KEY, PinFormat.ISO_3)) == "1234"

    async def test_a_block_of_another_card_is_refused(self, pair: Pair) -> None:
        heard = Telling()
        pair.client.translate_pin(PinRequest(SEALED, "5555555555554444"), PIN, OTHER_PIN, heard)
        assert isinstance(await heard.only(), PinBlockError)

    async def test_a_key_is_made_sent_taken_in_and_checked(self, pair: Pair) -> None:
        made, taken, checked, exported = Telling(), Telling(), Telling(), Telling()
        kek = token(KeyUse.KEK, KEK_KEY)
        pair.client.generate_key(PIN.settings, kek, made)
        fresh = await made.only()
        assert isinstance(fresh, FreshKey)
        pair.client.import_key(fresh.block, kek, PIN.settings, taken)
        assert await taken.only() == fresh.token
        pair.client.check_value(fresh.token, checked)
        assert await checked.only() == fresh.token.kcv
        pair.client.export_key(fresh.token, kek, exported)
        assert unwrap(ClearKey(KEK_KEY), await exported.only())[1] == unwrap(ClearKey(KEK_KEY), fresh.block)[1]

    async def test_a_key_under_another_master_key_is_refused(self, pair: Pair) -> None:
        heard, noise = Telling(), KeyToken(PIN.settings, "U" + "0123456789ABCDEF" * 2, "000000")
        pair.client.check_value(noise, heard)
        assert isinstance(await heard.only(), KeyRefusedError)

    @pytest.mark.parametrize("key", [PIN, TERMINAL_PIN])
    @pytest.mark.parametrize(("pin", "right"), [("1234", True), ("4321", False)])
    async def test_a_pin_is_verified(self, pair: Pair, key: KeyToken, pin: str, right: bool) -> None:
        by_value, by_offset = Telling(), Telling()
        request = PinRequest(seal_pin(pin, PAN, PinCipher(ONE_KEY)), PAN)
        visa = VisaReference(PVK, 1, pvv(OTHER_KEY, PAN, "1", "1234"))
        ibm = IbmReference(PVK, offset(OTHER_KEY, NATURAL, TABLE, "1234"), VALIDATION, TABLE)
        pair.client.verify_pin(request, key, visa, by_value)
        pair.client.verify_pin(request, key, ibm, by_offset)
        assert [await by_value.only(), await by_offset.only()] == [right, right]

    async def test_a_thousand_commands_at_once_are_all_answered(self, pair: Pair) -> None:
        link, told = pair.link, 0
        finished = trio.Event()
        right = RetailMac(ONE_KEY).compute(b"payload")
        mac = pair.client.mac(mac_token())

        def done(value: bytes | None) -> None:
            nonlocal told
            assert value == right
            told += 1
            if told == 1000:
                finished.set()
            elif told <= 1000 - 100:
                mac.compute(b"payload", done)

        for _ in range(100):
            mac.compute(b"payload", done)
        with trio.fail_after(20):
            await finished.wait()
        assert link.up


class TestManners:
    """Over pipes in memory, where time matters."""

    async def test_a_slow_module_is_waited_for_within_the_deadline(self, clock: MockClock, kit: Kit) -> None:
        pair = await Pair(kit, connections=1).start()
        pair.server.delay_s = 2.5
        heard = Telling()
        pair.client.diagnose(heard)
        assert isinstance(await heard.only(), Diagnosis)
        assert trio.current_time() == pytest.approx(2.5, abs=0.1)

    async def test_a_module_that_is_too_slow_is_away_and_its_answer_changes_nothing(
        self, clock: MockClock, kit: Kit
    ) -> None:
        pair = await Pair(kit, connections=1).start()
        pair.server.delay_s = 4
        heard = Telling()
        pair.client.diagnose(heard)
        assert isinstance(await heard.only(), ModuleAwayError)
        pair.server.delay_s = 0
        await trio.sleep(30)
        assert len(heard) == 1
        assert pair.link.up

    @pytest.mark.parametrize("manner", [Manner.IS_SILENT, Manner.CUTS])
    async def test_a_module_that_goes_away_is_away_until_it_is_back(
        self, clock: MockClock, kit: Kit, manner: Manner
    ) -> None:
        pair = await Pair(kit).start()
        mac, heard = pair.client.mac(mac_token()), [Telling() for _ in range(10)]
        pair.server.manner = manner
        for each in heard:
            mac.verify(b"data", bytes(8), each)
        assert [await each.only() for each in heard] == [None] * 10
        await trio.sleep(120)
        pair.server.manner = Manner.ANSWERS
        with trio.fail_after(60):
            await pair.link.wait_up()
        again = Telling()
        mac.verify(b"data", bytes(8), again)
        assert await again.only() is False
        assert all(len(each) == 1 for each in heard)

    async def test_a_module_out_of_order_is_away(self, clock: MockClock, kit: Kit) -> None:
        pair = await Pair(kit, connections=1).start()
        pair.module.trouble = "13"
        made, translated = Telling(), Telling()
        pair.client.mac(mac_token()).compute(b"data", made)
        pair.client.translate_pin(PinRequest(SEALED, PAN), PIN, OTHER_PIN, translated)
        assert await made.only() is None
        assert isinstance(await translated.only(), ModuleAwayError)
        await trio.sleep(20)
        assert not pair.link.up

    async def test_what_is_no_message_gets_no_answer_and_harms_nobody(self, clock: MockClock, kit: Kit) -> None:
        pair = await Pair(kit, connections=1).start()
        stranger = await kit.network.dial("127.0.0.1", pair.server.port)
        stranger.send(b"\x00\x09headerXXN" + b"\x00\x00" + b"\x00\x0aheaderXXNC")
        await kit.settle()
        assert stranger.recv(100) == b"\x00\x25headerXXND002686040000000000SIMU-0001"
        assert pair.link.up
