"""The security module over generated input: what comes back, what never gets through."""

import contextlib

from hypothesis import assume, given
from hypothesis import strategies as st

from switch.security.crypto.mac import AesCmac, RetailMac
from switch.security.crypto.pin import (
    WITH_CARD,
    AesPinCipher,
    PinCipher,
    PinFormat,
    PinZone,
    open_pin,
    seal_pin,
    translate,
)
from switch.security.crypto.pin_block import (
    FILL_SIZE,
    build_format_0,
    build_format_1,
    pan_field,
    pan_field_4,
    parse_format_0,
    parse_format_1,
)
from switch.security.port import PinBlockError

digits = st.characters(codec="ascii", categories=["Nd"])
pins = st.text(digits, min_size=4, max_size=12)
pans = st.text(digits, min_size=8, max_size=19)
fills = st.text(st.sampled_from("0123456789ABCDEF"), min_size=10, max_size=10)
keys = st.binary(min_size=16, max_size=16).filter(lambda key: key[:8] != key[8:])
blocks = st.binary(min_size=8, max_size=8)
random_fill = st.binary(min_size=FILL_SIZE, max_size=FILL_SIZE)
messages = st.lists(st.binary(max_size=300), min_size=1, max_size=12)

tdes_zones = st.builds(
    PinCipher,
    st.sampled_from([16, 24]).flatmap(lambda size: st.binary(min_size=size, max_size=size)),
    st.sampled_from([PinFormat.ISO_0, PinFormat.ISO_1, PinFormat.ISO_3]),
)
aes_zones = st.builds(
    AesPinCipher, st.sampled_from([16, 24, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size))
)
zones = st.one_of(tdes_zones, aes_zones)

RUNNING = RetailMac(bytes(range(16))), RetailMac(bytes(range(16)), 2), AesCmac(bytes(range(16)))


def slow_retail_mac(key: bytes, padding: int, data: bytes) -> bytes:
    """ISO 9797-1 algorithm 3 as the standard words it, block by block, with a fresh cipher for each."""
    left, right = PinCipher(key[:8] * 2), PinCipher(key[8:] * 2)
    data += b"\x80" if padding == 2 else b""
    data += bytes(-len(data) % 8 or (0 if data else 8))
    chained = bytes(8)
    for at in range(0, len(data), 8):
        block = bytes(a ^ b for a, b in zip(chained, data[at : at + 8], strict=True))
        chained = bytes.fromhex(left.encipher(block))
    return bytes.fromhex(left.encipher(right.decipher(chained.hex())))


@given(keys, st.sampled_from([1, 2]), messages)
def test_a_running_retail_mac_agrees_with_the_standard_for_message_after_message(
    key: bytes, padding: int, data: list[bytes]
) -> None:
    running = RetailMac(key, padding)
    assert [running.compute(one) for one in data] == [slow_retail_mac(key, padding, one) for one in data]


@given(st.binary(max_size=100), st.binary(max_size=12))
def test_only_the_right_mac_is_verified(data: bytes, mac: bytes) -> None:
    for running in RUNNING:
        assert running.verify(data, mac) == (running.compute(data) == mac)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_any_change_of_any_byte_of_a_maced_message_is_refused(message: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(message) - 1))
    changed = message[:at] + bytes([message[at] ^ data.draw(st.integers(1, 255))]) + message[at + 1 :]
    for running in RUNNING:
        mac = running.compute(message)
        assert not running.verify(changed, mac)
        assert running.verify(message, mac)


@given(st.binary(max_size=300), st.integers(0, 7), st.integers(1, 255))
def test_any_change_of_any_byte_of_a_mac_is_refused(message: bytes, at: int, change: int) -> None:
    for running in RUNNING:
        mac = running.compute(message)
        assert not running.verify(message, mac[:at] + bytes([mac[at] ^ change]) + mac[at + 1 :])


@given(st.binary(max_size=300), st.binary(min_size=1, max_size=40))
def test_a_message_made_longer_or_shorter_is_refused_where_the_padding_marks_its_end(data: bytes, more: bytes) -> None:
    for running in RUNNING[1:]:
        assert not running.verify(data + more, running.compute(data))
        assert not running.verify(data, running.compute(data + more))


@given(pins, pans)
def test_format_0_comes_back(pin: str, pan: str) -> None:
    assert parse_format_0(build_format_0(pin, pan), pan) == pin


@given(pins, fills)
def test_format_1_comes_back(pin: str, fill: str) -> None:
    assert parse_format_1(build_format_1(pin, fill)) == pin


@given(blocks, pans)
def test_any_block_is_parsed_as_it_was_built_or_refused(block: bytes, pan: str) -> None:
    try:
        pin = parse_format_0(block, pan)
    except PinBlockError:
        return
    assert build_format_0(pin, pan) == block


@given(pins, pans, zones, zones, random_fill, random_fill)
def test_a_pin_that_may_go_to_another_zone_arrives_as_it_was(
    pin: str, pan: str, source: PinZone, target: PinZone, fill: bytes, other_fill: bytes
) -> None:
    sent = seal_pin(pin, pan, source, fill)
    assert open_pin(sent, pan, source) == pin
    if target.format_of(pan) in WITH_CARD[source.format_of(pan)]:
        assert open_pin(translate(sent, pan, source, target, other_fill), pan, target) == pin
    else:
        with contextlib.suppress(PinBlockError):
            translate(sent, pan, source, target, other_fill)
            raise AssertionError("translated to a format that it may not go to")


@given(pins, fills, tdes_zones, tdes_zones)
def test_a_code_without_a_card_arrives_as_it_was(pin: str, fill: str, source: PinZone, target: PinZone) -> None:
    sent = source.encipher(build_format_1(pin, fill))
    assert open_pin(translate(sent, None, source, target), None, target) == pin


@given(pins, pans, pans, zones, zones, random_fill)
def test_a_pin_never_verifies_for_another_card_where_its_format_binds_it(
    pin: str, pan: str, other: str, source: PinZone, target: PinZone, fill: bytes
) -> None:
    assume(bound_digits(source.format_of(pan), pin, pan) != bound_digits(source.format_of(pan), pin, other))
    sent = seal_pin(pin, pan, source, fill)
    with contextlib.suppress(PinBlockError):
        assert open_pin(sent, other, source) != pin
    with contextlib.suppress(PinBlockError):
        assert open_pin(translate(sent, other, source, target, fill), other, target) != pin


@given(pins, st.text(digits, min_size=16, max_size=16), st.integers(0, 15), st.integers(1, 9), random_fill)
def test_one_other_digit_of_the_card_number_is_enough(pin: str, pan: str, at: int, more: int, fill: bytes) -> None:
    other = pan[:at] + str((int(pan[at]) + more) % 10) + pan[at + 1 :]
    for zone in (PinCipher(bytes(range(16))), AesPinCipher(bytes(range(16)))):
        form = zone.format_of(pan)
        if bound_digits(form, pin, pan) != bound_digits(form, pin, other):
            with contextlib.suppress(PinBlockError):
                assert open_pin(seal_pin(pin, pan, zone, fill), other, zone) != pin


@given(st.text(max_size=40), st.one_of(st.none(), pans, st.text(max_size=20)), zones, zones)
def test_whatever_is_sent_as_a_block_is_translated_or_refused(
    block: str, pan: str | None, source: PinZone, target: PinZone
) -> None:
    with contextlib.suppress(PinBlockError):
        assert len(translate(block, pan, source, target, bytes(FILL_SIZE))) in (16, 32)


def bound_digits(form: PinFormat, pin: str, pan: str) -> str:
    """What of a card number a block is bound to. Format 1: nothing. Format 0: the twelve digits in it. Format 3: of
    these only the ones under the PIN, since one letter of fill changed by a digit can be another letter. Format 4: all.
    """
    if form is PinFormat.ISO_4:
        return f"{pan_field_4(pan):032x}"
    if form is PinFormat.ISO_1:
        return ""
    return f"{pan_field(pan):012x}"[: len(pin) - 2 if form is PinFormat.ISO_3 else 12]
