"""The bytes of every command, field by field, and what is refused before the module is asked."""

from collections.abc import Callable

import pytest

from config.choices import KeyUse
from switch.security.payshield.module import PayShieldModule
from switch.security.payshield.pin_reference import IbmReference, VisaReference
from switch.security.port import KeyRefusedError, KeyToken, PinBlockError, PinRequest, SecurityError
from tests.unit.security.payshield.kit import AES, CMAC, PAN, RETAIL, TDES, Heard, Scripted, settings

ONE, TWO, THREE = ("U" + digit * 32 for digit in "123")
LONG = "T" + "4" * 48
KEY_BLOCK = "S10096P0AB00E0002" + "0123456789ABCDEF" * 5
BLOCK, KSN = "0123456789ABCDEF", "FFFF9876543210E00001"

MAC = KeyToken(settings(KeyUse.MAC, RETAIL), ONE, "000000")
PIN = KeyToken(settings(KeyUse.PIN), ONE, "000000")
OTHER_PIN = KeyToken(settings(KeyUse.PIN, pin_format=3), TWO, "000000")
TERMINAL_PIN = KeyToken(settings(KeyUse.PIN), f"002{ONE}", "000000")
BDK = KeyToken(settings(KeyUse.DUKPT), THREE, "000000")
KEK = KeyToken(settings(KeyUse.KEK), THREE, "000000")
AES_PIN = KeyToken(settings(KeyUse.PIN, AES), KEY_BLOCK, "000000")
VISA = VisaReference(TWO, 1, "1234")
IBM = IbmReference(TWO, "4321", "4111111N1111", "0123456789012345")


def asked(of: Callable[[PayShieldModule, Heard[object]], None]) -> bytes:
    """The one command that came of a call."""
    module = Scripted()
    of(PayShieldModule(module), Heard())
    (command,) = module.asked
    return command


def refused(of: Callable[[PayShieldModule, Heard[object]], None]) -> SecurityError:
    """The one refusal that came of a call, for which nothing was asked."""
    module, heard = Scripted(), Heard[object]()
    of(PayShieldModule(module), heard)
    (error,) = heard
    assert module.asked == []
    assert isinstance(error, SecurityError)
    return error


class TestCommands:
    def test_diagnose(self) -> None:
        assert asked(lambda module, done: module.diagnose(done)) == b"NC"

    def test_translate_between_zones(self) -> None:
        command = asked(lambda module, done: module.translate_pin(PinRequest(BLOCK, PAN), PIN, OTHER_PIN, done))
        assert command == f"CC{ONE}{TWO}12{BLOCK}0147111111111111".encode()

    def test_translate_from_a_terminal(self) -> None:
        command = asked(
            lambda module, done: module.translate_pin(PinRequest(BLOCK, PAN), TERMINAL_PIN, OTHER_PIN, done)
        )
        assert command == f"CA{ONE}{TWO}12{BLOCK}0147111111111111".encode()

    def test_translate_under_a_derived_key(self) -> None:
        request = PinRequest(BLOCK, PAN, KSN.lower())
        command = asked(lambda module, done: module.translate_pin(request, BDK, OTHER_PIN, done))
        assert command == f"G0{THREE}{TWO}A05{KSN}{BLOCK}0147111111111111".encode()

    def test_translate_a_code_that_has_no_card(self) -> None:
        command = asked(lambda module, done: module.translate_pin(PinRequest(BLOCK, None), PIN, OTHER_PIN, done))
        assert command == f"CC{ONE}{TWO}12{BLOCK}0505000000000000".encode()

    def test_a_short_card_number_is_filled_up_with_zeros(self) -> None:
        command = asked(lambda module, done: module.translate_pin(PinRequest(BLOCK, "41111111"), PIN, PIN, done))
        assert command.endswith(b"000004111111")

    def test_translate_to_format_4_under_a_key_block_lmk(self) -> None:
        command = asked(lambda module, done: module.translate_pin(PinRequest(BLOCK, PAN), PIN, AES_PIN, done))
        assert command == f"CC{ONE}{KEY_BLOCK}12{BLOCK}0148{PAN};".encode()

    def test_generate_a_mac_key(self) -> None:
        command = asked(lambda module, done: module.generate_key(settings(KeyUse.MAC, RETAIL), KEK, done))
        assert command == f"A01008U;0{THREE}R&M3C00E00".encode()

    def test_a_code_in_clear_goes_under_the_master_key_first(self) -> None:
        command = asked(lambda module, done: module.translate_pin(PinRequest("123456", None), PIN, OTHER_PIN, done))
        assert command == b"BA123456FFFFFFF000000000000"

    def test_and_from_there_into_a_block(self) -> None:
        module, heard = Scripted(b"BB000123456789012"), Heard[object]()
        PayShieldModule(module).translate_pin(PinRequest("123456", None), PIN, OTHER_PIN, heard)
        assert module.asked[1] == f"JG{TWO}050000000000000123456789012".encode()
        assert len(heard) == 1

    def test_generate_a_key(self) -> None:
        command = asked(lambda module, done: module.generate_key(settings(KeyUse.PIN), KEK, done))
        assert command == f"A01001U;0{THREE}R&P0B00E00".encode()

    def test_generate_a_longer_key(self) -> None:
        command = asked(lambda module, done: module.generate_key(settings(KeyUse.PIN, bits=192), KEK, done))
        assert command == f"A01001T;0{THREE}R&P0B00E00".encode()

    def test_import_a_key(self) -> None:
        command = asked(lambda module, done: module.import_key("B0080AB12", KEK, settings(KeyUse.MAC, RETAIL), done))
        assert command == f"A6008{THREE}RB0080AB12U".encode()

    def test_import_a_key_under_a_key_block_lmk(self) -> None:
        kek = KeyToken(settings(KeyUse.KEK, AES), KEY_BLOCK, "000000")
        command = asked(lambda module, done: module.import_key("D0080AB12", kek, settings(KeyUse.PIN, AES), done))
        assert command == f"A6FFF{KEY_BLOCK}RD0080AB12S".encode()

    def test_export_a_key(self) -> None:
        command = asked(lambda module, done: module.export_key(MAC, KEK, done))
        assert command == f"A8008;0{THREE}{ONE}R&M3C00E00".encode()

    def test_export_a_key_that_brings_its_header_along(self) -> None:
        command = asked(lambda module, done: module.export_key(AES_PIN, KEK, done))
        assert command == f"A8FFF;0{THREE}{KEY_BLOCK}R".encode()

    @pytest.mark.parametrize(
        ("text", "fields"), [(ONE, f"1{ONE};001"), (LONG, f"2{LONG};001"), (KEY_BLOCK, f"F{KEY_BLOCK};FFF")]
    )
    def test_check_value(self, text: str, fields: str) -> None:
        key = KeyToken(settings(KeyUse.PIN), text, "000000")
        assert asked(lambda module, done: module.check_value(key, done)) == f"BUFF{fields};001".encode()

    @pytest.mark.parametrize(("key", "code"), [(PIN, "EC"), (TERMINAL_PIN, "DC")])
    def test_verify_by_visas_value(self, key: KeyToken, code: str) -> None:
        command = asked(lambda module, done: module.verify_pin(PinRequest(BLOCK, PAN), key, VISA, done))
        assert command == f"{code}{ONE}{TWO}{BLOCK}0111111111111111234".encode()

    @pytest.mark.parametrize(("key", "code"), [(PIN, "EA"), (TERMINAL_PIN, "DA")])
    def test_verify_by_ibms_offset(self, key: KeyToken, code: str) -> None:
        command = asked(lambda module, done: module.verify_pin(PinRequest(BLOCK, PAN), key, IBM, done))
        tail = "01234567890123454111111N11114321FFFFFFFF"
        assert command == f"{code}{ONE}{TWO}12{BLOCK}0104111111111111{tail}".encode()


MAC_KEYS = [
    (MAC, "0013" + "1" + "008" + ONE),
    (KeyToken(settings(KeyUse.MAC, RETAIL, padding=2), f"003{ONE}", "000000"), "0013" + "2" + "003" + ONE),
    (KeyToken(settings(KeyUse.MAC, CMAC), KEY_BLOCK, "000000"), "0016" + "0" + "FFF" + KEY_BLOCK),
]


class TestMacs:
    @pytest.mark.parametrize(("key", "fields"), MAC_KEYS)
    def test_generate_a_mac_over_a_binary_message(self, key: KeyToken, fields: str) -> None:
        command = asked(lambda module, done: module.mac(key).compute(b"\x00\xffmessage", done))
        assert command == f"M6{fields}0009".encode() + b"\x00\xffmessage"

    @pytest.mark.parametrize(("key", "fields"), MAC_KEYS)
    def test_verify_a_mac(self, key: KeyToken, fields: str) -> None:
        command = asked(lambda module, done: module.mac(key).verify(b"\x19" * 300, bytes(range(8)), done))
        assert command == f"M8{fields}012C".encode() + b"\x19" * 300 + b"0001020304050607"

    def test_a_message_that_is_too_long_is_not_asked_about(self) -> None:
        module, heard = Scripted(b"M9000000000000000000"), Heard[object]()
        mac = PayShieldModule(module).mac(MAC)
        mac.compute(bytes(32_001), heard)
        mac.verify(bytes(32_001), bytes(8), heard)
        assert (heard, module.asked) == ([None, None], [])

    @pytest.mark.parametrize("key", [PIN, KEK, BDK])
    def test_only_a_mac_key_makes_macs(self, key: KeyToken) -> None:
        with pytest.raises(KeyRefusedError, match="allowed here: mac"):
            PayShieldModule(Scripted()).mac(key)


PIN_REFUSALS: list[tuple[PinRequest, KeyToken, KeyToken, type[SecurityError], str]] = [
    (PinRequest("", PAN), PIN, PIN, PinBlockError, "hexadecimal, of its cipher's size"),
    (PinRequest(BLOCK + "00", PAN), PIN, PIN, PinBlockError, "hexadecimal, of its cipher's size"),
    (PinRequest("X" * 16, PAN), PIN, PIN, PinBlockError, "hexadecimal, of its cipher's size"),
    (PinRequest(BLOCK, "4111"), PIN, PIN, PinBlockError, "eight to nineteen digits"),
    (PinRequest(BLOCK, "41111111X"), PIN, PIN, PinBlockError, "eight to nineteen digits"),
    (PinRequest(BLOCK, ""), PIN, PIN, PinBlockError, "eight to nineteen digits"),
    (PinRequest(BLOCK, PAN), BDK, PIN, PinBlockError, "20 hexadecimal digits"),
    (PinRequest(BLOCK, PAN, "00" * 12), BDK, PIN, PinBlockError, "20 hexadecimal digits"),
    (PinRequest(BLOCK, PAN, "X" * 20), BDK, PIN, SecurityError, "20 or 24 hexadecimal digits"),
    (PinRequest(BLOCK * 2, None), AES_PIN, PIN, PinBlockError, "may not go from this format"),
    (PinRequest("123", None), PIN, PIN, PinBlockError, "four to twelve digits"),
    (PinRequest("12345X", None), PIN, PIN, PinBlockError, "four to twelve digits"),
    (PinRequest("123456", None), PIN, AES_PIN, PinBlockError, "under a TDES key"),
    (PinRequest("123456", None), PIN, TERMINAL_PIN, KeyRefusedError, "a zone's"),
    (PinRequest("123456", None, KSN), BDK, PIN, PinBlockError, "hexadecimal, of its cipher's size"),
    (PinRequest(BLOCK, PAN), MAC, PIN, KeyRefusedError, "allowed here: pin or dukpt"),
    (PinRequest(BLOCK, PAN), PIN, BDK, KeyRefusedError, "allowed here: pin"),
    (PinRequest(BLOCK, PAN), PIN, TERMINAL_PIN, KeyRefusedError, "a zone's"),
]


class TestRefusedBeforeTheModuleIsAsked:
    @pytest.mark.parametrize(("request_", "source", "target", "kind", "text"), PIN_REFUSALS)
    def test_a_pin_request(
        self, request_: PinRequest, source: KeyToken, target: KeyToken, kind: type[SecurityError], text: str
    ) -> None:
        error = refused(lambda module, done: module.translate_pin(request_, source, target, done))
        assert isinstance(error, kind)
        assert text in str(error)

    def test_a_verification_of_something_that_is_no_block(self) -> None:
        error = refused(lambda module, done: module.verify_pin(PinRequest("12", PAN), PIN, VISA, done))
        assert isinstance(error, PinBlockError)

    @pytest.mark.parametrize("block", ["", "B0080;0", "B0080 AB", "B0080\x19"])
    def test_a_key_block_that_could_end_a_field(self, block: str) -> None:
        error = refused(lambda module, done: module.import_key(block, KEK, settings(KeyUse.PIN), done))
        assert isinstance(error, KeyRefusedError)

    @pytest.mark.parametrize(("use", "algorithm"), [(KeyUse.PIN, AES), (KeyUse.MAC, CMAC), (KeyUse.STORAGE, AES)])
    def test_a_new_key_that_a_variant_lmk_can_not_hold(self, use: KeyUse, algorithm: object) -> None:
        wanted = settings(use, AES if algorithm is AES else CMAC)
        assert isinstance(refused(lambda module, done: module.generate_key(wanted, KEK, done)), KeyRefusedError)
        assert isinstance(refused(lambda module, done: module.import_key("B0", KEK, wanted, done)), KeyRefusedError)

    def test_a_new_key_under_a_key_block_lmk(self) -> None:
        kek = KeyToken(settings(KeyUse.KEK, AES), KEY_BLOCK, "000000")
        error = refused(lambda module, done: module.generate_key(settings(KeyUse.PIN), kek, done))
        assert "made under a variant LMK alone" in str(error)

    @pytest.mark.parametrize("key", [MAC, PIN, BDK])
    def test_a_key_that_is_not_for_keys(self, key: KeyToken) -> None:
        for call in (
            lambda module, done: module.generate_key(settings(KeyUse.PIN), key, done),
            lambda module, done: module.import_key("B0", key, settings(KeyUse.PIN), done),
            lambda module, done: module.export_key(PIN, key, done),
        ):
            assert "allowed here: kek" in str(refused(call))

    @pytest.mark.parametrize("key", [KEK, BDK])
    def test_a_key_that_must_stay(self, key: KeyToken) -> None:
        assert isinstance(refused(lambda module, done: module.export_key(key, KEK, done)), KeyRefusedError)
        made = refused(lambda module, done: module.generate_key(key.settings, KEK, done))
        assert "not to be given to others" in str(made)


def test_references_and_requests_are_not_shown() -> None:
    assert "1234" not in repr(VISA)
    assert "4321" not in repr(IBM)


@pytest.mark.parametrize("text", [LONG, KEY_BLOCK])
def test_a_key_is_kept_only_in_a_scheme_that_it_can_be_used_in(text: str) -> None:
    for wanted, fits in ((settings(KeyUse.PIN), True), (settings(KeyUse.MAC, RETAIL), text == KEY_BLOCK)):
        heard = Heard[object]()
        PayShieldModule(Scripted(f"A700{text}123456".encode())).import_key("B0080", KEK, wanted, heard)
        assert heard == [KeyToken(wanted, text, "123456")] if fits else isinstance(heard[0], SecurityError)


def test_a_serial_number_is_used_up_by_a_block_and_by_nothing_else() -> None:
    module = Scripted(b"G120")
    client, heard = PayShieldModule(module), Heard[object]()
    request = PinRequest(BLOCK, PAN, KSN, "one")
    for answer in (b"G120", None, b"G10004" + BLOCK.encode() + b"01", b"G10004" + BLOCK.encode() + b"01"):
        module.answer = answer
        client.translate_pin(request, BDK, PIN, heard)
    client.translate_pin(request._replace(whose="other"), BDK, PIN, heard)
    assert [type(each).__name__ for each in heard[:2]] == ["PinBlockError", "ModuleAwayError"]
    assert heard[2:4] == [BLOCK, BLOCK]
    assert isinstance(heard[4], PinBlockError)


@pytest.mark.parametrize("key", [MAC, PIN, TERMINAL_PIN, BDK, KEK, AES_PIN])
def test_a_key_of_its_use_is_fit(key: KeyToken) -> None:
    PayShieldModule(Scripted()).check(key)


def test_a_key_that_is_none_is_unfit() -> None:
    with pytest.raises(KeyRefusedError):
        PayShieldModule(Scripted()).check(KeyToken(settings(KeyUse.PIN), "D0112P0", "000000"))


def test_the_module_has_no_warning() -> None:
    assert PayShieldModule(Scripted()).warning() is None


def test_tdes_is_what_the_tests_mean_by_default() -> None:
    assert settings(KeyUse.PIN).algorithm is TDES
