"""The software security module: keys by name, storage protection, and that it says what it is."""

import pytest

from config.settings import KeyAlgorithm, KeySettings, KeyUse
from switch.security.pin import build_format_0, build_format_1
from switch.security.port import ConcealedError, PinBlockError, SecurityError, SecurityModule
from switch.security.soft import SoftSecurity

PAN = "4000001234562007"
STORAGE = KeySettings(use=KeyUse.STORAGE, algorithm=KeyAlgorithm.AES, hex="00112233445566778899AABBCCDDEEFF" * 2)
KEYS = {
    "retail": KeySettings(use=KeyUse.MAC, algorithm=KeyAlgorithm.RETAIL, hex="0123456789ABCDEFFEDCBA9876543210"),
    "retail-2": KeySettings(
        use=KeyUse.MAC, algorithm=KeyAlgorithm.RETAIL, padding=2, hex="0123456789ABCDEFFEDCBA9876543210"
    ),
    "cmac": KeySettings(use=KeyUse.MAC, algorithm=KeyAlgorithm.AES_CMAC, hex="2B7E151628AED2A6ABF7158809CF4F3C"),
    "channel": KeySettings(use=KeyUse.PIN, algorithm=KeyAlgorithm.TDES, hex="1111222233334444AAAABBBBCCCCDDDD"),
    "core": KeySettings(use=KeyUse.PIN, algorithm=KeyAlgorithm.TDES, hex="5555666677778888EEEEFFFF00001111"),
    "storage": STORAGE,
}


@pytest.fixture
def security() -> SoftSecurity:
    return SoftSecurity(KEYS)


def other_storage() -> SoftSecurity:
    key = KeySettings(use=KeyUse.STORAGE, algorithm=KeyAlgorithm.AES, hex="FF" * 32)
    return SoftSecurity({"storage": key})


def test_it_is_a_security_module_and_says_loudly_that_it_is_for_test(security: SoftSecurity) -> None:
    module: SecurityModule = security
    warning = module.warning()
    assert warning is not None
    assert "TEST" in warning
    assert "\n" not in warning


def test_each_mac_key_works_as_it_is_configured(security: SoftSecurity) -> None:
    macs = {name: security.mac(name).compute(b"0800 some bytes") for name in ("retail", "retail-2", "cmac")}
    assert len(set(macs.values())) == 3
    assert {len(mac) for mac in macs.values()} == {8}
    assert security.mac("retail") is security.mac("retail")


@pytest.mark.parametrize("name", ["storage", "channel", "nobody"])
def test_a_key_works_only_for_its_use(security: SoftSecurity, name: str) -> None:
    with pytest.raises(SecurityError):
        security.mac(name)
    with pytest.raises(SecurityError):
        security.translate_pin("0123456789ABCDEF", PAN, "retail", "core")


def test_a_pin_goes_from_the_channels_key_to_the_cores(security: SoftSecurity) -> None:
    clear = build_format_0("1234", PAN)
    sent = security.pin_cipher("channel").encipher(clear)
    assert security.translate_pin(sent, PAN, "channel", "core") == security.pin_cipher("core").encipher(clear)
    code = build_format_1("123456", "89ABCDEF")
    sent = security.pin_cipher("channel").encipher(code)
    assert security.translate_pin(sent, None, "channel", "core") == security.pin_cipher("core").encipher(code)


def test_a_block_under_another_key_is_not_translated(security: SoftSecurity) -> None:
    sent = security.pin_cipher("core").encipher(build_format_0("1234", PAN))
    with pytest.raises(PinBlockError):
        security.translate_pin(sent, PAN, "channel", "core")


def test_a_fingerprint_needs_the_key_and_changes_with_the_content(security: SoftSecurity) -> None:
    prints = {security.fingerprint(content) for content in (b"", b"a", b"b", b"ab", b"a" * 4096)}
    assert len(prints) == 5
    assert {len(one) for one in prints} == {16}
    assert security.fingerprint(b"a") == SoftSecurity(KEYS).fingerprint(b"a")
    assert other_storage().fingerprint(b"a") not in prints


@pytest.mark.parametrize("text", ["", "a", "4000001234562007", "الرصيد غير كاف", "x" * 4096])
def test_what_is_concealed_is_unreadable_and_comes_back(security: SoftSecurity, text: str) -> None:
    concealed = security.conceal(text, b"row 1")
    assert not text or text.encode() not in concealed
    assert SoftSecurity(KEYS).reveal(concealed, b"row 1") == text
    assert concealed == security.conceal(text, b"row 1"), "a run can be replayed"


def test_equal_texts_look_unlike_in_different_rows(security: SoftSecurity) -> None:
    assert security.conceal("same", b"row 1")[1:] != security.conceal("same", b"row 2")[1:]


def test_what_was_changed_moved_or_made_with_another_key_is_not_revealed(security: SoftSecurity) -> None:
    concealed = security.conceal("text", b"row 1")
    changed = [concealed[:at] + bytes([concealed[at] ^ 1]) + concealed[at + 1 :] for at in range(len(concealed))]
    for wrong in (*changed, b"", b"\x01", concealed[:-1], concealed + b"\0", concealed[1:]):
        with pytest.raises(ConcealedError) as caught:
            security.reveal(wrong, b"row 1")
        assert caught.value.__cause__ is None
    with pytest.raises(ConcealedError):
        security.reveal(concealed, b"row 2")
    with pytest.raises(ConcealedError):
        other_storage().reveal(concealed, b"row 1")


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"a": STORAGE, "b": STORAGE},
        {"a": KeySettings(use=KeyUse.STORAGE, algorithm=KeyAlgorithm.AES, hex="00" * 16)},
        {"a": STORAGE, "b": KeySettings(use=KeyUse.MAC, algorithm=KeyAlgorithm.RETAIL, hex="00" * 8)},
        {"a": STORAGE, "b": KeySettings(use=KeyUse.MAC, algorithm=KeyAlgorithm.AES_CMAC, hex="00" * 8)},
        {"a": STORAGE, "b": KeySettings(use=KeyUse.PIN, algorithm=KeyAlgorithm.TDES, hex="00" * 8)},
        {"a": STORAGE, "b": KeySettings(use=KeyUse.PIN, algorithm=KeyAlgorithm.TDES, hex="not hex, sixteen")},
    ],
)
def test_unfit_keys_are_refused_at_once_and_not_shown(keys: dict[str, KeySettings]) -> None:
    with pytest.raises(SecurityError) as caught:
        SoftSecurity(keys)
    assert "0000" not in str(caught.value)
    assert "not hex" not in str(caught.value)


def test_the_module_shows_no_key(security: SoftSecurity) -> None:
    shown = repr(security) + repr(security.mac("cmac")) + repr(security.pin_cipher("core"))
    assert not any(key.hex in shown.upper() for key in KEYS.values())
