"""The simulated payShield: known answers through its commands, and a real error code for everything that is wrong."""

import random
from collections.abc import Callable

import pytest

from config.choices import KeyUse
from simulators.issuer.ibm3624 import offset
from simulators.issuer.pvv import pvv
from simulators.lmk import Scheme, decrypted, encrypted, token_under_test_lmk, under_test_lmk
from simulators.payshield.module import COMMANDS, SimulatedPayShield
from switch.security.crypto.clear_key import ClearKey
from switch.security.crypto.dukpt_tdes import TdesDukpt
from switch.security.crypto.kcv import tdes_kcv
from switch.security.crypto.ksn import Ksn
from switch.security.crypto.pin import PinCipher, PinFormat, open_pin, seal_pin
from switch.security.crypto.tdes import with_parity
from switch.security.keys.keyblock import FILL_SIZE, KeyHeader, unwrap, wrap
from switch.security.port import KeyRefusedError
from tests.unit.security.payshield.kit import AES, CMAC, KEK_KEY, LONG_KEY, ONE_KEY, OTHER_KEY, PAN, RETAIL, settings
from tests.vectors import OURS, Vector, read

ACCOUNT = PAN[-13:-1]
ZMK, ZPK, TPK, PVK, TAK, ZAK, BDK = "000", "001", "002", "002", "003", "008", "009"
TABLE, VALIDATION = "0123456789012345", "4111111N1111"
NATURAL = "4111111" + ACCOUNT[-5:] + "1111"
KSN = "FFFF9876543210E00001"


def simulated(seed: int = 7) -> SimulatedPayShield:
    return SimulatedPayShield(random.Random(seed).randbytes)


def said(command: str | bytes) -> str:
    """An answer from its error code on."""
    body = command if isinstance(command, bytes) else command.encode("ascii")
    return simulated().answer(body)[2:].decode("ascii")


def under(kind: str, clear: bytes = ONE_KEY) -> str:
    return under_test_lmk(kind, clear)


def block(pin: str = "1234", key: bytes = ONE_KEY, pin_format: PinFormat = PinFormat.ISO_0) -> str:
    pan = None if pin_format is PinFormat.ISO_1 else PAN
    return seal_pin(pin, pan, PinCipher(key, pin_format), bytes(range(10)))


def key_block(clear: bytes, usage: str, mode: str, kek: bytes = KEK_KEY, **more: str) -> str:
    header = KeyHeader(more.pop("version", "B"), usage, more.pop("algorithm", "T"), mode, **more)
    return wrap(ClearKey(kek), header, ClearKey(clear), bytes(FILL_SIZE))


def family(algorithm: str) -> list[Vector]:
    return [vector for vector in read(OURS) if vector.algorithm == algorithm and not vector.negative]


def by_name(algorithm: str, fits: Callable[[Vector], bool] = bool) -> pytest.MarkDecorator:
    chosen = [pytest.param(vector, id=vector.name) for vector in family(algorithm) if fits(vector)]
    return pytest.mark.parametrize("vector", chosen)


class TestKnownAnswers:
    @by_name("retail_mac_iso9797_alg3_des")
    def test_a_retail_mac(self, vector: Vector) -> None:
        data, key = bytes.fromhex(vector.inputs["data"]), under(ZAK, bytes.fromhex(vector.inputs["key"]))
        fields = f"0013{vector.inputs['padding']}008{key}{len(data):04X}".encode() + data
        assert said(b"M6" + fields) == f"00{vector.output}"
        assert said(b"M8" + fields + vector.output.encode()) == "00"

    def test_a_cmac(self) -> None:
        (vector,) = (vector for vector in family("cmac_tdes") if vector.inputs["data"])
        data, key = vector.inputs["data"], under(TAK, bytes.fromhex(vector.inputs["key"]))
        assert said(f"M601160003{key}{len(data) // 2:04X}{data}") == f"00{vector.output}"

    @by_name("visa_pvv")
    def test_a_pin_verification_value(self, vector: Vector) -> None:
        pan, pvk = vector.inputs["pan"], under(PVK, bytes.fromhex(vector.inputs["pvk"]))
        sealed = seal_pin(vector.inputs["pin"], pan, PinCipher(ONE_KEY))
        fields = f"{pvk}{sealed}01{pan[-13:-1]}{vector.inputs['pvki']}{vector.output}"
        assert said(f"EC{under(ZPK)}{fields}") == said(f"DC{under(TPK)}{fields}") == "00"

    @by_name("ibm3624_offset")
    def test_an_offset(self, vector: Vector) -> None:
        data, pvk = vector.inputs["validation_data"], under(PVK, bytes.fromhex(vector.inputs["pvk"]))
        account = data[7:12].zfill(12)
        sealed = seal_pin(vector.inputs["pin"], f"{account}0", PinCipher(ONE_KEY))
        tail = f"{vector.inputs['decimalization_table']}{data[:7]}N{data[12:]}{vector.output.ljust(12, 'F')}"
        fields = f"{pvk}12{sealed}0104{account}{tail}"
        assert said(f"EA{under(ZPK)}{fields}") == said(f"DA{under(TPK)}{fields}") == "02"

    @by_name("dukpt_tdes_pin_encrypt_iso0")
    def test_a_block_under_a_derived_key(self, vector: Vector) -> None:
        pan, bdk = vector.inputs["pan"], under(BDK, bytes.fromhex(vector.inputs["bdk"]))
        place = f"A05{vector.inputs['ksn']}{vector.output}0101{pan[-13:-1]}"
        answer = said(f"G0{bdk}{under(ZPK)}{place}")
        assert answer == f"0004{seal_pin(vector.inputs['pin'], pan, PinCipher(ONE_KEY))}01"

    def test_a_block_of_another_format(self) -> None:
        (vector,) = family("pin_translate")
        inputs = vector.inputs
        keys = under(ZPK, bytes.fromhex(inputs["src_key"])) + under(ZPK, bytes.fromhex(inputs["dst_key"]))
        answer = said(f"CC{keys}12{inputs['block']}0501{inputs['pan'][-13:-1]}")
        assert answer[4:] == f"{vector.output}01"

    @by_name("kcv_tdes", lambda vector: len(vector.inputs["key"]) > 16)
    def test_a_check_value(self, vector: Vector) -> None:
        key = bytes.fromhex(vector.inputs["key"])
        flag = {16: "1", 24: "2"}[len(key)]
        assert said(f"BUFF{flag}{under(ZPK, key)};001;001") == f"00{tdes_kcv(key)}"
        assert said(f"BUFF{flag}{under(ZPK, key)};001;000") == f"00{tdes_kcv(key, 8)}"

    def test_a_key_block_of_another_machine(self) -> None:
        (vector,) = (vector for vector in family("tr31_unwrap") if vector.name == "tr31-B-t5")
        key, zmk = bytes.fromhex(vector.output), under(ZMK, bytes.fromhex(vector.inputs["kbpk"]))
        answer = said(f"A6{BDK}{zmk}R{vector.inputs['key_block']}U")
        code = "00" if key == with_parity(key) else "01"
        assert answer == f"{code}{under(BDK, key)}{tdes_kcv(key)}"


class TestKeys:
    def test_the_test_lmk_says_which_it_is(self) -> None:
        assert said("NC") == "002686040000000000SIMU-0001"

    @pytest.mark.parametrize(("scheme", "size"), [("U", 16), ("T", 24)])
    def test_a_new_key_has_odd_parity_and_its_own_check_value(self, scheme: str, size: int) -> None:
        answer = said(f"A00001{scheme}")
        text, kcv = answer[2:-6], answer[-6:]
        assert len(text) == 1 + 2 * size
        assert said(f"BUFF{1 if size == 16 else 2}{text};001;001") == f"00{kcv}"

    @pytest.mark.parametrize(("scheme", "zmk_scheme"), [("U", "U"), ("U", "X")])
    def test_a_new_key_comes_under_the_zones_key_too(self, scheme: str, zmk_scheme: str) -> None:
        answer = said(f"A01001{scheme};0{under(ZMK, KEK_KEY)}{zmk_scheme}")
        text, sent, kcv = answer[2:35], answer[35:68], answer[68:]
        clear = decrypted(KEK_KEY, Scheme[zmk_scheme], bytes.fromhex(sent[1:]))
        assert (text, kcv) == (under(ZPK, clear), tdes_kcv(clear))

    def test_a_new_key_comes_as_a_key_block_that_says_what_for(self) -> None:
        answer = said(f"A01008U;0{under(ZMK, KEK_KEY)}R&M3G01E00")
        header, key = unwrap(ClearKey(KEK_KEY), answer[36:-6])
        assert (header.usage, header.mode, header.number, header.exportability) == ("M3", "G", "01", "E")
        assert answer[2:35] == under(ZAK, key.raw)

    @pytest.mark.parametrize(("kind", "usage", "mode"), [(ZPK, "P0", "B"), (ZAK, "M3", "C"), (BDK, "B0", "X")])
    def test_a_key_block_is_imported_as_what_it_says(self, kind: str, usage: str, mode: str) -> None:
        sent = key_block(OTHER_KEY, usage, mode)
        assert said(f"A6{kind}{under(ZMK, KEK_KEY)}R{sent}U") == f"00{under(kind, OTHER_KEY)}{tdes_kcv(OTHER_KEY)}"

    def test_a_key_without_odd_parity_is_put_right_with_a_warning(self) -> None:
        even = bytes(byte ^ 1 for byte in OTHER_KEY)
        assert said(f"A6001{under(ZMK, KEK_KEY)}R{key_block(even, 'P0', 'B')}U").startswith(
            f"01{under(ZPK, OTHER_KEY)}"
        )

    def test_a_key_by_x9_17_is_imported(self) -> None:
        sent = encrypted(KEK_KEY, Scheme.X, OTHER_KEY).hex().upper()
        assert said(f"A6001{under(ZMK, KEK_KEY)}X{sent}U") == f"00{under(ZPK, OTHER_KEY)}{tdes_kcv(OTHER_KEY)}"

    @pytest.mark.parametrize(
        ("scheme", "clear"), [("U", OTHER_KEY), ("X", OTHER_KEY), ("T", LONG_KEY), ("Y", LONG_KEY)]
    )
    def test_a_key_is_exported(self, scheme: str, clear: bytes) -> None:
        sent = encrypted(KEK_KEY, Scheme[scheme], clear).hex().upper()
        answer = said(f"A8001;0{under(ZMK, KEK_KEY)}{under(ZPK, clear)}{scheme}")
        assert answer == f"00{scheme}{sent}{tdes_kcv(clear)}"

    @pytest.mark.parametrize(
        ("command", "code"),
        [
            ("A02001U", "15"),
            ("A00777U", "28"),
            ("A00001X", "26"),
            ("A00001", "15"),
            ("A00001U;", "15"),
            (f"A01001U;1{under(ZMK)}X", "15"),
            (f"A01001U;0{under(ZPK)}X", "10"),
            (f"A01001U;0{under(ZMK)}Z", "26"),
            (f"A01001U;0{under(ZMK)}T", "27"),
            (f"A01001T;0{under(ZMK)}R&P0B00N00", "29"),
            (f"A01001U;0{under(ZMK, LONG_KEY)}U", "27"),
            (f"A01001U;0{under(ZMK)}R", "15"),
            (f"A01001U;0{under(ZMK)}R&M3C00N00", "A6"),
            (f"A01001U;0{under(ZMK)}R&P0N00N00", "A8"),
            (f"A01001U;0{under(ZMK)}R&P0B00X00", "AA"),
            (f"A01001U;0{under(ZMK)}R&P0B00N01", "AB"),
            (f"A01001U;0{under(ZMK)}R&P0B00N00%00", "15"),
            (f"A6777{under(ZMK, KEK_KEY)}R{key_block(OTHER_KEY, 'P0', 'B')}U", "28"),
            (f"A6008{under(ZMK, KEK_KEY)}R{key_block(OTHER_KEY, 'P0', 'B')}U", "A6"),
            (f"A6001{under(ZMK, KEK_KEY)}R{key_block(OTHER_KEY, 'P0', 'N')}U", "A8"),
            (f"A6001{under(ZMK, KEK_KEY)}R{key_block(OTHER_KEY, 'P0', 'B', number='c1')}U", "A9"),
            (f"A6001{under(ZMK, KEK_KEY)}R{key_block(OTHER_KEY, 'P0', 'B', algorithm='A')}U", "A7"),
            (f"A6001{under(ZMK, KEK_KEY)}R{key_block(OTHER_KEY, 'P0', 'B', version='D')}U", "83"),
            (f"A6001{under(ZMK)}R{key_block(OTHER_KEY, 'P0', 'B')}U", "A4"),
            (f"A6001{under(ZMK, KEK_KEY)}R{key_block(OTHER_KEY, 'P0', 'B')}T", "27"),
            (f"A6001{under(ZMK, KEK_KEY)}R{key_block(OTHER_KEY, 'P0', 'B')}S", "26"),
            (f"A6001{under(ZMK, KEK_KEY)}RB0003U", "83"),
            (f"A6001{under(ZMK, KEK_KEY)}S{'0' * 32}U", "A1"),
            (f"A6001{under(ZMK, LONG_KEY)}X{'0' * 32}U", "27"),
            (f"A8001;0{under(ZMK)}{under(ZAK)}X", "11"),
            (f"A8001;0{under(ZPK)}{under(ZPK)}X", "10"),
            (f"A8001;0{under(ZMK)}X{under(ZPK)[1:]}X", "26"),
            (f"BU021{under(ZPK)};001;001", "04"),
            (f"BUFF3{under(ZPK)};001;001", "05"),
            (f"BUFF2{under(ZPK)};001;001", "05"),
            (f"BUFF1{under(ZPK)};002;001", "10"),
            (f"BUFF1{under(ZPK)};001;002", "15"),
            ("NC0", "15"),
        ],
    )
    def test_what_is_wrong_has_the_modules_own_code(self, command: str, code: str) -> None:
        assert said(command) == code


class TestPins:
    @pytest.mark.parametrize(
        ("given", "code"), [(PinFormat.ISO_0, "01"), (PinFormat.ISO_1, "05"), (PinFormat.ISO_3, "47")]
    )
    @pytest.mark.parametrize(("wanted", "target"), [(PinFormat.ISO_0, "01"), (PinFormat.ISO_3, "47")])
    @pytest.mark.parametrize(("command", "kind"), [("CC", ZPK), ("CA", TPK)])
    def test_a_block_goes_to_another_zone(
        self, given: PinFormat, code: str, wanted: PinFormat, target: str, command: str, kind: str
    ) -> None:
        sealed = block("98765", pin_format=given)
        answer = said(f"{command}{under(kind)}{under(ZPK, OTHER_KEY)}12{sealed}{code}{target}{ACCOUNT}")
        assert (answer[:4], answer[-2:]) == ("0005", target)
        assert open_pin(answer[4:-2], PAN, PinCipher(OTHER_KEY, wanted)) == "98765"

    def test_a_code_that_has_no_card_stays_so(self) -> None:
        sealed = block("123456", pin_format=PinFormat.ISO_1)
        answer = said(f"CC{under(ZPK)}{under(ZPK, OTHER_KEY)}12{sealed}0505{ACCOUNT}")
        assert open_pin(answer[4:-2], None, PinCipher(OTHER_KEY)) == "123456"

    @pytest.mark.parametrize(
        ("command", "code"),
        [
            (f"CC{under(ZAK)}{under(ZPK)}12{block()}0101{ACCOUNT}", "10"),
            (f"CC{under(TPK)}{under(ZPK)}12{block()}0101{ACCOUNT}", "10"),
            (f"CC{under(ZPK)}{under(TPK)}12{block()}0101{ACCOUNT}", "11"),
            (f"CA{under(ZPK)}{under(ZPK)}12{block()}0101{ACCOUNT}", "10"),
            (f"CC{under(ZPK)}{under(ZPK)}04{block()}0101{ACCOUNT}", "15"),
            (f"CC{under(ZPK)}{under(ZPK)}12{block()}0201{ACCOUNT}", "23"),
            (f"CC{under(ZPK)}{under(ZPK)}12{block()}0148{ACCOUNT}", "23"),
            (f"CC{under(ZPK)}{under(ZPK)}12{block()}0105{ACCOUNT}", "23"),
            (f"CC{under(ZPK)}{under(ZPK)}12{block(key=OTHER_KEY)}0101{ACCOUNT}", "20"),
            (f"CC{under(ZPK)}{under(ZPK)}12{block()}0101999999999999", "20"),
            (f"CC{under(ZPK)}{under(ZPK)}12{block()}0101{ACCOUNT[1:]}", "15"),
            (f"CC{under(ZPK)}{under(ZPK)}12{block()}0101{ACCOUNT}0", "15"),
            (f"G0{under(ZPK)}{under(ZPK)}A05{KSN}{block()}0101{ACCOUNT}", "10"),
            (f"G0{under(BDK)}{under(BDK)}A05{KSN}{block()}0101{ACCOUNT}", "11"),
            (f"G0{under(BDK, LONG_KEY)}{under(ZPK)}A05{KSN}{block()}0101{ACCOUNT}", "27"),
            (f"G0{under(BDK)}{under(ZPK)}A05{KSN[:-5]}00000{block()}0101{ACCOUNT}", "15"),
            (f"G0{under(BDK)}{under(ZPK)}605{KSN[4:]}{block()}0101{ACCOUNT}", "15"),
            (f"G0{under(BDK)}{under(ZPK)}A05{KSN}{block()}0101{ACCOUNT}", "20"),
        ],
    )
    def test_what_is_wrong_with_a_translation_has_its_code(self, command: str, code: str) -> None:
        assert said(command) == code

    def test_the_derived_key_is_the_transactions(self) -> None:
        sealed = block(key=TdesDukpt(ONE_KEY).pin_key(Ksn.parse(KSN)))
        answer = said(f"G0{under(BDK)}{under(ZPK, OTHER_KEY)}A05{KSN}{sealed}0147{ACCOUNT}")
        assert open_pin(answer[4:-2], PAN, PinCipher(OTHER_KEY, PinFormat.ISO_3)) == "1234"

    @pytest.mark.parametrize(("pin", "wanted"), [("1234", PinFormat.ISO_1), ("000000000000", PinFormat.ISO_0)])
    def test_a_pin_in_clear_comes_into_a_block(self, pin: str, wanted: PinFormat) -> None:
        under_lmk = said(f"BA{pin.ljust(13, 'F')}{ACCOUNT}")[2:]
        code = {PinFormat.ISO_0: "01", PinFormat.ISO_1: "05"}[wanted]
        answer = said(f"JG{under(ZPK)}{code}{ACCOUNT}{under_lmk}")
        assert open_pin(answer[2:], PAN, PinCipher(ONE_KEY, wanted)) == pin
        assert said(f"JG{under(ZPK)}{code}999999999999{under_lmk}") == "14"

    @pytest.mark.parametrize(
        ("command", "code"),
        [
            (f"BA123FFFFFFFFFF{ACCOUNT}", "24"),
            (f"BA1234567890123{ACCOUNT}", "24"),
            (f"BA12A4FFFFFFFFF{ACCOUNT}", "15"),
            (f"BA1234FFFFFFFFF{ACCOUNT}0", "15"),
            (f"JG{under(TPK)}05{ACCOUNT}{'0' * 13}", "10"),
            (f"JG{under(ZPK)}05{ACCOUNT}{'0' * 12}", "15"),
        ],
    )
    def test_what_is_wrong_with_a_pin_in_clear_has_its_code(self, command: str, code: str) -> None:
        assert said(command) == code

    def test_only_the_right_pin_has_the_offset(self) -> None:
        kept = offset(OTHER_KEY, NATURAL, TABLE, "1234").ljust(12, "F")
        for pin, code in (("1234", "02"), ("1235", "01"), ("12345", "01")):
            tail = f"0104{ACCOUNT}{TABLE}{VALIDATION}{kept}"
            assert said(f"EA{under(ZPK)}{under(PVK, OTHER_KEY)}12{block(pin)}{tail}") == code

    def test_only_the_right_pin_has_the_value(self) -> None:
        value = pvv(OTHER_KEY, PAN, "3", "1234")
        for pin, code in (("1234", "00"), ("1235", "01")):
            assert said(f"EC{under(ZPK)}{under(PVK, OTHER_KEY)}{block(pin)}01{ACCOUNT}3{value}") == code

    @pytest.mark.parametrize(
        ("command", "code"),
        [
            (f"EA{under(TPK)}{under(PVK)}", "10"),
            (f"EA{under(ZPK)}{under(ZPK)}", "11"),
            (f"EA{under(ZPK)}{under(PVK)}12{block()}0103{ACCOUNT}{TABLE}{VALIDATION}1234FFFFFFFF", "15"),
            (f"EA{under(ZPK)}{under(PVK)}12{block()}0105{ACCOUNT}{TABLE}{VALIDATION}1234FFFFFFFF", "15"),
            (f"EA{under(ZPK)}{under(PVK)}12{block()}0104{ACCOUNT}{TABLE}{VALIDATION}12F4FFFFFFFF", "15"),
            (f"EA{under(ZPK)}{under(PVK)}12{block()}0104{ACCOUNT}{'0' * 16}{VALIDATION}1234FFFFFFFF", "25"),
            (f"EA{under(ZPK)}{under(PVK)}12{block()}0104{ACCOUNT}0123456701234567{VALIDATION}1234FFFFFFFF", "01"),
            (f"EA{under(ZPK)}{under(PVK)}12{block()}0104{ACCOUNT}0012340567800000{VALIDATION}1234FFFFFFFF", "25"),
            (f"EA{under(ZPK)}{under(PVK)}12{block()}0104{ACCOUNT}01234567890123AB{VALIDATION}1234FFFFFFFF", "25"),
            (f"EA{under(ZPK)}{under(PVK)}12{block()}0104{ACCOUNT}{TABLE}4111111111111234FFFFFFFF", "15"),
            (f"EA{under(ZPK)}{under(PVK)}12{block()}0104{ACCOUNT}{TABLE}4111111NN1111234FFFFFFFF", "15"),
            (f"EA{under(ZPK)}{under(PVK)}12{block(key=OTHER_KEY)}0104{ACCOUNT}{TABLE}{VALIDATION}1234FFFFFFFF", "20"),
            (f"DC{under(TPK)}{under(PVK, LONG_KEY)}{block()}01{ACCOUNT}11234", "27"),
            (f"DC{under(TPK)}{under(PVK)}{block()}01{ACCOUNT}1123", "15"),
            (f"DC{under(TPK)}{under(PVK)}{block(key=OTHER_KEY)}01{ACCOUNT}11234", "20"),
        ],
    )
    def test_what_is_wrong_with_a_verification_has_its_code(self, command: str, code: str) -> None:
        assert said(command) == code


class TestMacs:
    @pytest.mark.parametrize(
        ("command", "code"),
        [
            (f"M610131008{under(ZAK)}0001A", "02"),
            (f"M602131008{under(ZAK)}0001A", "03"),
            (f"M600231008{under(ZAK)}0001A", "15"),
            (f"M600111008{under(ZAK)}0001A", "04"),
            (f"M600133008{under(ZAK)}0001A", "09"),
            (f"M600161008{under(ZAK)}0001A", "09"),
            (f"M600131001{under(ZPK)}0001A", "05"),
            (f"M600131008{under(ZPK)}0001A", "10"),
            (f"M600131008{under(TAK)}0001A", "10"),
            (f"M600131008{under(ZAK, LONG_KEY)}0001A", "27"),
            (f"M600130008{under(ZAK)}0001A", "06"),
            (f"M600131008{under(ZAK)}0000", "06"),
            (f"M600131008{under(ZAK)}FFFFA", "06"),
            (f"M600131008{under(ZAK)}0002A", "15"),
            (f"M600131008{under(ZAK)}0001AB", "15"),
            (f"M601131008{under(ZAK)}0001XY", "15"),
            (f"M800131008{under(ZAK)}0001A", "15"),
            (f"M800131008{under(ZAK)}0001A0000000000000000", "01"),
            (f"M800131008{under(ZAK)}0001A000000000000000G", "15"),
        ],
    )
    def test_what_is_wrong_has_the_modules_own_code(self, command: str, code: str) -> None:
        assert said(command) == code

    def test_a_short_mac_is_the_beginning_of_a_long_one(self) -> None:
        fields = f"31008{under(ZAK)}0005hello"
        assert said(f"M6001{fields}").startswith(said(f"M6000{fields}"))
        assert len(said(f"M6000{fields}")) == 2 + 8

    def test_whole_blocks_need_no_padding(self) -> None:
        assert said(f"M600130008{under(ZAK)}0008ABCDEFGH") == said(f"M600131008{under(ZAK)}0008ABCDEFGH")


class TestAnything:
    @pytest.mark.parametrize("command", ["ZZ", "NO00", "B20004PING", "nc"])
    def test_a_command_that_is_not_there_is_switched_off(self, command: str) -> None:
        assert said(command) == "68"

    @pytest.mark.parametrize("body", [b"", b"N", b"\x00\x00", b"N\xff", b"--0"])
    def test_what_is_no_command_gets_an_answer_too(self, body: bytes) -> None:
        assert simulated().answer(body) == b"ZZ15"

    @pytest.mark.parametrize("code", sorted(COMMANDS))
    def test_a_command_without_its_fields_is_short_of_input(self, code: bytes) -> None:
        assert said(code)[:2] in ("00", "15")

    def test_a_module_in_trouble_says_so_to_everything(self) -> None:
        module = SimulatedPayShield(bytes, "13")
        assert module.answer(b"NC") == b"ND13"
        assert module.answer(b"M6") == b"M713"


class TestTokens:
    @pytest.mark.parametrize(
        ("use", "kind"), [(KeyUse.PIN, ZPK), (KeyUse.KEK, ZMK), (KeyUse.DUKPT, BDK), (KeyUse.MAC, ZAK)]
    )
    def test_a_test_key_becomes_a_token_of_its_use(self, use: KeyUse, kind: str) -> None:
        wanted = settings(use, RETAIL) if use is KeyUse.MAC else settings(use)
        text = token_under_test_lmk(wanted, ONE_KEY)
        assert said(f"BUFF1{text};{kind};001") == f"00{tdes_kcv(ONE_KEY)}"

    def test_a_key_is_given_odd_parity_which_changes_nothing_but_its_look(self) -> None:
        even = bytes(byte ^ 1 for byte in ONE_KEY)
        assert token_under_test_lmk(settings(KeyUse.PIN), even) == under(ZPK, ONE_KEY)
        assert tdes_kcv(even) == tdes_kcv(ONE_KEY)

    @pytest.mark.parametrize(
        ("use", "algorithm", "clear"),
        [
            (KeyUse.PIN, AES, ONE_KEY),
            (KeyUse.MAC, CMAC, ONE_KEY),
            (KeyUse.MAC, RETAIL, LONG_KEY),
            (KeyUse.STORAGE, AES, ONE_KEY * 2),
        ],
    )
    def test_what_the_test_lmk_can_not_hold_is_refused(self, use: KeyUse, algorithm: object, clear: bytes) -> None:
        wanted = settings(use, next(one for one in (AES, CMAC, RETAIL) if one is algorithm))
        with pytest.raises(KeyRefusedError):
            token_under_test_lmk(wanted, clear)

    def test_a_key_of_no_length_is_refused(self) -> None:
        with pytest.raises(KeyRefusedError, match="a length that tdes does not take"):
            token_under_test_lmk(settings(KeyUse.PIN), bytes(8))
