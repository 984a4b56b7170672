"""Key serial numbers: how they are read, and that a device's only ever grow."""

import pytest

from switch.security.crypto.ksn import Ksn, KsnMarks
from switch.security.port import SecurityError

TDES, AES = "FFFF9876543210E00000", "1234567890123456"


def test_a_number_is_read_as_device_and_counter() -> None:
    assert Ksn.parse("FFFF9876543210E00001") == Ksn(TDES, 1)
    assert Ksn.parse("FFFF9876543210FFF800") == Ksn(TDES, 0x1FF800), "the counter takes 21 bits"
    assert Ksn.parse("ffff9876543210e00001") == Ksn(TDES, 1)
    assert Ksn.parse("1234567890123456FFFF0000") == Ksn(AES, 0xFFFF0000)
    assert Ksn.parse("00000000000000000000") == Ksn("0" * 20, 0)


@pytest.mark.parametrize(
    "text", ["", "FFFF", "FFFF9876543210E0000G", "FFFF9876543210E0000", "FFFF98765432_0E00001", "٠" * 20, " " * 24]
)
def test_what_is_no_serial_number_is_refused(text: str) -> None:
    with pytest.raises(SecurityError, match="20 or 24 hexadecimal digits"):
        Ksn.parse(text)


@pytest.mark.parametrize(
    ("most", "too_many"),
    [("FFFF9876543210E003FF", "FFFF9876543210E007FF"), (AES + "0000FFFF", AES + "0001FFFF")],
    ids=["tdes", "aes"],
)
def test_a_counter_with_more_ones_than_a_device_uses_is_refused(most: str, too_many: str) -> None:
    assert Ksn.parse(most).counter.bit_count() in (10, 16)
    with pytest.raises(SecurityError, match="no device uses"):
        Ksn.parse(too_many)


def test_a_device_s_numbers_are_taken_once_and_only_upwards() -> None:
    marks = KsnMarks(device_max=10)
    answers = [marks.accept(Ksn(AES, counter)) for counter in (0, 1, 1, 3, 2, 3, 4)]
    assert answers == [False, True, False, True, False, False, True]


def test_devices_do_not_disturb_each_other() -> None:
    marks = KsnMarks(device_max=10)
    assert all(marks.accept(Ksn(device, 5)) for device in (AES, TDES, "0" * 16))


def test_what_is_kept_goes_on_after_a_restart() -> None:
    before = KsnMarks(device_max=10)
    assert before.accept(Ksn(AES, 7))
    after = KsnMarks(10, list(before))
    assert not after.accept(Ksn(AES, 7))
    assert after.accept(Ksn(AES, 8))


def test_a_device_too_many_is_refused_and_none_is_forgotten() -> None:
    marks = KsnMarks(device_max=1)
    assert marks.accept(Ksn(AES, 1))
    assert not marks.accept(Ksn(TDES, 1))
    assert not marks.accept(Ksn(AES, 1))
    assert marks.accept(Ksn(AES, 2))
    assert list(marks) == [(AES, 2)]
