"""What every security module promises behind its port, whatever it is made of.

A module plugs in by a `Bench`: a module at hand, with a way to give it a test key, and to let it answer if it answers
later. All keys are TDES, which every module can hold.
"""

import random
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import pytest

from config.choices import KeyUse
from config.security_sections import KeySettings
from simulators.lmk import token_under_test_lmk
from switch.security.crypto.clear_key import ClearKey
from switch.security.crypto.dukpt_tdes import TdesDukpt
from switch.security.crypto.kcv import tdes_kcv
from switch.security.crypto.ksn import Ksn
from switch.security.crypto.mac import RetailMac
from switch.security.crypto.pin import PinCipher, PinFormat, open_pin, seal_pin
from switch.security.keys.keyblock import FILL_SIZE, KeyHeader, unwrap, wrap
from switch.security.payshield.module import PayShieldModule
from switch.security.port import (
    FreshKey,
    KeyRefusedError,
    KeyToken,
    PinBlockError,
    PinRequest,
    SecurityError,
    SecurityModule,
)
from switch.security.soft import SoftModule
from tests.unit.security.payshield.kit import (
    KEK_KEY,
    ONE_KEY,
    OTHER_KEY,
    PAN,
    RETAIL,
    AtOnce,
    Heard,
    settings,
)

T = TypeVar("T")

KSN = "FFFF9876543210E00002"
MAC, PIN, PIN_3 = settings(KeyUse.MAC, RETAIL), settings(KeyUse.PIN), settings(KeyUse.PIN, pin_format=3)
DUKPT, KEK = settings(KeyUse.DUKPT), settings(KeyUse.KEK)


class Bench(Protocol):
    """A module to be tried. `answer_all` lets it answer what it has been asked."""

    module: SecurityModule

    def token(self, settings: KeySettings, clear: bytes) -> KeyToken: ...
    def compute(self, key: KeyToken, data: bytes) -> bytes | None: ...
    def verify(self, key: KeyToken, data: bytes, mac: bytes) -> bool | None: ...
    def answer_all(self) -> None: ...


class PayShieldBench:
    """A payShield that is simulated, and answers at once or when it is told to."""

    def __init__(self, *, later: bool) -> None:
        self._later = later
        self._at_once = AtOnce(random.Random(7).randbytes)
        self._waiting: list[Callable[[], None]] = []
        self._payshield = PayShieldModule(self._ask)
        self.module: SecurityModule = self._payshield

    def token(self, settings: KeySettings, clear: bytes) -> KeyToken:
        return KeyToken(settings, token_under_test_lmk(settings, clear), tdes_kcv(clear))

    def compute(self, key: KeyToken, data: bytes) -> bytes | None:
        heard = Heard[bytes | None]()
        self._payshield.mac(key).compute(data, heard)
        return self._only(heard)

    def verify(self, key: KeyToken, data: bytes, mac: bytes) -> bool | None:
        heard = Heard[bool | None]()
        self._payshield.mac(key).verify(data, mac, heard)
        return self._only(heard)

    def answer_all(self) -> None:
        while self._waiting:
            self._waiting.pop(0)()

    def _only(self, heard: Heard[T]) -> T:
        self.answer_all()
        (value,) = heard
        return value

    def _ask(self, command: bytes, done: Callable[[bytes | None], None]) -> None:
        if self._later:
            self._waiting.append(lambda: self._at_once(command, done))
        else:
            self._at_once(command, done)


class SoftBench:
    """Keys in software."""

    def __init__(self) -> None:
        self._soft = SoftModule(bytes(range(32)), random.Random(7).randbytes)
        self.module: SecurityModule = self._soft

    def token(self, settings: KeySettings, clear: bytes) -> KeyToken:
        return self._soft.taken(settings, ClearKey(clear))

    def compute(self, key: KeyToken, data: bytes) -> bytes | None:
        return self._soft.mac(key).compute(data)

    def verify(self, key: KeyToken, data: bytes, mac: bytes) -> bool | None:
        return self._soft.mac(key).verify(data, mac)

    def answer_all(self) -> None:
        """It has answered already."""


BENCHES: dict[str, Callable[[], Bench]] = {
    "soft": SoftBench,
    "payshield": lambda: PayShieldBench(later=False),
    "payshield, later": lambda: PayShieldBench(later=True),
}


@pytest.fixture(params=BENCHES)
def bench(request: pytest.FixtureRequest) -> Bench:
    return BENCHES[request.param]()


def told(bench: Bench, call: Callable[[Heard[Any]], None]) -> Any:
    """The one thing that `done` is told."""
    heard = Heard[Any]()
    call(heard)
    bench.answer_all()
    (value,) = heard
    return value


def translated(bench: Bench, request: PinRequest, source: KeyToken, target: KeyToken) -> str | SecurityError:
    found: str | SecurityError = told(bench, lambda done: bench.module.translate_pin(request, source, target, done))
    return found


def imported(bench: Bench, block: str, wanted: KeySettings, kek: bytes = KEK_KEY) -> KeyToken | SecurityError:
    under = bench.token(KEK, kek)
    found: KeyToken | SecurityError = told(bench, lambda done: bench.module.import_key(block, under, wanted, done))
    return found


def generated(bench: Bench, wanted: KeySettings) -> FreshKey:
    fresh = told(bench, lambda done: bench.module.generate_key(wanted, bench.token(KEK, KEK_KEY), done))
    assert isinstance(fresh, FreshKey)
    return fresh


def sent(clear: bytes, usage: str, mode: str, kek: bytes = KEK_KEY) -> str:
    return wrap(ClearKey(kek), KeyHeader("B", usage, "T", mode), ClearKey(clear), bytes(FILL_SIZE))


class TestMacs:
    @pytest.mark.parametrize("padding", [1, 2])
    @pytest.mark.parametrize("data", [b"1", b"12345678", bytes(range(250))])
    def test_a_mac_is_the_one_that_the_key_makes(self, bench: Bench, padding: int, data: bytes) -> None:
        key = bench.token(settings(KeyUse.MAC, RETAIL, padding=padding), ONE_KEY)
        right = RetailMac(ONE_KEY, padding).compute(data)
        assert bench.compute(key, data) == right
        assert bench.verify(key, data, right) is True

    def test_any_other_mac_is_wrong(self, bench: Bench) -> None:
        key, data = bench.token(MAC, ONE_KEY), b"0200 and so on"
        right = RetailMac(ONE_KEY).compute(data)
        for place in range(8):
            other = bytearray(right)
            other[place] ^= 1
            assert bench.verify(key, data, bytes(other)) is False
        assert bench.verify(key, data + b"0", right) is False

    @pytest.mark.parametrize("wanted", [PIN, KEK, DUKPT])
    def test_a_key_for_something_else_makes_no_macs(self, bench: Bench, wanted: KeySettings) -> None:
        with pytest.raises(KeyRefusedError):
            bench.module.mac(bench.token(wanted, ONE_KEY))


class TestPins:
    @pytest.mark.parametrize("given", [PIN, PIN_3])
    @pytest.mark.parametrize("wanted", [PIN, PIN_3])
    def test_a_pin_stays_the_same_for_its_card(self, bench: Bench, given: KeySettings, wanted: KeySettings) -> None:
        source, target = bench.token(given, ONE_KEY), bench.token(wanted, OTHER_KEY)
        sealed = seal_pin("90210", PAN, PinCipher(ONE_KEY, PinFormat(given.block_format)), bytes(10))
        block = translated(bench, PinRequest(sealed, PAN), source, target)
        assert isinstance(block, str)
        assert block == block.upper()
        assert open_pin(block, PAN, PinCipher(OTHER_KEY, PinFormat(wanted.block_format))) == "90210"

    def test_a_code_without_a_card_is_translated_as_one(self, bench: Bench) -> None:
        sealed = seal_pin("123456", None, PinCipher(ONE_KEY), bytes(10))
        block = translated(bench, PinRequest(sealed, None), bench.token(PIN, ONE_KEY), bench.token(PIN, OTHER_KEY))
        assert isinstance(block, str)
        assert open_pin(block, None, PinCipher(OTHER_KEY)) == "123456"

    def test_a_pin_under_a_derived_key_is_translated(self, bench: Bench) -> None:
        terminal = PinCipher(TdesDukpt(ONE_KEY).pin_key(Ksn.parse(KSN)))
        request = PinRequest(seal_pin("4321", PAN, terminal), PAN, KSN)
        block = translated(bench, request, bench.token(DUKPT, ONE_KEY), bench.token(PIN, OTHER_KEY))
        assert isinstance(block, str)
        assert open_pin(block, PAN, PinCipher(OTHER_KEY)) == "4321"

    def test_a_serial_number_is_taken_once_but_for_the_same_request_again(self, bench: Bench) -> None:
        terminal = PinCipher(TdesDukpt(ONE_KEY).pin_key(Ksn.parse(KSN)))
        request = PinRequest(seal_pin("4321", PAN, terminal), PAN, KSN, "one")
        base, target = bench.token(DUKPT, ONE_KEY), bench.token(PIN, OTHER_KEY)
        assert isinstance(translated(bench, request, base, target), str)
        assert isinstance(translated(bench, request, base, target), str)
        assert isinstance(translated(bench, request._replace(whose="another"), base, target), PinBlockError)

    def test_a_code_in_clear_is_sealed(self, bench: Bench) -> None:
        request = PinRequest("024680", None)
        block = translated(bench, request, bench.token(PIN, ONE_KEY), bench.token(PIN, OTHER_KEY))
        assert isinstance(block, str)
        assert open_pin(block, None, PinCipher(OTHER_KEY)) == "024680"

    @pytest.mark.parametrize("code", ["123", "12345A", "123456789 12"])
    def test_what_is_no_code_is_refused(self, bench: Bench, code: str) -> None:
        refused = translated(bench, PinRequest(code, None), bench.token(PIN, ONE_KEY), bench.token(PIN, OTHER_KEY))
        assert isinstance(refused, PinBlockError)

    @pytest.mark.parametrize(
        "request_",
        [
            PinRequest(seal_pin("1234", PAN, PinCipher(OTHER_KEY)), PAN),
            PinRequest(seal_pin("1234", PAN, PinCipher(ONE_KEY)), "5555555555554444"),
            PinRequest(seal_pin("1234", PAN, PinCipher(ONE_KEY)), None),
            PinRequest(seal_pin("1234", None, PinCipher(ONE_KEY), bytes(10)), PAN),
            PinRequest("", PAN),
            PinRequest("0123456789ABCDE", PAN),
            PinRequest("0123456789ABCDEG", PAN),
            PinRequest("0123456789ABCDEF" * 2, PAN),
            PinRequest("0123456789ABCDEF", "12"),
        ],
    )
    def test_what_is_no_block_of_this_card_is_refused(self, bench: Bench, request_: PinRequest) -> None:
        refused = translated(bench, request_, bench.token(PIN, ONE_KEY), bench.token(PIN, OTHER_KEY))
        assert isinstance(refused, PinBlockError)

    @pytest.mark.parametrize(("source", "target"), [(MAC, PIN), (KEK, PIN), (PIN, MAC), (PIN, DUKPT)])
    def test_a_key_for_something_else_translates_nothing(
        self, bench: Bench, source: KeySettings, target: KeySettings
    ) -> None:
        request = PinRequest(seal_pin("1234", PAN, PinCipher(ONE_KEY)), PAN)
        refused = translated(bench, request, bench.token(source, ONE_KEY), bench.token(target, OTHER_KEY))
        assert isinstance(refused, KeyRefusedError)


class TestKeys:
    @pytest.mark.parametrize("wanted", [MAC, PIN, PIN_3, DUKPT, KEK])
    def test_a_key_of_its_use_is_fit_and_something_else_is_not(self, bench: Bench, wanted: KeySettings) -> None:
        key = bench.token(wanted, ONE_KEY)
        bench.module.check(key)
        with pytest.raises(SecurityError):
            bench.module.check(KeyToken(wanted, key.text[:-1], key.kcv))

    def test_a_key_that_was_sent_works_as_what_it_is_for(self, bench: Bench) -> None:
        token = imported(bench, sent(OTHER_KEY, "M3", "C"), MAC)
        assert isinstance(token, KeyToken)
        assert (token.settings, token.kcv) == (MAC, tdes_kcv(OTHER_KEY))
        assert bench.compute(token, b"data") == RetailMac(OTHER_KEY).compute(b"data")

    def test_a_pin_key_that_was_sent_works_too(self, bench: Bench) -> None:
        token = imported(bench, sent(OTHER_KEY, "P0", "B"), PIN_3)
        assert isinstance(token, KeyToken)
        request = PinRequest(seal_pin("1234", PAN, PinCipher(ONE_KEY)), PAN)
        block = translated(bench, request, bench.token(PIN, ONE_KEY), token)
        assert isinstance(block, str)
        assert open_pin(block, PAN, PinCipher(OTHER_KEY, PinFormat.ISO_3)) == "1234"

    @pytest.mark.parametrize(
        "block",
        [
            sent(OTHER_KEY, "P0", "B"),
            sent(OTHER_KEY, "M3", "C", kek=OTHER_KEY),
            sent(OTHER_KEY, "M3", "C")[:-1] + "!",
            sent(OTHER_KEY, "M3", "C")[:-2],
            sent(OTHER_KEY, "M3", "C").replace("M3TC", "M3TG"),
            "",
            "B0080",
        ],
    )
    def test_a_block_that_is_not_what_was_agreed_is_refused(self, bench: Bench, block: str) -> None:
        assert isinstance(imported(bench, block, MAC), KeyRefusedError)

    def test_a_key_that_is_not_for_keys_opens_no_block(self, bench: Bench) -> None:
        under = bench.token(PIN, KEK_KEY)
        refused = told(bench, lambda done: bench.module.import_key(sent(OTHER_KEY, "M3", "C"), under, MAC, done))
        assert isinstance(refused, KeyRefusedError)

    @pytest.mark.parametrize(("wanted", "usage"), [(MAC, "M3"), (PIN, "P0")])
    def test_a_new_key_is_the_same_to_the_module_and_in_its_block(
        self, bench: Bench, wanted: KeySettings, usage: str
    ) -> None:
        fresh = generated(bench, wanted)
        header, key = unwrap(ClearKey(KEK_KEY), fresh.block)
        assert (header.usage, header.algorithm, len(key)) == (usage, "T", wanted.size)
        assert (fresh.token.settings, fresh.token.kcv) == (wanted, tdes_kcv(key.raw))

    @pytest.mark.parametrize("wanted", [DUKPT, KEK])
    def test_a_key_that_must_stay_is_not_made_to_be_sent(self, bench: Bench, wanted: KeySettings) -> None:
        refused = told(bench, lambda done: bench.module.generate_key(wanted, bench.token(KEK, KEK_KEY), done))
        assert isinstance(refused, KeyRefusedError)

    def test_a_new_key_works(self, bench: Bench) -> None:
        fresh = generated(bench, MAC)
        _, key = unwrap(ClearKey(KEK_KEY), fresh.block)
        assert bench.compute(fresh.token, b"data") == RetailMac(key.raw).compute(b"data")

    def test_no_two_new_keys_are_the_same(self, bench: Bench) -> None:
        assert len({generated(bench, MAC).token.text for _ in range(5)}) == 5

    def test_what_was_made_here_can_be_taken_in_elsewhere(self, bench: Bench) -> None:
        fresh = generated(bench, PIN)
        token = imported(bench, fresh.block, PIN)
        assert isinstance(token, KeyToken)
        assert token.kcv == fresh.token.kcv


def test_no_refusal_says_what_was_given(bench: Bench) -> None:
    sealed = seal_pin("1234", PAN, PinCipher(OTHER_KEY))
    refused = [
        translated(bench, PinRequest(sealed, PAN), bench.token(PIN, ONE_KEY), bench.token(PIN, OTHER_KEY)),
        translated(bench, PinRequest(sealed, PAN), bench.token(MAC, ONE_KEY), bench.token(PIN, OTHER_KEY)),
        imported(bench, sent(OTHER_KEY, "P0", "B"), MAC),
    ]
    for error in refused:
        assert isinstance(error, SecurityError)
        assert error.__cause__ is None
        for secret in ("1234", PAN, PAN[-13:-1], sealed, ONE_KEY.hex(), OTHER_KEY.hex(), sent(OTHER_KEY, "P0", "B")):
            assert secret.upper() not in str(error).upper()
