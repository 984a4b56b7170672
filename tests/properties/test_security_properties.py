"""The security module over generated input: what comes back, what never gets through."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from switch.security.mac import AesCmac, RetailMac
from switch.security.pin import (
    PinCipher,
    build_format_0,
    build_format_1,
    parse_format_0,
    parse_format_1,
    translate,
)
from switch.security.port import PinBlockError

digits = st.characters(codec="ascii", categories=["Nd"])
pins = st.text(digits, min_size=4, max_size=12)
pans = st.text(digits, min_size=8, max_size=19)
fills = st.text(st.sampled_from("0123456789ABCDEF"), min_size=10, max_size=10)
keys = st.binary(min_size=16, max_size=16).filter(lambda key: key[:8] != key[8:])
blocks = st.binary(min_size=8, max_size=8)
messages = st.lists(st.binary(max_size=300), min_size=1, max_size=12)

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


@given(pins, pans, keys, keys)
def test_a_translated_block_holds_the_same_pin(pin: str, pan: str, source: bytes, target: bytes) -> None:
    there, here = PinCipher(source), PinCipher(target)
    sent = there.encipher(build_format_0(pin, pan))
    assert parse_format_0(here.decipher(translate(sent, pan, there, here)), pan) == pin


@given(st.text(max_size=20), st.one_of(st.none(), pans, st.text(max_size=20)))
def test_whatever_is_sent_as_a_block_is_translated_or_refused(block: str, pan: str | None) -> None:
    there, here = PinCipher(bytes(range(16))), PinCipher(bytes(range(16, 32)))
    with contextlib.suppress(PinBlockError):
        assert len(translate(block, pan, there, here)) == 16
