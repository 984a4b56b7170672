"""Published known answers: what another bank's machine computes, ours computes too."""

from typing import Any

import pytest

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
from tests.vectors import vectors


def cases(algorithm: str, *, negative: bool = False) -> pytest.MarkDecorator:
    """The vectors of a family as parameters, by name."""
    chosen = [vector for vector in vectors(algorithm) if vector.get("negative", False) is negative]
    return pytest.mark.parametrize("vector", [pytest.param(vector, id=vector["name"]) for vector in chosen])


def raw(vector: Any, name: str) -> bytes:
    return bytes.fromhex(vector["inputs"][name])


@cases("retail_mac_iso9797_alg3_des")
def test_retail_mac(vector: Any) -> None:
    mac = RetailMac(raw(vector, "key"), vector["inputs"]["padding"])
    answer = bytes.fromhex(vector["output"])
    assert mac.compute(raw(vector, "data")) == answer
    assert mac.compute(raw(vector, "data")) == answer, "the running cipher leaves nothing behind"
    assert mac.verify(raw(vector, "data"), answer)


@cases("cmac_aes")
def test_aes_cmac_is_cut_to_eight_bytes(vector: Any) -> None:
    mac = AesCmac(raw(vector, "key"))
    answer = bytes.fromhex(vector["output"])[:8]
    assert mac.compute(raw(vector, "data")) == answer
    assert mac.verify(raw(vector, "data"), answer)


@cases("pinblock_iso0_encode")
def test_format_0_is_built(vector: Any) -> None:
    built = build_format_0(vector["inputs"]["pin"], vector["inputs"]["pan"])
    assert built == bytes.fromhex(vector["output"])


@cases("pinblock_iso0_decode")
def test_format_0_is_parsed(vector: Any) -> None:
    assert parse_format_0(raw(vector, "block"), vector["inputs"]["pan"]) == vector["output"]


@cases("pinblock_iso0_decode", negative=True)
def test_format_0_that_is_none_is_refused(vector: Any) -> None:
    with pytest.raises(PinBlockError):
        parse_format_0(raw(vector, "block"), vector["inputs"]["pan"])


@cases("pinblock_iso1_encode")
def test_format_1_is_built(vector: Any) -> None:
    built = build_format_1(vector["inputs"]["pin"], vector["inputs"]["fill_digits"])
    assert built == bytes.fromhex(vector["output"])


@cases("pinblock_iso1_decode")
def test_format_1_is_parsed(vector: Any) -> None:
    assert parse_format_1(raw(vector, "block")) == vector["output"]


@cases("pin_encrypt_iso0_tdes")
def test_format_0_is_enciphered(vector: Any) -> None:
    clear = build_format_0(vector["inputs"]["pin"], vector["inputs"]["pan"])
    assert PinCipher(raw(vector, "key")).encipher(clear) == vector["output"]


@cases("pin_decrypt_iso0_tdes")
def test_format_0_is_deciphered(vector: Any) -> None:
    clear = PinCipher(raw(vector, "key")).decipher(vector["inputs"]["block"])
    assert parse_format_0(clear, vector["inputs"]["pan"]) == vector["output"]


@cases("pin_decrypt_iso1_tdes")
def test_format_1_is_deciphered(vector: Any) -> None:
    clear = PinCipher(raw(vector, "key")).decipher(vector["inputs"]["block"])
    assert parse_format_1(clear) == vector["output"]


@cases("pin_translate")
def test_one_pin_under_two_formats_is_one_pin(vector: Any) -> None:
    source, target = PinCipher(raw(vector, "src_key")), PinCipher(raw(vector, "dst_key"))
    pin, pan = parse_format_1(source.decipher(vector["inputs"]["block"])), vector["inputs"]["pan"]
    assert target.encipher(build_format_0(pin, pan)) == vector["output"]
    other = PinCipher(bytes(range(16)))
    there = translate(vector["output"], pan, target, other)
    assert translate(there, pan, other, target) == vector["output"] != there
