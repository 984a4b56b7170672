"""The vault: what is personal can be found by its fingerprint, and read with the storage key in its own place only."""

from __future__ import annotations

import pytest

from switch.security.port import ConcealedError, SecurityError
from switch.security.vault import Vault

KEY = bytes.fromhex("00112233445566778899AABBCCDDEEFF" * 2)
VAULT, OTHER = Vault(KEY), Vault(b"\xff" * 32)


def test_a_fingerprint_needs_the_key_and_changes_with_the_content() -> None:
    prints = {VAULT.fingerprint(content) for content in (b"", b"a", b"b", b"ab", b"a" * 4096)}
    assert len(prints) == 5
    assert {len(one) for one in prints} == {16}
    assert VAULT.fingerprint(b"a") == Vault(KEY).fingerprint(b"a")
    assert OTHER.fingerprint(b"a") not in prints


@pytest.mark.parametrize("text", ["", "a", "4000001234562007", "الرصيد غير كاف", "x" * 4096])
def test_what_is_concealed_is_unreadable_and_comes_back(text: str) -> None:
    concealed = VAULT.conceal(text, b"row 1")
    assert not text or text.encode() not in concealed
    assert Vault(KEY).reveal(concealed, b"row 1") == text
    assert concealed == VAULT.conceal(text, b"row 1"), "a run can be replayed"


def test_equal_texts_look_unlike_in_different_rows() -> None:
    assert VAULT.conceal("same", b"row 1")[1:] != VAULT.conceal("same", b"row 2")[1:]


def test_what_was_changed_moved_or_made_with_another_key_is_not_revealed() -> None:
    concealed = VAULT.conceal("text", b"row 1")
    changed = [concealed[:at] + bytes([concealed[at] ^ 1]) + concealed[at + 1 :] for at in range(len(concealed))]
    for wrong in (*changed, b"", b"\x01", concealed[:-1], concealed + b"\0", concealed[1:]):
        with pytest.raises(ConcealedError) as caught:
            VAULT.reveal(wrong, b"row 1")
        assert caught.value.__cause__ is None
    with pytest.raises(ConcealedError):
        VAULT.reveal(concealed, b"row 2")
    with pytest.raises(ConcealedError):
        OTHER.reveal(concealed, b"row 1")


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_storage_key_of_another_size_is_refused_and_not_shown(size: int) -> None:
    with pytest.raises(SecurityError) as caught:
        Vault(b"k" * size)
    assert str(caught.value) == f"the storage key has {size} bytes: allowed: 32"


def test_the_vault_shows_no_key() -> None:
    assert KEY.hex() not in repr(VAULT).lower()
    assert not hasattr(VAULT, "__dict__")
