"""Which keys are taken, and what each may be asked to do."""

from itertools import product

import pytest

from switch.security.crypto.clear_key import ClearKey
from switch.security.keys.key_policy import RULES, KeyAct, KeyRole, checked_import, permits, role_of
from switch.security.keys.keyblock import KeyHeader
from switch.security.port import SecurityError

KBPK = ClearKey(bytes(range(32)))
GENERATE, VERIFY, ENCRYPT, DECRYPT, DERIVE = KeyAct

# What a header lets its key do, row by row as an officer would check it.
TABLE = [
    (KeyHeader("D", "M3", "T", "C"), KeyRole.RETAIL_MAC, {GENERATE, VERIFY}),
    (KeyHeader("D", "M3", "T", "G"), KeyRole.RETAIL_MAC, {GENERATE}),
    (KeyHeader("D", "M3", "T", "V"), KeyRole.RETAIL_MAC, {VERIFY}),
    (KeyHeader("D", "M6", "A", "C"), KeyRole.AES_CMAC, {GENERATE, VERIFY}),
    (KeyHeader("D", "P0", "T", "B"), KeyRole.PIN, {ENCRYPT, DECRYPT}),
    (KeyHeader("D", "P0", "A", "E"), KeyRole.PIN, {ENCRYPT}),
    (KeyHeader("D", "P0", "A", "D"), KeyRole.PIN, {DECRYPT}),
    (KeyHeader("D", "D0", "A", "B"), KeyRole.STORAGE, {ENCRYPT, DECRYPT}),
    (KeyHeader("D", "K1", "A", "D"), KeyRole.KEY_BLOCK_PROTECTION, {DECRYPT}),
    (KeyHeader("D", "K0", "T", "B"), KeyRole.KEY_ENCRYPTION, {ENCRYPT, DECRYPT}),
    (KeyHeader("D", "B0", "A", "X"), KeyRole.BASE_DERIVATION, {DERIVE}),
    (KeyHeader("D", "C0", "T", "C"), KeyRole.CARD_VERIFICATION, {GENERATE, VERIFY}),
    (KeyHeader("D", "V1", "T", "V"), KeyRole.PIN_VERIFICATION_IBM, {VERIFY}),
    (KeyHeader("D", "V2", "T", "V"), KeyRole.PIN_VERIFICATION_VISA, {VERIFY}),
]
REFUSED = [
    KeyHeader("D", "P0", "T", "N"),
    KeyHeader("D", "P0", "T", "C"),
    KeyHeader("D", "M3", "A", "C"),
    KeyHeader("D", "M6", "T", "C"),
    KeyHeader("D", "M3", "T", "B"),
    KeyHeader("D", "D0", "A", "E"),
    KeyHeader("D", "B0", "T", "B"),
    KeyHeader("D", "M0", "T", "C"),
    KeyHeader("D", "??", "A", "B"),
]


def key_of(size: int) -> ClearKey:
    return ClearKey(bytes(range(size)))


def fitting(header: KeyHeader) -> ClearKey:
    return key_of(max(RULES[role_of(header)].sizes[header.algorithm]))


@pytest.mark.parametrize(("header", "role", "acts"), TABLE)
def test_a_key_does_what_its_header_says_and_nothing_else(header: KeyHeader, role: KeyRole, acts: set[KeyAct]) -> None:
    assert checked_import(KBPK, header, fitting(header)) is role
    allowed = {(tried, act) for tried, act in product(KeyRole, KeyAct) if permits(header, tried, act)}
    assert allowed == {(role, act) for act in acts}


@pytest.mark.parametrize("header", REFUSED, ids=str)
def test_a_header_that_fits_nothing_here_is_refused(header: KeyHeader) -> None:
    with pytest.raises(SecurityError, match="fit nothing here"):
        checked_import(KBPK, header, key_of(16))
    assert not any(permits(header, role, act) for role, act in product(KeyRole, KeyAct))


def test_every_role_is_told_from_the_others_by_its_usage() -> None:
    assert len({rule.usage for rule in RULES.values()}) == len(RULES) == len(KeyRole)


@pytest.mark.parametrize(
    ("version", "algorithm", "taken"),
    [
        ("A", "T", False),
        ("B", "T", True),
        ("B", "A", False),
        ("C", "T", False),
        ("D", "D", False),
        ("D", "T", True),
        ("D", "A", True),
    ],
)
def test_only_versions_b_and_d_are_taken_and_tdes_never_protects_aes(version: str, algorithm: str, taken: bool) -> None:
    header = KeyHeader(version, "P0", algorithm, "B")
    if taken:
        assert checked_import(KBPK, header, key_of(16)) is KeyRole.PIN
    else:
        with pytest.raises(SecurityError, match="version"):
            checked_import(KBPK, header, key_of(16))


@pytest.mark.parametrize(
    ("kbpk", "key", "header"),
    [(16, 24, KeyHeader("B", "P0", "T", "B")), (16, 32, KeyHeader("D", "P0", "A", "B"))],
)
def test_a_key_is_not_protected_by_a_weaker_one(kbpk: int, key: int, header: KeyHeader) -> None:
    assert checked_import(key_of(key), header, key_of(key)) is KeyRole.PIN
    with pytest.raises(SecurityError, match="weaker"):
        checked_import(key_of(kbpk), header, key_of(key))


def test_aes_protects_the_longest_tdes_key_with_its_shortest() -> None:
    assert checked_import(key_of(16), KeyHeader("D", "P0", "T", "B"), key_of(24)) is KeyRole.PIN


@pytest.mark.parametrize(("usage", "mode", "size"), [("M3", "C", 24), ("B0", "X", 24), ("P0", "B", 8), ("P0", "B", 32)])
def test_a_key_of_a_size_that_its_use_does_not_take_is_refused(usage: str, mode: str, size: int) -> None:
    with pytest.raises(SecurityError, match="size"):
        checked_import(KBPK, KeyHeader("D", usage, "T", mode), key_of(size))


def test_a_component_is_not_taken_for_a_key() -> None:
    with pytest.raises(SecurityError, match="component"):
        checked_import(KBPK, KeyHeader("D", "P0", "T", "B", number="c1"), key_of(16))


@pytest.mark.parametrize(
    ("key", "taken"),
    [
        ("0123456789ABCDEF" * 2, False),
        ("0123456789ABCDEF" + "0022446688AACCEE", False),
        ("0123456789ABCDEF" + "FEDCBA9876543210" * 2, False),
        ("0123456789ABCDEF" * 2 + "FEDCBA9876543210", False),
        ("0123456789ABCDEF" + "FEDCBA9876543210", True),
        ("0123456789ABCDEF" + "FEDCBA9876543210" + "0123456789ABCDEF", True),
    ],
)
def test_a_tdes_key_that_is_no_stronger_than_one_part_of_it_is_refused(key: str, taken: bool) -> None:
    header = KeyHeader("D", "P0", "T", "B")
    if taken:
        assert checked_import(KBPK, header, ClearKey(bytes.fromhex(key))) is KeyRole.PIN
    else:
        with pytest.raises(SecurityError, match="the same"):
            checked_import(KBPK, header, ClearKey(bytes.fromhex(key)))
