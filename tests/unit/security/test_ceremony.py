"""Where keys come from: components that tell nothing alone, and new keys for names that have none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.security.crypto.clear_key import ClearKey
from switch.security.keys.ceremony import combined, missing_keys, stored
from switch.security.keys.store import StoredKey
from switch.security.port import SecurityError
from tests.unit.security import keys
from tests.unit.security.keys import KEK, PIN, RETAIL


@given(st.lists(st.binary(min_size=16, max_size=16), min_size=1, max_size=5), st.binary(min_size=16, max_size=16))
def test_a_key_is_what_all_components_add_up_to_in_whatever_order(drawn: list[bytes], key: bytes) -> None:
    last = key
    for component in drawn:
        last = bytes(a ^ b for a, b in zip(last, component, strict=True))
    components = [*drawn, last]
    if any(key):
        assert combined(components) == combined(reversed(components)) == ClearKey(key)
    else:
        with pytest.raises(SecurityError, match="cancel each other out"):
            combined(components)


@pytest.mark.parametrize("components", [[], [b"k" * 16]])
def test_one_person_alone_makes_no_key(components: list[bytes]) -> None:
    with pytest.raises(SecurityError, match="at least two components"):
        combined(components)


def test_components_of_unlike_length_make_no_key() -> None:
    with pytest.raises(SecurityError, match="not of one length") as caught:
        combined([b"k" * 16, b"k" * 24])
    assert "k" * 8 not in str(caught.value)


def test_only_names_without_a_key_get_one() -> None:
    soft, there = keys.module(), {"retail": StoredKey("its block", "ABCDEF")}
    found = missing_keys({one.name: one for one in (RETAIL, PIN, KEK)}, there, soft)
    assert set(found) == {"pin", "kek"}
    assert found["pin"].kcv != found["kek"].kcv


def test_a_key_that_takes_anothers_place_remembers_that_it_went() -> None:
    token = keys.module().made(RETAIL)
    before = StoredKey("its block", "ABCDEF", retired=("a fingerprint",))
    assert stored(token) == StoredKey(token.text, token.kcv)
    assert stored(token, before).retired == ("a fingerprint", "ABCDEF")
