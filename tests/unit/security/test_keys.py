"""Keys at rest in their values: check values, DES keys of each length, and keys that show nothing."""

import pickle

import pytest

from switch.security.crypto import tdes
from switch.security.crypto.clear_key import ClearKey
from switch.security.crypto.kcv import aes_kcv, tdes_kcv

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


def test_a_check_value_is_six_digits() -> None:
    assert tdes_kcv(KEY) == "08D7B4"
    assert len(aes_kcv(KEY)) == 6
    assert aes_kcv(KEY) != aes_kcv(KEY[::-1])


def test_a_key_of_two_parts_is_k1_k2_k1_and_of_one_is_des() -> None:
    block = bytes(range(8))
    assert tdes.encrypt(KEY, block) == tdes.encrypt(KEY + KEY[:8], block)
    assert tdes.encrypt(KEY[:8], block) == tdes.encrypt(KEY[:8] * 2, block)
    assert tdes.decrypt(KEY, tdes.encrypt(KEY, block)) == block


@pytest.mark.parametrize("size", [0, 7, 9, 32])
def test_a_des_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="8, 16 or 24 bytes"):
        tdes.encrypt(bytes(size), bytes(8))


def test_a_clear_key_shows_nothing_of_itself() -> None:
    key = ClearKey(b"sixteen letters!")
    for shown in (repr(key), str(key), f"{key}", repr([key]), f"{key!r:>40}"):
        assert "sixteen" not in shown
        assert b"sixteen".hex() not in shown
    assert not hasattr(key, "__dict__")


def test_a_clear_key_is_equal_to_its_own_bytes_alone_and_names_nothing() -> None:
    assert ClearKey(KEY) == ClearKey(bytes(KEY))
    assert ClearKey(KEY) != ClearKey(KEY[::-1])
    assert ClearKey(KEY) != KEY
    assert len(ClearKey(KEY)) == 16
    with pytest.raises(TypeError):
        hash(ClearKey(KEY))


def test_a_clear_key_is_not_written_down_by_mistake() -> None:
    with pytest.raises(TypeError, match="not written down"):
        pickle.dumps(ClearKey(KEY))
