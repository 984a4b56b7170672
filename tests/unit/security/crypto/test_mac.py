"""MACs beyond the published answers: the running cipher, padding, length, and refusal."""

import pytest

from switch.security.crypto.mac import AesCmac, RetailMac

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


def test_messages_of_any_length_after_one_another_do_not_disturb_each_other() -> None:
    running = RetailMac(KEY)
    for length in (*range(40), 250, 4096, 7, 0):
        data = bytes(range(256)) * 16
        assert running.compute(data[:length]) == RetailMac(KEY).compute(data[:length])


def test_padding_1_fills_with_zeros_and_padding_2_marks_the_end() -> None:
    assert RetailMac(KEY, 1).compute(b"0200abc") == RetailMac(KEY, 1).compute(b"0200abc\0")
    assert RetailMac(KEY, 2).compute(b"0200abc") != RetailMac(KEY, 2).compute(b"0200abc\0")
    assert RetailMac(KEY, 2).compute(b"0200abc") == RetailMac(KEY, 1).compute(b"0200abc\x80")
    assert RetailMac(KEY, 2).compute(b"0200abcd") == RetailMac(KEY, 1).compute(b"0200abcd\x80")


def test_an_empty_message_has_one_block() -> None:
    assert RetailMac(KEY, 1).compute(b"") == RetailMac(KEY, 1).compute(bytes(8))
    assert len(AesCmac(KEY).compute(b"")) == 8


@pytest.mark.parametrize("mac", [RetailMac(KEY), RetailMac(KEY, 2), AesCmac(KEY)], ids=["retail", "padding-2", "aes"])
def test_any_changed_bit_and_any_other_length_is_refused(mac: RetailMac | AesCmac) -> None:
    data = b"0200 a message of some length"
    right = mac.compute(data)
    assert mac.verify(data, right)
    for bit in range(64):
        wrong = int.from_bytes(right) ^ (1 << bit)
        assert not mac.verify(data, wrong.to_bytes(8))
    assert not mac.verify(data, right[:7])
    assert not mac.verify(data, right + b"\0")
    assert not mac.verify(data, b"")
    assert not mac.verify(data + b"!", right)


@pytest.mark.parametrize(("key", "padding"), [(KEY[:8], 1), (KEY + KEY[:8], 1), (KEY, 0), (KEY, 3), (b"", 1)])
def test_a_retail_key_of_another_size_or_padding_is_refused(key: bytes, padding: int) -> None:
    with pytest.raises(ValueError, match="retail MAC"):
        RetailMac(key, padding)


def test_a_mac_object_shows_no_key() -> None:
    for mac in (RetailMac(KEY), AesCmac(KEY)):
        assert KEY.hex() not in repr(mac).lower()
        assert not hasattr(mac, "__dict__")
