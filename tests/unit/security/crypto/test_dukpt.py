"""DUKPT beyond the published answers: what has no key, that keys differ, and that what is kept changes nothing."""

import pytest

from switch.security.crypto import dukpt_aes, dukpt_tdes
from switch.security.crypto.dukpt_aes import AesDukpt, DukptKeyType, DukptUse, update_key
from switch.security.crypto.dukpt_tdes import TdesDukpt
from switch.security.crypto.ksn import Ksn
from switch.security.port import SecurityError

BDK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
TDES_DEVICE, AES_DEVICE = "FFFF9876543210E00000", "1234567890123456"


def test_a_counter_of_zero_is_no_transaction() -> None:
    with pytest.raises(SecurityError, match="no transaction"):
        TdesDukpt(BDK).transaction_key(Ksn(TDES_DEVICE, 0))
    with pytest.raises(SecurityError, match="no transaction"):
        AesDukpt(BDK).transaction_key(Ksn(AES_DEVICE, 0))


def test_a_serial_number_of_the_other_kind_has_no_key() -> None:
    with pytest.raises(SecurityError, match="TDES"):
        TdesDukpt(BDK).pin_key(Ksn(AES_DEVICE, 1))
    with pytest.raises(SecurityError, match="AES"):
        AesDukpt(BDK).working_key(Ksn(TDES_DEVICE, 1), DukptUse.PIN, DukptKeyType.AES_128)


@pytest.mark.parametrize("size", [0, 8, 17, 24])
def test_a_tdes_base_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        TdesDukpt(bytes(size))


@pytest.mark.parametrize("size", [0, 8, 17, 64])
def test_an_aes_base_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="16, 24 or 32 bytes"):
        AesDukpt(bytes(size))


def test_each_use_of_a_transaction_has_its_own_key() -> None:
    tdes, ksn = TdesDukpt(BDK), Ksn(TDES_DEVICE, 1)
    keys = [tdes.transaction_key(ksn), tdes.pin_key(ksn), tdes.mac_request_key(ksn)]
    keys += [tdes.mac_response_key(ksn), tdes.data_request_key(ksn), tdes.initial_key(TDES_DEVICE)]
    aes = AesDukpt(BDK)
    keys += [aes.working_key(Ksn(AES_DEVICE, 1), use, DukptKeyType.AES_128) for use in DukptUse]
    keys += [aes.transaction_key(Ksn(AES_DEVICE, 1)), aes.initial_key(AES_DEVICE)]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("kind", DukptKeyType)
def test_a_derived_key_has_the_size_of_its_kind(kind: DukptKeyType) -> None:
    ksn = Ksn(AES_DEVICE, 1)
    assert len(AesDukpt(BDK).working_key(ksn, DukptUse.PIN, kind)) == kind.value[1]
    assert len(update_key(BDK, AES_DEVICE, kind)) == kind.value[1]


def test_the_keys_are_the_same_whatever_was_asked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (dukpt_tdes, dukpt_aes):
        monkeypatch.setattr(module, "KEPT_MAX", 2)
    tdes, aes = TdesDukpt(BDK), AesDukpt(BDK)
    for counter in (0x1FF800, 1, 2, 3, 0x3FF, 0x155, 3):
        assert tdes.transaction_key(Ksn(TDES_DEVICE, counter)) == TdesDukpt(BDK).transaction_key(
            Ksn(TDES_DEVICE, counter)
        )
        assert aes.transaction_key(Ksn(AES_DEVICE, counter)) == AesDukpt(BDK).transaction_key(Ksn(AES_DEVICE, counter))


def test_a_base_key_shows_nothing() -> None:
    for dukpt in (TdesDukpt(BDK), AesDukpt(BDK)):
        assert BDK.hex() not in repr(dukpt).lower()
        assert not hasattr(dukpt, "__dict__")
