"""The security module in software: each key does what its block's header says, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.choices import KeyAlgorithm, KeyUse
from config.security_sections import KeySettings
from switch.security.crypto.clear_key import ClearKey
from switch.security.crypto.dukpt_aes import AesDukpt, DukptKeyType, DukptUse
from switch.security.crypto.dukpt_tdes import TdesDukpt
from switch.security.crypto.ksn import Ksn
from switch.security.crypto.mac import AesCmac, RetailMac
from switch.security.crypto.pin import AesPinCipher, PinCipher, PinFormat, open_pin, seal_pin
from switch.security.crypto.tdes import with_parity
from switch.security.keys.key_kind import kcv_of
from switch.security.keys.key_policy import KeyAct
from switch.security.keys.keyblock import unwrap
from switch.security.keys.ksn_book import KsnBook
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
from tests.unit.security import keys
from tests.unit.security.keys import (
    BDK,
    BDK_AES,
    BDK_AES_0,
    CMAC,
    CORE,
    KEK,
    KEK_TDES,
    MASTER,
    PIN,
    PIN_3,
    PIN_AES,
    RETAIL,
    STORAGE,
    block,
    clear,
    token,
)

PAN, PIN_DIGITS = "4000001234562007", "1234"
FILL = bytes(10)


@pytest.fixture
def soft() -> SoftModule:
    return keys.module()


def zone(settings: KeySettings) -> PinCipher | AesPinCipher:
    """A PIN key at work, by its own cipher."""
    raw = clear(settings).raw
    return AesPinCipher(raw) if settings is PIN_AES else PinCipher(raw, PinFormat(settings.block_format))


def taken(soft: SoftModule, settings: KeySettings) -> KeyToken:
    return soft.taken(settings, clear(settings))


def translated(
    soft: SoftModule, source: KeyToken, target: KeyToken, sent: str, pan: str | None = PAN, **more: str
) -> str:
    """The block, or what `done` heard, raised."""
    heard: list[str | SecurityError] = []
    soft.translate_pin(PinRequest(sent, pan, **more), source, target, heard.append)
    (found,) = heard
    if isinstance(found, SecurityError):
        raise found
    return found


def test_it_is_a_security_module_and_says_loudly_that_it_is_for_test(soft: SoftModule) -> None:
    module: SecurityModule = soft
    warning = module.warning()
    assert warning is not None
    assert "SOFTWARE KEYS, FOR TEST ONLY" in warning
    assert "\n" not in warning


# MACs.


@pytest.mark.parametrize(
    ("settings", "reference"),
    [
        (RETAIL, RetailMac(clear(RETAIL).raw)),
        (keys.key("retail", KeyUse.MAC, KeyAlgorithm.RETAIL, padding=2), RetailMac(clear(RETAIL).raw, 2)),
        (CMAC, AesCmac(clear(CMAC).raw)),
    ],
    ids=["retail", "padding-2", "cmac"],
)
def test_each_mac_key_works_as_it_is_configured(
    soft: SoftModule, settings: KeySettings, reference: RetailMac | AesCmac
) -> None:
    mac = soft.mac(taken(soft, settings))
    assert mac.compute(b"0800 some bytes") == reference.compute(b"0800 some bytes")
    assert mac.verify(b"0800 some bytes", reference.compute(b"0800 some bytes"))


@pytest.mark.parametrize(
    ("settings", "header"),
    [
        (RETAIL, "D M3 T G"),
        (RETAIL, "D M3 T V"),
        (CMAC, "D M6 A G"),
        (CMAC, "D M6 A V"),
        (RETAIL, "D P0 T B"),
        (RETAIL, "D K1 T B"),
        (RETAIL, "D M6 A C"),
        (CMAC, "D P0 A B"),
    ],
)
def test_a_key_that_may_not_do_both_is_no_mac_key(soft: SoftModule, settings: KeySettings, header: str) -> None:
    with pytest.raises(KeyRefusedError, match="does not permit that"):
        soft.mac(token(settings, header))


@pytest.mark.parametrize("settings", [PIN, BDK, KEK, STORAGE], ids=lambda one: one.name)
def test_a_key_of_another_use_is_no_mac_key(soft: SoftModule, settings: KeySettings) -> None:
    as_mac = KeySettings(name="x", use=KeyUse.MAC, algorithm=KeyAlgorithm.RETAIL)
    with pytest.raises(KeyRefusedError):
        soft.mac(KeyToken(as_mac, taken(soft, settings).text, "000000"))


# What is asked of every key when the switch starts.


@pytest.mark.parametrize("settings", keys.ALL.values(), ids=keys.ALL)
def test_a_key_that_was_made_for_its_use_passes_and_has_a_check_value(soft: SoftModule, settings: KeySettings) -> None:
    made = soft.made(settings)
    soft.check(made)
    assert len(soft.clear(made)) == settings.size
    assert made.kcv == kcv_of(settings, soft.clear(made))
    assert (len(made.kcv), made.kcv) == (6, made.kcv.upper())


@pytest.mark.parametrize(
    ("settings", "header"),
    [
        (PIN, "D M3 T C"),
        (PIN, "D P0 A B"),
        (PIN_AES, "D P0 T B"),
        (PIN_AES, "D K1 A B"),
        (KEK_TDES, "D K1 A B"),
        (KEK, "D K0 A B"),
        (BDK, "D B0 A X"),
        (STORAGE, "D P0 A B"),
        (RETAIL, "D M6 A C"),
    ],
)
def test_a_key_of_another_usage_or_algorithm_is_refused(soft: SoftModule, settings: KeySettings, header: str) -> None:
    with pytest.raises(KeyRefusedError, match="its key block is for another use"):
        soft.check(token(settings, header))


@pytest.mark.parametrize("header", ["D P0 T N", "D M3 T B", "D D0 A B N", "D P0 T C"])
def test_a_header_that_fits_nothing_or_not_its_size_is_refused(soft: SoftModule, header: str) -> None:
    with pytest.raises(SecurityError):
        soft.check(token(PIN, header))


@pytest.mark.parametrize("version", ["A", "B", "C"])
def test_the_store_takes_no_version_but_d(soft: SoftModule, version: str) -> None:
    try:
        found = token(PIN, f"{version} P0 T B")
    except SecurityError:  # an AES key of 32 bytes protects nothing in these versions
        found = KeyToken(PIN, version + taken(soft, PIN).text[1:], "000000")
    with pytest.raises(SecurityError):
        soft.check(found)


def test_a_key_under_another_master_key_or_changed_anywhere_is_refused_in_one_text(soft: SoftModule) -> None:
    good = taken(soft, PIN)
    texts = {"keys.pin: not a key block under this protection key"}
    for at in range(len(good.text)):
        changed = good.text[:at] + ("0" if good.text[at] != "0" else "1") + good.text[at + 1 :]
        with pytest.raises(SecurityError) as caught:
            soft.check(KeyToken(PIN, changed, good.kcv))
        assert str(caught.value) in texts
    with pytest.raises(SecurityError) as caught:
        SoftModule(bytes(32), keys.drawing()).check(good)
    assert str(caught.value) in texts
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(("use", "size"), [(PIN, 8), (PIN, 32), (RETAIL, 24), (STORAGE, 16), (CMAC, 20)])
def test_an_unfit_key_is_not_taken_and_not_shown(soft: SoftModule, use: KeySettings, size: int) -> None:
    with pytest.raises(SecurityError) as caught:
        soft.taken(use, ClearKey(bytes(range(size))))
    assert "0001" not in str(caught.value)


# PINs.


@pytest.mark.parametrize("source", [PIN, PIN_3, PIN_AES], ids=lambda one: one.name)
@pytest.mark.parametrize("target", [CORE, PIN_3, PIN_AES], ids=lambda one: one.name)
def test_a_pin_goes_from_one_key_to_another_in_that_keys_format(
    soft: SoftModule, source: KeySettings, target: KeySettings
) -> None:
    sent = seal_pin(PIN_DIGITS, PAN, zone(source), FILL)
    found = translated(soft, taken(soft, source), taken(soft, target), sent)
    assert open_pin(found, PAN, zone(target)) == PIN_DIGITS
    assert found == found.upper()


def test_an_activation_code_has_no_card_and_goes_as_format_1(soft: SoftModule) -> None:
    source, target = taken(soft, PIN), taken(soft, CORE)
    sent = seal_pin("987654", None, zone(PIN), bytes(range(10)))
    assert open_pin(translated(soft, source, target, sent, None), None, zone(CORE)) == "987654"


def test_an_activation_code_in_clear_becomes_a_format_1_block_with_fill_of_its_own(soft: SoftModule) -> None:
    source, target = taken(soft, PIN), taken(soft, CORE)
    found = [translated(soft, source, target, "987654", None) for _ in range(2)]
    assert [open_pin(one, None, zone(CORE)) for one in found] == ["987654"] * 2
    assert found[0] != found[1]
    for wrong in ("123", "98765A", "", "1234567890123"):
        with pytest.raises(PinBlockError):
            translated(soft, source, target, wrong, None)


def test_digits_in_clear_are_no_pin_of_a_card(soft: SoftModule) -> None:
    with pytest.raises(PinBlockError):
        translated(soft, taken(soft, PIN), taken(soft, CORE), PIN_DIGITS)


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        (token(PIN, "D P0 T E"), token(CORE, "D P0 T B"), "pin"),
        (token(PIN, "D P0 T B"), token(CORE, "D P0 T D"), "core"),
        (token(PIN, "D M3 T C"), token(CORE, "D P0 T B"), "pin"),
        (token(PIN, "D P0 T B"), token(CORE, "D M3 T C"), "core"),
        (token(PIN, "D P0 A B"), token(CORE, "D P0 T B"), "pin"),
        (token(PIN, "D P0 T B"), token(RETAIL, "D P0 T B"), "retail"),
        (token(KEK_TDES, "D K1 T B"), token(CORE, "D P0 T B"), ""),
    ],
)
def test_a_key_decrypts_and_encrypts_only_what_its_header_permits(
    soft: SoftModule, source: KeyToken, target: KeyToken, why: str
) -> None:
    sent = seal_pin(PIN_DIGITS, PAN, zone(PIN), FILL)
    if why:
        with pytest.raises(KeyRefusedError, match=rf"keys\.{why}: its key block does not permit that"):
            translated(soft, source, target, sent)
    else:
        with pytest.raises(SecurityError):
            translated(soft, source, target, sent)


@pytest.mark.parametrize(("source", "target"), [("D P0 T D", "D P0 T E"), ("D P0 T D", "D P0 T B")])
def test_one_way_keys_do_their_one_way(soft: SoftModule, source: str, target: str) -> None:
    sent = seal_pin(PIN_DIGITS, PAN, zone(PIN), FILL)
    assert translated(soft, token(PIN, source), token(CORE, target), sent) == seal_pin(PIN_DIGITS, PAN, zone(CORE))


@pytest.mark.parametrize(
    ("sent", "pan"),
    [
        (seal_pin(PIN_DIGITS, PAN, zone(CORE), FILL), PAN),
        (seal_pin(PIN_DIGITS, PAN, zone(PIN), FILL), "4000009876543219"),
        (seal_pin(PIN_DIGITS, PAN, zone(PIN), FILL), None),
        (seal_pin(PIN_DIGITS, None, zone(PIN), FILL), PAN),
        ("0123", PAN),
        ("not hexadecimal!", PAN),
        ("", PAN),
    ],
)
def test_what_is_no_block_of_this_card_under_this_key_is_refused(soft: SoftModule, sent: str, pan: str | None) -> None:
    with pytest.raises(PinBlockError) as caught:
        translated(soft, taken(soft, PIN), taken(soft, CORE), sent, pan)
    assert PIN_DIGITS not in str(caught.value)
    assert caught.value.__cause__ is None


# Terminals' derived keys.

KSNS = {
    BDK.name: ("FFFF9876543210E00001", "FFFF9876543210E00002"),
    BDK_AES.name: ("123456789012345600000001", "123456789012345600000002"),
    BDK_AES_0.name: ("123456789012345700000001", "123456789012345700000002"),
}


def terminal(settings: KeySettings, ksn: str) -> PinCipher | AesPinCipher:
    """The PIN key of one of a terminal's transactions."""
    base, number = clear(settings).raw, Ksn.parse(ksn)
    if settings is BDK:
        return PinCipher(TdesDukpt(base).pin_key(number))
    if settings is BDK_AES_0:
        return PinCipher(AesDukpt(base).working_key(number, DukptUse.PIN, DukptKeyType.TDES_2))
    return AesPinCipher(AesDukpt(base).working_key(number, DukptUse.PIN, DukptKeyType.AES_128))


@pytest.mark.parametrize("base", [BDK, BDK_AES, BDK_AES_0], ids=lambda one: one.name)
@pytest.mark.parametrize("target", [CORE, PIN_AES], ids=lambda one: one.name)
def test_a_terminals_pin_goes_to_the_core_and_its_number_is_used_up(
    soft: SoftModule, base: KeySettings, target: KeySettings
) -> None:
    first, second = KSNS[base.name]
    source, to = taken(soft, base), taken(soft, target)
    sent = seal_pin(PIN_DIGITS, PAN, terminal(base, first), FILL)
    assert open_pin(translated(soft, source, to, sent, ksn=first, whose="a"), PAN, zone(target)) == PIN_DIGITS
    translated(soft, source, to, sent, ksn=first, whose="a")
    with pytest.raises(PinBlockError, match="used before"):
        translated(soft, source, to, sent, ksn=first, whose="b")
    after = seal_pin(PIN_DIGITS, PAN, terminal(base, second), FILL)
    translated(soft, source, to, after, ksn=second, whose="b")
    with pytest.raises(PinBlockError, match="used before"):
        translated(soft, source, to, sent, ksn=first, whose="a")


def test_a_block_that_is_none_uses_no_number_up(soft: SoftModule) -> None:
    first, second = KSNS[BDK.name]
    source, to = taken(soft, BDK), taken(soft, CORE)
    with pytest.raises(PinBlockError):
        translated(soft, source, to, "00" * 8, ksn=second, whose="a guess")
    sent = seal_pin(PIN_DIGITS, PAN, terminal(BDK, first), FILL)
    assert translated(soft, source, to, sent, ksn=first, whose="b")


def test_numbers_that_are_used_up_stay_so_over_a_restart(tmp_path: Path) -> None:
    path, (first, _) = str(tmp_path / "ksn"), KSNS[BDK.name]
    sent = seal_pin(PIN_DIGITS, PAN, terminal(BDK, first), FILL)
    soft = keys.module(ksns=KsnBook(path))
    source, to = taken(soft, BDK), taken(soft, CORE)
    found = translated(soft, source, to, sent, ksn=first, whose="a")
    again = keys.module(ksns=KsnBook(path))
    assert translated(again, source, to, sent, ksn=first, whose="a") == found
    with pytest.raises(PinBlockError, match="used before"):
        translated(again, source, to, sent, ksn=first, whose="b")


@pytest.mark.parametrize("ksn", ["", "FFFF9876543210E0000", "FFFF9876543210EFFFFF", KSNS["bdk-aes"][0], "x" * 20])
def test_a_serial_number_that_is_none_is_refused(soft: SoftModule, ksn: str) -> None:
    sent = seal_pin(PIN_DIGITS, PAN, terminal(BDK, KSNS[BDK.name][0]), FILL)
    with pytest.raises(SecurityError):
        translated(soft, taken(soft, BDK), taken(soft, CORE), sent, ksn=ksn)


def test_a_base_key_does_nothing_but_derive(soft: SoftModule) -> None:
    sent = seal_pin(PIN_DIGITS, PAN, terminal(BDK, KSNS[BDK.name][0]), FILL)
    for header in ("D P0 T B", "D M3 T C", "D K1 T B"):
        with pytest.raises(KeyRefusedError):
            translated(soft, token(BDK, header), taken(soft, CORE), sent, ksn=KSNS[BDK.name][0])
    with pytest.raises(KeyRefusedError):
        translated(soft, taken(soft, PIN), token(CORE, "D B0 T X"), seal_pin(PIN_DIGITS, PAN, zone(PIN)))


# Keys that come and go.


def imported(soft: SoftModule, text: str, kek: KeyToken, settings: KeySettings) -> KeyToken:
    heard: list[KeyToken | SecurityError] = []
    soft.import_key(text, kek, settings, heard.append)
    (found,) = heard
    if isinstance(found, SecurityError):
        raise found
    return found


@pytest.mark.parametrize(
    ("kek", "header", "settings"),
    [
        (KEK, "D M3 T C", RETAIL),
        (KEK, "D M6 A C", CMAC),
        (KEK, "D P0 A B", PIN_AES),
        (KEK_TDES, "B P0 T B", PIN),
        (KEK_TDES, "B M3 T C", RETAIL),
    ],
)
def test_a_key_comes_in_under_a_key_encryption_key(
    soft: SoftModule, kek: KeySettings, header: str, settings: KeySettings
) -> None:
    found = imported(soft, block(clear(kek), header, clear(settings)), taken(soft, kek), settings)
    assert soft.clear(found) == clear(settings)
    assert found.kcv == kcv_of(settings, clear(settings))
    soft.check(found)


def test_what_its_sender_lets_a_key_do_it_may_do_here_and_no_more(soft: SoftModule) -> None:
    kek = taken(soft, KEK)
    generates = imported(soft, block(clear(KEK), "D M3 T G E", clear(RETAIL)), kek, RETAIL)
    with pytest.raises(KeyRefusedError):
        soft.mac(generates)
    header, _ = unwrap(ClearKey(MASTER), generates.text)
    assert (header.mode, header.exportability) == ("G", "E")
    decrypts = imported(soft, block(clear(KEK), "D P0 T D", clear(PIN)), kek, PIN)
    with pytest.raises(KeyRefusedError):
        soft.zone(decrypts, KeyAct.ENCRYPT)


@pytest.mark.parametrize(
    ("header", "settings"),
    [
        ("D P0 T B", RETAIL),
        ("D M6 A C", RETAIL),
        ("D M3 T C", CMAC),
        ("D P0 A B", PIN),
        ("D P0 T B", PIN_AES),
        ("D K1 A B", PIN_AES),
        ("D P0 T N", PIN),
        ("D D0 A B", PIN_AES),
    ],
)
def test_a_key_for_another_use_or_algorithm_is_not_taken_in(
    soft: SoftModule, header: str, settings: KeySettings
) -> None:
    with pytest.raises(KeyRefusedError):
        imported(soft, block(clear(KEK), header, clear(settings)), taken(soft, KEK), settings)


@pytest.mark.parametrize("header", ["A P0 T B", "C P0 T B"])
def test_versions_a_and_c_are_not_taken_in(soft: SoftModule, header: str) -> None:
    sent = block(clear(KEK_TDES), header, clear(PIN))
    with pytest.raises(KeyRefusedError, match="version B for TDES keys, and D"):
        imported(soft, sent, taken(soft, KEK_TDES), PIN)


def test_a_key_is_not_taken_in_under_a_weaker_one(soft: SoftModule) -> None:
    long = keys.key("long", KeyUse.PIN, KeyAlgorithm.TDES, bits=192)
    with pytest.raises(KeyRefusedError, match="weaker"):
        imported(soft, block(clear(KEK_TDES), "B P0 T B", clear(long)), taken(soft, KEK_TDES), long)


@pytest.mark.parametrize("at", [0, 5, 6, 7, 8, 11, 20, 60, -1])
def test_a_block_that_was_changed_anywhere_is_not_taken_in(soft: SoftModule, at: int) -> None:
    sent = list(block(clear(KEK), "D P0 T B E", clear(PIN)))
    sent[at] = "D" if sent[at] != "D" else "B"
    with pytest.raises(KeyRefusedError) as caught:
        imported(soft, "".join(sent), taken(soft, KEK), PIN)
    assert str(caught.value) == "not a key block under this protection key"


@pytest.mark.parametrize("text", ["", "D", "D0112P0TB00E0000", "x" * 112, "٠" * 112])
def test_what_is_no_block_is_not_taken_in(soft: SoftModule, text: str) -> None:
    with pytest.raises(KeyRefusedError):
        imported(soft, text, taken(soft, KEK), PIN)


@pytest.mark.parametrize("header", ["D K1 A E", "D K0 A B", "D P0 A B", "D D0 A B"])
def test_a_key_that_may_not_unwrap_does_not(soft: SoftModule, header: str) -> None:
    with pytest.raises(KeyRefusedError):
        imported(soft, block(clear(KEK), "D P0 T B", clear(PIN)), token(KEK, header), PIN)


def test_a_block_under_another_key_encryption_key_is_not_taken_in(soft: SoftModule) -> None:
    other = keys.key("other", KeyUse.KEK, KeyAlgorithm.AES)
    with pytest.raises(KeyRefusedError):
        imported(soft, block(clear(other), "D P0 T B", clear(PIN)), taken(soft, KEK), PIN)


@pytest.mark.parametrize(("kek", "version"), [(KEK, "D"), (KEK_TDES, "B")])
@pytest.mark.parametrize("settings", [RETAIL, PIN], ids=lambda one: one.name)
def test_a_new_key_can_be_taken_by_the_other_side(
    soft: SoftModule, kek: KeySettings, version: str, settings: KeySettings
) -> None:
    heard: list[FreshKey | SecurityError] = []
    soft.generate_key(settings, taken(soft, kek), heard.append)
    (fresh,) = heard
    assert isinstance(fresh, FreshKey)
    assert fresh.block[0] == version
    other = keys.module("the other side")
    assert imported(other, fresh.block, taken(other, kek), settings).kcv == fresh.token.kcv
    assert with_parity(soft.clear(fresh.token).raw) == soft.clear(fresh.token).raw


def test_no_key_is_made_for_who_has_only_a_weaker_key_encryption_key(soft: SoftModule) -> None:
    heard: list[FreshKey | SecurityError] = []
    soft.generate_key(CMAC, taken(soft, KEK_TDES), heard.append)
    assert isinstance(heard[0], KeyRefusedError)


@pytest.mark.parametrize("settings", [KEK, STORAGE, BDK], ids=lambda one: one.name)
def test_a_key_that_must_stay_is_not_given_away(soft: SoftModule, settings: KeySettings) -> None:
    with pytest.raises(KeyRefusedError, match="not to be given to others"):
        soft.exported(soft.made(settings), taken(soft, KEK))
    with pytest.raises(KeyRefusedError, match="not to be given to others"):
        soft.exported(token(PIN, "D P0 T B N"), taken(soft, KEK))


def test_a_key_is_given_away_only_under_a_key_that_may_wrap(soft: SoftModule) -> None:
    for header in ("D K1 A D", "D P0 A B", "D D0 A B"):
        with pytest.raises(KeyRefusedError):
            soft.exported(soft.made(PIN), token(KEK, header))


def test_nothing_shows_a_key(soft: SoftModule) -> None:
    made = soft.taken(CMAC, clear(CMAC))
    shown = " ".join(map(repr, (soft, made, soft.mac(made), soft.clear(made), soft.zone(taken(soft, PIN)))))
    assert clear(CMAC).raw.hex() not in shown.lower()
    assert clear(PIN).raw.hex() not in shown.lower()
    assert MASTER.hex() not in shown.lower()
    assert made.text not in shown
    assert made.kcv in repr(made)
