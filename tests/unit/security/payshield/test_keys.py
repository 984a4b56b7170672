"""What may stand in a token, and what for."""

import pytest

from config.choices import KeyAlgorithm, KeyUse
from switch.security.payshield.keys import KeyType, LmkKey, lmk_key
from switch.security.port import KeyRefusedError, KeyToken
from tests.unit.security.payshield.kit import AES, CMAC, RETAIL, TDES, settings

DOUBLE, TRIPLE = "U" + "0123456789ABCDEF" * 2, "T" + "0123456789ABCDEF" * 3
BLOCK = "S10096P0AB00E0002" + "0123456789ABCDEF" * 5


def held(use: KeyUse, text: str, algorithm: KeyAlgorithm = TDES) -> LmkKey:
    return lmk_key(KeyToken(settings(use, algorithm), text, "000000"), use)


@pytest.mark.parametrize(
    ("use", "algorithm", "text", "kind", "key"),
    [
        (KeyUse.MAC, RETAIL, DOUBLE, KeyType.ZAK, DOUBLE),
        (KeyUse.MAC, RETAIL, f"003{DOUBLE}", KeyType.TAK, DOUBLE),
        (KeyUse.PIN, TDES, DOUBLE, KeyType.ZPK, DOUBLE),
        (KeyUse.PIN, TDES, TRIPLE, KeyType.ZPK, TRIPLE),
        (KeyUse.PIN, TDES, f"002{DOUBLE}", KeyType.TPK, DOUBLE),
        (KeyUse.KEK, TDES, DOUBLE, KeyType.ZMK, DOUBLE),
        (KeyUse.DUKPT, TDES, f"009{DOUBLE}", KeyType.BDK, DOUBLE),
        (KeyUse.PIN, AES, BLOCK, KeyType.IN_ITS_BLOCK, BLOCK),
        (KeyUse.MAC, CMAC, BLOCK, KeyType.IN_ITS_BLOCK, BLOCK),
    ],
)
def test_a_token_is_a_key_of_the_type_for_its_use(
    use: KeyUse, algorithm: KeyAlgorithm, text: str, kind: KeyType, key: str
) -> None:
    assert held(use, text, algorithm) == LmkKey(kind, key)


@pytest.mark.parametrize(
    ("use", "algorithm", "text"),
    [
        (KeyUse.PIN, TDES, ""),
        (KeyUse.PIN, TDES, DOUBLE[:-1]),
        (KeyUse.PIN, TDES, DOUBLE.lower()),
        (KeyUse.PIN, TDES, f"{DOUBLE}00"),
        (KeyUse.PIN, TDES, f"008{DOUBLE}"),
        (KeyUse.PIN, TDES, f"FFF{DOUBLE}"),
        (KeyUse.PIN, TDES, f"X{DOUBLE[1:]}"),
        (KeyUse.MAC, RETAIL, TRIPLE),
        (KeyUse.MAC, RETAIL, f"001{DOUBLE}"),
        (KeyUse.PIN, TDES, "S1"),
        (KeyUse.PIN, TDES, DOUBLE[1:]),
    ],
)
def test_anything_else_is_refused_without_being_shown(use: KeyUse, algorithm: KeyAlgorithm, text: str) -> None:
    with pytest.raises(KeyRefusedError, match="no key of its use under a payShield's LMK") as refused:
        held(use, text, algorithm)
    assert not text or text not in str(refused.value)


def test_a_key_for_another_use_is_refused() -> None:
    with pytest.raises(KeyRefusedError, match=r"keys\.a-kek: for kek: allowed here: pin or dukpt"):
        lmk_key(KeyToken(settings(KeyUse.KEK), DOUBLE, "000000"), KeyUse.PIN, KeyUse.DUKPT)


@pytest.mark.parametrize(("use", "algorithm"), [(KeyUse.PIN, AES), (KeyUse.MAC, CMAC), (KeyUse.KEK, AES)])
def test_an_aes_key_is_refused_under_a_variant_lmk_with_what_is_allowed(use: KeyUse, algorithm: KeyAlgorithm) -> None:
    with pytest.raises(KeyRefusedError, match="allowed under a variant LMK: retail or tdes; a key block LMK holds it"):
        held(use, DOUBLE, algorithm)


def test_a_storage_key_is_not_a_payshields() -> None:
    with pytest.raises(
        KeyRefusedError, match=r"keys\.a-storage: for storage: allowed in a payShield: mac, pin, dukpt, kek"
    ):
        held(KeyUse.STORAGE, DOUBLE, AES)


def test_a_key_shows_its_type_and_nothing_else() -> None:
    assert repr(held(KeyUse.PIN, DOUBLE)) == "<key of type 001>"
